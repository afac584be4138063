"""What devices measured, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from home.clock import Span
from home.database import Database
from home.errors import WrongUse
from home.telemetry import Reading, keep, readings

AT = dt.datetime(2026, 3, 1, 7, 0, 0, 250_000, dt.UTC)
WEIGHED = Reading("box", AT, "weight recorded", 14.3 * 0.45359237, "kg", "unknown")


def test_a_reading_is_kept_once_to_the_last_digit(database: Database) -> None:
    other = replace(WEIGHED, ts=AT.astimezone(dt.timezone(dt.timedelta(hours=-8))), value=3.0)
    assert keep(database, [WEIGHED, other, WEIGHED]) == 2
    assert keep(database, [other, WEIGHED]) == 0
    assert readings(database) == [replace(other, ts=AT), WEIGHED]


def test_a_cat_that_is_known_later_is_put_in(database: Database) -> None:
    keep(database, [WEIGHED])
    assert keep(database, [replace(WEIGHED, cat="miso")]) == 1
    assert [each.cat for each in readings(database)] == ["miso"]


def test_only_those_that_are_asked_for(database: Database) -> None:
    # More than one statement takes.
    later = [replace(WEIGHED, ts=AT + dt.timedelta(minutes=minute)) for minute in range(2500)]
    warm = Reading("room", AT, "temperature", 20.5, "°C")
    assert keep(database, [*later, warm]) == 2501
    assert readings(database, device="room") == readings(database, name="temperature") == [warm]
    span = Span(AT + dt.timedelta(minutes=1), AT + dt.timedelta(minutes=3))
    assert readings(database, span=span) == later[1:3]


def test_what_is_no_number_is_refused_and_nothing_is_kept(database: Database) -> None:
    with pytest.raises(WrongUse, match=r"box weight recorded at 2026-03-01T07:00:01.250000Z: found nan; a number"):
        keep(database, [WEIGHED, replace(WEIGHED, ts=AT + dt.timedelta(seconds=1), value=float("nan"))])
    assert readings(database) == []


def test_what_is_there_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    database = Database("rows.sqlite", tmp_path)
    keep(database, [WEIGHED])
    before = (tmp_path / "rows.sqlite").read_bytes()
    assert keep(database, [WEIGHED]) == 0
    assert (tmp_path / "rows.sqlite").read_bytes() == before
