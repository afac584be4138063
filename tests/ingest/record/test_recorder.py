"""The recorder as a process, on real cameras: what it writes, when it stops, what it refuses. Faults: tests/faults."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import av
import pytest

from home.folder import PROJECT
from home.footage import ChunkName, start_of
from ingest.record.state import read_state
from tests.conftest import HomeFactory
from tests.faults.checker import chunks_on_disk, frames_in
from tests.faults.house import CAMERA, House, a_house
from tests.faults.source import Source, why_no_source
from tests.faults.worker import fake_clock
from tests.ingest.film import film

needs_source = pytest.mark.skipif(bool(why_no_source()), reason=why_no_source() or "")
SMALL = {"size": (160, 120), "fps": 10, "keyframe_s": 0.5}
FRAME_S = 0.1
COMMAND = [sys.executable, "-m", "ingest.record.recorder", "--home"]


def starts(house: House, camera: str = CAMERA) -> list[dt.datetime]:
    """The exact starts of a camera's chunks; each must lie in the second of its name."""
    found = []
    for name, path in chunks_on_disk(house.spool / camera):
        with av.open(str(path)) as container:
            start = start_of(container.metadata.get("comment"), f"{camera}/{name}")
        said = ChunkName.parse(f"{camera}/{name}")
        assert start is not None and said is not None and said.start == start.replace(microsecond=0)
        found.append(start)
    return found


@needs_source
def test_no_frame_is_lost_or_doubled_at_cuts(tmp_path: Path) -> None:
    """Chunks of 2 s for 5 s: two cuts at least. H.264 and H.265 are copied, MJPEG is encoded, each by a process of its own."""
    cameras = {codec: Source(tmp_path / codec, codec=codec, **SMALL) for codec in ("h264", "h265", "mjpeg")}
    for source in cameras.values():
        source.start()
    try:
        with a_house(tmp_path / "home", cameras, chunk_s=2) as house:
            for camera in cameras:
                house.recorder(camera)
            for camera in cameras:
                house.until_recording(camera)
            time.sleep(5)
            states: dict[str, dict[str, Any]] = {}

            def seen_at_its_pace() -> (
                bool
            ):  # frames that a busy machine has not come to yet are not counted in that moment
                states.update({camera: house.state(camera) for camera in cameras})
                return all(state["fps"] == pytest.approx(10, abs=2) for state in states.values())

            house.until(seen_at_its_pace, 15)
            house.end()
            for camera in cameras:
                verdict = house.verdict(camera)
                assert not verdict.missing and verdict.in_order, f"{camera}: {verdict}"
                assert len(verdict.expected) >= 45 and not verdict.later_than(FRAME_S), f"{camera}: {verdict}"
                cuts = starts(house, camera)[1:]
                # A keyframe every 0.5 s, or one made for the cut: a frame later at most.
                late = [cut.timestamp() % 2 for cut in cuts]
                assert len(cuts) >= 2 and max(late) <= (FRAME_S if camera == "mjpeg" else 0.5) + 0.05
                state = states[camera]
                assert state["state"] == "recording" and state["reason"] == "" and state["width"] == 160
                assert state["fps"] == pytest.approx(10, abs=2) and state["bitrate_bps"] > 0
                assert state["frames"] * FRAME_S == pytest.approx(state["recorded_s"], abs=0.5)
                assert house.state(camera)["state"] == "stopped"
    finally:
        for source in cameras.values():
            source.kill()


@needs_source
def test_a_stop_takes_a_second_and_a_silent_camera_does_not_hold_it_up(tmp_path: Path) -> None:
    with Source(tmp_path / "source", **SMALL) as source, a_house(tmp_path / "home", {CAMERA: source}) as house:
        for silent, most_s in ((False, 1.0), (True, 10.0)):
            recorder = house.recorder()
            house.until_recording()
            if silent:
                source.stop()
                time.sleep(0.5)
            began = time.monotonic()
            assert recorder.end() == 0
            assert time.monotonic() - began < most_s  # the numbers
        assert not list(house.spool.glob("*/.part-*")) and house.verdict().in_order


@needs_source
def test_it_ends_with_whoever_started_it(tmp_path: Path) -> None:
    with Source(tmp_path / "source", **SMALL) as source, a_house(tmp_path / "home", {CAMERA: source}) as house:
        code = "import subprocess, sys; subprocess.run(sys.argv[1:])"
        command = [sys.executable, "-c", code, *COMMAND, str(house.root), CAMERA]
        parent = subprocess.Popen(command, cwd=PROJECT, env=os.environ | house.environment, stderr=subprocess.DEVNULL)
        house.until_recording()
        child = house.state()["pid"]
        parent.kill()
        parent.wait(10)
        try:
            house.until(lambda: not Path(f"/proc/{child}").exists(), 5)
        except AssertionError:
            os.kill(child, signal.SIGKILL)
            raise
        assert house.state()["state"] == "stopped"
        assert house.finished() and not list(house.spool.glob("*/.part-*"))


@needs_source
@pytest.mark.skipif(fake_clock() is None, reason="libfaketime is missing: apt-get install libfaketime")
def test_in_private_hours_not_a_frame_is_written_and_they_end_on_time(tmp_path: Path) -> None:
    # The recorder's clock says 21:59:52, and later 22:59:52, in Berlin's winter: an hour is not waited for.
    now = tmp_path / "now"
    begin, end = (dt.datetime(2026, 1, 15, hour, tzinfo=dt.UTC) for hour in (21, 22))

    def set_clock(moment: dt.datetime) -> None:
        off = (moment - dt.datetime.now(dt.UTC)).total_seconds()
        now.with_suffix(".new").write_text(f"{off:+.3f}\n")
        now.with_suffix(".new").replace(now)

    soon = dt.timedelta(seconds=8)  # less than the recorder's lead; a busy machine takes some of it to connect
    set_clock(begin - soon)
    environment = fake_clock(now)
    assert environment is not None
    settings = '\n    private: ["22:00-23:00"]'
    with (
        Source(tmp_path / "source", **SMALL) as source,
        a_house(tmp_path / "home", {CAMERA: source}, settings=settings, chunk_s=300) as house,
    ):
        house.recorder(**environment)
        house.until(lambda: house.state().get("frames", 0) > 0, 10)
        house.until(lambda: house.state()["state"] == "private", 15)
        frames = house.state()["frames"]
        time.sleep(1)
        assert house.state()["frames"] == frames and not list(house.spool.glob("*/.part-*"))
        set_clock(end - soon)
        house.until(lambda: house.state()["state"] == "recording", 15)
        house.until(lambda: house.state()["frames"] > frames + 10, 5)
        house.end()
        moments = [shown.utc for shown in frames_in(chunks_on_disk(house.spool / CAMERA))]
        before = [moment for moment in moments if moment < begin]
        after = [moment for moment in moments if moment >= end]
        assert len(before) + len(after) == len(moments)
        assert begin - before[-1] < dt.timedelta(seconds=0.5) and after[0] - end < dt.timedelta(seconds=1)
        assert all(not span.overlap(type(span)(begin, end)) for span, _ in house.gaps())


def test_a_file_with_sound_is_a_camera_too(tmp_path: Path, home_factory: HomeFactory) -> None:
    path = film(tmp_path / "loud.mp4", 30, fps=10, gop=5, audio=True)
    home = home_factory(cameras=f"  hall:\n    url: file://{path}\n    audio: true\n")
    folder = home.root / "data/spool/hall"
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen([*COMMAND, str(home.root), "hall"], cwd=PROJECT, stderr=said)
    try:
        until = time.monotonic() + 15
        while not list(folder.glob("chunk-*.mp4")) and time.monotonic() < until:
            time.sleep(0.05)
        process.terminate()
        assert process.wait(10) == 0
    finally:
        process.kill()
    lines = [json.loads(line) for line in (tmp_path / "said").read_text().splitlines()]
    assert (lines[0]["state"], lines[-1]["state"]) == ("connecting", "stopped")
    assert any(line["state"] == "recording" and line["camera"] == "hall" for line in lines)
    name, first = next(chunks_on_disk(folder))
    with av.open(str(first)) as container:
        kinds = {stream.type for stream in container.streams}
        shown = sum(1 for packet in container.demux(video=0) if packet.size)
    assert kinds == {"video", "audio"} and shown == 30, name
    state = read_state(folder / "state.json")
    assert state is not None and state["frames"] >= 30


@pytest.mark.parametrize(
    ("camera", "says"),
    [("attic", "no camera 'attic'"), ("hall", "no `url`"), ("yard", "NOT_SET_ANYWHERE is not set")],
)
def test_wrong_use_ends_with_2_and_makes_no_folder(home_factory: HomeFactory, camera: str, says: str) -> None:
    home = home_factory(cameras="  hall: {}\n  yard:\n    url: rtsp://me:${NOT_SET_ANYWHERE}@192.0.2.1/live\n")
    done = subprocess.run(
        [*COMMAND, str(home.root), camera], cwd=PROJECT, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 2 and says in done.stderr, done.stderr
    assert not (home.root / "data/spool").exists()


def test_a_recorder_imports_nothing_heavy() -> None:
    # 60 of them run on one machine: 80 MB each.
    heavy = ["numpy", "pandas", "pyarrow", "cv2", "s3fs", "botocore", "prefect", "rich", "onnxruntime", "sqlalchemy"]
    code = f"import sys, ingest.record.recorder; print([name for name in {heavy} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
