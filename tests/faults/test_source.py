"""The source itself: what it says it sent is what a client gets, as from a camera that is joined in the middle."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import av
import pytest

from tests.faults.checker import check, chunks_on_disk, frames_in, number_of
from tests.faults.source import Source, why_no_source

pytestmark = pytest.mark.skipif(bool(why_no_source()), reason=why_no_source() or "")


def record(source: Source, seconds: float, name: str) -> None:
    """What the ffmpeg program gets by stream copy, from the first keyframe on."""
    command = ["ffmpeg", "-v", "error", "-rtsp_transport", "tcp", "-analyzeduration", "500000", "-i", source.url]
    command += ["-c", "copy", "-t", str(seconds), str(source.folder / name)]
    subprocess.run(command, check=True, timeout=60, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="h264"),
        pytest.param({"codec": "mjpeg"}, id="mjpeg"),
        pytest.param({"b_frames": 2}, id="b-frames"),
        pytest.param({"codec": "h265"}, id="h265", marks=pytest.mark.long),
        pytest.param({"user": "me", "password": "a b:c@", "digest": True}, id="password", marks=pytest.mark.long),
    ],
)
def test_a_client_gets_every_frame(tmp_path: Path, options: dict) -> None:
    with Source(tmp_path, fps=10, keyframe_s=0.5, size=(160, 120), **options) as source:
        record(source, 2, "chunk-20260301-090000.mp4")
        shown = frames_in(chunks_on_disk(tmp_path))
        # ffmpeg stops at a frame in decoding order: with B-frames those before it in time are still to come.
        whole = [frame for frame in shown[: -1 - 2 * source.b_frames] if frame.number is not None]
        verdict = check(source.sent(), whole)
    assert not verdict.missing and verdict.in_order, verdict
    assert len(verdict.expected) >= 10  # of the 20 of two seconds; a busy machine begins late


def test_a_kill_and_a_start_go_on_counting_on_the_same_port(tmp_path: Path) -> None:
    with Source(tmp_path, fps=10, keyframe_s=0.5, size=(160, 120)) as source:
        record(source, 1, "chunk-20260301-090000.mp4")
        url, before = source.url, source.sent()[-1]
        source.kill()
        source.start()
        assert source.url == url
        record(source, 1, "chunk-20260301-090001.mp4")
        numbers = [frame.number for frame in frames_in(chunks_on_disk(tmp_path))]
        assert [frame.number for frame in source.sent()] == list(range(len(source.sent())))
    assert numbers == sorted(set(numbers)) and numbers[0] < before.number < numbers[-1]


def test_stalls_and_a_new_size_in_the_middle(tmp_path: Path) -> None:
    with Source(tmp_path, fps=10, keyframe_s=0.5, size=(160, 120)) as source:
        sizes: dict[tuple[int, int], int] = {}
        with av.open(source.url, options={"rtsp_transport": "tcp"}, timeout=(5, 5)) as container:
            for frame in container.decode(video=0):
                size = (frame.width, frame.height)
                if number_of(frame) is not None:
                    sizes[size] = sizes.get(size, 0) + 1
                if sizes.get((160, 120), 0) == 5 and source.size == (160, 120):
                    source.resize(240, 180)
                if sizes.get((240, 180), 0) == 5:
                    break
        source.stall()
        time.sleep(0.3)  # the frame it is making when it is told
        made = len(source.sent())
        time.sleep(0.5)
        assert len(source.sent()) == made
        source.go()
        until = time.monotonic() + 5
        while len(source.sent()) == made:
            assert time.monotonic() < until
            time.sleep(0.05)
