"""What a cheap wide lens does to a picture: straight lines bow outwards (barrel distortion)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from simulate.view import Array

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Lens:
    """One radial coefficient (Brown, Photogrammetric Engineering 37:855, 1971), the corners staying where they are.

    A point at radius r of the picture (1 in the corners) shows what a pinhole shows at r (1 + bend r^2) / (1 + bend).
    """

    width: int
    height: int
    bend: float = 0.0  # 0 straight, 0.15 a wide-angle camera

    def bent(self, points: Array) -> Array:
        """Where points (..., 2) of the pinhole's picture, in pixels, fall on this one."""
        if not self.bend:
            return np.asarray(points, float)
        aim = self._from_centre(points)
        far = np.sqrt((aim * aim).sum(-1, keepdims=True))
        wide = np.sqrt(3 * self.bend)  # Cardano: the one real root of r + bend r^3 = far (1 + bend)
        near = np.sinh(np.arcsinh(1.5 * wide * far * (1 + self.bend)) / 3) * 2 / wide
        out = aim * np.where(far > 1e-9, near / np.maximum(far, 1e-9), 1 + self.bend)
        return np.asarray(out * self._radius + self._centre, float)

    def straight(self, points: Array) -> Array:
        """The way back: where points (..., 2) of this picture lie on the pinhole's."""
        at = self._from_centre(points)
        out = at * (1 + self.bend * np.sum(at**2, axis=-1, keepdims=True)) / (1 + self.bend)
        return np.asarray(out * self._radius + self._centre, float)

    def window(self, rows: slice, cols: slice) -> tuple[slice, slice]:
        """Rows and columns of this picture, even, that show a window of the pinhole's, never less than it."""
        if not self.bend:
            return rows, cols
        along = np.linspace(0, 1, 9)
        xs, ys = cols.start + along * (cols.stop - cols.start), rows.start + along * (rows.stop - rows.start)
        edge = [(x, y) for x in xs for y in (ys[0], ys[-1])] + [(x, y) for y in ys for x in (xs[0], xs[-1])]
        bent = self.bent(np.array(edge))
        low = np.maximum(np.floor(bent.min(axis=0)).astype(int) - 2, 0) // 2 * 2
        high = np.minimum(-(-(np.ceil(bent.max(axis=0)).astype(int) + 2) // 2) * 2, (self.width, self.height))
        return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))

    def shown(self, picture: Float32, rows: slice, cols: slice) -> Float32:
        """The part `rows`, `cols` of this picture, taken from the whole of the pinhole's (h, w, 3)."""
        if not self.bend:
            return picture[rows, cols]
        whole, part = self._maps
        found = cv2.remap(
            picture, whole[rows, cols], part[rows, cols], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(found, np.float32)

    def _from_centre(self, points: Array) -> Array:
        return (np.asarray(points, float) - self._centre) / self._radius

    @cached_property
    def _centre(self) -> Array:
        return np.array([self.width / 2, self.height / 2])

    @cached_property
    def _radius(self) -> float:
        return float(np.hypot(self.width, self.height) / 2)

    @cached_property
    def _maps(self) -> tuple[NDArray[np.int16], NDArray[np.uint16]]:
        pixels = np.stack(np.meshgrid(np.arange(self.width) + 0.5, np.arange(self.height) + 0.5), axis=-1)
        at = (self.straight(pixels) - 0.5).astype(np.float32)
        whole, part = cv2.convertMaps(at[..., 0], at[..., 1], cv2.CV_16SC2)  # as remap would for each picture anew
        return np.asarray(whole, np.int16), np.asarray(part, np.uint16)
