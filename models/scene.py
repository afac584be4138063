"""What a camera shows apart from its animals: how bright, which colours, where edges run; an hour of it as a few numbers.

A look takes a fraction of a millisecond on the small grey picture that movement is judged on. An hour is the median of its
looks, so that whoever passes or lies there for less than half of it leaves nothing behind. No picture can be made of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["COLUMNS", "DIRECTIONS", "ROWS", "Look", "look_at", "median_look"]

ROWS, COLUMNS, DIRECTIONS = 12, 16, 4
"""Cells of ten by eight pixels where a thumbnail is 160 by 90: a camera turned by 2 of its 70 degrees moves edges by half a
cell; and edges that lie, stand, rise and fall."""

_FAINT = 0.6  # levels a pixel: weaker edges than that are noise, and fade


@dataclass(frozen=True)
class Look:
    """One picture.

    Attributes:
        tones: mean and spread of its grey levels, 0..255 `[2]`.
        colours: how far it is from grey towards blue, towards red, and in any direction, levels `[3]`.
        layout: strength of the edges by cell and direction, against what is around them, 0..255 `[ROWS * COLUMNS * DIRECTIONS]`.
    """

    tones: NDArray[np.float32]
    colours: NDArray[np.float32]
    layout: NDArray[np.uint8]


def look_at(grey: NDArray[np.uint8], colours: Sequence[float]) -> Look:
    """Take in a picture.

    Args:
        grey: small, `[h,w]`, see `models.motion.thumbnail`.
        colours: three numbers, see `home.frame.Frame.colours`.

    Raises:
        ValueError: if the picture is not grey uint8.
    """
    if grey.ndim != 2 or grey.dtype != np.uint8 or not grey.size:
        raise ValueError(f"expected a grey uint8 [h,w] picture, got {grey.dtype} {grey.shape}")
    mean, spread = cv2.meanStdDev(grey)
    return Look(np.array([mean[0, 0], spread[0, 0]], np.float32), np.asarray(colours, np.float32), _layout(grey))


def median_look(looks: Sequence[Look]) -> Look:
    """The middle of one look or more: the tones of the middle brightness and the colours of the middle saturation, for half of
    each of two lights is the light of none; the layout cell by cell."""
    middle = (len(looks) - 1) // 2
    tones = sorted((look.tones for look in looks), key=lambda own: float(own[0]))[middle]
    colours = sorted((look.colours for look in looks), key=lambda own: float(own[2]))[middle]
    return Look(tones, colours, np.partition(np.stack([look.layout for look in looks]), middle, axis=0)[middle])


def _layout(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Edges by cell and direction, divided by the strength of those around: where they run stays when the light changes.

    After the histograms of oriented gradients of Dalal and Triggs (CVPR 2005), with four derivatives instead of a histogram.
    """
    smooth: NDArray[Any] = cv2.blur(grey.astype(np.float32), (3, 3), borderType=cv2.BORDER_REPLICATE)
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / 8, borderType=cv2.BORDER_REPLICATE)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / 8, borderType=cv2.BORDER_REPLICATE)
    half = float(np.sqrt(0.5))
    rising, falling = cv2.addWeighted(across, half, down, half, 0), cv2.addWeighted(across, half, down, -half, 0)
    edges = cv2.merge([np.abs(across), np.abs(down), np.abs(rising), np.abs(falling)])
    cells = np.asarray(cv2.resize(edges, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA))
    around = cv2.blur((cells**2).sum(axis=2), (3, 3), borderType=cv2.BORDER_REPLICATE)
    told = cells / np.sqrt(around + _FAINT**2)[..., None]
    return np.asarray(np.clip(np.round(255 * told / 2), 0, 255), np.uint8).reshape(-1)
