"""Which found bouts are true ones: the count behind precision, recall and F1 of bouts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.behaviour.episodes import Episode

__all__ = ["same_bouts"]

SAME = 0.5
"""Intersection over union from which two stretches of time are one bout (ActivityNet, Heilbron et al., CVPR 2015)."""
LONG_S = 30
"""Where both are shorter, the edges of looks every few seconds say little of the union: there it is enough that they
overlap give or take NEAR_S. Ours."""
NEAR_S = 5


def same_bouts(true: Sequence[Episode], found: Sequence[Episode], kinds: int) -> NDArray[np.int64]:
    """Count bouts of one animal by behaviour.

    Args:
        true, found: `label` below `kinds`; seconds of one grid.
        kinds: number of behaviours, K.

    Returns:
        `[K, 3]`: true ones, found ones, and those that are in both; each pairs once, the best overlap first.
    """
    counts = np.zeros((kinds, 3), np.int64)
    for label in range(kinds):
        first = _spans([bout for bout in true if bout.label == label])
        second = _spans([bout for bout in found if bout.label == label])
        counts[label] = len(first), len(second), _pairs(_likeness(first, second))
    return counts


def _spans(bouts: Sequence[Episode]) -> NDArray[np.float64]:
    return np.array([(bout.start, bout.end) for bout in bouts], float).reshape(-1, 2)


def _likeness(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """`[M, N]`, above 0 where two may be one bout."""
    start, end = np.maximum(first[:, None, 0], second[:, 0]), np.minimum(first[:, None, 1], second[:, 1])
    lengths = np.diff(first), np.diff(second)[:, 0]
    shared = np.maximum(end - start, 0)
    union = shared / (lengths[0] + lengths[1] - shared)
    short = np.maximum(lengths[0], lengths[1]) < LONG_S
    # Short ones that only lie near each other come last, the nearest first.
    near = np.maximum(union, 1e-3 / (1 + np.maximum(start - end, 0)))
    return np.where(short, np.where(end - start > -NEAR_S, near, 0.0), np.where(union >= SAME, union, 0.0))


def _pairs(likeness: NDArray[np.float64]) -> int:
    taken = 0
    while likeness.size and likeness.max() > 0:
        row, column = np.unravel_index(likeness.argmax(), likeness.shape)
        likeness[row], likeness[:, column] = 0, 0
        taken += 1
    return taken
