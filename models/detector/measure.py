"""How well a detector finds the animals of labelled pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.detector.boxes import average_precision, match
from models.detector.pictures import Picture, read_image
from models.detector.predict import Detections, Detector

__all__ = ["Quality", "measure", "quality"]

LOWEST = 0.001
"""Score from which boxes count for the average precision: practically all of them, as in COCO."""


@dataclass(frozen=True)
class Quality:
    """Figures of a detector on one set of pictures; NaN where the pictures cannot tell.

    Attributes:
        pictures: number of pictures.
        animals: number of true boxes.
        ap50, ap75: average precision at an overlap of 0.5 and 0.75, 0..1.
        recall, precision: at the confidence in use and an overlap of 0.5, 0..1.
        empty_pictures: pictures without an animal.
        false_per_100: of 100 of them, those with a box at the confidence in use.
    """

    pictures: int
    animals: int
    ap50: float
    ap75: float
    recall: float
    precision: float
    empty_pictures: int
    false_per_100: float

    def figures(self) -> dict[str, float]:
        """By name, rounded to what is known; what the pictures cannot tell is left out."""
        return {name: round(value, 4) for name, value in vars(self).items() if not np.isnan(value)}


def measure(detector: Detector, pictures: Sequence[Picture], *, confidence: float = 0.3) -> Quality:
    """Run a detector over labelled pictures and compare.

    Args:
        detector: returns one class, whatever its name.
        pictures: with the boxes of people.
        confidence: score from which a box is reported in daily use.

    Raises:
        FootageError: a picture cannot be read.
    """
    found = [detector.detect([read_image(picture.path)], LOWEST)[0] for picture in pictures]
    return quality(found, [picture.boxes for picture in pictures], confidence=confidence)


def quality(found: Sequence[Detections], truth: Sequence[np.ndarray], *, confidence: float) -> Quality:
    """Compare what was found with what is there, picture by picture; `truth` holds boxes `[N,4]` as shares 0..1."""
    scores = np.concatenate([one.scores for one in found]) if found else np.zeros(0)
    right = {
        limit: np.concatenate(
            [match(one.boxes, one.scores, boxes, limit) for one, boxes in zip(found, truth, strict=True)]
        )
        if found
        else np.zeros(0, bool)
        for limit in (0.5, 0.75)
    }
    animals = sum(len(boxes) for boxes in truth)
    said = scores >= confidence
    empty = [one for one, boxes in zip(found, truth, strict=True) if not len(boxes)]
    alarms = sum(bool((one.scores >= confidence).any()) for one in empty)
    return Quality(
        pictures=len(truth),
        animals=animals,
        ap50=average_precision(scores, right[0.5], animals),
        ap75=average_precision(scores, right[0.75], animals),
        recall=_share(right[0.5][said].sum(), animals),
        precision=_share(right[0.5][said].sum(), said.sum()),
        empty_pictures=len(empty),
        false_per_100=100 * _share(alarms, len(empty)),
    )


def _share(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else float("nan")
