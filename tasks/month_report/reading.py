"""All that a month's reports rest on, read from the home's tables once for as many months as are asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from home.clock import local_day
from home.ethogram import UNKNOWN
from home.folder import Home
from home.speech.month import Month
from home.table import Table
from home.tables import ANOMALIES, DEVICE_EVENTS, FORECASTS, HABITS
from models.habits.history import Array, History
from tasks.habit_history import Key, awake, joined, read_episodes, read_histories

__all__ = ["AWAKE", "Known", "anything", "first_read", "read_known", "slice_of"]

AWAKE = "awake"
"""Everything but sleep that cameras saw, as one behaviour."""


@dataclass(frozen=True)
class Known:
    """What the tables hold of a range of dates.

    Attributes:
        home: whose.
        first, until: the range; `until` is the date after the last one.
        histories: by cat and behaviour, `awake` among them where cameras look.
        episodes: every event, in order.
        anomalies, forecasts, habits, readings: rows of the range; readings are those of scales, in kg.
        judged: by night that was looked at, by cat, what could be judged.
    """

    home: Home
    first: dt.date
    until: dt.date
    histories: dict[Key, History]
    episodes: pd.DataFrame
    anomalies: pd.DataFrame
    judged: dict[dt.date, dict[str, list[str]]]
    forecasts: pd.DataFrame
    habits: pd.DataFrame
    readings: pd.DataFrame


def first_read(month: Month) -> dt.date:
    """The first date that the report of a month looks at: habits that changed are told from two months before on."""
    return month.before.before.first


def read_known(home: Home, months: Sequence[Month], until: dt.date) -> Known:
    """Read what the reports of some months rest on.

    Args:
        home: whose.
        months: at least one.
        until: the date after the last one that anything can be known of.

    Raises:
        StoreError, TableError: if a table cannot be read, or is damaged.
    """
    first, end = first_read(min(months)), min(max(months).after.first, until)
    last = end - dt.timedelta(days=1)
    histories = read_histories(home, first, last)
    for cat in [*home.config.cats, UNKNOWN]:
        if (up := awake(cat, histories)) is not None:
            histories[cat, AWAKE] = up
    return Known(
        home,
        first,
        end,
        histories,
        read_episodes(home, first, last),
        _rows(home, ANOMALIES, first, end),
        _judged(home, first, end),
        # A forecast made when the month is over says what comes next.
        _rows(home, FORECASTS, first, end + dt.timedelta(days=1)),
        _rows(home, HABITS, first, end + dt.timedelta(days=1)),
        _weighed(_rows(home, DEVICE_EVENTS, first, end)),
    )


def slice_of(history: History, first: dt.date, until: dt.date) -> History:
    """The part of a history from the beginning of a local date to that of another."""
    start, end = (local_day(date, history.zone).start.timestamp() for date in (first, max(first, until)))
    return history.between(start, end)


def anything(histories: Sequence[History]) -> Array:
    """Spans in which anything at all could have been seen `[M, 2]`."""
    spans = np.concatenate([np.empty((0, 2)), *(each.observed for each in histories)])
    return joined(spans[:, 0], spans[:, 1])


def _judged(home: Home, first: dt.date, until: dt.date) -> dict[dt.date, dict[str, list[str]]]:
    tables = home.tables
    nights = [date for date in tables.dates(ANOMALIES) if first <= date < until]
    return {date: tables.notes(ANOMALIES, date).get("judged", {}) for date in nights}


def _weighed(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[(rows["unit"] == "kg") & rows["value"].notna()]


def _rows(home: Home, table: Table, first: dt.date, until: dt.date) -> pd.DataFrame:
    """The rows of all partitions from one date to before another, as they lie."""
    return together(
        table, (home.tables.read(table, date) for date in home.tables.dates(table) if first <= date < until)
    )


def together(table: Table, parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Partitions as one frame; an empty one of the table's columns where there is none."""
    full = [part for part in parts if len(part)]
    return pd.concat(full, ignore_index=True) if full else table.empty()
