"""What a night says at its end: sentences, a small table, a path to look at."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from home.day.day import FOLDER, Day
from home.day.reading import read_day
from home.day.sentences import in_sight, opening
from home.folder import Home
from home.look import day_name, duration, mark_of
from home.manifest import manifest_dates, read_manifest
from home.tables import COVERAGE
from home.terminal import Terminal


@dataclass(frozen=True)
class Told:
    """A day in words.

    Attributes:
        date: local date.
        sentences: what a friend would say, then what it rests on.
        columns, rows: a table of behaviours per cat.
        page: the day page, relative to the home; empty if there is none.
    """

    date: dt.date
    sentences: list[str]
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    page: str


def tell_day(home: Home, date: dt.date) -> Told:
    """A day's sentences, its time budget as a table, and where its page lies."""
    day = read_day(home, date)
    page = f"{FOLDER}/{date.isoformat()}.html"
    columns = ("cat", "behaviour", "time", "bouts", "could have been seen")
    there = home.data.find(page) is not None
    return Told(
        date,
        [*opening(day), *(one.sentence for one in day.unusual), *in_sight(day)],
        columns,
        _rows(day),
        f"data/{page}" if there else "",
    )


def _rows(day: Day) -> list[tuple[str, ...]]:
    return [
        (animal.name, mark_of(share.behaviour).label, duration(share.seconds), str(share.bouts or ""), _of(share.observed_s))
        for animal in day.animals
        for share in animal.budget
        if share.seconds > 0
    ]  # fmt: skip


def _of(seconds: float) -> str:
    return duration(seconds) if seconds else ""


def tell_days(terminal: Terminal, home: Home, dates: list[dt.date]) -> dict[str, Any]:
    """Tell of the newest day with footage among some dates, or that there is none.

    Returns:
        What was told, for JSON: `told` (sentences), `date` and `page` (None without footage).
    """
    found = with_footage(home, dates)
    if not found:
        sentence = nothing_found(home, dates)
        terminal.say(sentence)
        return {"told": [sentence], "date": None, "page": None}
    day = tell_day(home, found[-1])
    terminal.say(f"\n{day_name(day.date)}: {' '.join(day.sentences)}\n")
    terminal.table(day.columns, day.rows)
    page = home.root / day.page if day.page else None
    if page:
        terminal.say(f"\nThe day page: {page}")
    return {"told": day.sentences, "date": day.date, "page": page}


def with_footage(home: Home, dates: list[dt.date]) -> list[dt.date]:
    """Those of some dates whose manifest holds footage, in order."""
    return [
        date
        for date in sorted(dates)
        if any(camera.chunks for camera in read_manifest(home.data, date).cameras.values())
    ]


def nothing_found(home: Home, dates: list[dt.date]) -> str:
    """What to say of dates without any footage: where there is some, and how to look at it."""
    span = dates[0].isoformat() if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    known = sorted({*manifest_dates(home.data), *home.tables.dates(COVERAGE)})
    others = [date for date in known if date not in dates]
    if not others:
        return (
            f"There is no footage of {span}, nor of any other day; `catml import FILE --camera CAMERA` takes some in."
        )
    newest = others[-1]
    return f"There is no footage of {span}. The newest is of {newest}: catml nightly --date {newest}"
