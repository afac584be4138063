"""The two measures of all others: the same hour of the last days, and the smoothed profile of the day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.habits.history import Array, History
from models.habits.local_time import DAY_S, clock_s, moments_of
from models.habits.next_event import LEVELS, run_of, runs, waits_from

__all__ = ["AHEAD", "SLOTS", "SLOT_S", "HourProfile", "Profile", "SameTime", "SeasonalNaive", "binned"]

SLOT_S = 600.0
SLOTS = int(DAY_S / SLOT_S)
# Ten minutes apart for two days, then an hour apart for two weeks: rims of a forecast, seconds ahead.
AHEAD = np.concatenate([np.arange(0, 2 * SLOTS) * SLOT_S, 2 * DAY_S + np.arange(0, 14 * 24 + 1) * 3600.0])
_MIDDLES = (AHEAD[1:] + AHEAD[:-1]) / 2
_LENGTHS = np.diff(AHEAD)
_PRIOR_EVENTS, _PRIOR_S = 0.05, DAY_S / 10  # so little that it only counts where nothing was seen: half an event a day


@dataclass(frozen=True)
class Profile:
    """Events a second by local time of day, as a non-homogeneous Poisson process.

    Attributes:
        rate: of each ten minutes of the local day `[144]`, per second.
    """

    rate: Array

    def expected(self, known: History, now: float) -> Array:
        """Events expected by each rim of `AHEAD` from `now` on."""
        slots = (clock_s(now + _MIDDLES, known.zone) % DAY_S // SLOT_S).astype(np.intp)
        return np.concatenate([[0.0], np.cumsum(self.rate[slots] * _LENGTHS)])

    def waits(self, known: History, now: float) -> Array:
        return waits_from(self.expected(known, now), AHEAD)

    def chances(self, known: History, now: float, rims: Array) -> Array:
        expected = np.interp(rims - now, AHEAD, self.expected(known, now))
        return 1 - np.exp(-np.diff(expected))


@dataclass(frozen=True)
class HourProfile:
    """The profile of the day, smoothed by a Gaussian around the clock, over observed time only."""

    smooth_h: float = 1.0
    name: str = "hour_profile"

    def fit(self, known: History, now: float) -> Profile:
        """Events and observed seconds of each ten minutes are smoothed alike, so that a time seldom seen borrows from its neighbours."""
        begins, seconds, events = binned(known, now)
        slots = (clock_s(begins + SLOT_S / 2, known.zone) % DAY_S // SLOT_S).astype(np.intp)
        around = np.minimum(np.arange(SLOTS), SLOTS - np.arange(SLOTS)) * SLOT_S / 3600
        kernel = np.exp(-0.5 * (around / self.smooth_h) ** 2)
        kernel /= kernel.sum()
        rate = (events.sum() + _PRIOR_EVENTS) / (seconds.sum() + _PRIOR_S)
        smoothed = [
            np.real(np.fft.ifft(np.fft.fft(np.bincount(slots, weights, SLOTS)) * np.fft.fft(kernel)))
            for weights in (events, seconds)
        ]
        prior_s = _PRIOR_S / SLOTS
        return Profile(np.maximum((smoothed[0] + rate * prior_s) / (smoothed[1] + prior_s), rate / 50))


@dataclass(frozen=True)
class SeasonalNaive:
    """The waiting times at the same local time of the last `days` days, those left out at which it was not told.

    Behind a gap it reaches further back, to the same number of days; where fewer than `least` are told, one constant rate.
    """

    days: int = 14
    least: int = 3
    reach: int = 84
    name: str = "seasonal_naive"

    def fit(self, known: History, now: float) -> SameTime:
        rate = (len(known.starts) + _PRIOR_EVENTS) / (float(np.ptp(known.observed, axis=1).sum()) + _PRIOR_S)
        return SameTime(self, Profile(np.full(SLOTS, rate)))


@dataclass(frozen=True)
class SameTime:
    """The candidate as learned: all but one constant rate is read from what is known when it is asked."""

    way: SeasonalNaive
    flat: Profile

    def waits(self, known: History, now: float) -> Array:
        waits = self._told(known, now)
        if len(waits) < self.way.least:
            return self.flat.waits(known, now)
        return np.quantile(waits, LEVELS)

    def chances(self, known: History, now: float, rims: Array) -> Array:
        """The share of the last days on which the same local hour had an event, half a day of the constant rate added."""
        flat = self.flat.chances(known, now, rims)
        clock = clock_s(rims, known.zone)
        days = np.ceil((rims[-1] - now) / DAY_S) + np.arange(self.way.days)
        past = moments_of((clock[None] - days[:, None] * DAY_S).ravel(), known.zone).reshape(len(days), -1)
        first, last = (past[:, rim] for rim in (slice(None, -1), slice(1, None)))
        inside = run_of(runs(known), first.ravel()) == run_of(runs(known), last.ravel())
        seen = (inside & (run_of(runs(known), first.ravel()) >= 0)).reshape(first.shape)
        some = np.searchsorted(known.starts, last) > np.searchsorted(known.starts, first)
        chances: Array = ((seen & some).sum(axis=0) + 0.5 * flat) / (seen.sum(axis=0) + 0.5)
        return chances

    def _told(self, known: History, now: float) -> Array:
        """Seconds from the same local time of earlier days to the event after it, latest first, as many as are wanted."""
        clock = clock_s(np.array([now]), known.zone)[0]
        past = moments_of(clock - np.arange(1, self.way.reach + 1) * DAY_S, known.zone)
        after = np.searchsorted(known.starts, past, side="right")
        past, after = past[after < len(known.starts)], after[after < len(known.starts)]
        spans = runs(known)
        begun, ended = run_of(spans, past), run_of(spans, known.starts[after])
        told = (begun >= 0) & (begun == ended)
        return (known.starts[after] - past)[told][: self.way.days]


def binned(known: History, now: float) -> tuple[Array, Array, Array]:
    """The observed time in bins of ten minutes: their beginnings, observed seconds and events, each `[B]`, unobserved bins left out."""
    if not len(known.observed):
        return np.zeros(0), np.zeros(0), np.zeros(0)
    rims = np.arange(known.observed[0, 0] // SLOT_S, np.ceil(now / SLOT_S) + 1) * SLOT_S
    seconds = known.observed_s(rims)
    events = np.histogram(known.starts, rims)[0].astype(np.float64)
    return rims[:-1][seconds > 0], seconds[seconds > 0], events[seconds > 0]
