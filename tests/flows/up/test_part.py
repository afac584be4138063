"""A program in the background: one of its name, whoever starts it, and nothing left to clear however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.up.part import LOG_BYTES, Part
from tests.waiting import until

# Says that it is there, and ends as it is told; `stubborn` does not.
OBEDIENT = "echo here; trap 'echo ended; exit 0' TERM; while :; do sleep 0.1; done"
STUBBORN = "trap '' TERM; echo here; while :; do sleep 0.1; done"


def part_of(folder: Path, script: str = OBEDIENT) -> Part:
    return Part("program", folder / "run", ("/bin/sh", "-c", script), within_s=1.0)


@pytest.fixture
def part(tmp_path: Path) -> Iterator[Part]:
    made = part_of(tmp_path)
    yield made
    made.stop()


def start(part: Part) -> int:
    """Start it, and wait until it has said something."""
    process = part.start(os.environ)
    assert process is not None
    until(lambda: "here" in part.log.read_text(), "it runs", 10)
    return process.pid


def test_it_runs_once_whoever_starts_it(part: Part) -> None:
    assert part.pid is None
    pid = start(part)
    assert part.pid == pid and os.getsid(pid) == pid  # a session of its own: a Ctrl-C of its starter is not for it
    assert part.start(os.environ) is None
    # Somebody else, who knows nothing but the folder.
    asked = f"from flows.up.part import Part; from pathlib import Path; p = Part('program', Path({str(part.folder)!r}))"
    other = subprocess.run(
        [sys.executable, "-c", f"{asked}; print(p.pid, p.start({{}}))"], capture_output=True, text=True, check=True
    )
    assert other.stdout.split() == [str(pid), "None"]


def test_it_outlives_its_starter_and_another_can_stop_it(part: Part) -> None:
    code = (
        "from flows.up.part import Part; from pathlib import Path; import os, sys, time\n"
        "Part('program', Path(sys.argv[1]), tuple(sys.argv[2:])).start(os.environ); time.sleep(60)"
    )
    starter = subprocess.Popen([sys.executable, "-c", code, str(part.folder), *part.command])
    until(lambda: part.log.exists() and "here" in part.log.read_text(), "it runs", 20)
    starter.kill()
    starter.wait()
    assert part.pid is not None
    assert part.stop() and part.pid is None
    assert "ended" in part.log.read_text()
    assert not part.stop()


def test_killed_it_leaves_nothing_in_the_way(part: Part) -> None:
    first = start(part)
    os.kill(first, signal.SIGKILL)
    until(lambda: part.pid is None, "the lock is free", 5)
    part.log.unlink()
    assert start(part) != first


def test_what_does_not_end_is_killed(tmp_path: Path) -> None:
    part = part_of(tmp_path, STUBBORN)
    start(part)
    assert part.stop() and part.pid is None


def test_a_log_is_emptied_while_it_is_written(part: Part) -> None:
    start(part)
    with part.log.open("ab") as log:
        log.write(b"x" * (LOG_BYTES + 1))
    part.trim()
    assert part.log.stat().st_size == 0
    assert part.log.with_suffix(".log.1").stat().st_size > LOG_BYTES
    part.stop()
    assert part.log.read_text() == "ended\n"  # where it was emptied, not behind five million zeros
    assert part.last_words() == "ended"
