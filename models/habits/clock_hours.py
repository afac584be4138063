"""A home's time cut into hours of local days: what happened in each, and how much of each was observed.

Hours are counted from each local midnight, so a day has 23, 24 or 25 of them (and one of half an hour where clocks change
by that), in Kathmandu as in Berlin.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from home.clock import UTC, Span, local_dates, local_day
from models.habits.history import History

__all__ = ["ClockHours", "clock_hours", "local_nights", "of_day", "seconds_between", "summed", "trailing", "within"]

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
HOUR_S = 3600.0
SMOOTH_H = 1.5  # standard deviation of the kernel over the hours of the day; our choice


@dataclass(frozen=True)
class ClockHours:
    """H hours of D local days.

    Attributes:
        rims: where they begin, and where the last one ends, seconds since 1970 `[H + 1]`.
        day: number of the local day, 0..D-1 `[H]`.
        hour: on the clock, 0..23 `[H]`; twice the same where clocks go back.
        dates: of the days `[D]`.
    """

    rims: Array
    day: Integers
    hour: Integers
    dates: tuple[dt.date, ...]

    @property
    def first_of_day(self) -> Integers:
        """Place of each day's first hour `[D]`."""
        return np.searchsorted(self.day, np.arange(len(self.dates)))


def clock_hours(start: float, end: float, zone: ZoneInfo) -> ClockHours:
    """The hours from the local midnight at or before `start` up to `end`; an hour that goes on at `end` is left out."""
    rims, day, hour, dates = list[float](), list[int](), list[int](), list[dt.date]()
    moments = (dt.datetime.fromtimestamp(at, UTC) for at in (start, end))
    for date in local_dates(Span(*moments), zone) if end > start else ():
        span = local_day(date, zone)
        begin, until = span.start.timestamp(), span.end.timestamp()
        whole = [at for at in np.arange(begin, until, HOUR_S) if min(at + HOUR_S, until) <= end]
        rims += whole
        day += [len(dates)] * len(whole)
        hour += [dt.datetime.fromtimestamp(at, zone).hour for at in whole]
        dates += [date] if whole else []
        last = min(whole[-1] + HOUR_S, until) if whole else begin
    closed = [*rims, last] if rims else [start]
    return ClockHours(np.array(closed), np.array(day, np.int64), np.array(hour, np.int64), tuple(dates))


def summed(moments: Array, weights: Array | None, hours: ClockHours) -> Array:
    """How many moments, or how much of their weights, lie in each hour `[H]`."""
    return np.histogram(moments, bins=hours.rims, weights=weights)[0].astype(float) if len(hours.day) else np.empty(0)


def of_day(values: Array, hours: ClockHours) -> Array:
    """Sums over each day and hour of the clock `[D, 24]`."""
    table = np.zeros((len(hours.dates), 24))
    np.add.at(table, (hours.day, hours.hour), values)
    return table


def trailing(table: Array, days: int, guard: int) -> Array:
    """For each day, the sum over the `days` days that ended `guard` days before it, `[D, …]` from `[D, …]`."""
    until = np.concatenate([np.zeros((1, *table.shape[1:])), np.cumsum(table, axis=0)])
    last = np.maximum(np.arange(len(table)) - guard, 0)
    total: Array = until[last] - until[np.maximum(last - days, 0)]
    return total


def smooth_clock(table: Array) -> Array:
    """Smoothed around the clock `[D, 24]`."""
    away = np.minimum(np.arange(24), 24 - np.arange(24))
    kernel = np.exp(-0.5 * (away / SMOOTH_H) ** 2)
    around = np.stack([np.roll(kernel / kernel.sum(), hour) for hour in range(24)])
    smoothed: Array = table @ around
    return smoothed


def seconds_between(starts: Array, durations: Array, spans: Array) -> Array:
    """Seconds of bouts (rising; one that reaches into the next is cut) that lie in each of the spans `[K, 2]`: `[K]`."""
    if not len(starts):
        return np.zeros(len(spans))
    ends = np.minimum(starts + durations, np.append(starts[1:], np.inf))
    edges = np.stack([starts, ends], axis=1).ravel()
    total = np.repeat(np.concatenate([[0.0], np.cumsum(ends - starts)]), 2)[1:-1]
    done: Array = np.interp(spans, edges, total)
    return done[:, 1] - done[:, 0]


def local_nights(hours: ClockHours, zone: ZoneInfo, begins: int = 23, ends: int = 5) -> Array:
    """The night that ends on each day, from and to these hours on the clock, seconds since 1970 `[D, 2]`."""
    nights = np.empty((len(hours.dates), 2))
    for row, date in enumerate(hours.dates):
        before = date - dt.timedelta(days=int(begins > ends))
        nights[row, 0] = dt.datetime.combine(before, dt.time(begins), zone).timestamp()
        nights[row, 1] = dt.datetime.combine(date, dt.time(ends), zone).timestamp()
    return nights


def observed_h(history: History, hours: ClockHours) -> Array:
    """Observed hours within each hour `[H]`."""
    return history.observed_s(hours.rims) / HOUR_S


def within(known: History, spans: Array) -> History:
    """Only what lies in these spans `[K, 2]`, rising and apart; empty ones are left out."""
    parts = [known.between(start, end) for start, end in spans.tolist() if start < end]
    nothing = History(np.empty(0), np.empty(0), np.empty((0, 2)), np.empty(0), known.zone)
    starts, durations, observed, possible = (
        np.concatenate([getattr(part, name) for part in (nothing, *parts)])
        for name in ("starts", "durations", "observed", "possible")
    )
    return History(starts, durations, observed, possible, known.zone)
