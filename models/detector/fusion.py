"""Boxes of one picture that was looked at in two sizes, as one set of boxes.

Weighted boxes fusion (Solovyev, Wang and Gabruseva, "Weighted boxes fusion: Ensembling boxes from different object
detection models", Image and Vision Computing 107, 2021): boxes that lie on each other become their mean, weighted by their
scores, and what one view alone has seen counts for less. A large cat is whole in the small view, a tiny one is seen in the
large one, and the edges of both are nearer to the truth than those of either.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.detector.boxes import overlap

__all__ = ["fused"]

SAME = 0.55
"""Overlap from which two boxes are of one animal: the value of the paper."""

Found = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.str_]]


def fused(views: Sequence[Found], confidence: float) -> Found:
    """The boxes of several views of one picture.

    Args:
        views: of each its boxes `[N,4]` x1 y1 x2 y2 in 0..1, scores `[N]` and classes `[N]`, each animal once.
        confidence: lowest mean score to keep, 0..1; an animal that a view lacks has there the score 0.

    Returns:
        Boxes, scores and classes, best first.
    """
    boxes, scores, classes = (np.concatenate(parts) for parts in zip(*views, strict=True))
    view = np.repeat(np.arange(len(views)), [len(found[1]) for found in views])
    groups: list[list[int]] = []
    means = np.zeros((0, 4), np.float32)
    for index in np.argsort(-scores, kind="stable"):
        place = _of_group(index, groups, means, boxes, classes, view)
        if place is None:
            groups.append([index])
            means = np.concatenate([means, boxes[[index]]])
        else:
            groups[place].append(index)
            means[place] = np.average(boxes[groups[place]], axis=0, weights=scores[groups[place]])
    total = np.array([scores[group].sum() / len(views) for group in groups], np.float32)
    kept = [place for place in np.argsort(-total, kind="stable") if total[place] >= confidence]
    return means[kept], total[kept], classes[[groups[place][0] for place in kept]]


def _of_group(
    index: int,
    groups: Sequence[Sequence[int]],
    means: NDArray[np.float32],
    boxes: NDArray[np.float32],
    classes: NDArray[np.str_],
    view: NDArray[np.int64],
) -> int | None:
    """The group that a box belongs to: the one it overlaps most that has none of its view yet."""
    shared = overlap(boxes[[index]], means)[0]
    for place in np.argsort(-shared, kind="stable"):
        if shared[place] < SAME:
            return None
        members = groups[place]
        if classes[members[0]] == classes[index] and view[index] not in view[list(members)]:
            return int(place)
    return None
