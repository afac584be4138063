"""A growing file is brought to its disk every few seconds, by a thread that nobody waits for."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from ingest.record.settling import EVERY_S, Settler


def test_one_at_a_time_and_not_too_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = tmp_path / ".part-20260301-100000.mp4"
    part.write_bytes(b"x")
    go_on, settled = threading.Event(), threading.Semaphore(0)
    seen: list[str] = []

    def slow_disk(file: int) -> None:
        seen.append(str(Path(f"/proc/self/fd/{file}").readlink()))
        settled.release()
        assert go_on.wait(10)

    monkeypatch.setattr(os, "fdatasync", slow_disk)
    settler = Settler()
    settler.turn(100, None)
    settler.turn(100, part)
    assert settled.acquire(timeout=10)
    settler.turn(100 + 2 * EVERY_S, part)  # the first still goes on
    assert seen == [str(part)]
    go_on.set()
    assert settler._going is not None
    settler._going.join(10)
    settler.turn(100 + EVERY_S / 2, part)
    assert seen == [str(part)]
    settler.turn(100 + 2 * EVERY_S, part)
    assert settled.acquire(timeout=10)
    assert seen == [str(part)] * 2


def test_a_file_that_is_gone_is_no_trouble(tmp_path: Path) -> None:
    settler = Settler()
    settler.turn(0, tmp_path / "gone")
    assert settler._going is not None
    settler._going.join(10)
