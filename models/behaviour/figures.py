"""How well behaviours are told: by class, and how far what is said of certainty is true."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["by_class", "confusion", "expected_calibration_error", "macro_f1", "reliability"]

BINS = 10


def confusion(truth: NDArray[np.int64], found: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """How often each of `count` classes was taken for each `[count, count]`; rows are true."""
    return np.bincount(truth * count + found, minlength=count * count).reshape(count, count)


def macro_f1(truth: NDArray[np.int64], found: NDArray[np.int64]) -> float:
    """Mean F1 over the classes that occur in `truth`, 0..1."""
    count = int(max(truth.max(initial=0), found.max(initial=0))) + 1
    table = confusion(truth, found, count)
    there = table.sum(axis=1) > 0
    both = table.sum(axis=0) + table.sum(axis=1)
    return float((2 * table.diagonal() / np.maximum(both, 1))[there].mean())


def by_class(table: NDArray[np.int64]) -> NDArray[np.float64]:
    """Precision, recall and F1 of each class of a confusion `[K, 3]`; NaN where there is nothing to divide."""
    right, said, true = table.diagonal(), table.sum(axis=0), table.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.stack([right / said, right / true, 2 * right / (said + true)], axis=1)


def reliability(truth: NDArray[np.int64], probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """Of ten bins of certainty the count, the mean certainty and the share that is right `[10, 3]`; NaN where none is."""
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    count = np.bincount(bins, minlength=BINS)
    with np.errstate(divide="ignore", invalid="ignore"):
        means = [np.bincount(bins, what, BINS) / count for what in (sure, right)]
    return np.stack([count, *means], axis=1)


def expected_calibration_error(truth: NDArray[np.int64], probabilities: NDArray[np.floating]) -> float:
    """Mean distance of certainty from being right, over ten bins of certainty weighted by their size, 0..1.

    Naeini et al., "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015.
    """
    count, sure, right = reliability(truth, probabilities).T
    off = np.nan_to_num(np.abs(sure - right)) * count
    return float(off.sum() / max(count.sum(), 1))
