"""The animals of one picture: what a detector finds, each animal once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.detector.boxes import without_parts
from models.detector.predict import Detections, Detector

__all__ = ["animals_in"]


def animals_in(detector: Detector, picture: NDArray[np.uint8], confidence: float) -> Detections:
    """The animals of one picture, RGB `uint8 [h,w,3]`, without boxes of parts of an animal.

    Args:
        detector: that looks.
        picture: of any size.
        confidence: lowest score to return, 0..1.
    """
    found = detector.detect([picture], confidence)[0]
    keep = without_parts(found.boxes, found.scores)
    return Detections(found.boxes[keep], found.scores[keep], found.classes[keep])
