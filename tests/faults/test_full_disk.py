"""The spool is full, by its own limit or because the disk is: recording goes on as the owner chose, and the gap is told."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from tests.faults.checker import frames_in
from tests.faults.house import CAMERA, House, a_house
from tests.faults.source import Source, why_no_source
from tests.faults.table import Tell

pytestmark = pytest.mark.skipif(bool(why_no_source()), reason=why_no_source() or "")

# 1.5 Mbit/s is 190 kB/s: a chunk of a second takes as much, a disk of 2 MB is full after 10 s, a spool of 1 MB after 5.
BUSY = {"size": (320, 240), "fps": 5, "keyframe_s": 1.0, "bitrate": 1500, "noise": 200}


@pytest.mark.parametrize("policy", ["drop_oldest", "stop"])
def test_the_spools_limit(tmp_path: Path, tell: Tell, policy: str) -> None:
    options = {"chunk_s": 1, "recording": f"spool_gb: 0.001\nwhen_full: {policy}"}
    with (
        Source(tmp_path / "source", **BUSY) as source,
        a_house(tmp_path / "home", {CAMERA: source}, **options) as house,
    ):
        _fill(house, policy, tell, "spool full by its limit")


@pytest.mark.long
@pytest.mark.parametrize("policy", ["drop_oldest", "stop"])
def test_a_full_disk(tmp_path: Path, tell: Tell, small_disk: Path, policy: str) -> None:
    options = {"chunk_s": 1, "recording": f"spool: {small_disk}\nwhen_full: {policy}"}
    with (
        Source(tmp_path / "source", **BUSY) as source,
        a_house(tmp_path / "home", {CAMERA: source}, **options) as house,
    ):
        _fill(house, policy, tell, "disk full")


def test_somebody_else_fills_the_disk(tmp_path: Path, tell: Tell, small_disk: Path) -> None:
    """In the middle of a chunk, to the last byte; later there is room again."""
    options = {"chunk_s": 60, "recording": f"spool: {small_disk}"}
    with (
        Source(tmp_path / "source", **BUSY | {"bitrate": 200}) as source,
        a_house(tmp_path / "home", {CAMERA: source}, **options) as house,
    ):
        recorder = house.recorder()
        house.until_recording()
        began = time.monotonic()
        time.sleep(3)
        filled = time.monotonic()
        with pytest.raises(OSError, match="No space left"), (small_disk / "somebody").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        house.until(lambda: house.state().get("state") == "spool_full", 20)
        time.sleep(2)
        assert recorder.alive, recorder.tail()
        (small_disk / "somebody").unlink()
        room = time.monotonic()
        house.until_recording()
        house.end()
        verdict = house.verdict()
        had = sum(verdict.frame_s for frame in verdict.missing if frame.monotonic < filled)
        back = verdict.back_after(room)
        tell("disk filled by somebody else in mid-chunk", verdict, f"{had:.1f} s of what it had, on {back:.1f} s after")
        assert verdict.in_order and verdict.expected[0].monotonic < began, verdict
        assert had <= 2 and back <= 15, verdict  # as after a kill; as when a camera comes back
        assert house.untold(verdict) == [], house.gaps()


def _fill(house: House, policy: str, tell: Tell, fault: str) -> None:
    """Record without an uploader until nothing fits any more, and on; with `stop`, room is made after a while."""
    recorder = house.recorder()
    house.until(lambda: bool(house.finished()), 30)
    oldest = house.finished()[0]
    first = frames_in([(oldest.name, oldest)])[0].number
    house.until(lambda: house.gap_s("spool_full") > 0 or house.state().get("state") == "spool_full", 60)
    time.sleep(4)
    assert recorder.alive, recorder.tail()
    if policy == "stop":
        assert house.state()["state"] == "spool_full" and oldest.exists()
        for path in house.finished():  # as the uploader does when the store is back
            shutil.move(path, _store(house))
    house.until_recording()
    house.end()
    verdict = house.verdict(first=first)
    told = house.gap_s("spool_full")
    tell(f"{fault}, `{policy}`", verdict, f"{told:.1f} s told as spool_full")
    assert verdict.in_order, verdict
    assert house.untold(verdict) == [], house.gaps()
    assert told == pytest.approx(verdict.lost_s, abs=2.0)
    if policy == "drop_oldest":
        # What comes now is never lost for what was: the hole is at the beginning.
        assert len(verdict.holes) == 1 and verdict.missing[0] == verdict.expected[0], verdict


def _store(house: House) -> Path:
    folder = house.root / "data/footage" / CAMERA
    folder.mkdir(parents=True, exist_ok=True)
    return folder
