"""What a recorder tells: bounded lines, gaps with their reasons, private hours as the wall clock has them."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from home.clock import UTC
from home.config import Camera
from ingest.record.absence import TELL_S, Absence
from ingest.record.journal import Journal
from ingest.record.schedule import PrivateHours
from ingest.record.state import read_state
from ingest.record.telling import LINES_AN_HOUR, BoundedLog, Teller

NINE = dt.datetime(2026, 3, 1, 9, tzinfo=UTC)


def after(seconds: float) -> dt.datetime:
    return NINE + dt.timedelta(seconds=seconds)


def test_a_camera_that_flaps_all_day_fills_no_log() -> None:
    written = io.StringIO()
    log = BoundedLog(to=written)
    for second in range(0, 6 * 3600, 3):  # a change of state every 3 s for 6 hours
        log.say(second, {"n": second})
        log.flush(second)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert len(lines) == 6 * LINES_AN_HOUR
    assert sum(1 + line.get("left_out", 0) for line in lines) + log.left_out + 1 == 6 * 1200
    # The last word is said once there is room, though nothing changes any more.
    log.flush(7 * 3600)
    assert json.loads(written.getvalue().splitlines()[-1])["n"] == 6 * 3600 - 3


def test_the_state_file_is_written_at_changes_and_every_2_s(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    teller = Teller(tmp_path / "state.json", "hall", "rtsp://192.0.2.1/live")
    updates = []
    for tenth in range(100):
        teller.counts.frames += 2
        teller.counts.bytes += 1000
        doing = "recording" if tenth >= 33 else "waiting"
        if teller.is_due(tenth / 10, doing, ""):
            teller.turn(after(tenth / 10), tenth / 10, doing, "")
        state = read_state(tmp_path / "state.json")
        assert state is not None
        updates.append(state["updated"])
    assert sorted(set(updates)) == updates[:1] + sorted(set(updates) - {updates[0]}) and len(set(updates)) == 6
    assert state["state"] == "recording" and state["since"] == "2026-03-01T09:00:03.300000Z"
    assert (state["fps"], state["bitrate_bps"]) == (pytest.approx(20, rel=0.01), pytest.approx(80_000, rel=0.01))
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["before"], line["state"]) for line in lines] == [("", "waiting"), ("waiting", "recording")]


def test_a_gap_is_told_while_it_lasts_and_each_reason_gets_its_time(tmp_path: Path) -> None:
    absence = Absence(Journal(tmp_path))
    absence.begin(NINE, "stalled")
    for second in range(200):
        absence.tell(after(second), TELL_S)
    absence.begin(after(200), "camera_down")
    absence.begin(after(210), "camera_down")
    absence.end(after(215))
    absence.tell(after(300))
    gaps, _ = Journal(tmp_path).read(0)
    assert [(gap.start, gap.end, gap.reason) for gap in gaps] == [
        (NINE, after(60), "stalled"),
        (after(60), after(120), "stalled"),
        (after(120), after(180), "stalled"),
        (after(180), after(200), "stalled"),
        (after(200), after(215), "camera_down"),
    ]
    assert absence.totals(after(400)) == {"stalled": 200, "camera_down": 15} and absence.reason == ""


@pytest.mark.parametrize("hour", [3600, -3600])
def test_an_hour_that_never_was_is_a_gap_of_its_own(tmp_path: Path, hour: int) -> None:
    absence = Absence(Journal(tmp_path))
    absence.begin(NINE, "camera_down")
    absence.step(after(30 + hour), hour)
    absence.end(after(40 + hour))
    gaps, _ = Journal(tmp_path).read(0)
    told = [(gap.start, gap.end, gap.reason) for gap in gaps]
    assert told[0] == (NINE, after(30), "camera_down")
    assert told[-1] == (after(30 + hour), after(40 + hour), "camera_down")
    assert told[1:-1] == ([(after(30), after(30 + hour), "clock_step")] if hour > 0 else [])


def test_private_hours_follow_the_wall_clock_through_both_changes() -> None:
    hours = PrivateHours(Camera(private=["22:00-06:30"]), ZoneInfo("Europe/Berlin"))
    for night, begin, end, length in (
        ("2026-03-28", "21:00", "04:30", 7.5),  # an hour is missing
        ("2026-10-24", "20:00", "05:30", 9.5),  # an hour comes twice
        ("2026-12-01", "21:00", "05:30", 8.5),
    ):
        evening = dt.datetime.fromisoformat(f"{night}T{begin}+00:00")
        morning = dt.datetime.fromisoformat(f"{night}T{end}+00:00") + dt.timedelta(days=1)
        second = dt.timedelta(seconds=1)
        span = hours.at(evening)
        assert span is not None and (span.start, span.end) == (evening, morning)
        assert span.seconds == length * 3600
        assert hours.at(evening - second) is None and hours.at(morning - second) == span and hours.at(morning) is None
    assert PrivateHours(Camera(), ZoneInfo("UTC")).at(NINE) is None
