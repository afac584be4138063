"""The supervisor: what dies is started again, what refuses is asked again, and all end in order.

The children of the first tests are small programs of their own; the last tests run `catml record` on real streams.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from home.folder import PROJECT, open_home
from ingest.record.health import Health
from ingest.record.spool import Spool, open_spool, read_state, write_state
from ingest.record.supervisor import Child, Supervisor, missing
from tests.conftest import HomeFactory
from tests.faults.source import Source, why_no_source
from tests.ports import free_port
from tests.test_catml import hears_ctrl_c
from tests.waiting import until

WITHIN_S = 40.0


def program(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def living_off(home_factory: HomeFactory, commands: dict[str, list[str]]) -> tuple[Supervisor, list[dict[str, object]]]:
    """A supervisor of programs instead of recorders, and what it says."""
    home, told = home_factory(), list[dict[str, object]]()
    supervisor = Supervisor(home, open_spool(home), [], told.append)
    supervisor.recorders = [Child(name, command) for name, command in commands.items()]
    supervisor.uploader = Child("uploader", program("import time; time.sleep(600)"))
    return supervisor, told


def test_what_dies_is_started_again_and_the_others_go_on(home_factory: HomeFactory, tmp_path: Path) -> None:
    count = tmp_path / "starts"
    dying = f"open({str(count)!r}, 'a').write('x'); raise SystemExit(1)"
    supervisor, told = living_off(home_factory, {"a": program(dying), "b": program("import time; time.sleep(600)")})
    pids = set()

    def enough() -> bool:
        other = supervisor.recorders[1].process
        pids.update({other.pid} if other else ())
        return count.exists() and len(count.read_text()) >= 3

    supervisor.run(enough)
    assert len(pids) == 1, "the other one was left alone"
    assert [line["camera"] for line in told] == ["a"] * len(told) and told[0]["how"] == "exit status 1"
    assert not any(supervisor.alive().values())


def test_what_cannot_be_started_now_does_not_end_the_others(home_factory: HomeFactory, tmp_path: Path) -> None:
    """No memory or no process ids left: `fork` fails for a while, and goes well again."""
    missing_program, began = tmp_path / "program", tmp_path / "began"
    supervisor, told = living_off(
        home_factory, {"a": [str(missing_program)], "b": program("import time; time.sleep(60)")}
    )

    def turn() -> bool:
        if len(told) == 2 and not missing_program.exists():
            missing_program.write_text(f"#!/bin/sh\ntouch {began}; sleep 60\n")
            missing_program.chmod(0o755)
        return began.exists()

    supervisor.run(turn)
    assert [line["how"] for line in told] == ["could not be started: No such file or directory"] * 2


def test_pauses_grow_up_to_ten_seconds_and_the_log_stays_short() -> None:
    child, pauses, lines = Child("a", program("raise SystemExit(1)")), [], 0
    for _ in range(12):
        child.start(1000.0, None)
        assert child.process is not None
        child.process.wait()
        lines += child.bury(1000.0) is not None
        pauses.append(child._due - 1000.0)
    assert pauses[0] == 0, "the first time at once"
    assert all(0.6 * 2**n <= pause <= 2**n for n, pause in enumerate(pauses[1:4]))
    assert max(pauses) <= 10
    assert lines == 5


def test_who_refuses_is_asked_for_ever_but_told_of_once() -> None:
    """Another `catml record` may end and home.yaml may be mended: a recorder that gave up would be missed by nobody."""
    child, pauses, lines = Child("a", program("raise SystemExit(2)")), [], []
    for _ in range(12):
        assert child.is_due(child._due)
        child.start(1000.0, None)
        assert child.process is not None
        child.process.wait()
        lines.append(child.bury(1000.0))
        pauses.append(child._due - 1000.0)
    assert [line is None for line in lines] == [False] + [True] * 11
    assert 10 < pauses[-1] <= 30, "a start costs a second of a core"


def test_a_child_knows_who_started_it_though_that_one_is_gone_before_it_can_ask(tmp_path: Path) -> None:
    """A supervisor that is killed while its recorders import: they would never know that they are on their own."""
    gone, told = tmp_path / "gone", tmp_path / "told"
    child = (
        "import os, pathlib, time\n"
        f"while not pathlib.Path({str(gone)!r}).exists(): time.sleep(0.02)\n"
        "from ingest.record.parent import started_by\n"
        f"pathlib.Path({str(told)!r}).write_text(f'{{started_by()}} {{os.getppid()}}')\n"
    )
    supervisor = f"from ingest.record.supervisor import Child; Child('a', {program(child)!r}).start(0.0, None)"
    with subprocess.Popen(program(supervisor), cwd=PROJECT) as started:
        assert started.wait(WITHIN_S) == 0
    gone.touch()
    until(lambda: told.exists() and " " in told.read_text())
    parent, now = (int(number) for number in told.read_text().split())
    assert parent == started.pid != now


def test_chunks_are_not_waited_for_while_the_store_is_away(home_factory: HomeFactory) -> None:
    supervisor, _ = living_off(home_factory, {})
    spool = supervisor._spool
    (spool.folder("hall") / "chunk-20260301-100000.mp4").write_bytes(b"x")
    assert supervisor._brings_away()
    write_state(spool.root / "uploader.json", {"state": "failing"})
    assert not supervisor._brings_away()
    began = time.monotonic()
    supervisor.run(lambda: True)
    assert time.monotonic() - began < 5, "the ten seconds for uploads were not waited for"


def test_a_child_that_does_not_listen_is_killed(home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.record.supervisor._RECORDERS_END_S", 0.5)
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    supervisor, _ = living_off(home_factory, {"a": program(deaf)})
    began = time.monotonic()
    supervisor.run(lambda: time.monotonic() - began > 1.0)
    assert not any(supervisor.alive().values())


def test_all_that_cannot_be_recorded_is_said_at_once(
    home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    relayed = home_factory(cameras="  a: {url: 'rtsp://u:${NOT_SET}@h/x'}\nrelay: {}\n")
    assert missing(relayed, ["a"]) == [], "the relay has the password"
    home = home_factory(cameras="  a: {url: 'rtsp://u:${NOT_SET}@h/x'}\n  b: {}\n  c: {url: 'rtsp://h/x'}\n")
    told = missing(home, ["a", "b", "c", "d"])
    assert [line.partition(":")[0] for line in told] == ["a", "b", "d"]
    assert "NOT_SET" in told[0] and "imports" in told[1] and "no camera 'd'" in told[2]


needs_source = pytest.mark.skipif(bool(why_no_source()), reason=str(why_no_source()))
PASSWORD = "Sesame&open#1"


class Running:
    """`catml record` as a program."""

    def __init__(self, root: Path, *arguments: str) -> None:
        self.root = root
        self.said = root / "said.txt"
        with self.said.open("ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, str(PROJECT / "catml.py"), "record", "--home", str(root), *arguments],
                stdout=said, stderr=said, preexec_fn=hears_ctrl_c, env=os.environ | {"CAMERA_PASSWORD": PASSWORD},
            )  # fmt: skip

    @property
    def spool(self) -> Spool:
        return open_spool(open_home(self.root))

    def state(self, camera: str) -> dict[str, object]:
        return read_state(self.spool.root / camera / "state.json") or {}

    def until_recording(self, *cameras: str) -> None:
        until(lambda: all(self.state(camera).get("state") == "recording" for camera in cameras))

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(WITHIN_S)

    @property
    def address(self) -> str:
        found = re.search(r"http://127\.0\.0\.1:\d+", self.said.read_text())
        assert found
        return found[0]


@pytest.fixture
def recording(tmp_path: Path) -> Iterator[Running]:
    """Two cameras that ask for a password, recorded."""
    with Source(tmp_path, mounts=2, user="cat", password=PASSWORD, keyframe_s=1) as source:
        port = source.url.rpartition(":")[2].partition("/")[0]
        root = tmp_path / "home"
        root.mkdir()
        lines = [
            f"  {name}: {{url: 'rtsp://cat:${{CAMERA_PASSWORD}}@127.0.0.1:{port}/{path}'}}\n"
            for name, path in (("hall", "live"), ("kitchen", "live1"))
        ]
        (root / "home.yaml").write_text(
            f"timezone: UTC\nrecording: {{port: {free_port()}}}\ncameras:\n{''.join(lines)}"
        )
        running = Running(root)
        try:
            running.until_recording("hall", "kitchen")
            yield running
        finally:
            running.process.kill()
            running.process.wait()


@needs_source
def test_two_cameras_are_recorded_and_brought_to_the_store(recording: Running) -> None:
    until(lambda: _answer(f"{recording.address}/ready")[0] == 200)
    metrics = _answer(f"{recording.address}/metrics")[1]
    assert re.search(r'catml_recorded_seconds_total\{camera="hall"\} [0-9.]*[1-9]', metrics)
    assert recording.end(signal.SIGINT) == 0
    footage = recording.root / "data" / "footage"
    assert {path.parent.name for path in footage.rglob("chunk-*.mp4")} == {"hall", "kitchen"}
    assert not recording.spool.finished(), "the uploader had its time"
    said = recording.said.read_text() + metrics + "".join(p.read_text() for p in recording.spool.root.rglob("*.json*"))
    assert PASSWORD not in said and "Sesame" not in said


@needs_source
def test_a_recorder_that_is_killed_is_back_and_the_other_never_stopped(recording: Running) -> None:
    first, other = recording.state("hall")["pid"], recording.state("kitchen")["pid"]
    os.kill(int(str(first)), signal.SIGKILL)
    until(lambda: recording.state("hall").get("pid") != first and recording.state("hall").get("state") == "recording")
    assert recording.state("kitchen")["pid"] == other
    assert '"how": "signal SIGKILL"' in recording.said.read_text()


@needs_source
def test_nothing_outlives_a_supervisor_that_is_killed(recording: Running) -> None:
    pids = [int(str(recording.state(camera)["pid"])) for camera in ("hall", "kitchen")]
    recording.process.kill()
    recording.process.wait()
    again = Running(recording.root)  # at once: the old recorders still hold their cameras
    until(lambda: not any(_runs(pid) for pid in pids))
    until(lambda: all(again.state(camera).get("pid") not in pids for camera in ("hall", "kitchen")))
    again.until_recording("hall", "kitchen")
    assert again.end() == 0


@needs_source
def test_a_second_one_refuses_and_says_who_records(recording: Running, tmp_path: Path) -> None:
    pid = recording.state("hall")["pid"]
    second = Running(recording.root, "hall")
    assert second.process.wait(WITHIN_S) == 1, "not 2: systemd would not try it again"
    assert f"error: recorded already: hall (by process {pid})" in recording.said.read_text()
    assert recording.state("hall")["state"] == "recording"
    health = Health(recording.spool, ["hall"], dict)
    assert health.look()[0]["hall"]["totals"]["frames"] == 0, "what another process counted is not ours"


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _answer(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, json.dumps({})
