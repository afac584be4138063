"""Predictions held against boxes once, so that any weighing of the pictures gives its figures at once.

A bootstrap asks for the figures of a thousand resamples of the same pictures. What is right and what is wrong is the same
in all of them: only how often each picture counts changes. So the comparison is made once, and figures are functions of
weights `[R,P]`: R resamples of P pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.detector.boxes import overlap
from models.detector.predict import Detections

__all__ = ["OVERLAPS", "SIZES", "Marks", "mark"]

OVERLAPS: tuple[float, ...] = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
"""Least overlaps of AP50-95 (Lin et al., "Microsoft COCO", ECCV 2014, arXiv:1405.0312)."""

SIZES = {"tiny": (0.0, 0.1), "small": (0.1, 0.25), "middle": (0.25, 0.5), "large": (0.5, np.inf)}
"""Sizes of an animal by the root of its box's share of the picture: a tenth of the side and less is tiny."""

Weights = NDArray[np.float64]
Figures = dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Marks:
    """What each found box of a set of pictures is worth; D boxes in falling order of score, B true boxes, P pictures.

    Attributes:
        pictures: P.
        scores: `[D]`.
        picture: `[D]` number of the picture of each found box.
        right: `bool [D,10]` whether it is right at each of `OVERLAPS`.
        truth_picture: `[B]` number of the picture of each true box.
        truth_size: `[B]` root of its share of the picture.
        truth_found: `[B]` score of the box that found it at an overlap of 0.5, 0 where none did.
    """

    pictures: int
    scores: NDArray[np.float64]
    picture: NDArray[np.int64]
    right: NDArray[np.bool_]
    truth_picture: NDArray[np.int64]
    truth_size: NDArray[np.float64]
    truth_found: NDArray[np.float64]

    def figures(self, confidence: float, weights: Weights | None = None) -> Figures:
        """All figures for each row of weights `[R,P]`; NaN where the pictures cannot tell.

        Returns:
            `[R]` each: `ap50 ap75 ap50_95`; `recall precision` from `confidence` on at an overlap of 0.5;
            `false_per_100` of 100 pictures without an animal those with a box; `false_boxes` a picture without an
            animal; `recall_<size>` for each of `SIZES`.
        """
        if weights is None:
            weights = np.ones((1, self.pictures))
        precisions = self._average_precisions(weights)
        return {
            "ap50": precisions[0],
            "ap75": precisions[OVERLAPS.index(0.75)],
            "ap50_95": precisions.mean(0),
            **self._at(confidence, weights),
            **self._recalls(confidence, weights),
        }

    def _average_precisions(self, weights: Weights) -> NDArray[np.float64]:
        """`[10,R]`: area under the monotone precision-recall curve, as `models.detector.boxes.average_precision`.

        Precision is wanted only where a right box stands. How many boxes stand up to there is a sum over pictures, so
        one matrix product gives it for all resamples.
        """
        animals = weights[:, self.truth_picture].sum(1)
        places = np.flatnonzero(self.right.any(1))
        stretch = np.searchsorted(places, np.arange(len(self.scores)))  # number of the first right box at or after
        counts = np.zeros((self.pictures, len(places) + 1))
        np.add.at(counts, (self.picture, stretch), 1.0)
        told = np.cumsum(weights @ counts[:, :-1], axis=1)
        each = weights[:, self.picture[places]]
        return np.stack([_area(each * self.right[places, level], told, animals) for level in range(len(OVERLAPS))])

    def _at(self, confidence: float, weights: Weights) -> Figures:
        said = self.scores >= confidence
        boxes = np.bincount(self.picture[said], minlength=self.pictures)
        hits = np.bincount(self.picture[said & self.right[:, 0]], minlength=self.pictures)
        empty = np.bincount(self.truth_picture, minlength=self.pictures) == 0
        rooms = weights @ empty
        return {
            "recall": _share(weights @ hits, weights[:, self.truth_picture].sum(1)),
            "precision": _share(weights @ hits, weights @ boxes),
            "false_per_100": 100 * _share(weights @ (empty & (boxes > 0)), rooms),
            "false_boxes": _share(weights @ (empty * boxes), rooms),
        }

    def _recalls(self, confidence: float, weights: Weights) -> Figures:
        result = {}
        for name, (least, most) in SIZES.items():
            of_size = (self.truth_size >= least) & (self.truth_size < most)
            animals = np.bincount(self.truth_picture[of_size], minlength=self.pictures)
            found = np.bincount(self.truth_picture[of_size & (self.truth_found >= confidence)], minlength=self.pictures)
            result[f"recall_{name}"] = _share(weights @ found, weights @ animals)
        return result


def mark(
    found: Sequence[Detections],
    truth: Sequence[NDArray[np.float32]],
    classes: Sequence[Sequence[str]] | None = None,
) -> Marks:
    """Hold predictions against boxes, picture by picture; boxes of both are shares 0..1 of the picture.

    Args:
        found: one a picture.
        truth: boxes `[M,4]`, one array a picture.
        classes: class of each true box; a found box must be of it to be right. Without, any class is.

    Raises:
        ValueError: there are not as many predictions as pictures.
    """
    if len(found) != len(truth):
        raise ValueError(f"{len(found)} predictions for {len(truth)} pictures; expected one each")
    named = classes if classes is not None else [None] * len(truth)
    matched = [_matched(*each) for each in zip(found, truth, named, strict=True)]
    scores = np.concatenate([np.zeros(0), *(one.scores for one in found)])
    order = np.argsort(-scores, kind="stable")
    sizes = [np.sqrt(np.clip((b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]), 0, 1)) for b in truth]
    return Marks(
        pictures=len(truth),
        scores=scores[order],
        picture=_owners([len(one) for one in found])[order],
        right=np.concatenate([np.zeros((0, len(OVERLAPS)), bool), *(right for right, _ in matched)])[order],
        truth_picture=_owners([len(boxes) for boxes in truth]),
        truth_size=np.concatenate([np.zeros(0), *sizes]),
        truth_found=np.concatenate([np.zeros(0), *(score for _, score in matched)]),
    )


def _matched(
    one: Detections, boxes: NDArray[np.float32], classes: Sequence[str] | None
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which boxes `[N,10]` are right, and the score `[M]` by which each true box was found at an overlap of 0.5.

    Each overlap is matched on its own, as in COCO: a box that is wrong at 0.75 leaves its animal to the next one.
    """
    right, found = np.zeros((len(one), len(OVERLAPS)), bool), np.zeros(len(boxes))
    if not len(one) or not len(boxes):
        return right, found
    pairs = overlap(one.boxes, boxes)
    if classes is not None:
        pairs = np.where(one.classes[:, None] == np.asarray(classes)[None, :], pairs, 0)
    near = pairs.max(1) >= OVERLAPS[0]
    able = [index for index in np.argsort(-one.scores, kind="stable") if near[index]]
    for level, least in enumerate(OVERLAPS):
        free = np.ones(len(boxes), bool)
        for index in able:
            best = int(np.argmax(np.where(free, pairs[index], -1.0)))
            if free[best] and pairs[index, best] >= least:
                right[index, level], free[best] = True, False
                if level == 0:
                    found[best] = one.scores[index]
    return right, found


def _owners(counts: Sequence[int]) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(counts)), np.asarray(counts, np.int64))


def _area(each: Weights, told: Weights, animals: Weights) -> Weights:
    """Areas `[R]` of right boxes `[R,K]`, boxes told up to each `[R,K]` and true boxes `[R]`.

    A right box of a picture that is not drawn adds no step, and its precision is below that of the one before it.
    """
    precision = _share(np.cumsum(each, axis=1), told, empty=0.0)
    envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    return _share((each * envelope).sum(1), animals)


def _share(part: NDArray, whole: NDArray, empty: float = np.nan) -> Weights:
    whole = np.asarray(whole, float)
    return np.divide(part, whole, out=np.full(np.broadcast(part, whole).shape, empty), where=whole > 0)
