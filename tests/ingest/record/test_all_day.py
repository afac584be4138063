"""`catml record` as its user meets it: what it refuses, what it says, how it ends. Its processes are tested elsewhere."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from home.errors import CatMLError, WrongUse
from home.folder import PROJECT
from home.locks import only_one
from ingest.record.all_day import _has_one_to_record
from ingest.record.spool import open_spool, read_state
from tests.conftest import HomeFactory
from tests.test_catml import hears_ctrl_c

AWAY = "  hall: {url: 'rtsp://cat:${CAMERA_PASSWORD}@127.0.0.1:1/live'}\n"  # nothing listens on port 1
WITHIN_S = 40.0


def catml_record(root: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    known = {name: value for name, value in os.environ.items() if name != "CAMERA_PASSWORD"}
    return subprocess.Popen(
        [sys.executable, str(PROJECT / "catml.py"), "record", "--home", str(root), *arguments],
        stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=known | environment, preexec_fn=hears_ctrl_c,
    )  # fmt: skip


def refused(root: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """How it ends by itself, and what it says."""
    with catml_record(root, *arguments, **environment) as process:
        _, said = process.communicate(timeout=WITHIN_S)
    return process.returncode, said


def test_all_that_is_wrong_is_said_at_once(home_factory: HomeFactory) -> None:
    root = home_factory(cameras=AWAY).root
    status, said = refused(root, "hall", "garden")
    assert status == 2 and said.startswith("error: hall: the environment variable CAMERA_PASSWORD is not set")
    assert "\ngarden: no camera 'garden'" in said and "it has: hall" in said
    assert not (root / "data").exists(), "nothing was begun"


def test_a_home_without_streams(home_factory: HomeFactory) -> None:
    root = home_factory(cameras="  hall: {}\n").root
    assert refused(root) == (2, f"error: no camera in {root}/home.yaml has a `url`: there is nothing to record\n")


def test_a_spool_that_cannot_be_is_told_before_anything_starts(home_factory: HomeFactory) -> None:
    root = home_factory(cameras=AWAY).root
    (root / "data").mkdir()
    (root / "data" / "spool").write_text("a file lies in its way")
    status, said = refused(root, CAMERA_PASSWORD="x")
    assert status == 1 and said.count("\n") == 1 and "data/spool/hall: Not a directory" in said


def test_it_waits_for_the_recorders_of_a_killed_one_but_not_for_ever(
    home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.record.all_day._ANOTHER_ENDS_WITHIN_S", 0.3)
    spool = open_spool(home_factory(cameras=AWAY))
    with only_one(spool.folder("hall") / "lock"):
        with pytest.raises(CatMLError, match=rf"hall \(by process {os.getpid()}\)") as told:
            _has_one_to_record(spool, ["hall"], lambda: False)
        assert not isinstance(told.value, WrongUse), "systemd would not start it again"
        assert _has_one_to_record(spool, ["hall", "kitchen"], lambda: False), "the kitchen need not wait for the hall"
        assert not _has_one_to_record(spool, ["hall"], lambda: True)
    assert _has_one_to_record(spool, ["hall"], lambda: False)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield int(listening.getsockname()[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_camera_that_is_off_is_waited_for_until_it_is_stopped(
    home_factory: HomeFactory, taken: int, number: signal.Signals
) -> None:
    """A taken port is no reason not to record; quiet tells what is wrong and nothing else."""
    root = home_factory(cameras=f"{AWAY}recording: {{port: {taken}}}\n").root
    with catml_record(root, "--quiet", CAMERA_PASSWORD="Sesame#1") as process:
        assert process.stderr is not None
        said = [process.stderr.readline(), process.stderr.readline()]
        process.send_signal(number)
        _, rest = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 0
    assert f"port {taken}: Address already in use" in said[0] and '"reason": "camera_down"' in said[1]
    assert rest == "" and "Sesame" not in "".join(said)


def test_the_second_ctrl_c_ends_it_at_once(home_factory: HomeFactory) -> None:
    home = home_factory(cameras=f"{AWAY}recording: {{port: 0}}\n")
    with catml_record(home.root, CAMERA_PASSWORD="x") as process:
        assert process.stderr is not None
        next(line for line in process.stderr if '"camera_down"' in line)
        recorder = (read_state(open_spool(home).root / "hall" / "state.json") or {})["pid"]
        os.kill(recorder, signal.SIGSTOP)  # it would be waited for for 12 s
        try:
            process.send_signal(signal.SIGINT)
            next(line for line in process.stderr if "Stopping" in line)
            process.send_signal(signal.SIGINT)
            assert process.wait(5) == 128 + signal.SIGINT
        finally:
            os.kill(recorder, signal.SIGCONT)
