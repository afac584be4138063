"""Animals of pictures of any shape, as people send them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.detector.animals import animals_in
from models.detector.letterbox import PAD, reduced
from models.detector.predict import Detections, Detector

__all__ = ["found_in"]

# Width over height of what a detector is given. OpenVINO compiles a network anew for each shape, which takes longer than a
# hundred looks, and people's pictures have all shapes.
_SHAPES = (4 / 3, 1.0)


def found_in(detector: Detector, picture: NDArray[np.uint8], confidence: float) -> Detections:
    """The animals of a picture of any shape, looked at with a grey border that makes it one of few shapes.

    Args:
        detector: that looks.
        picture: RGB `uint8 [h,w,3]`, upright.
        confidence: lowest score to return, 0..1.
    """
    small = reduced(picture, detector.input_size)
    height, width = small.shape[:2]
    shape = next((each for each in _SHAPES if max(height, width) / min(height, width) > each - 0.02), 1.0)
    rows, columns = (
        (max(height, round(width / shape)), width) if width >= height else (height, max(width, round(height / shape)))
    )
    framed = np.full((rows, columns, 3), PAD, np.uint8)
    top, left = (rows - height) // 2, (columns - width) // 2
    framed[top : top + height, left : left + width] = small
    found = animals_in(detector, framed, confidence)
    boxes = (found.boxes * (columns, rows, columns, rows) - (left, top, left, top)) / (width, height, width, height)
    boxes = np.clip(boxes, 0, 1).astype(np.float32)
    inside = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
    return Detections(boxes[inside], found.scores[inside], found.classes[inside])
