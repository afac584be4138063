"""Whatever a kill or a power cut leaves becomes a whole chunk with every whole fragment's frames."""

from __future__ import annotations

import datetime as dt
import random
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import av
import pytest

from home.errors import FootageError, StoreError
from home.footage import start_comment
from ingest.record.file import FRAGMENT_S
from ingest.record.repair import Repaired, repair
from tests.ingest.film import shown
from tests.ingest.record.film import FPS, KINDS, START, coming, record, stream_of

PART = ".part-20260301-085807.mp4"
FRAMES = 50


@pytest.mark.parametrize("closed", [False, True], ids=["written", "closed"])
@pytest.mark.parametrize("zeros", [0, 5000], ids=["", "zeros"])
@pytest.mark.parametrize("kind", KINDS)
def test_cut_anywhere_it_keeps_every_frame_whose_bytes_are_there(
    tmp_path: Path, kind: str, zeros: int, closed: bool
) -> None:
    whole = tmp_path / "whole.mp4"
    source = stream_of(kind, tmp_path, FRAMES)
    record(source, whole, close=closed)
    with coming(source) as (_, packets):  # 0, 1, 2 … as they are decoded
        times = [pts for _, pts, _, _ in packets]
    order = [sorted(times).index(pts) for pts in times]
    data = whole.read_bytes()
    ends = _fragments(data)
    # 25 places anywhere, and around every box of the first two fragments and of the last, index included.
    places = {random.Random(number).randrange(len(data)) for number in range(25)}
    places |= {end + shift for end, _ in [*ends[:2], *ends[-1:]] for shift in (-1, 0, 1, 7, 8, 60)} | {len(data) - 1}
    part = tmp_path / PART
    kept = []
    for place in sorted(min(place, len(data)) for place in places):
        part.write_bytes(data[:place] + bytes(zeros))
        done = repair(part)
        promised = max((frames for end, frames in ends if end <= place), default=0)
        kept.append((place, promised, done.frames if done else 0))
        assert kept[-1][2] >= promised, kept[-1]
        if done is None:
            assert not part.exists()
        else:
            _assert_whole(done, part, order)
        if place == len(data) - 1 and zeros:  # the length is there, the last page is not
            part.write_bytes(data[:-500] + bytes(500))
            done = repair(part)
            assert done is not None and done.frames >= max(frames for end, frames in ends if end <= len(data) - 500)
    # All of it is there where only the end of the index is not; nothing is made up.
    assert kept[-1][2] == (FRAMES if closed else ends[-1][1])
    assert [frames for _, _, frames in kept] == sorted(frames for _, _, frames in kept)


def _assert_whole(done: Repaired, part: Path, order: Sequence[int] = range(FRAMES)) -> None:
    """It shows the first frames that are decoded, at their times, and is an ordinary file with an index and its start."""
    assert done.path == part and done.start == START and not done.damaged
    assert done.seconds == pytest.approx((max(order[: done.frames]) + 1) / FPS, abs=0.0011)
    assert shown(part) == [(n, pytest.approx(n / FPS, abs=0.0011)) for n in sorted(order[: done.frames])]
    with av.open(str(part)) as container:
        stream = container.streams.video[0]
        assert container.metadata["comment"] == start_comment(START)
        assert stream.frames == len(stream.index_entries) == done.frames
        assert stream.start_time == 0
    assert [path.name for path in part.parent.glob(".*")] == [PART]


def _fragments(data: bytes) -> list[tuple[int, int]]:
    """Where each fragment ends in a file, and how many frames there are up to there; from the boxes themselves."""
    ends, frames, at = [], 0, 0
    while (at := data.find(b"moof", at)) >= 0:
        moof = at - 4
        (size,) = struct.unpack_from(">I", data, moof)
        frames += struct.unpack_from(">I", data, data.index(b"trun", moof) + 8)[0]
        (rest,) = struct.unpack_from(">I", data, moof + size)
        ends.append((moof + size + rest, frames))
        at = moof + size + rest
    return ends


@pytest.mark.parametrize("left", [b"", bytes(4096), b"\0\0\0\x24ftypisom"], ids=["empty", "zeros", "a stump"])
def test_what_holds_no_frame_is_removed(tmp_path: Path, left: bytes) -> None:
    part = tmp_path / PART
    part.write_bytes(left)
    assert repair(part) is None
    assert not list(tmp_path.iterdir())


def test_a_whole_file_stays_whole_however_often(tmp_path: Path) -> None:
    part = tmp_path / PART
    record(stream_of("h264 with B-frames", tmp_path, FRAMES), part)
    first = repair(part)
    assert first is not None and first == repair(part) and first.frames == FRAMES
    _assert_whole(first, part)


def test_zeros_in_the_middle_cost_the_frames_they_hit(tmp_path: Path) -> None:
    part = tmp_path / PART
    record(stream_of("h264", tmp_path, FRAMES), part, close=False)
    data = bytearray(part.read_bytes())
    ends = _fragments(bytes(data))
    # The whole second fragment's frames, boxes left as they are: a page that came to the disk later than its file's.
    begin = bytes(data).index(b"mdat", ends[0][0]) + 4
    data[begin : ends[1][0]] = bytes(ends[1][0] - begin)
    part.write_bytes(data)
    done = repair(part)
    assert done is not None and done.damaged == ends[1][1] - ends[0][1]
    assert done.frames == ends[-1][1] - done.damaged
    with av.open(str(part)) as container:
        times = [round(float(p.pts * p.time_base) * FPS) for p in container.demux(video=0) if p.size]
    assert times == [n for n in range(ends[-1][1]) if not ends[0][1] <= n < ends[1][1]]


def test_damage_at_the_beginning_moves_the_start_to_the_next_keyframe(tmp_path: Path) -> None:
    part = tmp_path / PART
    record(stream_of("h264", tmp_path, FRAMES), part, close=False)
    data = bytearray(part.read_bytes())
    (first, _), *_ = _fragments(bytes(data))
    begin = bytes(data).index(b"mdat") + 4
    data[begin:first] = bytes(first - begin)
    part.write_bytes(data)
    done = repair(part)
    assert done is not None and done.start == START + dt.timedelta(seconds=2)  # a keyframe every 2 s
    numbers = shown(part)
    assert numbers[0] == (2 * FPS, 0) and len(numbers) == done.frames


def test_without_a_comment_the_name_says_the_start(tmp_path: Path) -> None:
    part = tmp_path / PART
    record(stream_of("h264", tmp_path, FRAMES), part)
    anonymous = part.read_bytes().replace(b"catml-start=", b"who-knows---")
    part.write_bytes(anonymous)
    done = repair(part)
    assert done is not None and done.start == START.replace(microsecond=0)
    nameless = tmp_path / "nameless.mp4"
    nameless.write_bytes(anonymous)
    with pytest.raises(FootageError, match="give it its name back"):
        repair(nameless)
    assert nameless.read_bytes() == anonymous


def test_a_full_disk_leaves_it_as_it_was(tmp_path: Path) -> None:
    part = tmp_path / PART
    record(stream_of("h264", tmp_path, FRAMES), part, close=False)
    before = part.read_bytes()
    part.with_name(f".repair{PART}").symlink_to("/dev/full")
    with pytest.raises(StoreError, match="No space left on device; make room"):
        repair(part)
    assert part.read_bytes() == before
    done = repair(part)
    assert done is not None and done.frames == _fragments(before)[-1][1]


WRITER = """
import sys, time
from pathlib import Path
sys.path[:0] = {path!r}
from tests.ingest.record.film import START, coming
from ingest.record.file import ChunkFile
with coming(Path({source!r})) as (stream, packets):
    chunk = ChunkFile(Path({part!r}), stream, START)
    begin = time.monotonic()
    for number, timed in enumerate(packets):
        time.sleep(max(0, begin + number / {fps} - time.monotonic()))
        chunk.write(*timed)
        print(number + 1, flush=True)
"""


def test_killed_while_it_writes_in_real_time(tmp_path: Path) -> None:
    """SIGKILL at a random moment, six times side by side: half a second and a frame are lost at most."""
    source = stream_of("h264", tmp_path, 60)
    writers = []
    for number in range(6):
        part = tmp_path / str(number) / PART
        part.parent.mkdir()
        script = WRITER.format(path=[str(path) for path in sys.path], source=str(source), part=str(part), fps=FPS)
        process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        writers.append((process, part, random.Random(number).uniform(0.2, 3.5)))
    for process, _, _ in writers:
        assert process.stdout is not None and process.stdout.readline() == "1\n"  # all of them write now
    begin = time.monotonic()
    for process, _, moment in sorted(writers, key=lambda writer: writer[2]):
        time.sleep(max(0.0, begin + moment - time.monotonic()))
        process.send_signal(signal.SIGKILL)
    for process, part, _ in writers:
        told = process.communicate()[0].split()
        given = int(told[-1]) if told else 1
        done = repair(part)
        frames = done.frames if done else 0
        print(f"{given} frames given, {frames} kept")
        assert given - FRAGMENT_S * FPS - 1 <= frames <= given + 1
        if done:
            assert [number for number, _ in shown(part)] == list(range(frames))
