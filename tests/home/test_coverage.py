"""The ledger: every second of a local day is told of once, whatever its length."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from home.clock import Span, local_day
from home.config import Camera
from home.coverage import STATES, complete, record, recorded_spans
from home.store import Store
from home.tables import COVERAGE, Tables

BERLIN = ZoneInfo("Europe/Berlin")
DAY = dt.date(2026, 3, 1)
IMPORTS = Camera()
RECORDED = Camera(url="rtsp://camera/live")


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(Store("tables", tmp_path))


def hours(date: dt.date, first: float, last: float, zone: ZoneInfo = BERLIN) -> Span:
    """A span by hours since the local midnight, as they elapse."""
    start = local_day(date, zone).start
    return Span(start + dt.timedelta(hours=first), start + dt.timedelta(hours=last))


def by_state(frame: pd.DataFrame) -> dict[str, float]:
    """Hours of each state."""
    length = (frame["end"] - frame["start"]).dt.total_seconds() / 3600
    return {str(state): float(total) for state, total in length.groupby(frame["state"]).sum().items()}


def is_whole(frame: pd.DataFrame, date: dt.date) -> bool:
    """In order, without hole or overlap, from midnight to midnight."""
    day = local_day(date, BERLIN)
    starts, ends = list(frame["start"]), list(frame["end"])
    return starts == [day.start, *ends[:-1]] and ends[-1] == day.end and set(frame["state"]) <= set(STATES)


@pytest.mark.parametrize(("date", "length"), [("2026-03-01", 24), ("2026-03-29", 23), ("2026-10-25", 25)])
@pytest.mark.parametrize("camera", [IMPORTS, RECORDED], ids=["imports", "recorder"])
def test_a_day_sums_to_its_length(tables: Tables, date: str, length: int, camera: Camera) -> None:
    day = dt.date.fromisoformat(date)
    record(tables, "hall", [hours(day, 1, 2), hours(day, 7, 9.5)], BERLIN)
    whole = complete(tables, "hall", camera, day, BERLIN)
    rest = "off" if camera is IMPORTS else "gap"
    assert is_whole(whole, day)
    assert by_state(whole) == {"recorded": 3.5, rest: length - 3.5}


def test_the_rest_says_why(tables: Tables) -> None:
    assert set(complete(tables, "hall", IMPORTS, DAY, BERLIN)["reason"]) == {"imports only"}
    assert set(complete(tables, "hall", RECORDED, DAY, BERLIN)["reason"]) == {"recorder_down"}


def test_adding_the_same_again_changes_nothing(tables: Tables) -> None:
    spans = [hours(DAY, 1, 2), hours(DAY, 3, 4)]
    record(tables, "hall", spans, BERLIN)
    entry = tables.store.find(COVERAGE.key(DAY, "hall"))
    record(tables, "hall", spans, BERLIN)
    record(tables, "hall", [hours(DAY, 1.5, 2)], BERLIN)
    assert tables.store.find(COVERAGE.key(DAY, "hall")) == entry  # not even written again


def test_chunks_that_follow_each_other_are_one_span(tables: Tables) -> None:
    # Five-minute chunks with a frame's rounding (0.2 s) between them, told in any order.
    step, rounding = dt.timedelta(minutes=5), dt.timedelta(seconds=0.2)
    start = local_day(DAY, BERLIN).start
    chunks = [Span(start + n * step, start + (n + 1) * step - rounding) for n in range(12)]
    for chunk in chunks[::-1]:
        record(tables, "hall", [chunk], BERLIN)
    assert recorded_spans(tables.read(COVERAGE, DAY, "hall")) == [Span(start, start + 12 * step - rounding)]


def test_a_span_over_midnight_goes_into_both_days(tables: Tables) -> None:
    record(tables, "hall", [hours(DAY, 23, 26)], BERLIN)
    tomorrow = DAY + dt.timedelta(days=1)
    assert recorded_spans(tables.read(COVERAGE, DAY, "hall")) == [hours(DAY, 23, 24)]
    assert recorded_spans(tables.read(COVERAGE, tomorrow, "hall")) == [hours(tomorrow, 0, 2)]


def test_a_gap_keeps_the_reason_that_was_told(tables: Tables) -> None:
    gap = hours(DAY, 5, 8)
    rows = pd.DataFrame([("hall", gap.start, gap.end, "gap", "disk_full")], columns=list(COVERAGE.columns))
    tables.write(COVERAGE, rows.astype({"start": "datetime64[us, UTC]", "end": "datetime64[us, UTC]"}), DAY, "hall")
    record(tables, "hall", [hours(DAY, 7, 9)], BERLIN)  # an hour of it came late after all
    whole = complete(tables, "hall", RECORDED, DAY, BERLIN)
    told = whole[whole["reason"] == "disk_full"]
    assert is_whole(whole, DAY)
    assert [(row.start, row.end) for row in told.itertuples()] == [(hours(DAY, 5, 7).start, hours(DAY, 5, 7).end)]
    assert by_state(whole) == {"recorded": 2, "gap": 22}


def test_private_hours_over_midnight(tables: Tables) -> None:
    camera = Camera(url="rtsp://camera/live", private=["22:00-06:30"])
    whole = complete(tables, "hall", camera, DAY, BERLIN)
    private = whole[whole["state"] == "private"]
    assert is_whole(whole, DAY)
    assert [(row.start, row.end) for row in private.itertuples()] == [
        (span.start, span.end) for span in (hours(DAY, 0, 6.5), hours(DAY, 22, 24))
    ]


@pytest.mark.parametrize(("date", "private"), [("2026-03-28", 8.5), ("2026-03-29", 7.5), ("2026-10-25", 9.5)])
def test_private_hours_are_wall_clock_time(tables: Tables, date: str, private: float) -> None:
    # 22:00 to 24:00 and 00:00 to 06:30 by the clock on the wall, which skips or repeats 02:00 to 03:00.
    camera = Camera(url="rtsp://camera/live", private=["22:00-06:30"])
    day = dt.date.fromisoformat(date)
    whole = complete(tables, "hall", camera, day, BERLIN)
    assert is_whole(whole, day) and by_state(whole)["private"] == private


def test_what_was_recorded_in_private_hours_is_told_as_recorded(tables: Tables) -> None:
    camera = Camera(url="rtsp://camera/live", private=["12:00-14:00", "13:00-15:00"])
    record(tables, "hall", [hours(DAY, 13, 16)], BERLIN)
    assert by_state(complete(tables, "hall", camera, DAY, BERLIN)) == {"recorded": 3, "private": 1, "gap": 20}


@given(st.lists(st.tuples(st.integers(-120, 1500), st.integers(1, 300)), max_size=6))
@settings(max_examples=25, deadline=None)
def test_any_recording_leaves_a_whole_day(
    tmp_path_factory: pytest.TempPathFactory, minutes: list[tuple[int, int]]
) -> None:
    tables = Tables(Store("tables", tmp_path_factory.mktemp("ledger")))
    camera = Camera(url="rtsp://camera/live", private=["20:00-02:00"])
    spans = [hours(DAY, start / 60, (start + length) / 60) for start, length in minutes]
    record(tables, "hall", spans, BERLIN)
    covered = {n for n in range(24 * 60) for start, length in minutes if start <= n < start + length}
    whole = complete(tables, "hall", camera, DAY, BERLIN)
    assert is_whole(whole, DAY)
    # Two recordings a minute apart stay two: only seams of a second are closed.
    assert by_state(whole).get("recorded", 0) == pytest.approx(len(covered) / 60)
