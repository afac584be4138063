"""Poses drawn over pictures, to be looked at: thin lines, dots as large as one is sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from home.look import THEME, rgb
from models.pose.keypoints import DRAWN

__all__ = ["FOUND", "LEAST", "Strokes", "draw_pose", "pose_sheet", "strokes"]

LEAST = 0.3
"""Below this confidence a joint is not drawn: it would be a guess."""
FOUND, TRUE = rgb("#E69F00"), rgb("#56B4E9")
"""Okabe and Ito's orange and sky blue, as boxes of a detector and of people."""


@dataclass(frozen=True)
class Strokes:
    """What is drawn of a pose: `lines` x1 y1 x2 y2, and `dots` x y and how sure; places in the units of the keypoints."""

    lines: tuple[tuple[float, float, float, float], ...]
    dots: tuple[tuple[float, float, float], ...]


def strokes(keypoints: NDArray[np.float32], least: float = LEAST) -> Strokes:
    """The joints that are sure enough, and the lines between two of them.

    Args:
        keypoints: `[20,3]` x, y and confidence 0..1.
        least: joints that are less sure are left out, with their lines.
    """
    points = [(float(x), float(y), float(sure)) for x, y, sure in keypoints]
    shown = [sure >= least for _, _, sure in points]
    lines = [(*points[a][:2], *points[b][:2]) for a, b in DRAWN if shown[a] and shown[b]]
    return Strokes(tuple(lines), tuple(point for point, drawn in zip(points, shown, strict=True) if drawn))


def draw_pose(
    picture: NDArray[np.uint8],
    keypoints: NDArray[np.float32],
    colour: tuple[int, int, int] = FOUND,
    least: float = LEAST,
) -> None:
    """Draw one pose into a picture, in place.

    Args:
        picture: RGB `uint8 [h,w,3]`.
        keypoints: `[20,3]` x and y as shares of the picture, confidence 0..1.
        colour: RGB.
        least: joints that are less sure are left out.
    """
    height, width = picture.shape[:2]
    drawn = strokes(keypoints, least)
    for x1, y1, x2, y2 in drawn.lines:
        ends = (round(x1 * width), round(y1 * height)), (round(x2 * width), round(y2 * height))
        cv2.line(picture, *ends, (0, 0, 0), 3, cv2.LINE_AA)
        cv2.line(picture, *ends, colour, 1, cv2.LINE_AA)
    for x, y, sure in drawn.dots:
        place, radius = (round(x * width), round(y * height)), 1 + round(2 * sure + max(height, width) / 400)
        cv2.circle(picture, place, radius + 1, (0, 0, 0), -1, cv2.LINE_AA)
        cv2.circle(picture, place, radius, colour, -1, cv2.LINE_AA)


def pose_sheet(
    crops: Sequence[NDArray[np.uint8]],
    found: Sequence[NDArray[np.float32]],
    true: Sequence[NDArray[np.float32]] | None = None,
    *,
    columns: int = 8,
    side: int = 240,
) -> NDArray[np.uint8]:
    """Square crops with what was found in orange, and dots of what people marked in sky blue: RGB `uint8 [H,W,3]`.

    Args:
        crops: RGB `uint8 [S,S,3]` each.
        found: `[20,3]` each, as shares of the crop, with confidences.
        true: likewise, from people; those above 0 are drawn.
        columns: crops in a row.
        side: of a crop on the sheet, pixels.
    """
    rows = -(-len(crops) // columns)
    sheet = np.full((rows * (side + 4) + 4, columns * (side + 4) + 4, 3), rgb(THEME["page"][0]), np.uint8)
    for number, (crop, pose) in enumerate(zip(crops, found, strict=True)):
        tile = np.asarray(cv2.resize(crop, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)
        for x, y, state in true[number] if true is not None else ():
            if state > 0:
                cv2.circle(tile, (round(x * side), round(y * side)), 4, TRUE, 1, cv2.LINE_AA)
        draw_pose(tile, pose)
        top, left = 4 + number // columns * (side + 4), 4 + number % columns * (side + 4)
        sheet[top : top + side, left : left + side] = tile
    return sheet
