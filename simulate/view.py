"""Where a camera stands and how it sees: a pinhole camera in a room measured in metres.

World axes: x to the right along the back wall, y away from the camera towards it, z up; the floor is z = 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Float32 = NDArray[np.float32]

NEAR_M = 0.05  # nothing closer to the lens than this is drawn


@dataclass(frozen=True)
class View:
    """A camera at `eye` that looks at `target`, `fov_deg` wide, giving pictures of `width` x `height` pixels."""

    eye: tuple[float, float, float]
    target: tuple[float, float, float]
    fov_deg: float
    width: int
    height: int
    roll_deg: float = 0.0  # a hand-held camera is seldom level

    @cached_property
    def focal(self) -> float:
        """Focal length in pixels."""
        return float(self.width / 2 / np.tan(np.radians(self.fov_deg) / 2))

    @cached_property
    def rotation(self) -> Array:
        """(3, 3): the rows are the camera's right, down and forward directions in the world."""
        forward = unit(np.subtract(self.target, self.eye))
        level = unit(np.cross(forward, (0.0, 0.0, 1.0)))
        roll = np.radians(self.roll_deg)
        right = np.cos(roll) * level + np.sin(roll) * np.cross(forward, level)
        return np.stack([right, np.cross(forward, right), forward])

    @cached_property
    def rays(self) -> NDArray[np.float32]:
        """(height, width, 3): the world direction seen by each pixel, one metre deep along the optical axis."""
        x = (np.arange(self.width, dtype=np.float32) + 0.5 - self.width / 2) / np.float32(self.focal)
        y = (np.arange(self.height, dtype=np.float32) + 0.5 - self.height / 2) / np.float32(self.focal)
        right, down, forward = self.rotation.astype(np.float32)
        return x[None, :, None] * right + y[:, None, None] * down + forward

    def seen_from(self, points: Array) -> Array:
        """World points (..., 3) in camera axes: right, down, depth, in metres."""
        return (np.asarray(points, float) - self.eye) @ self.rotation.T

    def project(self, points: Array) -> tuple[Array, Array]:
        """World points (..., 3) to pixels (..., 2) and depths (...) in metres; behind the lens the depth is <= 0."""
        local = self.seen_from(points)
        depth = local[..., 2]
        scale = self.focal / np.maximum(depth, 1e-6)
        centre = (self.width / 2, self.height / 2)
        return local[..., :2] * scale[..., None] + centre, depth


def single(values: Sequence[float] | Array) -> Float32:
    """Values in single precision, as pictures are computed."""
    return np.asarray(values, np.float32)


def unit(vector: Array | tuple[float, ...]) -> Array:
    """Vectors (..., 3) scaled to length 1."""
    vector = np.asarray(vector, float)
    return np.asarray(vector / np.maximum(np.sqrt((vector * vector).sum(-1, keepdims=True)), 1e-9), float)


def cross(first: Array, second: Array) -> Array:
    """The cross product of vectors (..., 3): np.cross, which takes ten times as long for a few of them."""
    first, second = np.asarray(first, float), np.asarray(second, float)
    return first.take(_NEXT, -1) * second.take(_AFTER, -1) - first.take(_AFTER, -1) * second.take(_NEXT, -1)


_NEXT, _AFTER = np.array([1, 2, 0]), np.array([2, 0, 1])
