"""Whether a photo can teach what one cat looks like: one animal is on it, and no other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.detector.boxes import without_parts
from models.detector.predict import Detector

__all__ = ["Alone", "alone_on"]

Alone = tuple[tuple[float, float, float, float], float]
"""x1 y1 x2 y2 of the animal, shares 0..1, and how sure the detector is of it."""


def alone_on(rgb: NDArray[np.uint8], detector: Detector, least: float, called: str) -> Alone | str:
    """The one animal of a photo, or why it cannot be taken.

    Args:
        rgb: upright, `uint8 [h,w,3]`.
        detector: of the home.
        least: confidence that counts, 0..1.
        called: the cat, for the reason.
    """
    found = detector.detect([rgb], least)[0]
    whole = without_parts(found.boxes, found.scores)
    boxes, scores = found.boxes[whole], found.scores[whole]
    if not len(boxes):
        return f"no animal is found on it (confidence {least:g} or more); take one that shows more of {called}"
    if len(boxes) > 1:
        return f"{len(boxes)} animals are on it; cut it so that only {called} is"
    x1, y1, x2, y2 = (round(float(side), 6) for side in np.clip(boxes[0], 0, 1))
    return (x1, y1, x2, y2), round(float(scores[0]), 4)
