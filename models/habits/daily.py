"""Numbers a day, such as the share of rest that is hunched, and how they drift from the cat's own past.

Three streams each way: how far one day is off, how far two are, and Page's sum over days (Biometrika 41:100-115, 1954), which
finds a small change that stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.habits.baseline import BASELINE_DAYS, FEWEST_DAYS, GUARD_DAYS
from models.habits.clock_hours import ClockHours, seconds_between, trailing
from models.habits.history import History
from models.habits.streams import Stream

__all__ = ["Series", "daily_share", "series_streams"]

Array = NDArray[np.float64]

ALLOWANCE = 0.5  # spreads a day that Page's sum does not take in; our choice
LEAST_SEEN = 0.25  # of a span's observed time in which the cat must have been seen; our choice


@dataclass(frozen=True)
class Series:
    """One number a day, such as the share of a night that was spent awake.

    Attributes:
        values: NaN where it is not known `[D]`.
        known_at: when the day's number was known, seconds since 1970, rising `[D]`.
        since: start of the time it is of `[D]`.
        rises: what a rise is called; None: nobody wants to know.
        falls: the same of a fall.
    """

    values: Array
    known_at: Array
    since: Array
    rises: str | None = "drift_up"
    falls: str | None = "drift_down"


def series_streams(name: str, series: Series, hours: ClockHours) -> list[Stream]:
    """A number a day against its own past: of one day, of two days, and summed up since it began to differ."""
    values, known = np.nan_to_num(series.values), np.isfinite(series.values).astype(float)
    past = [trailing(table, BASELINE_DAYS, GUARD_DAYS) for table in (known, known * values, known * values**2)]
    number = np.maximum(past[0], 1)
    mean = past[1] / number
    spread = np.sqrt(np.maximum(past[2] / number - mean**2, 1e-12) * number / np.maximum(number - 1, 1))
    off = (series.values - mean) / np.maximum(spread, 1e-6)
    off = np.where(past[0] >= FEWEST_DAYS, np.clip(off, -6, 6), np.nan)
    two = (off + np.append(np.nan, off[:-1])) / np.sqrt(2)
    streams = []
    for kind, sign in ((series.rises, 1), (series.falls, -1)):
        if kind is not None:
            sums, began = _page(sign * off)
            squares = [np.maximum(sign * way, 0) ** 2 / 2 for way in (off, two)]
            starts = (series.since, np.append(series.since[:1], series.since[:-1]), series.since[began])
            streams += [
                _held(kind, name, scores, since, series, mean, hours)
                for scores, since in zip((*squares, 2 * ALLOWANCE * sums), starts, strict=True)
            ]
    return streams


def _page(off: Array) -> tuple[Array, NDArray[np.int64]]:
    """Page's sum after each day, and the day in which it began to grow; a day that is not known changes nothing."""
    sums, began, running, first = np.zeros(len(off)), np.zeros(len(off), np.int64), 0.0, 0
    for day, value in enumerate(off):
        if running == 0:
            first = day
        if np.isfinite(value):
            running = max(running + value - ALLOWANCE, 0.0)
        sums[day], began[day] = running if np.isfinite(value) else np.nan, first
    return sums, began


def _held(
    kind: str, name: str, scores: Array, since: Array, series: Series, usual: Array, hours: ClockHours
) -> Stream:  # fmt: skip
    """A score of each day, in the hour in which it was known; all other hours have 0, or NaN if nothing is known yet."""
    at = np.searchsorted(hours.rims, series.known_at, side="left") - 1
    inside = (at >= 0) & (at < len(hours.day)) & np.isfinite(scores)
    columns = [np.zeros(len(hours.day)) for _ in range(4)]
    for column, values in zip(columns, (scores, since, series.values, usual), strict=True):
        column[at[inside]] = values[inside]
    first = at[inside][0] if inside.any() else len(hours.day)
    columns[0][:first] = np.nan
    scores, since, seen, usual = columns
    return Stream(kind, name, scores, since, seen, usual)


def daily_share(
    these: History, others: History, spans: Array, rises: str | None = "drift_up", falls: str | None = "drift_down"
) -> Series:
    """The share of time spent on these, of the time spent on these or others, in each of the spans `[D, 2]`.

    NaN where both together are less than a quarter of the observed time. Hunched rest of all rest is one such number.
    """
    mine, rest = (seconds_between(bouts.starts, bouts.durations, spans) for bouts in (these, others))
    open_s = these.observed_s(spans.ravel())[::2] if len(spans) else np.empty(0)
    enough = (mine + rest > 0) & (mine + rest >= LEAST_SEEN * open_s)
    share = np.where(enough, mine / np.maximum(mine + rest, 1), np.nan)
    return Series(share, spans[:, 1], spans[:, 0], rises, falls)
