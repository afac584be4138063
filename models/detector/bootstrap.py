"""How sure a figure is, and whether two models differ: the bootstrap over pictures.

Efron & Tibshirani, "An Introduction to the Bootstrap", 1993: percentile intervals. Pictures are drawn, not boxes, because
boxes of one picture stand or fall together; near copies of a picture are drawn together for the same reason. Two models
are compared on the same draws: what is hard for both then cancels out.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.detector.marks import SIZES, Marks

__all__ = ["Difference", "Estimate", "differences", "draws", "estimates", "intervals"]

INTERVAL = (2.5, 97.5)  # percentiles: 95 of 100


@dataclass(frozen=True)
class Estimate:
    """A figure and the interval that 95 of 100 resamples of the pictures fall into."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f}–{self.high:.3f})"


@dataclass(frozen=True)
class Difference:
    """What the second model has more than the first, on the same pictures.

    Attributes:
        value, low, high: as in `Estimate`.
        below: share of the resamples in which the second has less.
    """

    value: float
    low: float
    high: float
    below: float

    def __str__(self) -> str:
        return f"{self.value:+.3f} ({self.low:+.3f} to {self.high:+.3f})"


def draws(pictures: int, *, groups: Sequence[Hashable] | None = None, times: int = 1000, seed: int = 0) -> NDArray:
    """How often each picture counts in each resample, `[times, pictures]`.

    Args:
        pictures: number of pictures.
        groups: one name per picture; pictures of one name (near copies, frames of one clip) are drawn together.
        times: number of resamples.
        seed: same seed, same draws.
    """
    if pictures == 0:
        return np.zeros((times, 0))
    names = list(range(pictures)) if groups is None else list(groups)
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    share = np.full(len(numbers), 1 / len(numbers))
    counts = np.random.default_rng(seed).multinomial(len(numbers), share, size=times)
    return counts[:, [numbers[name] for name in names]].astype(float)


def estimates(marks: Marks, weights: NDArray, *, confidence: float) -> dict[str, Estimate]:
    """Every figure of `Marks.figures` that the pictures can tell, with its interval.

    Where all of n went well, or none did, every resample says so too; what n of them can still hide is a share of up to
    3/n (Hanley & Lippman-Hand, "If nothing goes wrong, is everything all right?", JAMA 249, 1983).
    """
    told = intervals(marks.figures(confidence), marks.figures(confidence, weights))
    for name, many in _out_of(marks, confidence).items():
        if name in told and many:
            told[name] = _hedged(told[name], many, 100.0 if name == "false_per_100" else 1.0)
    return told


def _out_of(marks: Marks, confidence: float) -> dict[str, int]:
    """How many animals, boxes or empty pictures each share is a share of."""
    of_size = {
        f"recall_{name}": int(((marks.truth_size >= least) & (marks.truth_size < most)).sum())
        for name, (least, most) in SIZES.items()
    }
    return {
        "recall": len(marks.truth_picture),
        "precision": int((marks.scores >= confidence).sum()),
        "false_per_100": marks.pictures - len(np.unique(marks.truth_picture)),
        **of_size,
    }


def _hedged(figure: Estimate, many: int, whole: float) -> Estimate:
    room = min(whole, 3 * whole / many)
    if figure.value == 0:
        return Estimate(0.0, 0.0, room)
    return Estimate(whole, whole - room, whole) if figure.value == whole else figure


def intervals(whole: Mapping[str, NDArray], drawn: Mapping[str, NDArray]) -> dict[str, Estimate]:
    """Figures `[1]` of all pictures with the intervals of those `[R]` of the resamples; NaN are left out."""
    return {
        name: Estimate(float(value[0]), *_bounds(drawn[name]))
        for name, value in whole.items()
        if not np.isnan(value[0])
    }


def differences(first: Marks, second: Marks, weights: NDArray, *, confidence: float) -> dict[str, Difference]:
    """What `second` has more than `first`, figure by figure.

    Raises:
        ValueError: they are not of the same pictures and boxes.
    """
    if first.pictures != second.pictures or not np.array_equal(first.truth_picture, second.truth_picture):
        raise ValueError(
            f"a paired comparison needs the same pictures: found {first.pictures} with {len(first.truth_picture)} boxes "
            f"and {second.pictures} with {len(second.truth_picture)}"
        )
    whole = [marks.figures(confidence) for marks in (first, second)]
    drawn = [marks.figures(confidence, weights) for marks in (first, second)]
    result = {}
    for name, before in whole[0].items():
        value = float(whole[1][name][0] - before[0])
        if not np.isnan(value):
            gap = drawn[1][name] - drawn[0][name]
            result[name] = Difference(value, *_bounds(gap), below=float(np.mean(gap[~np.isnan(gap)] < 0)))
    return result


def _bounds(values: NDArray) -> tuple[float, float]:
    low, high = np.nanpercentile(values, INTERVAL) if not np.isnan(values).all() else (np.nan, np.nan)
    return float(low), float(high)
