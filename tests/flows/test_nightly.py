"""The flow, run in this process against a temporary server: same tables as the plain run, whatever goes wrong beside it."""

from __future__ import annotations

import datetime as dt
import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.client.schemas.sorting import ArtifactSort
from prefect.states import Running
from prefect.utilities.annotations import quote

from flows.nightly import nightly
from flows.stages import TASKS
from home.errors import StoreUnreachable, WrongUse
from home.faults import lasting
from home.folder import Home, open_home
from home.tables import BOUTS, DETECTIONS, FRAMES
from tasks.night import run_night
from tests.flows.conftest import DATE, Cats, tables_of

pytestmark = pytest.mark.usefixtures("server")


@pytest.fixture
def client() -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        yield client


def night(home: Home, **parameters: Any) -> Any:
    """The final state of a run."""
    return nightly(home.root, dates=(DATE,), return_state=True, **parameters)


def artifacts(client: SyncPrefectClient, run: Any) -> dict[str, Any]:
    """What a run left to read, by key."""
    found = client.read_artifacts(
        artifact_filter=ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run])),
        sort=ArtifactSort.KEY_ASC,
        limit=50,
        offset=0,
    )
    return {str(artifact.key): artifact for artifact in found}


def told(summary: Any) -> dict[str, str]:
    """The summary table as `stage camera` -> result."""
    return {f"{row['stage']} {row['camera']}".strip(): row["result"] for row in json.loads(summary.data)}


def test_the_flow_writes_what_the_plain_run_writes(cats: Cats, client: SyncPrefectClient) -> None:
    plain, flown = cats("plain"), cats("flown")
    list(run_night(plain, [DATE]))
    first = night(flown)
    assert first.is_completed()
    assert "not versioned" in first.message  # the home has no Git: told, and no failure
    assert len(flown.tables.read(DETECTIONS, DATE, "living-room"))
    assert tables_of(flown) == tables_of(plain)

    left = artifacts(client, first.state_details.flow_run_id)
    assert list(left) == ["day-2026-03-01", "nightly-summary"]
    results = told(left["nightly-summary"])
    assert {unit.split()[0] for unit, result in results.items() if result == "left out"} == {
        "pose",
        "identify",
        "behave",
        "forecast",
    }
    assert set(results.values()) == {"done", "left out"}
    assert len(results) == 18  # two cameras in four stages, nine day stages, version
    assert (flown.root / "data/reports/2026-03-01.html").as_uri() in left["day-2026-03-01"].data
    assert "The cat " in left["day-2026-03-01"].description
    for artifact in left.values():
        assert re.fullmatch("[a-z0-9-]+", str(artifact.key))
        assert "Misotheos" not in f"{artifact.data} {artifact.description}"
    assert "Misotheos" in (flown.root / "data/reports/2026-03-01.html").read_text("utf-8")

    again = night(flown)
    results = told(artifacts(client, again.state_details.flow_run_id)["nightly-summary"])
    assert {unit for unit, result in results.items() if result not in ("unchanged", "left out")} == {"version"}


def test_a_camera_that_fails_loses_no_other_and_is_named(cats: Cats, client: SyncPrefectClient) -> None:
    home = cats("home")
    in_the_way = home.root / "data/tables" / FRAMES.key(DATE, "living-room").rpartition("/")[0]
    in_the_way.parent.mkdir(parents=True)
    in_the_way.write_text("a file where extract needs a folder")
    state = night(home)
    assert state.is_failed()
    assert "1 of 18 failed. extract 2026-03-01 living-room: Store" in state.message
    results = told(artifacts(client, state.state_details.flow_run_id)["nightly-summary"])
    assert [unit for unit, result in results.items() if result == "failed"] == ["extract living-room"]
    not_tried = [unit for unit, result in results.items() if result == "not tried"]
    assert not_tried == [f"{stage} living-room" for stage in ("detect", "pose", "behave")]
    assert set(home.tables.read(BOUTS, DATE)["camera"]) == {"utility-room"}
    assert (home.root / "data/reports/2026-03-01.html").exists()
    (fault,) = lasting(home.database, dt.datetime.now(dt.UTC))
    assert "extract 2026-03-01 living-room" in fault.payload.sentence  # type: ignore[union-attr]

    in_the_way.unlink()
    plain = cats("plain")
    list(run_night(plain, [DATE]))
    assert night(home).is_completed()
    assert tables_of(home) == tables_of(plain)
    assert lasting(home.database, dt.datetime.now(dt.UTC)) == [], "the fault is over with the night that succeeds"


def test_only_the_cameras_and_parameters_that_were_asked_for(cats: Cats) -> None:
    home = cats("home")
    assert night(home, cameras=("utility-room",), overrides=("extract.sample_period_s=10",)).is_completed()
    assert home.tables.cameras(FRAMES, DATE) == ["utility-room"]
    assert len(home.tables.read(FRAMES, DATE, "utility-room")) == 6  # a minute, one sample in 10 s


@pytest.mark.parametrize(
    "wrong", [{"cameras": ("garage",)}, {"overrides": ("confidence=0.3",)}, {"overrides": ("detect.confidence=2",)}]
)
def test_what_cannot_be_is_told_before_any_work(cats: Cats, wrong: dict[str, tuple[str, ...]]) -> None:
    home = cats("home")
    before = tables_of(home)
    state = night(home, **wrong)
    assert isinstance(state.result(raise_on_failure=False), WrongUse)
    assert tables_of(home) == before


def test_a_store_that_does_not_answer_is_asked_again(cats: Cats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    root = cats("home").root
    nobody_listens = "store:\n  tables: s3://bucket/tables\n  endpoint_url: http://127.0.0.1:9\n"
    (root / "home.yaml").write_text((root / "home.yaml").read_text("utf-8") + nobody_listens, "utf-8")
    impatient = TASKS["extract"].with_options(retries=1, retry_delay_seconds=0)

    @flow
    def once() -> Any:
        return quote(impatient(open_home(root), DATE, "living-room", return_state=True))

    state = once().unquote()
    assert isinstance(state.result(raise_on_failure=False), StoreUnreachable)
    with get_client(sync_client=True) as client:
        run = client.read_task_run(state.state_details.task_run_id)
    assert run.run_count == 2


HOLD = """
import fcntl, sys, time
file = open(sys.argv[1], "a+")
fcntl.flock(file, fcntl.LOCK_EX)
file.write(sys.argv[2])
file.flush()
print("held", flush=True)
time.sleep(600)
"""


def test_a_night_waits_for_another_and_a_killed_one_keeps_nothing(cats: Cats, client: SyncPrefectClient) -> None:
    home = cats("home")
    killed = client.create_flow_run(nightly, state=Running())
    lock = Path(home.root, "data/cache/nightly.lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(lock), str(killed.id)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    ended: list[Any] = []
    thread = threading.Thread(target=lambda: ended.append(night(home)))
    thread.start()
    time.sleep(3)
    assert not ended and FRAMES.name not in " ".join(tables_of(home))  # it waits
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    thread.join(timeout=120)
    assert ended[0].is_completed()
    state = client.read_flow_run(killed.id).state
    assert state is not None and state.is_crashed()
    assert lock.read_text() == ""
