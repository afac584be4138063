"""`catml coverage`: bar, axis, sums and words are the ledger's, on days of any length, with what only the spool knows yet."""

from __future__ import annotations

import datetime as dt
import io
import json
import sys
from pathlib import Path

import pytest

from home.clock import UTC, Span, local_day
from home.coverage import record, tell, tell_gaps
from home.errors import WrongUse
from home.folder import Home
from home.terminal import Terminal
from ingest import coverage_chart
from ingest.coverage_chart import MARKS, axis, bar, drawn, tell_coverage
from ingest.coverage_day import coverage_of
from ingest.record.spool import open_spool
from ingest.record.uploader import Uploader
from tests.conftest import HomeFactory
from tests.ingest.record.spooled import CHUNK_S, Filmed

CAMERAS = '  hall:\n    url: rtsp://h/live\n    private: ["22:00-23:00"]\n  attic: {}\n'
DATE = dt.date(2026, 1, 15)
SPRING, AUTUMN = dt.date(2026, 3, 29), dt.date(2025, 10, 26)
LATER = dt.datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def home(home_factory: HomeFactory) -> Home:
    return home_factory(cameras=CAMERAS, timezone="Europe/Berlin")


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Filmed:
    return Filmed(tmp_path_factory.mktemp("stream"))


def hours(home: Home, first: float, last: float, date: dt.date = DATE) -> Span:
    start = local_day(date, home.zone).start
    return Span(start + dt.timedelta(hours=first), start + dt.timedelta(hours=last))


def cells(home: Home, camera: str, date: dt.date = DATE, now: dt.datetime = LATER) -> list[str]:
    """A quarter of an hour each."""
    return bar(coverage_of(home, date, camera, now), 15)


def told(home: Home, capsys: pytest.CaptureFixture[str], date: dt.date = DATE, cameras: list[str] | None = None) -> str:
    capsys.readouterr()
    tell_coverage(Terminal(), home, date, cameras)
    return capsys.readouterr().out


def test_each_state_has_its_own_mark(home: Home) -> None:
    gaps = [(hours(home, 6, 7), "camera_down"), (hours(home, 7, 8), "waiting")]
    tell(home.tables, "hall", [hours(home, 0, 6)], gaps, home.zone)
    rest = ["gap"] * 56 + ["private"] * 4 + ["gap"] * 4
    assert cells(home, "hall") == ["recorded"] * 24 + ["gap"] * 4 + ["waiting"] * 4 + rest
    assert cells(home, "attic") == ["off"] * 96
    for column in (0, 1):
        assert len({mark[column] for mark in MARKS.values()}) == len(MARKS)


def test_a_short_recording_and_a_short_gap_show(home: Home) -> None:
    seconds = 10 / 3600
    record(home.tables, "hall", [hours(home, 0, 1.1), hours(home, 1.2, 1.6), hours(home, 1.6 + seconds, 2)], home.zone)
    record(home.tables, "attic", [hours(home, 5, 5.05)], home.zone)  # 3 minutes
    # 6 minutes are missing, which shows, and 10 seconds, which do not.
    assert cells(home, "hall")[:8] == ["recorded"] * 4 + ["partly"] + ["recorded"] * 3
    assert cells(home, "attic")[19:22] == ["off", "partly", "off"]


@pytest.mark.parametrize(
    ("date", "length", "hours_shown"),
    [
        (DATE, 24, "00          03          06          09          12          15          18          21"),
        (SPRING, 23, "00      03          06          09          12          15          18          21"),
        (AUTUMN, 25, "00              03          06          09          12          15          18          21"),
    ],
)
def test_an_hour_by_the_clock_stands_over_its_footage(
    home: Home, capsys: pytest.CaptureFixture[str], date: dt.date, length: int, hours_shown: str
) -> None:
    """02:00 to 03:00 is left out in spring and comes twice in autumn."""
    assert axis(local_day(date, home.zone), home.zone, 15) == hours_shown
    six = dt.datetime.combine(date, dt.time(6), home.zone).astimezone(UTC)
    record(home.tables, "hall", [Span(six, six + dt.timedelta(minutes=15))], home.zone)
    assert len(cells(home, "hall", date)) == 4 * length
    assert cells(home, "hall", date).index("recorded") == hours_shown.index("06")
    assert f"{length} hours" in told(home, capsys, date)


def test_times_of_the_hour_that_comes_twice_say_which(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    rest = [hours(home, 0, 2.5, AUTUMN), hours(home, 3.5, 25, AUTUMN)]
    record(home.tables, "hall", rest, home.zone)
    tell_gaps(home.tables, "hall", [(hours(home, 2.5, 3.5, AUTUMN), "stalled")], home.zone)
    assert "02:30 CEST to 02:30 CET" in told(home, capsys, AUTUMN)


def test_a_gap_is_told_in_words_and_short_ones_are_counted(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    rest = [hours(home, 0, 9), hours(home, 9.5, 15), hours(home, 15 + 30 / 3600, 23), hours(home, 23, 23.5)]
    record(home.tables, "hall", rest, home.zone)
    tell_gaps(home.tables, "hall", [(hours(home, 9, 9.5), "auth_failed")], home.zone)
    said = told(home, capsys)
    assert "09:00 to 09:30" in said and "the camera refused user or password" in said
    assert "23:30 to 24:00" in said and "the recorder was down" in said
    assert "15:00 to" not in said and "1 gap of less than a minute, 30 s in all" in said
    assert "hall: recorded 23 h (95.8%), no footage 1 h (4.2%)" in said


def test_of_very_many_gaps_the_longest_are_listed(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    # 60 gaps, each a minute and some seconds; every third is two minutes longer.
    gaps = [(n / 4, n / 4 + (65 + 125 * (n % 3 == 0)) / 3600) for n in range(60)]
    edges = [0.0, *(edge for gap in gaps for edge in gap), 24.0]
    kept = [hours(home, first, last) for first, last in zip(edges[::2], edges[1::2], strict=True) if first < last]
    record(home.tables, "hall", kept, home.zone)
    said = told(home, capsys, cameras=["hall"])
    assert said.count("the recorder was down") == coverage_chart.MOST_LISTED
    # The 20 of 190 s are, and 20 of the 40 of 65 s; the others are 1300 s.
    assert said.count("3 min 10 s") == 20 and "Not listed: 20 gaps of 22 min in all" in said


# 24 hours need 96 characters of 15 minutes, 72 of 20, 48 of 30 or 24 of an hour, and two before them.
@pytest.mark.parametrize(("width", "step"), [(40, 60), (60, 30), (73, 30), (74, 20), (80, 20), (98, 15), (200, 15)])
def test_nothing_drawn_is_wider_than_the_terminal(home: Home, width: int, step: int) -> None:
    for date in (DATE, AUTUMN):
        tell(home.tables, "hall", [hours(home, 0, 20, date)], [(hours(home, 20, 21, date), "waiting")], home.zone)
        days = [coverage_of(home, date, camera, LATER) for camera in ("hall", "attic")]
        lines = list(drawn(days, date, home.zone, width))
        assert max(map(len, lines)) <= width
        if date == DATE:
            assert f"  {'█' * (1200 // step)}{'▓' * (60 // step)}" in "\n".join(lines)


def test_a_day_that_is_not_over_ends_now(home: Home) -> None:
    noon = hours(home, 12, 13).start
    record(home.tables, "hall", [hours(home, 0, 12.5)], home.zone)
    day = coverage_of(home, DATE, "hall", noon)
    assert day.seconds == {"recorded": 12 * 3600} and bar(day, 15) == ["recorded"] * 48
    lines = list(drawn([day], DATE, home.zone, 100))
    assert "until now (12:00)" in lines[0] and lines[-1].count("blank: to come") == 1
    assert "hall: recorded 12 h" in lines


def test_what_waits_on_this_machine_is_no_gap(home: Home, filmed: Filmed) -> None:
    """Finished chunks, the one being written, and a gap that the ledger has not been told of."""
    spool = open_spool(home)
    finished, being_written = hours(home, 9, 10).start, hours(home, 12, 13).start
    filmed.chunk(spool, "hall", finished)
    spool.journal("hall").gap(hours(home, 10, 11).start, hours(home, 10, 11).end, "stalled")
    day = coverage_of(home, DATE, "hall", LATER)
    assert day.seconds["waiting"] == CHUNK_S and day.reasons["stalled"] == 3600
    assert sum(day.seconds.values()) == 24 * 3600

    filmed.part(spool, "hall", being_written)
    now = being_written + dt.timedelta(seconds=1)
    today = coverage_of(home, DATE, "hall", now)
    assert today.stretches[-1].state == "waiting" and today.stretches[-1].span.end == now

    (spool.finished()[0]).rename(spool.root / "hall" / "chunk-20260115-080000.mp4")
    spool.unfinished("hall")[0].unlink()
    assert Uploader(home, spool).once()
    day = coverage_of(home, DATE, "hall", LATER)
    assert day.seconds["recorded"] == CHUNK_S and "waiting" not in day.seconds and day.reasons["stalled"] == 3600


def test_json_has_all_of_it(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    record(home.tables, "hall", [hours(home, 0, 12)], home.zone)
    tell_coverage(Terminal(as_json=True), home, DATE, ["hall"])
    tree = json.loads(capsys.readouterr().out)
    assert tree["date"] == "2026-01-15" and tree["timezone"] == "Europe/Berlin" and list(tree["cameras"]) == ["hall"]
    hall = tree["cameras"]["hall"]
    assert hall["seconds"] == {"recorded": 12 * 3600, "gap": 11 * 3600, "private": 3600}
    assert hall["reasons"] == {"recorder_down": 11 * 3600}
    assert hall["stretches"][0] == {
        "start": "2026-01-14T23:00:00.000000Z", "end": "2026-01-15T11:00:00.000000Z", "state": "recorded", "reason": "",
    }  # fmt: skip


def test_a_terminal_of_few_letters_gets_other_marks(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    record(home.tables, "hall", [hours(home, 0, 12)], home.zone)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "ascii"))
    lines = list(drawn([coverage_of(home, DATE, "hall", LATER)], DATE, home.zone, 100))
    assert all(line.isascii() for line in lines) and any(
        "#" * 48 + "." * 40 + "~" * 4 + "." * 4 in line for line in lines
    )


def test_a_camera_that_is_gone_from_the_home_is_still_shown(
    home: Home, home_factory: HomeFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    record(home.tables, "hall", [hours(home, 0, 12)], home.zone)
    without = home_factory(cameras="  attic: {}\n", timezone="Europe/Berlin")
    assert "hall: recorded 12 h (50.0%), off 12 h (50.0%)" in told(without, capsys)
    assert "hall" in told(without, capsys, cameras=["hall"]) and "hall" not in told(without, capsys, cameras=["attic"])
    with pytest.raises(WrongUse, match="no camera 'cellar'"):
        tell_coverage(Terminal(), home, DATE, ["cellar"])


def test_a_home_without_cameras_says_what_to_do(home_factory: HomeFactory, capsys: pytest.CaptureFixture[str]) -> None:
    empty = home_factory(cameras="")
    assert "No camera in home.yaml; add one under `cameras:`." in told(empty, capsys)
    assert not Path(empty.root / "data" / "spool").exists()  # looking makes nothing
