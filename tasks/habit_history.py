"""What is known of each cat and behaviour over a range of dates, from the tables of `counts`: what habits are learned from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from home.ethogram import BEHAVIOURS, OTHER, UNKNOWN
from home.folder import Home
from home.table import Table
from home.tables import COUNTS, EPISODES, OBSERVED
from models.habits.history import History

__all__ = [
    "EYES", "Counted", "Key", "awake", "counted_between", "counted_dates", "histories_of", "joined", "read_episodes", "read_histories",
]  # fmt: skip

Key = tuple[str, str]
"""Id of a cat, or `unknown`; and a behaviour."""
_NONE = np.empty(0)
EYES = BEHAVIOURS[OTHER]
"""It can be seen wherever a camera looks: what it is observed for is when anything awake could be seen."""
_READERS = 4  # partitions are read side by side: the store is waited for, not the processor


def counted_dates(home: Home) -> list[dt.date]:
    """The local dates that `counts` has worked on, in order.

    Raises:
        StoreError: if the store cannot be read.
    """
    return home.tables.dates(COUNTS)


@dataclass(frozen=True)
class Counted:
    """Dates that `counts` has worked on.

    Attributes:
        dates: in order.
        made_from: date and fingerprint of each: what changes where anything that habits are learned from does.
    """

    dates: tuple[dt.date, ...]
    made_from: tuple[tuple[str, str | None], ...]


def counted_between(home: Home, first: dt.date, last: dt.date) -> Counted:
    """What `counts` has from the first date to the last: listed once, and each partition asked once.

    Raises:
        StoreError, TableError: if the store cannot be read, or a partition is damaged.
    """
    dates = tuple(date for date in counted_dates(home) if first <= date <= last)
    with ThreadPoolExecutor(_READERS) as readers:
        prints = readers.map(lambda date: home.tables.fingerprint(COUNTS, date), dates)
        return Counted(dates, tuple((str(date), mark) for date, mark in zip(dates, prints, strict=True)))


def read_episodes(home: Home, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Every event that began from the first date to the last, in order: also in time that counts as unobserved.

    For the last time that something was seen. How often it is cannot be told from these, but from `read_histories`.

    Raises:
        StoreError, TableError: if the table cannot be read, or is damaged.
    """
    dates = [date for date in counted_dates(home) if first <= date <= last]
    return _all(home, EPISODES, dates).sort_values(["start", "end", "cat"], kind="stable", ignore_index=True)


def read_histories(home: Home, first: dt.date, last: dt.date) -> dict[Key, History]:
    """The histories from the first date to the last, both whole; see `histories_of`.

    Raises:
        StoreError, TableError: if a table cannot be read, or is damaged.
    """
    return histories_of(home, [date for date in counted_dates(home) if first <= date <= last])


def histories_of(home: Home, dates: Sequence[dt.date]) -> dict[Key, History]:
    """The history of each cat of the home and of `unknown`, for each behaviour, of dates that were counted, in order.

    A date without counts is unobserved. An event in unobserved time is left out: such events are seen only when they happen. Of `unknown`, nothing is possible beyond its own events: they are those that nobody
    could put a name to, e.g. all visits to a litter box in a home that does not tell its cats by weight.

    Raises:
        StoreError, TableError: if a table cannot be read, or is damaged.
    """
    episodes, observed = _all(home, EPISODES, dates), _all(home, OBSERVED, dates)
    events = {key: rows for key, rows in episodes.groupby(["cat", "behaviour"], sort=False)}
    spans = {key: rows for key, rows in observed.groupby(["cat", "behaviour"], sort=False)}
    nothing, nowhere = episodes.iloc[:0], observed.iloc[:0]
    return {
        (cat, behaviour): _history(
            home,
            events.get((cat, behaviour), nothing),
            spans.get((cat, behaviour), nowhere),
            nothing if cat == UNKNOWN else events.get((UNKNOWN, behaviour), nothing),
        )
        for cat in [*home.config.cats, UNKNOWN]
        for behaviour in BEHAVIOURS
    }


def awake(cat: str, histories: Mapping[Key, History]) -> History | None:
    """All bouts but sleep that cameras could see; None where none looks."""
    eyes = histories[cat, EYES]
    if not len(eyes.observed):
        return None
    parts = [histories[cat, behaviour] for behaviour in BEHAVIOURS if behaviour != "sleeping"]
    starts, durations = (np.concatenate([getattr(part, name) for part in parts]) for name in ("starts", "durations"))
    order = np.argsort(starts, kind="stable")
    order = order[eyes.sees(starts[order])]  # a feeder also tells of meals that no camera saw
    return History(starts[order], durations[order], eyes.observed, np.empty(0), eyes.zone)


def _history(home: Home, events: pd.DataFrame, spans: pd.DataFrame, unknown: pd.DataFrame) -> History:
    watched = History(_NONE, _NONE, joined(_seconds(spans["start"]), _seconds(spans["end"])), _NONE, home.zone)
    starts, possible = _seconds(events["start"]), np.sort(_seconds(unknown["start"]))
    order = np.argsort(starts, kind="stable")
    seen = order[watched.sees(starts[order])]
    durations = events["duration_s"].to_numpy(np.float64)
    return replace(watched, starts=starts[seen], durations=durations[seen], possible=possible[watched.sees(possible)])


def joined(starts: NDArray[np.float64], ends: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spans that touch or overlap as one `[M, 2]`: those of two days meet at midnight."""
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], np.maximum.accumulate(ends[order]) if len(ends) else ends
    apart = np.flatnonzero(starts[1:] > ends[:-1]) + 1
    first, last = np.append(0, apart), np.append(apart, len(starts)) - 1
    return np.stack([starts[first], ends[last]], axis=1) if len(starts) else np.empty((0, 2))


def _seconds(moments: pd.Series) -> NDArray[np.float64]:
    """Seconds since 1970 `[N]`."""
    return np.asarray((moments - pd.Timestamp(0, tz="UTC")).dt.total_seconds(), np.float64)


def _all(home: Home, table: Table, dates: Iterable[dt.date]) -> pd.DataFrame:
    with ThreadPoolExecutor(_READERS) as readers:
        parts = [rows for rows in readers.map(lambda date: home.tables.read(table, date), dates) if len(rows)]
    return pd.concat(parts, ignore_index=True) if parts else table.empty()
