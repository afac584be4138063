"""From a box in a picture to the square crop that the network sees, and keypoints back again."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.detector.letterbox import PAD

__all__ = ["AROUND", "Square", "cut", "square_around", "to_crop", "to_picture"]

AROUND = 1.25
"""Side of the crop, in longer sides of the box: the value of top-down pose estimation (Xiao et al., "Simple Baselines for
Human Pose Estimation and Tracking", ECCV 2018)."""


@dataclass(frozen=True)
class Square:
    """A square in a picture, in whole pixels; it may reach beyond the picture.

    Attributes:
        left, top: of its first pixel.
        side: pixels, 1 or more.
    """

    left: int
    top: int
    side: int


def square_around(box: NDArray[np.float32], height: int, width: int, around: float = AROUND) -> Square:
    """The square around a box.

    Args:
        box: x1 y1 x2 y2 as shares 0..1 of the picture.
        height, width: of the picture, pixels.
        around: its side, in longer sides of the box.
    """
    x1, y1, x2, y2 = np.asarray(box, np.float64) * (width, height, width, height)
    side = max(1, round(around * max(x2 - x1, y2 - y1)))
    return Square(round((x1 + x2 - side) / 2), round((y1 + y2 - side) / 2), side)


def cut(picture: NDArray[np.uint8], square: Square, size: int) -> NDArray[np.uint8]:
    """The square scaled to `size`; what lies beyond the picture is the grey of letterboxes, 114.

    Args:
        picture: `uint8 [h,w,3]`.
        square: from `square_around`.
        size: side of the crop, pixels.

    Returns:
        `uint8 [size,size,3]`.
    """
    height, width = picture.shape[:2]
    x1, y1 = max(square.left, 0), max(square.top, 0)
    x2, y2 = min(square.left + square.side, width), min(square.top + square.side, height)
    out = np.full((square.side, square.side, 3), PAD, np.uint8) if _beyond(square, height, width) else None
    if out is None:
        out = picture[y1:y2, x1:x2]
    elif x2 > x1 and y2 > y1:
        out[y1 - square.top : y2 - square.top, x1 - square.left : x2 - square.left] = picture[y1:y2, x1:x2]
    shrinks = cv2.INTER_AREA if square.side > size else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(out, (size, size), interpolation=shrinks), np.uint8)


def _beyond(square: Square, height: int, width: int) -> bool:
    return (
        square.left < 0
        or square.top < 0
        or square.left + square.side > width
        or square.top + square.side > height
    )  # fmt: skip


def to_picture(points: NDArray[np.float32], square: Square, height: int, width: int) -> NDArray[np.float32]:
    """Points `[...,2]` x y in 0..1 of the crop as shares of the picture; one beyond its edge is put on the edge."""
    placed = (points * square.side + (square.left, square.top)) / (width, height)
    return np.clip(placed, 0, 1).astype(np.float32)


def to_crop(points: NDArray[np.float32], square: Square, height: int, width: int) -> NDArray[np.float32]:
    """Points `[...,2]` x y in 0..1 of the picture as shares of the crop, below 0 or above 1 where they lie beyond it."""
    placed = (points * (width, height) - (square.left, square.top)) / square.side
    return placed.astype(np.float32)
