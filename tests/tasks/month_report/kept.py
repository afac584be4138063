"""Tables of counts as a few lines: what a cat did, and when it could have been seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from home.clock import Span, local_day
from home.folder import Home
from home.table import Table
from home.tables import COUNTS, EPISODES, OBSERVED

Done = tuple[str, str, dt.datetime, float]
"""Cat, behaviour, start and seconds."""
CATS = "cats: {miso: {name: Miso}}\n"


def keep(
    home: Home,
    done: Sequence[Done],
    dates: Iterable[dt.date],
    behaviours: Sequence[str] = ("eating",),
    hours: tuple[float, float] = (0, 24),
    cats: Sequence[str] = ("miso",),
) -> None:
    """Write the tables of `counts` for some local dates, observed from one hour after their midnight to another."""
    for date in dates:
        day = local_day(date, home.zone)
        begin = day.start + dt.timedelta(hours=hours[0])
        seen = Span(begin, day.end if hours[1] == 24 else day.start + dt.timedelta(hours=hours[1]))
        own = sorted((each for each in done if each[2] in day), key=lambda each: each[2])
        rows = [
            [cat, what, start, start + dt.timedelta(seconds=seconds), seconds, ["camera"], [f"b{number:03x}"]]
            for number, (cat, what, start, seconds) in enumerate(own)
        ]
        told = [[cat, what, seen.start, seen.end] for cat in cats for what in behaviours]
        for table, content in ((EPISODES, rows), (OBSERVED, told), (COUNTS, [])):
            put(home, table, content, date, f"{rows}")


def put(
    home: Home,
    table: Table,
    rows: Sequence[Sequence[object]],
    date: dt.date,
    mark: str = "",
    notes: dict[str, Any] | None = None,
) -> None:
    """Write one partition; `mark` is what it was made from, `notes` go with it."""
    frame = pd.DataFrame(rows, columns=list(table.columns)) if rows else table.empty()
    times = {name: "datetime64[us, UTC]" for name, kind in table.columns.items() if str(kind).startswith("timestamp")}
    home.tables.write(
        table, frame.astype(times) if len(rows) else frame, date, fingerprint=f"{date} {rows} {mark}", notes=notes
    )


def days(first: dt.date, last: dt.date) -> list[dt.date]:
    """Every date from the first to the last."""
    return [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]


def every(
    home: Home, dates: Iterable[dt.date], hours: Sequence[float], what: str = "eating", seconds: float = 90
) -> list[Done]:
    """The same on each date, at so many hours after its midnight."""
    return [
        ("miso", what, local_day(date, home.zone).start + dt.timedelta(hours=hour), seconds)
        for date in dates
        for hour in hours
    ]
