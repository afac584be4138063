"""Which candidate is believed, and whether any: by pinball loss, with a bootstrap by days, and not to and fro every week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.habits.backtest import Backtest
from models.habits.history import Array

__all__ = ["Choice", "Gain", "Rules", "choose", "gain"]

_SEED = 19930601


@dataclass(frozen=True)
class Rules:
    """When a forecast is given.

    Attributes:
        margin: the share by which it must be under seasonal naive to begin.
        confidence: of the bootstrap, one-sided, that it is under it at all.
        least_days: with fewer days of back-test nothing is chosen.
        least_events: waits that ended within them.
        draws: of the bootstrap.
        block_days: drawn together, because a day is like the next.
    """

    margin: float = 0.02
    confidence: float = 0.95
    least_days: int = 7
    least_events: int = 10
    draws: int = 1000
    block_days: int = 2


@dataclass(frozen=True)
class Gain:
    """By how much one loss is under another: `share` of it, with the rims of the two-sided interval. Negative: it is above."""

    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Choice:
    """What is used from now on.

    Attributes:
        model: the name of the best by pinball loss, of those that were asked.
        abstains: no forecast is given.
        reason: `too_little` known, `no_better` than seasonal naive, or "".
        losses: mean pinball loss in hours by candidate.
        gain: of `model` over seasonal naive, None with too little known.
    """

    model: str
    abstains: bool
    reason: str
    losses: dict[str, float]
    gain: Gain | None


def choose(test: Backtest, before: Choice | None = None, rules: Rules | None = None) -> Choice:
    """The candidate that is used until the next back-test.

    To begin it must be under seasonal naive, the first of the candidates, by the margin and with the bootstrap's confidence.
    One that was used before stays until it is no longer under it, and is followed by another one only where the bootstrap
    is as sure that the other is better: so that it does not flip from week to week.
    """
    rules = rules or Rules()
    losses = {name: values for name, values in test.losses().items()}
    naive, *others = losses
    ended = int((test.waits < test.limits).sum())
    means = {name: float(values.mean()) if len(values) else float("nan") for name, values in losses.items()}
    if len(np.unique(test.days)) < rules.least_days or ended < rules.least_events:
        return Choice(naive, True, "too_little", means, None)

    def under(first: str, second: str) -> Gain:
        return gain([(losses[second], losses[first], test.days)], rules, 2 * rules.confidence - 1)

    best = min(others, key=lambda name: means[name])
    used = before.model if before is not None and not before.abstains and before.model in others else None
    if used is not None:
        if best != used and under(best, used).low <= 0:
            best = used
        told = under(best, naive)
        return Choice(best, told.share <= 0, "" if told.share > 0 else "no_better", means, told)
    told = under(best, naive)
    sure = told.share >= rules.margin and told.low > 0
    return Choice(best, not sure, "" if sure else "no_better", means, told)


def gain(
    pairs: Sequence[tuple[Array, Array, NDArray[np.int64]]], rules: Rules | None = None, level: float = 0.95
) -> Gain:
    """How far the second losses lie under the first, pooled, with a bootstrap of blocks of days (Künsch 1989).

    Args:
        pairs: per cat, losses of the measure `[O]`, of the candidate `[O]`, and the day of each `[O]`. Days are drawn for all cats
            together: what keeps one from its bowl keeps the other.
        level: of the interval.
    """
    rules = rules or Rules()
    first, second = (np.concatenate([pair[part] for pair in pairs]) for part in (0, 1))
    blocks = np.concatenate([pair[2] for pair in pairs]) // rules.block_days
    _, block = np.unique(blocks, return_inverse=True)
    sums = np.array([np.bincount(block, losses) for losses in (first, second)])
    rng = np.random.default_rng(_SEED)
    drawn = rng.integers(0, sums.shape[1], (rules.draws, sums.shape[1]))
    totals = sums[:, drawn].sum(axis=2)
    shares = 1 - totals[1] / np.maximum(totals[0], 1e-12)
    low, high = np.quantile(shares, [(1 - level) / 2, (1 + level) / 2])
    return Gain(float(1 - second.sum() / max(first.sum(), 1e-12)), float(low), float(high))
