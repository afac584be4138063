"""Recordings: which days and hours there is footage of, and any minute of it to look at."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import Any

from nicegui import ui
from starlette.requests import Request

from home.clock import local_day, parse_moment
from home.config import Camera
from home.coverage import complete, reason_words
from home.errors import FootageError
from home.folder import Home, today
from home.footage import ChunkName, find_chunks
from home.look import clock_time
from home.tables import COVERAGE
from home.video import probe
from serve.pages.frame import chosen, framed, home_of, read, show
from serve.pages.kept import held, timelapse


@dataclass(frozen=True)
class Square:
    """A day of the calendar: its share of recorded time; None for one that nothing is known of."""

    date: dt.date
    share: float | None
    recorded_s: float


@dataclass(frozen=True)
class Piece:
    """A chunk: what it is called, when it begins in local time, and where it lies in the day, percent."""

    key: str
    start: dt.datetime
    at: str


@ui.page("/recordings", title="Recordings · CatML", response_timeout=30)
async def page(request: Request, camera: str = "", date: str = "", time: str = "") -> None:
    """The page."""
    filled = await read(_filled, home_of(request), camera, date, time)
    with framed(request, "Recordings"):
        show("recordings.html", **filled)
        if filled["camera"] in home_of(request).config.cameras:
            await timelapse(request, filled["camera"], filled["date"])
            await held(request, filled["camera"], filled["date"], filled["time"])


def _filled(home: Home, camera: str, asked: str, time: str) -> dict[str, Any]:
    now = today(home)
    dates = [date for date in home.tables.dates(COVERAGE) if date <= now]
    cameras = {name: settings.name or name for name, settings in home.config.cameras.items()}
    for gone in home.tables.cameras(COVERAGE, dates[-1]) if dates else []:
        cameras.setdefault(gone, gone)
    camera = camera if camera in cameras else next(iter(cameras), "")
    date = chosen(asked, dates) or now
    pieces = _pieces(home, camera, date) if camera else []
    playing, offset, wrong = _playing(home, pieces, date, time)
    rows = complete(home.tables, camera, _settings(home, camera), date, home.zone) if camera else COVERAGE.empty()
    months = sorted({(each.year, each.month) for each in dates} | {(date.year, date.month)})
    month = (date.year, date.month)
    place = months.index(month)
    return {
        "home": home,
        "cameras": cameras,
        "camera": camera,
        "date": date,
        "time": time if playing else "",
        "weeks": _weeks(home, camera, dates, *month) if camera else [],
        "month": dt.date(*month, 1),
        "before": dt.date(*months[place - 1], 1) if place else None,
        "after": dt.date(*months[place + 1], 1) if place + 1 < len(months) else None,
        "hours": _hours(pieces, home),
        "playing": playing,
        "offset": offset,
        "next": next((piece for piece in pieces if playing and piece.start > playing.start), None),
        "wrong": wrong,
        "gaps": [
            f"{_clock(row.start, home)} to {_until(row.end, date, home)}: {reason_words(row.reason)}"
            for row in rows.itertuples() if row.state in ("gap", "private")
        ],
        "recorded_s": sum((row.end - row.start).total_seconds() for row in rows.itertuples() if row.state == "recorded"),
        "anything": bool(dates),
    }  # fmt: skip


def _settings(home: Home, camera: str) -> Camera:
    return home.config.cameras.get(camera, Camera())


def _clock(moment: dt.datetime, home: Home) -> str:
    return clock_time(moment, home.zone)


def _until(moment: dt.datetime, date: dt.date, home: Home) -> str:
    return "24:00" if moment >= local_day(date, home.zone).end else _clock(moment, home)


def _weeks(home: Home, camera: str, dates: list[dt.date], year: int, month: int) -> list[list[Square | None]]:
    """The month in weeks, Monday first; None for days of its neighbours."""
    known = set(dates)
    weeks: list[list[Square | None]] = []
    for week in calendar.Calendar().monthdatescalendar(year, month):
        row: list[Square | None] = []
        for date in week:
            if date.month != month:
                row.append(None)
                continue
            row.append(_square(home, camera, date) if date in known else Square(date, None, 0.0))
        weeks.append(row)
    return weeks


def _square(home: Home, camera: str, date: dt.date) -> Square:
    rows = home.tables.read(COVERAGE, date, camera)
    recorded = rows[rows["state"] == "recorded"]
    seconds = float((recorded["end"] - recorded["start"]).dt.total_seconds().sum())
    return Square(date, min(1.0, seconds / local_day(date, home.zone).seconds), seconds)


def _pieces(home: Home, camera: str, date: dt.date) -> list[Piece]:
    """The chunks that begin in the day, and the one that reaches into it."""
    day = local_day(date, home.zone)
    found = [name for name, _ in find_chunks(home.footage, camera, day)]
    inside = [name for name in found if name.start >= day.start or _end(home, name) > day.start]
    return [Piece(name.key, name.start, _clock(name.start, home)) for name in inside]


def _end(home: Home, name: ChunkName) -> dt.datetime:
    """When a chunk ends, as its container says; when it begins where that cannot be read."""
    try:
        return name.start + dt.timedelta(seconds=probe(home.footage.open(name.key)).duration_s)
    except FootageError:
        return name.start


def _hours(pieces: list[Piece], home: Home) -> list[tuple[str, list[Piece]]]:
    """The chunks by the local hour in which they begin, in order."""
    hours: dict[str, list[Piece]] = {}
    for piece in pieces:
        hours.setdefault(f"{piece.start.astimezone(home.zone):%H}", []).append(piece)
    return list(hours.items())


def _playing(home: Home, pieces: list[Piece], date: dt.date, time: str) -> tuple[Piece | None, float, str]:
    """The chunk that holds a local time of day, where it lies in it, and what is wrong where there is none."""
    if not time:
        return None, 0.0, ""
    try:
        moment = parse_moment(f"{date}T{time.rjust(5 if len(time) < 6 else 8, '0')}", home.zone)
    except ValueError as error:
        return None, 0.0, str(error) if "clocks" in str(error) else f"{time!r} is no time of day; 18:40 would be one"
    earlier = [piece for piece in pieces if piece.start <= moment]
    if not earlier:
        first = f"; the first of the day begins at {pieces[0].at}" if pieces else ""
        return None, 0.0, f"There is no footage at {time}{first}."
    piece, inside = earlier[-1], (moment - earlier[-1].start).total_seconds()
    if inside >= probe(home.footage.open(piece.key)).duration_s:
        return None, 0.0, f"There is no footage at {time}; what lies before it begins at {piece.at}."
    return piece, inside, ""
