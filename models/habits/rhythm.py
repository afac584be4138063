"""The shape of a cat's days: actogram, activity by hour and weekday, evenness, and whether the day has two peaks.

All figures are rates over observed time, on the home's clock: an hour that was not observed is nan, never quiet. On the day the
clocks go forward an hour is missing, on the day they go back one holds two hours of time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.habits.history import Array, History
from models.habits.local_time import DAY_S, clock_s

__all__ = ["Days", "Evenness", "Peaks", "actogram", "by_weekday", "days_of", "drawn_days", "evenness", "two_peaks"]

QUARTER_S = 900.0  # all offsets of clocks are multiples of it
QUARTERS = 96
_SEED, _DRAWS = 20140101, 500
_SMOOTH_H, _APART_H, _DEEP = 1.0, 4.0, 0.2  # what counts as two peaks; our choice
_LEAST_DAYS = 3
_MONDAY = 4  # 1970-01-01 was a Thursday: date numbers 4, 11 … are Mondays


@dataclass(frozen=True)
class Days:
    """A behaviour by local date and quarter of an hour.

    Attributes:
        dates: numbers of the local dates, days since 1970-01-01, all between the first and the last `[D]`.
        events: that begin in it `[D, 96]`.
        seconds: spent on it `[D, 96]`.
        observed_s: in which it could have been seen `[D, 96]`; 1800 where the clocks show the quarter twice.
        timed: most events have a length; else a device only said when, and activity is events an hour, not a share of the time.
    """

    dates: NDArray[np.int64]
    events: Array
    seconds: Array
    observed_s: Array
    timed: bool = True

    def amount(self) -> Array:
        """Activity to divide by observed seconds: seconds, or events times 3600 `[D, 96]`."""
        return self.seconds if self.timed else 3600 * self.events

    def totals(self) -> tuple[Array, Array, Array]:
        """Events, seconds and observed seconds of each date `[D]`."""
        return self.events.sum(axis=1), self.seconds.sum(axis=1), self.observed_s.sum(axis=1)


@dataclass(frozen=True)
class Evenness:
    """How evenly a behaviour is spread over the hours of the day: 0 all in one hour, 1 the same in each; interval of 95 %."""

    entropy: float
    low: float
    high: float


@dataclass(frozen=True)
class Peaks:
    """Whether the day has two peaks.

    Attributes:
        hours: local hours of the two highest peaks that lie 4 hours apart, the earlier first; of one if there is one.
        depth: how far the day falls from the lower of them before it rises to the other, the shallower way around the clock,
            as a share of the higher one; 0 with one peak.
        low, high: of the depth, 95 %.
        confidence: the share of redrawn days in which it falls by a fifth or more: how sure it is that there are two.
    """

    hours: tuple[float, ...]
    depth: float
    low: float
    high: float
    confidence: float


def days_of(history: History) -> Days:
    """Cut a history into local dates and quarters of an hour."""
    if not len(history.observed):
        nothing = np.zeros((0, QUARTERS))
        return Days(np.zeros(0, np.int64), nothing, nothing, nothing)
    first, last = history.observed[0, 0], history.observed[-1, 1]
    rims = np.arange(first // QUARTER_S, np.ceil(last / QUARTER_S) + 1) * QUARTER_S
    clock = clock_s(rims[:-1], history.zone)
    dates = (clock // DAY_S).astype(np.int64)
    cells = (dates - dates[0]) * QUARTERS + (clock % DAY_S // QUARTER_S).astype(np.int64)
    size = int(dates[-1] - dates[0] + 1) * QUARTERS
    observed = history.observed_s(rims)
    seconds = np.minimum(_spent(history, rims), observed)
    events = np.histogram(history.starts, rims)[0]
    events_, seconds_, observed_ = (
        np.bincount(cells, values, size).astype(np.float64).reshape(-1, QUARTERS)
        for values in (events, seconds, observed)
    )
    timed = bool((history.durations > 0).mean() > 0.5) if len(history.starts) else True
    return Days(np.arange(dates[0], dates[-1] + 1), events_, seconds_, observed_, timed)


def actogram(days: Days) -> Array:
    """The double plot: each row a date and the one after it, as a share of the observed time (or events an hour) `[D, 192]`.

    Two days side by side let a rhythm be seen across midnight (Refinetti et al. 2007). nan is not observed.
    """
    rate = _rate(days.amount(), days.observed_s)
    after = np.vstack([rate[1:], np.full((min(len(rate), 1), QUARTERS), np.nan)])
    return np.hstack([rate, after])


def by_weekday(days: Days) -> tuple[Array, Array]:
    """Activity by weekday, Monday first, and hour `[7, 24]`, a share of the observed time (or events an hour), and the observed hours."""
    weekday = (days.dates - _MONDAY) % 7
    sums = [
        np.array([_hours(values[weekday == day]).sum(axis=0) for day in range(7)])
        for values in (days.amount(), days.observed_s)
    ]
    return _rate(sums[0], sums[1]), sums[1] / 3600


def evenness(days: Days) -> Evenness | None:
    """Shannon's entropy of the hours of the day, as a share of that of an even spread, with a bootstrap of days.

    With few events an even spread looks uneven: events are corrected for it (Miller 1955). None while an hour of the day was
    never observed, or nothing happened, or fewer than three days are known.
    """
    if not _enough(days):
        return None
    amount, observed = _hours(days.amount()), _hours(days.observed_s)
    number = days.events.sum()

    def entropy(weights: Array) -> Array:
        rate = _rate(weights @ amount, weights @ observed)
        share = np.nan_to_num(rate) / np.maximum(np.nansum(rate, axis=-1, keepdims=True), 1e-12)
        bits = -np.where(share > 0, share * np.log(np.maximum(share, 1e-12)), 0).sum(axis=-1)
        return np.minimum((bits + ((share > 0).sum(axis=-1) - 1) / (2 * max(number, 1))) / np.log(24), 1.0)

    drawn = entropy(drawn_days(len(days.dates)))
    told = float(entropy(np.ones((1, len(days.dates))))[0])
    # Days drawn twice leave others out, which looks less even: only how far the draws scatter is taken from them.
    low, high = np.quantile(drawn - drawn.mean(), (0.025, 0.975))
    return Evenness(told, max(0.0, told + float(low)), min(1.0, told + float(high)))


def two_peaks(days: Days) -> Peaks | None:
    """Whether the smoothed day has two peaks, as most cats' have, at dawn and dusk; None where `evenness` is."""
    if not _enough(days):
        return None
    amount, observed = days.amount(), days.observed_s
    (hours,), (depth,) = _peaks(_smoothed(amount.sum(axis=0), observed.sum(axis=0))[None])
    weights = drawn_days(len(days.dates))
    drawn = _peaks(_smoothed(weights @ amount, weights @ observed))[1]
    low, high = np.quantile(drawn, (0.025, 0.975))
    known = tuple(float(hour) for hour in hours if not np.isnan(hour))
    return Peaks(known, float(depth), float(min(low, depth)), float(max(high, depth)), float((drawn >= _DEEP).mean()))


@lru_cache(maxsize=64)
def drawn_days(count: int) -> Array:
    """How often each of `count` days is drawn, with replacement, in each of 500 draws `[500, count]`; always the same."""
    rng = np.random.default_rng(_SEED)
    drawn = rng.multinomial(count, np.full(count, 1 / max(count, 1)), _DRAWS).astype(np.float64)
    drawn.flags.writeable = False
    return drawn


def _enough(days: Days) -> bool:
    """Three observed days, every hour of the day seen at least once, something that happened."""
    seen = _hours(days.observed_s)
    return bool((seen.sum(axis=1) > 0).sum() >= _LEAST_DAYS and seen.sum(axis=0).all() and days.amount().any())


def _spent(history: History, rims: Array) -> Array:
    """Seconds of the behaviour between neighbours of `rims` `[K + 1]`: `[K]`; an event ends at the latest when the next begins."""
    if not len(history.starts):
        return np.zeros(len(rims) - 1)
    lengths = np.minimum(history.durations, np.diff(history.starts, append=np.inf))
    before = np.searchsorted(history.starts, rims, side="right") - 1
    done = np.concatenate([[0.0], np.cumsum(lengths)])
    inside = np.minimum(rims - history.starts[before], lengths[before])
    until: Array = np.where(before >= 0, done[np.maximum(before, 0)] + inside, 0.0)
    return np.diff(until)


def _hours(quarters: Array) -> Array:
    return quarters.reshape(len(quarters), 24, 4).sum(axis=2)


def _rate(amount: Array, observed: Array) -> Array:
    return np.where(observed > 0, amount / np.where(observed > 0, observed, 1), np.nan)


def _smoothed(amount: Array, observed: Array) -> Array:
    """The profile of the day, smoothed around the clock by an hour `[…, 96]`."""
    around = np.minimum(np.arange(QUARTERS), QUARTERS - np.arange(QUARTERS)) / 4
    kernel = np.fft.fft(np.exp(-0.5 * (around / _SMOOTH_H) ** 2))
    sums = [np.real(np.fft.ifft(np.fft.fft(values, axis=-1) * kernel, axis=-1)) for values in (amount, observed)]
    return np.maximum(sums[0], 0) / np.maximum(sums[1], 1e-9)


def _peaks(profiles: Array) -> tuple[Array, Array]:
    """Local hours of the one or two highest peaks of each profile `[N, 96]`, in order, `[N, 2]` (nan: none), and the depth between them `[N]`."""
    quarters, rows = np.arange(QUARTERS), np.arange(len(profiles))
    rising, falling = profiles > np.roll(profiles, 1, axis=1), profiles >= np.roll(profiles, -1, axis=1)
    tops = np.where(rising & falling, profiles, -np.inf)
    highest = tops.argmax(axis=1)
    apart = np.abs(quarters - highest[:, None])
    others = np.where(np.minimum(apart, QUARTERS - apart) >= _APART_H * 4, tops, -np.inf)
    other = others.argmax(axis=1)
    one, two = np.isfinite(tops[rows, highest]), np.isfinite(others[rows, other])
    first, second = np.minimum(highest, other), np.maximum(highest, other)
    between = (quarters >= first[:, None]) & (quarters < second[:, None])
    around = ~between | (quarters == first[:, None])
    valley = np.maximum(*(np.where(where, profiles, np.inf).min(axis=1) for where in (between | ~two[:, None], around)))
    sides = np.stack([profiles[rows, first], profiles[rows, second]])
    depth = np.where(two, (sides.min(axis=0) - valley) / np.where(two, sides.max(axis=0), 1), 0.0)
    places = np.where(two[:, None], np.stack([first, second], axis=1), np.stack([highest, highest], axis=1))
    known = np.stack([one, two], axis=1)
    return np.where(known, (places + 0.5) / 4, np.nan), depth
