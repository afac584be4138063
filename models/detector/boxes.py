"""Boxes against boxes: overlap, and how good a detector's boxes are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["average_precision", "match", "overlap", "without_parts"]


def overlap(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of every pair: boxes `[N,4]` and `[M,4]` x1 y1 x2 y2, result `[N,M]` in 0..1."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    area = [np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1) for boxes in (first, second)]
    union = area[0][:, None] + area[1][None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def match(
    found: NDArray[np.float32], scores: NDArray[np.float32], truth: NDArray[np.float32], limit: float
) -> NDArray[np.bool_]:
    """Which found boxes of one picture are right: each takes the free true box it overlaps most, best score first.

    Args:
        found: `[N,4]`; scores: `[N]`; truth: `[M,4]`; limit: least overlap that counts, e.g. 0.5.

    Returns:
        `[N]` in the order of `found`; a second box on an animal that is taken is wrong (the matching of COCO).
    """
    right = np.zeros(len(found), bool)
    if not len(truth) or not len(found):
        return right
    pairs = overlap(found, truth)
    free = np.ones(len(truth), bool)
    for index in np.argsort(-scores, kind="stable"):
        best = int(np.argmax(np.where(free, pairs[index], -1.0)))
        if free[best] and pairs[index, best] >= limit:
            right[index], free[best] = True, False
    return right


def average_precision(scores: Sequence[float] | NDArray, right: Sequence[bool] | NDArray, positives: int) -> float:
    """Area under the precision-recall curve of all pictures together, precision made monotone (VOC 2010 and later).

    Args:
        scores: of all found boxes; right: whether each one is; positives: number of true boxes.

    Returns:
        0..1; NaN where there is no true box, for then it is not defined.
    """
    if positives == 0:
        return float("nan")
    order = np.argsort(-np.asarray(scores, float), kind="stable")
    hits = np.cumsum(np.asarray(right, bool)[order])
    precision = hits / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    steps = np.diff(np.concatenate([[0.0], hits / positives]))
    return float(np.sum(steps * envelope))


def without_parts(boxes: NDArray[np.float32], scores: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which boxes to keep where one holds another: head and back within the whole are one animal, the surer box is it.

    Two boxes are one animal if nine tenths of one lie within the other and that is at most four times as large. Two cats
    that lie so close that one box holds the other are taken for one by this; one that is counted twice is commoner.

    Args:
        boxes: `float32 [N,4]` x1 y1 x2 y2 in 0..1.
        scores: `float32 [N]` in 0..1.

    Returns:
        `bool [N]`.
    """
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    within = (shared >= 0.9 * area[:, None]) & (area[None, :] <= 4 * area[:, None]) & ~np.eye(len(boxes), dtype=bool)
    surer = scores[None, :] > scores[:, None]
    return np.asarray(~((within | within.T) & surer).any(axis=1), bool)
