"""Poses drawn over pictures, to be looked at: thin lines, dots as large as one is sure."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from home.look import THEME, rgb
from models.pose.keypoints import SKELETON

__all__ = ["draw_pose", "pose_sheet"]

LEAST = 0.3
"""Below this confidence a joint is not drawn: it would be a guess."""
FOUND, TRUE = rgb("#E69F00"), rgb("#56B4E9")
"""Okabe and Ito's orange and sky blue, as boxes of a detector and of people."""


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
    places = np.round(keypoints[:, :2] * (width, height)).astype(int)
    shown = keypoints[:, 2] >= least
    for first, second in SKELETON:
        if shown[first] and shown[second]:
            ends = tuple(map(int, places[first])), tuple(map(int, places[second]))
            cv2.line(picture, *ends, (0, 0, 0), 3, cv2.LINE_AA)
            cv2.line(picture, *ends, colour, 1, cv2.LINE_AA)
    for place, sure in zip(places[shown], keypoints[shown, 2], strict=True):
        radius = 1 + round(2 * float(sure) + max(height, width) / 400)
        cv2.circle(picture, tuple(map(int, place)), radius + 1, (0, 0, 0), -1, cv2.LINE_AA)
        cv2.circle(picture, tuple(map(int, place)), radius, colour, -1, cv2.LINE_AA)


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
