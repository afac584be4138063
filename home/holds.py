"""Footage that is kept whatever `retention` says: a time of a camera that a vet or an insurance may ask for.

Holds are rows of data/holds.json, in the home's own folder. If that file cannot be read, nothing is deleted.
"""

from __future__ import annotations

import datetime as dt
import json
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any

from home.clock import UTC, Span, iso, parse_moment
from home.errors import StoreMissing, TableError, WrongUse
from home.folder import Home
from home.locks import locked

__all__ = ["Hold", "add_hold", "read_holds", "release", "unchanged"]

KEY = "holds.json"
VERSION = 1
_LOCK = "cache/holds.lock"


@dataclass(frozen=True)
class Hold:
    """A time of one camera whose footage stays.

    Attributes:
        id: a number that is never given twice.
        camera: id of the camera.
        start, end: UTC, half-open.
        note: what for, in the owner's words.
        made: when it was asked for, UTC.
    """

    id: int
    camera: str
    start: dt.datetime
    end: dt.datetime
    note: str
    made: dt.datetime

    @property
    def span(self) -> Span:
        """The time that is held."""
        return Span(self.start, self.end)

    def covers(self, camera: str, span: Span) -> bool:
        """Whether footage of a camera holds any of the held time."""
        return camera == self.camera and span.overlap(self.span) is not None


def read_holds(home: Home) -> list[Hold]:
    """All holds, in the order they were made.

    Raises:
        TableError: if the file is damaged or of another version.
        StoreError: if it cannot be read.
    """
    return _read(home)[0]


def add_hold(home: Home, camera: str, start: str, end: str, note: str, now: dt.datetime) -> Hold:
    """Keep the footage of a time for ever.

    Args:
        home: the home.
        camera: id of the camera.
        start, end: ISO 8601, local times of the home unless they carry an offset. An end that the clocks show twice
            is the later one: more is kept rather than less.
        note: what for.
        now: UTC.

    Raises:
        WrongUse: if there is no such camera, or a time is none.
        TableError, StoreError: if data/holds.json cannot be read or written.
    """
    home.camera(camera)
    span = Span(_moment(home, "START", start), _moment(home, "END", end, late=True))
    if span.seconds <= 0:
        raise WrongUse(f"END {end} must lie after START {start}")
    with unchanged(home):
        holds, following = _read(home)
        new = Hold(following, camera, span.start, span.end, note, now)
        _write(home, [*holds, new], following + 1)
    return new


def release(home: Home, number: int) -> Hold:
    """Let go of a hold: what it held is treated by its age again.

    Raises:
        WrongUse: if there is no hold of that number.
        TableError, StoreError: if data/holds.json cannot be read or written.
    """
    with unchanged(home):
        holds, following = _read(home)
        found = next((hold for hold in holds if hold.id == number), None)
        if found is None:
            known = ", ".join(str(hold.id) for hold in holds) or "none"
            raise WrongUse(f"no hold {number}; there are: {known}")
        _write(home, [hold for hold in holds if hold is not found], following)
    return found


def unchanged(home: Home) -> AbstractContextManager[None]:
    """Nobody else changes holds, or deletes by them, meanwhile; waited for."""
    return locked(home.root / "data" / _LOCK)


def _moment(home: Home, name: str, text: str, late: bool = False) -> dt.datetime:
    try:
        moment = parse_moment(text, home.zone)
        naive = dt.datetime.fromisoformat(text)
    except ValueError as error:
        reason = str(error) if "clocks" in str(error) else f"{text!r} is not a time, e.g. 2026-03-01T08:00 (local)"
        raise WrongUse(f"{name}: {reason}") from None
    if late and naive.tzinfo is None:
        return max(moment, naive.replace(tzinfo=home.zone, fold=1).astimezone(UTC))
    return moment


def _read(home: Home) -> tuple[list[Hold], int]:
    """The holds, and the number of the next one."""
    try:
        raw = home.data.read(KEY)
    except StoreMissing:
        return [], 1
    try:
        tree = json.loads(raw)
        if tree["schema_version"] != VERSION:
            raise ValueError(f"schema_version {tree['schema_version']}")
        holds, following = [_hold_of(row) for row in tree["holds"]], tree["next"]
        if type(following) is not int or any(each.id >= following for each in holds):
            raise ValueError("next")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        found = f"data/{KEY}: these are no holds of version {VERSION} ({type(error).__name__}: {error})"
        raise TableError(f"{found}; nothing is deleted before the file is put right or taken from a backup") from None
    return holds, following


def _hold_of(row: dict[str, Any]) -> Hold:
    """A hold from its row in the file.

    Raises:
        ValueError, KeyError, TypeError: if it is none.
    """
    times = {name: dt.datetime.fromisoformat(row[name]) for name in ("start", "end", "made")}
    if any(time.tzinfo is None for time in times.values()) or not times["start"] < times["end"]:
        raise ValueError("start and end")
    if type(row["id"]) is not int or not all(isinstance(row[name], str) for name in ("camera", "note")):
        raise TypeError("id, camera and note")
    return Hold(**{**row, **{name: time.astimezone(UTC) for name, time in times.items()}})


def _write(home: Home, holds: list[Hold], following: int) -> None:
    tree = {"schema_version": VERSION, "next": following, "holds": [asdict(each) for each in holds]}
    home.data.write(KEY, (json.dumps(tree, indent=1, default=iso, ensure_ascii=False) + "\n").encode())
