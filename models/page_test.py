"""How long numbers must be off before it is told: Page's test over nights.

Page, "Continuous inspection schemes", Biometrika 41:100-115, 1954; with Hinkley's, Biometrika 58:509-523, 1971, known as
Page-Hinkley: what exceeds an allowance is summed up, never below zero, and an alarm is raised when the sum passes a bound. A
large change does that in a night or two, a small one that stays in a week. The bound follows from how often ordinary nights
may alarm (`bound_for`), given how few nights the reference was made from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["ALLOWANCE", "CHANCE", "HORIZON", "Watch", "bound_for", "watch"]

Array = NDArray[np.float64]

ALLOWANCE = 0.75  # spreads a night that are not summed up; changes of twice that are found soonest (Page 1954)
HORIZON, CHANCE = 40, 0.05  # forty ordinary nights hold an alarm in one case of twenty; our choice
_RUNS = 10_000  # simulated horizons


@dataclass(frozen=True)
class Watch:
    """T nights of W numbers.

    Attributes:
        sums: `[T,W]`.
        alarms: True where a sum passes the bound, after which it begins anew `[T,W]`.
        since: the night in which each sum began to grow `[T,W]`: when a change seems to have come.
        bound: one for all.
    """

    sums: Array
    alarms: NDArray[np.bool_]
    since: NDArray[np.int64]
    bound: float


def watch(
    deviating: Array,
    reference_nights: int,
    *,
    horizon: int = HORIZON,
    chance: float = CHANCE,
    most: Sequence[float] | float = np.inf,
) -> Watch:
    """Page's test over nights.

    Args:
        deviating: how far each number is off in T nights in order, in spreads of ordinary nights `[T,W]`; NaN leaves the
            sum as it is.
        reference_nights: how many these spreads were measured on.
        horizon, chance: how likely any of the numbers raises an alarm in so many ordinary nights.
        most: what a single night adds to a sum at most, in bounds, for each number or for all: with a little more than a half
            no night raises an alarm alone, nor do two odd ones apart, and two in a row do.
    """
    bound = bound_for(reference_nights, horizon, chance, deviating.shape[1])
    counted = np.minimum(np.nan_to_num(deviating, nan=ALLOWANCE) - ALLOWANCE, np.multiply(most, bound))
    sums, alarms = np.zeros(deviating.shape), np.zeros(deviating.shape, bool)
    since, running = np.zeros(deviating.shape, np.int64), np.zeros(deviating.shape[1])
    began = np.zeros(deviating.shape[1], np.int64)
    for night, off in enumerate(counted):
        began = np.where(running > 0, began, night)
        running = np.maximum(running + off, 0)
        sums[night], alarms[night], since[night] = running, running > bound, began
        running = np.where(alarms[night], 0, running)
    return Watch(sums, alarms, since, bound)


@cache
def bound_for(reference_nights: int, horizon: int = HORIZON, chance: float = CHANCE, numbers: int = 4) -> float:
    """The bound that the sums of `horizon` ordinary nights pass with probability `chance`, in any of so many `numbers`.

    Ordinary nights are taken to vary normally about a centre that was estimated from `reference_nights`: the error of the
    centre is the same in every night and adds up, that of the spread too. Found by simulation, the same every time.
    """
    rng = np.random.default_rng(0)
    shape = (_RUNS, numbers)
    centre = rng.normal(0, 1 / np.sqrt(reference_nights), shape)
    spread = np.sqrt(rng.chisquare(reference_nights - 1, shape) / (reference_nights - 1))
    running, highest = np.zeros(shape), np.zeros(shape)
    for _ in range(horizon):
        running = np.maximum(running + (rng.normal(0, 1, shape) - centre) / spread - ALLOWANCE, 0)
        highest = np.maximum(highest, running)
    return float(np.quantile(highest.max(axis=1), 1 - chance))
