"""The ledger: every second of a local day is told of once, whatever its length."""

from __future__ import annotations

import datetime as dt
import random
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from home.clock import Span, local_day
from home.config import Camera
from home.coverage import REASONS, STATES, complete, reason_words, record, recorded_spans, tell, tell_gaps
from home.errors import StoreUnreachable
from home.folder import PROJECT
from home.partitions import Tables
from home.store import Store
from home.tables import COVERAGE
from tests.s3_server import S3Server

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


def reasons(tables: Tables, date: dt.date = DAY, camera: Camera = RECORDED) -> list[tuple[float, float, str]]:
    """The day without what nobody told: hours since midnight, and state or reason."""
    start = local_day(date, BERLIN).start
    return [
        ((row.start - start).total_seconds() / 3600, (row.end - start).total_seconds() / 3600, row.reason or row.state)
        for row in complete(tables, "hall", camera, date, BERLIN).itertuples()
        if row.reason != "recorder_down"
    ]


def test_a_gap_keeps_the_reason_that_was_told(tables: Tables) -> None:
    tell_gaps(tables, "hall", [(hours(DAY, 5, 8), "spool_full")], BERLIN)
    record(tables, "hall", [hours(DAY, 7, 9)], BERLIN)  # an hour of it came late after all
    whole = complete(tables, "hall", RECORDED, DAY, BERLIN)
    assert is_whole(whole, DAY) and by_state(whole) == {"recorded": 2, "gap": 22}
    assert reasons(tables) == [(5, 7, "spool_full"), (7, 9, "recorded")]


def test_what_is_recorded_wins_over_a_gap_told_later(tables: Tables) -> None:
    record(tables, "hall", [hours(DAY, 7, 9)], BERLIN)
    tell_gaps(tables, "hall", [(hours(DAY, 6, 10), "corrupt")], BERLIN)
    assert reasons(tables) == [(6, 7, "corrupt"), (7, 9, "recorded"), (9, 10, "corrupt")]


def test_a_private_hour_wins_over_a_gap(tables: Tables) -> None:
    camera = Camera(url="rtsp://camera/live", private=["12:00-13:00"])
    tell_gaps(tables, "hall", [(hours(DAY, 11, 14), "camera_down")], BERLIN)
    told = [(11, 12, "camera_down"), (12, 13, "owner's hours"), (13, 14, "camera_down")]
    assert reasons(tables, camera=camera) == told


@pytest.mark.parametrize(
    ("first", "then", "told"),
    [
        ("waiting", "spool_full", [(1, 2, "waiting"), (2, 4, "spool_full")]),
        ("spool_full", "waiting", [(1, 3, "spool_full"), (3, 4, "waiting")]),
        ("recorder_down", "waiting", [(2, 4, "waiting")]),  # `reasons` leaves out `recorder_down`
        ("waiting", "recorder_down", [(1, 3, "waiting")]),
        ("camera_down", "stalled", [(1, 3, "camera_down"), (3, 4, "stalled")]),
        ("stalled", "stalled", [(1, 4, "stalled")]),
    ],
)
def test_the_better_reason_stays_then_the_older(
    tables: Tables, first: str, then: str, told: list[tuple[float, float, str]]
) -> None:
    tell_gaps(tables, "hall", [(hours(DAY, 1, 3), first)], BERLIN)
    tell_gaps(tables, "hall", [(hours(DAY, 2, 4), then)], BERLIN)
    assert reasons(tables) == told
    entry = tables.store.find(COVERAGE.key(DAY, "hall"))
    tell_gaps(tables, "hall", [(hours(DAY, 2, 4), then)], BERLIN)
    tell_gaps(tables, "hall", [(hours(DAY, 1, 3), first)], BERLIN)
    assert tables.store.find(COVERAGE.key(DAY, "hall")) == entry  # told twice: not even written again


def test_a_chunk_that_waited_leaves_no_trace_once_it_is_there(tables: Tables) -> None:
    tell_gaps(tables, "hall", [(hours(DAY, 1, 2), "waiting"), (hours(DAY, 2, 3), "waiting")], BERLIN)
    record(tables, "hall", [hours(DAY, 1, 2)], BERLIN)
    tell(tables, "hall", [hours(DAY, 2, 2.5)], [(hours(DAY, 2, 3), "corrupt")], BERLIN)
    rows = tables.read(COVERAGE, DAY, "hall")
    assert list(rows["reason"]) == ["", "corrupt"] and len(rows) == 2


def test_a_gap_over_the_night_of_the_clock_change_goes_into_both_days(tables: Tables) -> None:
    date = dt.date(2026, 10, 25)  # 25 hours
    tell_gaps(tables, "hall", [(hours(date, -1, 26), "camera_down")], BERLIN)
    assert reasons(tables, date) == [(0, 25, "camera_down")]
    assert reasons(tables, date - dt.timedelta(days=1)) == [(23, 24, "camera_down")]
    assert reasons(tables, date + dt.timedelta(days=1)) == [(0, 1, "camera_down")]


def test_every_reason_has_words_and_an_unknown_one_is_readable() -> None:
    assert all(words[0].islower() and "_" not in words for words in REASONS.values())
    assert reason_words("camera_down") == "the camera did not answer"
    assert reason_words("wall_fell_down") == "wall fell down"


TELL = """
import datetime as dt, sys
from pathlib import Path
from zoneinfo import ZoneInfo
from home.clock import Span
from home.coverage import record, tell_gaps
from home.store import Store
from home.partitions import Tables
url, root, endpoint, number = sys.argv[1], Path(sys.argv[2]), sys.argv[3] or None, int(sys.argv[4])
tables = Tables(Store(url, root, endpoint))
for n in range(4):
    start = dt.datetime(2026, 3, 1, 1 + 4 * number + n, tzinfo=dt.UTC)
    half = start + dt.timedelta(minutes=30)
    record(tables, "hall", [Span(start, half)], ZoneInfo("Europe/Berlin"))
    tell_gaps(tables, "hall", [(Span(half, start + dt.timedelta(minutes=40)), "stalled")], ZoneInfo("Europe/Berlin"))
"""


@pytest.mark.parametrize("where", ["folder", "s3"])
def test_an_import_and_the_uploader_do_not_lose_each_others_rows(
    tmp_path: Path, request: pytest.FixtureRequest, where: str
) -> None:
    url, endpoint = "tables", ""
    if where == "s3":
        server: S3Server = request.getfixturevalue("s3_server")
        url, endpoint = server.bucket("ledger-lock"), server.endpoint
    command = [sys.executable, "-c", TELL, url, str(tmp_path), endpoint]
    tellers = [subprocess.Popen([*command, str(number)], cwd=PROJECT) for number in range(3)]
    assert [teller.wait(60) for teller in tellers] == [0, 0, 0]
    rows = Tables(Store(url, tmp_path, endpoint or None)).read(COVERAGE, DAY, "hall")
    # Each wrote 4 half hours and 4 gaps of ten minutes behind them.
    assert rows["state"].value_counts().to_dict() == {"recorded": 12, "gap": 12}


def test_a_ledger_out_of_reach_is_said(tmp_path: Path, s3_keys: None) -> None:
    nobody = Tables(Store("s3://tables", tmp_path, "http://127.0.0.1:9"))  # the port `discard`: refused at once
    with pytest.raises(StoreUnreachable):
        tell_gaps(nobody, "hall", [(hours(DAY, 1, 2), "stalled")], BERLIN)


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


SPANS = st.lists(st.tuples(st.integers(-300, 1700), st.integers(1, 400)), max_size=5)


@given(
    recorded=SPANS,
    gaps=SPANS,
    order=st.randoms(use_true_random=False),
    date=st.sampled_from(["03-28", "03-29", "10-25"]),
)
@settings(max_examples=40, deadline=None)
def test_whatever_is_told_in_whatever_order_no_minute_counts_twice(
    tmp_path_factory: pytest.TempPathFactory,
    recorded: list[tuple[int, int]],
    gaps: list[tuple[int, int]],
    order: random.Random,
    date: str,
) -> None:
    """Minute by minute against a day that is painted from below: unknown, waits, told, private, recorded."""
    tables, day = Tables(Store("tables", tmp_path_factory.mktemp("ledger"))), dt.date.fromisoformat(f"2026-{date}")
    camera = Camera(url="rtsp://camera/live", private=["01:00-04:00"])
    minutes = round(local_day(day, BERLIN).seconds / 60)

    def span(start: int, length: int) -> Span:
        return hours(day, start / 60, (start + length) / 60)

    told = [(span(*gap), order.choice(["waiting", "stalled"])) for gap in gaps]
    telling = [lambda one=one: record(tables, "hall", [span(*one)], BERLIN) for one in recorded]
    telling += [lambda one=one: tell_gaps(tables, "hall", [one], BERLIN) for one in told]
    order.shuffle(telling)
    for tell_one in telling:
        tell_one()
    layers = [[(part, "waiting") for part, why in told if why == "waiting"]]
    layers += [[(part, "stalled") for part, why in told if why == "stalled"]]
    layers += [[(part, "owner's hours") for part in camera.private_spans(local_day(day, BERLIN), BERLIN)]]
    layers += [[(span(*one), "") for one in recorded]]
    painted = ["recorder_down"] * minutes
    midnight = local_day(day, BERLIN).start
    for part, what in (painting for layer in layers for painting in layer):
        first, last = (round((moment - midnight).total_seconds() / 60) for moment in (part.start, part.end))
        for minute in range(max(0, first), min(minutes, last)):
            painted[minute] = what
    whole = complete(tables, "hall", camera, day, BERLIN)
    assert is_whole(whole, day) and by_state(whole).keys() <= set(STATES)
    for row in whole.itertuples():
        first, last = (round((moment - midnight).total_seconds() / 60) for moment in (row.start, row.end))
        assert set(painted[first:last]) == {row.reason}
