"""What is different: one stretch of days against another, and the days on which a habit changed.

Days are compared by their rate over observed time. A day hardly observed says little, one not observed at all says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models.habits.history import Array
from models.habits.local_time import DAY_S
from models.habits.rhythm import Days, drawn_days

__all__ = ["Change", "Difference", "changes", "difference"]

_LEAST_DAYS = 5
_SHORTEST = 7  # days that a habit lasts
# Times the logarithm of the number of days that a change must explain: 7 of 240 made years without one had one found (bench.changes).
_SURE = 1.0


@dataclass(frozen=True)
class Difference:
    """A day now against a day then, each as a mean of 24 observed hours.

    Attributes:
        now, then: events, or seconds where these are asked.
        low, high: of `now - then`, 95 %, by a bootstrap of days.
        sure: 0 lies outside of it.
    """

    now: float
    then: float
    low: float
    high: float
    sure: bool


@dataclass(frozen=True)
class Change:
    """A habit that changed.

    Attributes:
        date: number of the first local date of the new habit, days since 1970-01-01.
        before, after: events in 24 observed hours, up to the change before and the change after.
        gain: of the likelihood, in units of what a change must explain at least; above 1.
    """

    date: int
    before: float
    after: float
    gain: float


def difference(now: Days, then: Days, what: str = "events") -> Difference | None:
    """Compare two stretches of days.

    Args:
        now, then: such as this month and the last; may differ in length.
        what: `events` or `seconds`.

    Returns:
        None where either has fewer than five observed days.
    """
    means, drawn = list[float](), list[Array]()
    for days in (now, then):
        amount, observed = getattr(days, what).sum(axis=1), days.observed_s.sum(axis=1)
        seen = observed > 0
        if seen.sum() < _LEAST_DAYS:
            return None
        weights = drawn_days(int(seen.sum()))
        means.append(float(DAY_S * amount.sum() / observed.sum()))
        drawn.append(DAY_S * (weights @ amount[seen]) / (weights @ observed[seen]))
    # The same draws for both would tie them together.
    low, high = np.quantile(drawn[0] - np.roll(drawn[1], len(drawn[1]) // 2), (0.025, 0.975))
    return Difference(means[0], means[1], float(low), float(high), bool(low > 0 or high < 0))


def changes(days: Days) -> list[Change]:
    """The days on which the number of events a day changed for a week or longer.

    Optimal partitioning (Jackson et al. 2005): of all ways to cut the time, the one with the greatest likelihood of counts with
    one rate in each part, less a price for each cut. Counts are Poisson given the observed time; how much more days differ
    than that is estimated from neighbouring days, which a lasting change leaves alone, and divides the likelihood.
    """
    events, _, observed = days.totals()
    seen = observed > 0
    events, hours, dates = events[seen], observed[seen] / DAY_S, days.dates[seen]
    count = len(events)
    if count < 2 * _SHORTEST or not events.any():
        return []
    price = _SURE * np.log(count) * _scatter(events, hours)
    sums, times = np.concatenate([[0.0], np.cumsum(events)]), np.concatenate([[0.0], np.cumsum(hours)])

    def likelihood(first: NDArray[np.intp] | int, last: int) -> Array:
        number, time = sums[last] - sums[first], times[last] - times[first]
        return np.asarray(special.xlogy(number, number / np.maximum(time, 1e-9)), np.float64)

    best, cut = np.full(count + 1, -np.inf), np.zeros(count + 1, np.intp)
    best[0] = 0.0
    for last in range(_SHORTEST, count + 1):
        firsts = np.concatenate([[0], np.arange(_SHORTEST, last - _SHORTEST + 1)]).astype(np.intp)
        values = best[firsts] + likelihood(firsts, last) - price * (firsts > 0)
        best[last], cut[last] = values.max(), firsts[values.argmax()]
    rims, at = [count], count
    while at:
        at = int(cut[at])
        rims.append(at)
    rims.reverse()
    found = list[Change]()
    for before, at, after in zip(rims[:-2], rims[1:-1], rims[2:], strict=True):
        gained = likelihood(before, at) + likelihood(at, after) - likelihood(before, after)
        rates = [(sums[b] - sums[a]) / (times[b] - times[a]) for a, b in ((before, at), (at, after))]
        found.append(Change(int(dates[at]), float(rates[0]), float(rates[1]), float(gained / price)))
    return found


def _scatter(events: Array, hours: Array) -> float:
    """How much more neighbouring days differ than Poisson counts would, at least 1."""
    rate = events.sum() / hours.sum()
    gaps = (np.diff(events / np.maximum(hours, 1e-9))) ** 2
    expected = rate * (1 / np.maximum(hours[1:], 1e-9) + 1 / np.maximum(hours[:-1], 1e-9))
    full = (hours[1:] > 0.5) & (hours[:-1] > 0.5)
    return max(1.0, float(gaps[full].sum() / expected[full].sum())) if full.any() and rate else 1.0
