"""Rows of tables, a page at a time: what is asked for day by day, and a cursor that leads on.

A cursor is a place (a local date, and rows of it that were handed out), no number of a page: what is written meanwhile moves
nothing. A page looks into so many days at most, so that a rare thing is not searched through years in one request; it may
therefore hold fewer rows than asked for, or none, and still lead on.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Annotated, Any, Generic, TypeVar

import pandas as pd
from fastapi import Depends, Query
from pydantic import BaseModel, Field

from home.folder import Home
from home.table import Table
from serve.problems import Problem
from serve.times import Day

__all__ = ["Asked", "AskedPage", "Page", "Partitions", "paged"]

T = TypeVar("T")
MOST_DAYS = 62  # partitions that one page looks into
_KEPT = 400  # partitions that are kept in memory: a year of bouts, a megabyte or two
_DATES_S = 2.0  # a day that is written is seen after so many seconds


class Page(BaseModel, Generic[T]):
    """Rows in order, and where to go on."""

    items: list[T]
    next: str | None = Field(description="to be sent as `cursor` for what follows; null at the end", examples=[None])


@dataclass(frozen=True)
class Asked:
    """Which rows: local dates from `start` to `end`, both included, and how many."""

    start: dt.date | None
    end: dt.date | None
    newest_first: bool
    limit: int
    cursor: str | None


def _asked(
    start: Annotated[Day | None, Query(description="first local date", examples=["2026-03-01"])] = None,
    end: Annotated[Day | None, Query(description="last local date, included")] = None,
    newest_first: Annotated[bool, Query(description="later days and rows first")] = False,
    limit: Annotated[int, Query(ge=1, le=1000, description="rows of a page at most")] = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before", max_length=200)] = None,
) -> Asked:
    if start is not None and end is not None and end < start:
        raise Problem(422, "invalid", "The request is not as it should be", f"end {end} lies before start {start}")
    return Asked(start, end, newest_first, limit, cursor)


AskedPage = Annotated[Asked, Depends(_asked)]


class Partitions:
    """The tables of a home as they were read last; a partition that was written again is read again.

    Args:
        home: whose.
    """

    def __init__(self, home: Home) -> None:
        self._home, self._lock = home, threading.Lock()
        self._frames: OrderedDict[str, tuple[str, pd.DataFrame]] = OrderedDict()
        self._notes: OrderedDict[str, tuple[str, dict[str, Any]]] = OrderedDict()
        self._dates: dict[str, tuple[float, list[dt.date]]] = {}

    def dates(self, table: Table) -> list[dt.date]:
        """Every date that has a partition, sorted."""
        with self._lock:
            until, dates = self._dates.get(table.name, (0.0, []))
        if monotonic() < until:
            return dates
        dates = self._home.tables.dates(table)
        with self._lock:
            self._dates[table.name] = monotonic() + _DATES_S, dates
        return dates

    def read(self, table: Table, date: dt.date, camera: str | None = None) -> pd.DataFrame:
        """One partition, not to be changed; an absent one is an empty frame."""
        key = table.key(date, camera)
        entry = self._home.tables.store.find(key)
        if entry is None:
            return table.empty()
        with self._lock:
            tag, frame = self._frames.get(key, ("", None))
            if frame is not None and tag == entry.tag:
                self._frames.move_to_end(key)
                return frame
        frame = self._home.tables.read(table, date, camera)
        with self._lock:
            self._frames[key] = entry.tag, frame
            while len(self._frames) > _KEPT:
                self._frames.popitem(last=False)
        return frame

    def notes(self, table: Table, date: dt.date, camera: str | None = None) -> dict[str, Any]:
        """What is written beside one partition, not to be changed; read once until the partition is written again."""
        key = table.key(date, camera)
        entry = self._home.tables.store.find(key)
        if entry is None:
            return {}
        with self._lock:
            tag, notes = self._notes.get(key, ("", {}))
            if tag == entry.tag:
                self._notes.move_to_end(key)
                return notes
        notes = self._home.tables.notes(table, date, camera)
        with self._lock:
            self._notes[key] = entry.tag, notes
            while len(self._notes) > _KEPT:
                self._notes.popitem(last=False)
        return notes


def paged(
    dates: Sequence[dt.date], rows_of: Callable[[dt.date], pd.DataFrame], asked: Asked
) -> tuple[pd.DataFrame, str | None]:
    """The rows of one page, and the cursor of the next.

    Args:
        dates: that have rows, sorted.
        rows_of: the rows of a date that are asked for, in order of time.
        asked: which, and how many.

    Raises:
        Problem: the cursor is none.
    """
    days = [
        date
        for date in dates
        if (asked.start is None or date >= asked.start) and (asked.end is None or date <= asked.end)
    ]
    if asked.newest_first:
        days.reverse()
    place, skip = _place(asked.cursor) if asked.cursor else (None, 0)
    if place is not None:
        days = [date for date in days if (date <= place if asked.newest_first else date >= place)]
    parts: list[pd.DataFrame] = []
    room = asked.limit
    for looked, date in enumerate(days):
        if looked == MOST_DAYS or not room:
            return _joined(parts), _cursor(date, 0)
        rows = rows_of(date)
        rows = rows.iloc[::-1] if asked.newest_first else rows
        begin = skip if date == place else 0
        part = rows.iloc[begin : begin + room]
        parts.append(part)
        room -= len(part)
        if begin + len(part) < len(rows):
            return _joined(parts), _cursor(date, begin + len(part))
    return _joined(parts), None


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    full = [part for part in parts if len(part)]
    return pd.concat(full, ignore_index=True) if full else pd.DataFrame()


def _cursor(date: dt.date, rows: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([date.isoformat(), rows]).encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[dt.date, int]:
    try:
        date, rows = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        place = dt.date.fromisoformat(date), int(rows)
    except (ValueError, TypeError):
        place = None
    if place is None or not 0 <= place[1] < 10_000_000:
        raise Problem(422, "invalid", "The request is not as it should be", "the cursor is none: send `next` as it was")
    return place
