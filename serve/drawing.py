"""What was seen, drawn into the picture: boxes with name and behaviour in the behaviour's colour, poses as thin lines."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from home.look import ink_on, mark_of, rgb
from models.glance import Animal
from models.pose.sheet import draw_pose

__all__ = ["drawn", "jpeg"]

LONGEST = 1280
JPEG_QUALITY = 85


def drawn(picture: NDArray[np.uint8], animals: list[Animal], at: float) -> NDArray[np.uint8]:
    """A copy of a picture with the animals of it; of a clip those that were surest at this second.

    Args:
        picture: RGB `uint8 [h,w,3]`.
        animals: what was seen.
        at: second of the picture.
    """
    scale = min(1.0, LONGEST / max(picture.shape[:2]))
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    out = np.array(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    for animal in animals:
        if abs(animal.at - at) < 1e-6:
            _draw(out, animal)
    return out


def _draw(out: NDArray[np.uint8], animal: Animal) -> None:
    height, width = out.shape[:2]
    mark = mark_of(animal.behaviour)
    colour, ink = rgb(mark.light), rgb(ink_on(mark.light))
    x1, y1, x2, y2 = (animal.box * (width, height, width, height)).round().astype(int).tolist()
    thick = max(1, round(max(width, height) / 400))
    cv2.rectangle(out, (x1, y1), (x2, y2), (0, 0, 0), thick + 2, cv2.LINE_AA)
    cv2.rectangle(out, (x1, y1), (x2, y2), colour, thick, cv2.LINE_AA)
    draw_pose(out, animal.keypoints)
    words = f"{mark.letter + ' ' if mark.letter else ''}{mark.label} {animal.probabilities[animal.behaviour]:.2f}"
    size = max(0.4, max(width, height) / 1400)
    (wide, high), base = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, size, thick)
    left, bottom = (
        min(max(0, x1), max(0, width - wide - 8)),
        y1 if y1 >= high + base + 6 else min(height, y1 + high + base + 6),
    )
    cv2.rectangle(out, (left, bottom - high - base - 6), (left + wide + 8, bottom), colour, -1)
    cv2.putText(out, words, (left + 4, bottom - base - 2), cv2.FONT_HERSHEY_SIMPLEX, size, ink, thick, cv2.LINE_AA)


def jpeg(picture: NDArray[np.uint8], quality: int = JPEG_QUALITY) -> bytes:
    """RGB `uint8 [h,w,3]` as a JPEG."""
    _, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return bytes(data.tobytes())
