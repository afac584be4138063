"""`catml coverage`: the bar, its axis and its sums are the ledger's, on days of any length."""

from __future__ import annotations

import datetime as dt

import pytest

from home.clock import Span, local_day
from home.coverage import record, tell_gaps
from home.folder import Home
from home.terminal import Terminal
from ingest.coverage_chart import MARKS, PARTLY, bar, coverage, stretches
from tests.conftest import HomeFactory

STEP = dt.timedelta(minutes=15)
CAMERAS = '  hall:\n    url: rtsp://h/live\n    private: ["22:00-23:00"]\n  attic: {}\n'


@pytest.fixture
def home(home_factory: HomeFactory) -> Home:
    return home_factory(cameras=CAMERAS, timezone="Europe/Berlin")


def hours(day: Span, first: float, last: float) -> Span:
    return Span(day.start + dt.timedelta(hours=first), day.start + dt.timedelta(hours=last))


def test_each_state_has_its_own_mark(home: Home) -> None:
    date = dt.date(2026, 1, 15)
    day = local_day(date, home.zone)
    record(home.tables, "hall", [hours(day, 0, 6)], home.zone)
    tell_gaps(home.tables, "hall", [(hours(day, 6, 7), "camera_down")], home.zone)
    drawn = bar(day, stretches(home, "hall", date, day.end), STEP)
    assert drawn == MARKS["recorded"] * 24 + MARKS["gap"] * 64 + MARKS["private"] * 4 + MARKS["gap"] * 4
    assert bar(day, stretches(home, "attic", date, day.end), STEP) == " " * 96
    assert len({*MARKS.values(), PARTLY}) == 5


def test_a_short_recording_and_a_short_gap_show(home: Home) -> None:
    date = dt.date(2026, 1, 15)
    day = local_day(date, home.zone)
    record(home.tables, "hall", [hours(day, 0, 1.1), hours(day, 1.2, 2)], home.zone)  # without 6 minutes
    record(home.tables, "attic", [hours(day, 5, 5.05)], home.zone)  # 3 minutes
    assert bar(day, stretches(home, "hall", date, day.end), STEP)[:8] == "████▄███"
    assert bar(day, stretches(home, "attic", date, day.end), STEP)[19:22] == " ▄ "


@pytest.mark.parametrize(("date", "length"), [(dt.date(2026, 3, 29), 23), (dt.date(2026, 10, 25), 25)])
def test_the_days_the_clocks_change(home: Home, date: dt.date, length: int, capsys: pytest.CaptureFixture[str]) -> None:
    day = local_day(date, home.zone)
    record(home.tables, "hall", [day], home.zone)
    assert len(bar(day, stretches(home, "hall", date, day.end), STEP)) == 4 * length
    assert coverage(home, date, ["hall"], Terminal(), 120) == 0
    assert f"{length} hours" in capsys.readouterr().out


def test_a_gap_is_told_in_words_and_short_ones_are_not(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    date = dt.date(2026, 1, 15)
    day = local_day(date, home.zone)
    rest = [hours(day, 0, 9), hours(day, 9.5, 15), hours(day, 15 + 30 / 3600, 24)]
    record(home.tables, "hall", rest, home.zone)
    tell_gaps(home.tables, "hall", [(hours(day, 9, 9.5), "auth_failed")], home.zone)
    coverage(home, date, ["hall"], Terminal(), 80)
    told = capsys.readouterr().out
    assert "09:00 to 09:30" in told and "the camera refused user or password" in told
    assert "15:00 to" not in told


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_no_bar_is_wider_than_the_terminal(home: Home, width: int, capsys: pytest.CaptureFixture[str]) -> None:
    date = dt.date(2026, 10, 25)
    record(home.tables, "hall", [local_day(date, home.zone)], home.zone)
    coverage(home, date, [], Terminal(), width)
    bars = [
        line for line in capsys.readouterr().out.splitlines() if line.startswith("hall  ") and MARKS["recorded"] in line
    ]
    assert bars and all(len(line) <= width for line in bars)


def test_what_is_still_to_come_is_no_gap(home: Home) -> None:
    date = dt.date(2026, 1, 15)
    day = local_day(date, home.zone)
    noon = day.start + dt.timedelta(hours=12)
    told = stretches(home, "hall", date, noon)
    assert told[-1].span.end == noon
    assert bar(day, told, STEP)[48:] == " " * 48
