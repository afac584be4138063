"""How far two labellers agree beyond chance: Cohen's kappa over seconds (Cohen, Educational and Psychological
Measurement 1960), with an interval by resampling whole blocks of time, since neighbouring seconds are no independent
evidence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Agreement", "agreement", "kappa"]

_LEVEL = 0.95


@dataclass(frozen=True)
class Agreement:
    """Two labellers over the same seconds.

    Attributes:
        seconds: int64 [C, C], how often the first said the row and the second the column.
        kappa: over all classes; NaN where both only ever said one and the same.
        low, high: its 95 % interval; NaN where there is but one block.
        by_class: float64 [C, 3], the kappa of each class against all others, and its interval.
    """

    seconds: NDArray[np.int64]
    kappa: float
    low: float
    high: float
    by_class: NDArray[np.float64]

    @property
    def agreed(self) -> float:
        """Share of the seconds in which both said the same, chance included."""
        return float(np.trace(self.seconds) / self.seconds.sum())

    def specific(self) -> NDArray[np.float64]:
        """float64 [C]: of the seconds that either gave a class, the share that both did (each second counted per labeller)."""
        said = self.seconds.sum(0) + self.seconds.sum(1)
        return np.divide(2 * np.diagonal(self.seconds), said, out=np.full(len(said), np.nan), where=said > 0)


def kappa(seconds: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Cohen's kappa of tables `[..., C, C]`; NaN where chance alone would agree always."""
    shares = seconds / np.maximum(seconds.sum((-2, -1), keepdims=True), 1)
    observed = np.trace(shares, axis1=-2, axis2=-1)
    chance = (shares.sum(-1) * shares.sum(-2)).sum(-1)
    return np.divide(observed - chance, 1 - chance, out=np.full_like(chance, np.nan), where=chance < 1 - 1e-12)


def agreement(
    first: NDArray[np.int64], second: NDArray[np.int64], block: NDArray[np.int64], classes: int, *, draws: int = 1000
) -> Agreement:
    """Compare two labellers.

    Args:
        first, second: class of every second, int64 [S], 0 to `classes` - 1.
        block: which stretch a second belongs to, int64 [S]; stretches are drawn whole. Any numbers.
        classes: how many there are.
        draws: resamples of the blocks.

    Raises:
        ValueError: if the lengths differ, or there is no second.
    """
    if not len(first) == len(second) == len(block) or not len(first):
        raise ValueError(f"{len(first)}, {len(second)} and {len(block)} seconds; they must be as many, and some")
    _, number = np.unique(block, return_inverse=True)
    tables = np.zeros((number.max() + 1, classes, classes), np.int64)
    np.add.at(tables, (number, first, second), 1)
    whole = tables.sum(0)
    rng = np.random.default_rng(0)  # the same labels, the same interval
    weights = rng.multinomial(len(tables), np.full(len(tables), 1 / len(tables)), size=draws)
    drawn = np.tensordot(weights, tables, 1)
    alone = len(tables) == 1
    low, high = _interval(kappa(drawn), alone)
    by_class = np.array(
        [[kappa(_against(whole, each)), *_interval(kappa(_against(drawn, each)), alone)] for each in range(classes)]
    )
    return Agreement(whole, float(kappa(whole)), low, high, by_class)


def _against(tables: NDArray[np.int64], each: int) -> NDArray[np.int64]:
    """Tables `[..., 2, 2]` of one class against all others."""
    both = tables[..., each, each]
    one, other = tables[..., each, :].sum(-1) - both, tables[..., :, each].sum(-1) - both
    rest = tables.sum((-2, -1)) - both - one - other
    return np.stack([np.stack([both, one], -1), np.stack([other, rest], -1)], -2)


def _interval(values: NDArray[np.float64], alone: bool) -> tuple[float, float]:
    """The middle 95 % of the resamples in which kappa exists."""
    values = values[np.isfinite(values)]
    if alone or not len(values):
        return float("nan"), float("nan")
    low, high = np.quantile(values, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return float(low), float(high)
