"""Every container and codec goes in whole: no frame lost, doubled or moved in time, and nothing changes the second time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import pytest

from home.folder import Home
from home.footage import ChunkName, chunk_boundary
from ingest.existing import import_footage
from tests.ingest.film import START, film, keyframes, on_the_shelf

# From 08:58:07.25 on, 11 minutes cross 09:00 and 09:05: three chunks, the middle one a whole one.
FRAMES = 660


@dataclass(frozen=True)
class Case:
    """A kind of footage; `encoded` if mp4 cannot hold it as it is."""

    file: str
    codec: str
    encoded: bool = False
    more: dict[str, Any] = field(default_factory=dict)


CASES = [
    Case("plain.mp4", "libx264"),
    Case("b-frames.mp4", "libx264", more={"b_frames": 2}),
    Case("b-frames.mkv", "libx264", more={"b_frames": 2}),
    Case("b-frames.ts", "libx264", more={"b_frames": 2}),
    Case("b-frames.flv", "libx264", more={"b_frames": 2}),
    Case("b-frames.mov", "libx264", more={"b_frames": 2, "audio": True}),
    Case("fragments.mp4", "libx264", more={"container": {"movflags": "frag_keyframe+empty_moov"}}),
    Case("closed.mp4", "libx265", more={"b_frames": 2}),
    Case("mpeg4.avi", "mpeg4"),
    Case("mpeg4-b-frames.avi", "mpeg4", more={"b_frames": 2}),
    Case("mpeg4.mkv", "mpeg4", more={"b_frames": 1}),
    Case("motion-jpeg.avi", "mjpeg"),
    Case("vp9.webm", "libvpx-vp9"),
    Case("av1.mp4", "libsvtav1"),
    Case("vp8.webm", "libvpx", encoded=True),
    Case("windows.wmv", "wmv2", encoded=True),
    Case("flash.flv", "flv", encoded=True),
    Case("raw.nut", "rawvideo", encoded=True),
    # AVI does not store when B-frames of H.264 are shown, FFmpeg's guess is wrong.
    Case("b-frames.avi", "libx264", encoded=True, more={"b_frames": 2}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.file)
def test_every_frame_at_its_time(case: Case, cats_home: Home, tmp_path: Path) -> None:
    if case.codec not in av.codecs_available:
        pytest.skip(f"this build of FFmpeg has no {case.codec}")
    clip = film(tmp_path / case.file, FRAMES, codec=case.codec, **case.more)

    report = import_footage(cats_home, [clip], "kitchen", START)

    assert (report.exit_status, report.failed, report.files) == (0, [], 1)
    assert bool(report.warnings) == case.encoded
    got = list(on_the_shelf(cats_home.footage, report.written))
    assert [number for number, _ in got] == list(range(FRAMES))
    late = [abs((moment - START).total_seconds() - number) for number, moment in got]
    assert max(late) < 0.002  # Matroska and Flash round to the millisecond
    _chunks_are_in_order(cats_home, report.written)

    before = _everything(cats_home)
    again = import_footage(cats_home, [clip], "kitchen", START)
    assert (again.written, again.there, again.exit_status) == ([], report.written, 0)
    assert _everything(cats_home) == before


def _chunks_are_in_order(home: Home, keys: list[str]) -> None:
    """Three chunks, each named by its second, all but the first starting at the first keyframe after a boundary."""
    starts = [name.start for key in keys if (name := ChunkName.parse(key))]
    assert starts[0] == START.replace(microsecond=0)
    assert len(keys) == 3
    for key, begin, end in zip(keys, starts, [*starts[1:], None], strict=True):
        assert home.footage.folder is not None
        path = home.footage.folder / key
        boundary = chunk_boundary(begin)
        keys_at = [begin + dt.timedelta(seconds=second) for second in keyframes(path)]
        assert keys_at[0] == begin
        # No keyframe beyond the boundary but, by rounding of the name to a second, the one the next begins with.
        assert all(moment < boundary for moment in keys_at)
        if end is not None:
            assert boundary <= end < boundary + dt.timedelta(seconds=5)
        with av.open(str(path)) as container:
            assert [stream.type for stream in container.streams] == ["video"]


def _everything(home: Home) -> dict[str, tuple[int, bytes]]:
    """Each file of the home with its time of writing and its bytes."""
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in home.root.rglob("*") if path.is_file()}


def test_what_is_re_encoded_has_a_keyframe_in_five_seconds_and_plays_in_a_browser(
    cats_home: Home, tmp_path: Path
) -> None:
    clip = film(tmp_path / "odd.wmv", 60, codec="wmv2", fps=5, gop=40, size=(66, 50))
    report = import_footage(cats_home, [clip], "kitchen", START)
    assert "mp4 cannot hold wmv2" in report.warnings[0]
    assert cats_home.footage.folder is not None
    path = cats_home.footage.folder / report.written[0]
    assert keyframes(path) == [0, 5, 10]
    with av.open(str(path)) as container:
        video = container.streams.video[0].codec_context
        assert (video.name, video.pix_fmt, video.width, video.height) == ("h264", "yuv420p", 66, 50)


def test_a_gif_keeps_the_times_of_its_frames(cats_home: Home, tmp_path: Path) -> None:
    clip = film(tmp_path / "paws.gif", [0, 0.5, 0.8, 2.8], codec="gif")
    report = import_footage(cats_home, [clip], "kitchen", START)
    got = list(on_the_shelf(cats_home.footage, report.written))
    assert [round((moment - START).total_seconds(), 2) for _, moment in got] == [0, 0.5, 0.8, 2.8]
