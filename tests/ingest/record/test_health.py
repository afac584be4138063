"""Metrics and readiness, from state files as recorders and the uploader write them."""

from __future__ import annotations

import datetime as dt
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from home.clock import UTC, iso
from home.config import Recording
from ingest.record.health import Health, serve
from ingest.record.spool import Spool, write_state
from ingest.record.supervisor import UPLOADER


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", Recording())


@pytest.fixture
def alive() -> dict[str, bool]:
    return {"hall": True, UPLOADER: True}


@pytest.fixture
def address(spool: Spool, alive: dict[str, bool]) -> Iterator[str]:
    server = serve(Health(spool, ["hall"], lambda: alive), 0)
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def recorder(spool: Spool, **more: Any) -> None:
    """A recorder's state, as of now."""
    state = {
        "camera": "hall", "pid": 7, "state": "recording", "reason": "", "updated": iso(dt.datetime.now(UTC)),
        "recorded_s": 100.0, "reconnects": 1, "frames": 500, "bytes": 1000, "bitrate_bps": 80, "gap_s": {"stalled": 3.5},
    }  # fmt: skip
    write_state(spool.folder("hall") / "state.json", state | more)


def uploader(spool: Spool, **more: Any) -> None:
    state = {
        "pid": 8, "state": "idle", "reason": "", "updated": iso(dt.datetime.now(UTC)), "uploaded": 4,
        "failures": 2,
    }  # fmt: skip
    spool.root.mkdir(exist_ok=True)
    write_state(spool.root / "uploader.json", state | more)


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def metrics(address: str) -> dict[str, float]:
    """Every sample by its name and labels, read by Prometheus' own parser."""
    families = text_string_to_metric_families(get(f"{address}/metrics")[1])
    return {
        " ".join([sample.name, *sorted(sample.labels.values())]): sample.value
        for family in families
        for sample in family.samples
    }


def test_every_promised_metric_is_there(spool: Spool, address: str) -> None:
    recorder(spool)
    uploader(spool)
    chunk = spool.folder("hall") / "chunk-20260301-100000.mp4"
    chunk.write_bytes(bytes(1234))
    written = time.time() - 500  # told by the file: an uploader that is dead says nothing
    os.utime(chunk, (written, written))
    found = metrics(address)
    assert 500 <= found.pop("catml_upload_lag_seconds") < 530
    assert found == {
        "catml_recorded_seconds_total hall": 100.0,
        "catml_gap_seconds_total hall stalled": 3.5,
        "catml_reconnects_total hall": 1.0,
        "catml_frames_total hall": 500.0,
        "catml_bytes_total hall": 1000.0,
        "catml_recording hall": 1.0,
        "catml_bitrate_bps hall": 80.0,
        "catml_spool_bytes": 1234.0,
        "catml_spool_chunks": 1.0,
        "catml_uploads_total": 4.0,
        "catml_upload_failures_total": 2.0,
    }


def test_before_anything_was_told_there_are_zeros_and_no_error(address: str) -> None:
    assert metrics(address)["catml_recording hall"] == 0
    assert get(f"{address}/ready")[0] == 503


def test_counters_never_go_back(spool: Spool, address: str) -> None:
    recorder(spool)
    assert metrics(address)["catml_frames_total hall"] == 500
    recorder(spool, pid=70, frames=20, gap_s={"stalled": 1.0, "camera_down": 2.0})
    now = metrics(address)
    assert now["catml_frames_total hall"] == 520
    assert now["catml_gap_seconds_total hall stalled"] == 4.5
    assert now["catml_gap_seconds_total camera_down hall"] == 2.0


def test_what_an_earlier_run_left_does_not_count(spool: Spool, alive: dict[str, bool]) -> None:
    recorder(spool)
    uploader(spool)
    health = Health(spool, ["hall"], lambda: alive)  # its own recorder has not told anything yet
    assert health.ready()[1] == {
        "ready": False, "cameras": {"hall": "has told nothing lately"}, "uploads": "has told nothing lately",
    }  # fmt: skip
    recorder(spool, pid=70, frames=20)
    assert health.look()[0]["hall"]["totals"]["frames"] == 20, "Prometheus would count the 500 a second time"


def test_a_recorder_that_hangs_has_no_bitrate(spool: Spool, address: str) -> None:
    recorder(spool, updated="2026-03-01T10:00:00.000000Z")
    assert metrics(address)["catml_bitrate_bps hall"] == metrics(address)["catml_recording hall"] == 0


def test_a_camera_may_be_called_uploader(spool: Spool) -> None:
    health = Health(spool, ["uploader"], lambda: {"uploader": False, UPLOADER: True})
    uploader(spool)
    assert health.ready()[1]["cameras"] == {"uploader": "not running"} and health.ready()[1]["uploads"] == "ok"


@pytest.mark.parametrize(
    ("state", "ready"),
    [
        ({}, True),
        ({"state": "private"}, True),
        ({"state": "connecting", "reason": "camera_down"}, False),
        ({"state": "spool_full", "reason": "spool_full"}, False),
        ({"updated": "2026-03-01T10:00:00.000000Z"}, False),
    ],
)
def test_ready_is_when_every_camera_is_recorded(spool: Spool, address: str, state: dict[str, str], ready: bool) -> None:
    recorder(spool, **state)
    uploader(spool)
    status, body = get(f"{address}/ready")
    told = json.loads(body)
    assert (status, told["ready"]) == ((200, True) if ready else (503, False))
    assert ready or told["cameras"]["hall"] in (state.get("reason"), "has told nothing lately")


def test_not_ready_while_uploads_fail_or_a_process_is_gone(spool: Spool, address: str, alive: dict[str, bool]) -> None:
    recorder(spool)
    uploader(spool, state="failing", reason="the store does not answer")
    status, body = get(f"{address}/ready")
    assert (status, json.loads(body)["uploads"]) == (503, "the store does not answer")
    uploader(spool)
    alive["hall"] = False
    status, body = get(f"{address}/ready")
    assert (status, json.loads(body)["cameras"]["hall"]) == (503, "not running")


def test_live_and_the_unknown(address: str) -> None:
    assert get(f"{address}/live") == (200, "live\n")
    assert get(f"{address}/")[0] == 404
