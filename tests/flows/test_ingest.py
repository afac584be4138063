"""A camera's recording under Prefect, against a real camera, its real recorder, and a temporary server in this process."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId

from flows import watching
from flows.ingest import ingest
from flows.up import parts
from flows.watching import Watched
from home.clock import Span, iso
from home.coverage import record, tell_gaps
from home.errors import WrongUse
from home.folder import Home
from ingest.record.day_so_far import day_so_far
from ingest.record.spool import open_spool
from ingest.record.state import say_of, write_state
from tests.conftest import HomeFactory
from tests.faults.source import Source, why_no_source

UTC = dt.UTC
ZONE = ZoneInfo("Europe/Berlin")
NO_METRICS = "recording: {port: 0}"
# Long enough for one look after the first.
A_MOMENT = 0.04


def artifact(state: Any) -> Any:
    """What a run left to read."""
    with get_client(sync_client=True) as client:
        run = ArtifactFilterFlowRunId(any_=[state.state_details.flow_run_id])
        (found,) = client.read_artifacts(artifact_filter=ArtifactFilter(flow_run_id=run))
    return found


@pytest.fixture
def filmed(home_factory: HomeFactory, tmp_path: Path) -> Iterator[Home]:
    """A home whose camera answers."""
    if why_no_source():
        pytest.skip(str(why_no_source()))
    with Source(tmp_path) as camera:
        home = home_factory(cameras=f"  cat_flap: {{url: '{camera.url}'}}", more=NO_METRICS)
        yield home
        parts.recording(home).stop()


@pytest.mark.usefixtures("server")
def test_recording_is_started_once_and_goes_on_after_the_run(filmed: Home) -> None:
    first = ingest("cat_flap", filmed.root, minutes=A_MOMENT, return_state=True)
    assert first.is_completed(), first.message
    recorders = parts.recording(filmed)
    pid, state = recorders.pid, say_of(open_spool(filmed), "cat_flap")
    assert pid is not None and state is not None and state["state"] == "recording"

    again = ingest("cat_flap", filmed.root, minutes=A_MOMENT, return_state=True)
    assert again.is_completed() and recorders.pid == pid
    found = artifact(again)
    assert found.key == "ingest-cat-flap"  # Prefect's keys have no underscores
    now, today = json.loads(found.data)
    assert now["gaps"] == "none" and now["reconnects"] == "0"
    assert now["recorded"] in ("0:00:02", "0:00:03", "0:00:04")  # 0.04 minutes, told by the recorder every 2 s
    assert today["what"].startswith("today until ")


@pytest.mark.usefixtures("server")
def test_a_camera_that_does_not_answer_fails_the_run_with_the_reason(
    home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "GRACE_S", 10.0)  # of 30: nothing listens on port 9, it will not come back
    home = home_factory(cameras="  hall: {url: 'rtsp://127.0.0.1:9/live'}", more=NO_METRICS)
    try:
        state = ingest("hall", home.root, minutes=0, return_state=True)
    finally:
        parts.recording(home).stop()
    assert state.is_failed()
    assert "not recorded. hall: " in state.message and "the camera did not answer" in state.message


@pytest.mark.usefixtures("server")
def test_where_another_service_records_none_is_started(
    home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "GRACE_S", 0.0)
    home = home_factory(cameras="  hall: {url: 'rtsp://127.0.0.1:9/live'}", more=NO_METRICS)
    parts.run_folder(home).mkdir(parents=True)
    write_state(parts.run_folder(home) / "up.json", {"recording": False})
    state = ingest("hall", home.root, minutes=0, return_state=True)
    assert state.is_failed() and "no recorder is at work" in state.message
    assert parts.recording(home).pid is None


@pytest.mark.usefixtures("server")
def test_only_what_can_be_recorded(home_factory: HomeFactory) -> None:
    home = home_factory(cameras="  hall: {}")
    for camera, why in (("hall", "only gets imports"), ("garage", "no camera 'garage'")):
        state = ingest(camera, home.root, minutes=0, return_state=True)
        with pytest.raises(WrongUse, match=why):
            state.result()


HOLD = "import fcntl, sys; f = open(sys.argv[1], 'a+'); fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); sys.stdin.read()"


@pytest.mark.usefixtures("server")
def test_a_second_run_of_a_camera_has_nothing_to_do(home_factory: HomeFactory) -> None:
    home = home_factory(cameras="  hall: {url: 'rtsp://127.0.0.1:9/live'}", more=NO_METRICS)
    lock = home.root / "data/cache/ingest-hall.lock"
    lock.parent.mkdir(parents=True)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", HOLD, str(lock)], **pipes) as first:  # type: ignore[call-overload]
        assert first.stdout.readline() == b"held\n"
        state = ingest("hall", home.root, minutes=600, return_state=True)
        assert state.is_completed() and state.name == "Skipped"
        first.kill()
    assert parts.recording(home).pid is None


def state_at(moment: dt.datetime, pid: int = 7, **more: Any) -> dict[str, Any]:
    told = {"state": "recording", "reason": "", "since": iso(moment), "updated": iso(moment)}
    return told | {"pid": pid, "recorded_s": 0.0, "gap_s": {}, "reconnects": 0} | more


def test_only_what_happened_meanwhile_is_counted_and_a_new_recorder_begins_at_nothing() -> None:
    now = dt.datetime(2026, 3, 1, 12, tzinfo=UTC)
    watched = Watched("hall", ZONE)
    watched.add(state_at(now, recorded_s=3600.0, gap_s={"stalled": 30.0}, reconnects=4))
    watched.add(state_at(now, recorded_s=3610.0, gap_s={"stalled": 35.0, "camera_down": 2.0}, reconnects=5))
    watched.add(None)
    assert not watched.is_well and "no recorder is at work" in watched.told
    watched.add(state_at(now, pid=8, recorded_s=4.0, gap_s={"recorder_down": 1.0}))
    assert watched.recorded_s == 14.0 and watched.reconnects == 1
    assert watched.gap_s == {"stalled": 5.0, "camera_down": 2.0, "recorder_down": 1.0}
    assert watched.is_well and watched.told == "hall: recording since 2026-03-01 13:00:00"  # Berlin's
    watched.add(state_at(now, pid=8, state="waiting", reason="auth_failed"))
    assert not watched.is_well and watched.told.endswith(": the camera refused user or password")


def test_a_recorder_that_says_nothing_any_more_is_none(home_factory: HomeFactory) -> None:
    home = home_factory()
    spool, file = open_spool(home), open_spool(home).folder("kitchen") / "state.json"
    now = dt.datetime.now(UTC)
    assert say_of(spool, "kitchen") is None
    for told, there in (
        (state_at(now), True),
        (state_at(now - dt.timedelta(seconds=30)), False),  # killed
        (state_at(now, state="stopped"), False),
        (state_at(now, updated="?"), False),
    ):
        write_state(file, told)
        assert (say_of(spool, "kitchen") is not None) is there, told


def test_the_day_is_summed_up_to_what_the_ledger_can_know(home_factory: HomeFactory) -> None:
    """Chunks that wait for the store are nobody's gap: the sum ends where the oldest of them begins."""
    home = home_factory(cameras="  hall: {url: 'rtsp://127.0.0.1:9/live', private: ['06:00-07:00']}")
    midnight = dt.datetime(2026, 3, 1, tzinfo=ZONE).astimezone(UTC)
    hours = [midnight + dt.timedelta(hours=hour) for hour in range(13)]
    record(home.tables, "hall", [Span(hours[0], hours[6]), Span(hours[7], hours[9])], home.zone)
    tell_gaps(home.tables, "hall", [(Span(hours[9], hours[10]), "camera_down")], home.zone)
    day = day_so_far(home, "hall", hours[11])
    assert day.span == Span(hours[0], hours[11] - dt.timedelta(minutes=2))
    assert day.seconds == {"recorded": 8 * 3600, "private": 3600, "camera_down": 3600, "recorder_down": 58 * 60}

    chunk = open_spool(home).part("hall", hours[10])
    chunk.write_bytes(b"?")
    assert day_so_far(home, "hall", hours[11]).span == Span(hours[0], hours[10])
    chunk.rename(chunk.with_name(chunk.name.replace(".part-", "chunk-")))
    assert day_so_far(home, "hall", hours[11]).seconds == {"recorded": 8 * 3600, "private": 3600, "camera_down": 3600}
    # A chunk of before midnight that still waits: of this day nothing is known yet.
    open_spool(home).part("hall", hours[0] - dt.timedelta(minutes=5)).write_bytes(b"?")
    assert day_so_far(home, "hall", hours[11]).seconds == {}


def test_the_recorders_are_no_part_of_prefect(home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Started by a run, they outlive it: nothing in their environment is of the run, and their Prefect is nobody's."""
    monkeypatch.setenv("PREFECT__FLOW_RUN_ID", "a run's")
    monkeypatch.setenv("PREFECT_API_URL", "http://somebody.example/api")
    monkeypatch.setenv("PREFECT_SERVER_DATABASE_CONNECTION_URL", "postgresql+asyncpg://owner's")
    home = home_factory()
    alone, served = parts.environment(home), parts.environment(home, 4321)
    assert not {"PREFECT__FLOW_RUN_ID", "PREFECT_API_URL", "PREFECT_HOME"} & alone.keys()
    assert served["PREFECT_API_URL"] == "http://127.0.0.1:4321/api"
    assert served["PREFECT_HOME"] == str(home.root / "data/run/prefect")
    assert served["PREFECT_SERVER_DATABASE_CONNECTION_URL"].startswith("postgresql")
    assert served["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false" and served["DO_NOT_TRACK"] == "1"
