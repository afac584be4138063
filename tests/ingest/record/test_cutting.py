"""Where a live stream is cut, by simulated time: names, cuts and spans, over clock changes, steps, pauses and jumps."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import av
import pytest

from home.clock import UTC, Span, local_day, merge
from ingest.record.cutting import Cutter, Placed
from ingest.record.events import Received
from ingest.record.host import EPOCH, Arrival
from ingest.record.shape import StreamShape, shape_of
from tests.ingest.record.film import coming, stream_of

TICK = Fraction(1, 90_000)
# Its packets are never looked into: a JPEG that is none has no size, so none that differs.
PICTURES = StreamShape("mjpeg", b"", 64, 48, TICK)
NINE = dt.datetime(2026, 3, 1, 8, 58, 7, 300_000, UTC)
UP = 1000.0


@dataclass
class Chunk:
    """What a chunk would hold: first frame's UTC, end of the last one, number of frames, and why time was missing."""

    start: dt.datetime
    end: dt.datetime
    frames: int
    gap: str


def live(
    seconds: Iterable[float], begin: dt.datetime = NINE, gop_s: float = 2.0, wall: float = 0.0, since: float = 0.0
) -> Iterator[Received]:
    """Frames at these seconds after the begin, keyframes at multiples of `gop_s`; `wall`: how wrong the host's clock is."""
    for second in seconds:
        arrival = Arrival(UP + second + 0.02, (begin - EPOCH).total_seconds() + second + wall + 0.02, True)
        key = abs(second / gop_s - round(second / gop_s)) < 1e-6
        stamp = round((second - since) / TICK)
        yield Received(av.Packet(b"picture"), stamp, stamp, key, False, arrival)


def steady(seconds: float, fps: int = 5, begin: float = 0.0) -> list[float]:
    return [begin + n / fps for n in range(int(seconds * fps))]


def chunks(cutter: Cutter, items: Iterable[Received]) -> list[Chunk]:
    """The chunks that a recorder writes; frames before the first keyframe are lost."""
    found: list[Chunk] = []
    for item in items:
        for frame in cutter.frames(item):
            start = cutter.moment(frame.pts)
            if frame.begins:
                found.append(Chunk(start, start, 0, frame.gap))
            if found:
                found[-1].end = max(found[-1].end, cutter.moment(frame.pts + frame.duration))
                found[-1].frames += 1
    return found


def placed(cutter: Cutter, items: Iterable[Received]) -> list[Placed]:
    return [frame for item in items for frame in cutter.frames(item)]


def test_chunks_begin_at_the_first_keyframe_from_each_boundary_on() -> None:
    # 16 minutes from 08:58:07.3 on, a keyframe every 7 s: as an H.264 camera whose GOP fits no boundary.
    found = chunks(Cutter(PICTURES), live(steady(960), gop_s=7))
    starts = [chunk.start for chunk in found]
    assert starts[0] == pytest.approx(NINE, abs=dt.timedelta(seconds=0.03))
    for start, boundary in zip(starts[1:], ("09:00:00", "09:05:00", "09:10:00"), strict=True):
        late = (start - dt.datetime.fromisoformat(f"2026-03-01T{boundary}+00:00")).total_seconds()
        assert 0 <= late < 7
    assert sum(chunk.frames for chunk in found) == 960 * 5
    # What one ends with the next begins: not a frame between, none twice.
    assert all(a.end == pytest.approx(b.start, abs=dt.timedelta(milliseconds=1)) for a, b in itertools.pairwise(found))


def test_a_keyframe_at_the_boundary_is_the_next_chunks_first() -> None:
    begin = dt.datetime(2026, 3, 1, 8, 59, 0, 980_000, UTC)  # frames arrive 20 ms after they were made
    found = chunks(Cutter(PICTURES), live(steady(120), begin, gop_s=1))
    assert [chunk.start.isoformat() for chunk in found[1:]] == ["2026-03-01T09:00:00+00:00"]


@pytest.mark.parametrize(("date", "hours"), [(dt.date(2026, 3, 29), 23), (dt.date(2026, 10, 25), 25)])
def test_the_nights_of_the_clock_changes(date: dt.date, hours: int) -> None:
    # 5 minutes of every wall clock are 5 minutes of UTC: names do not repeat, and nothing is missing or counted twice.
    berlin = ZoneInfo("Europe/Berlin")
    day = local_day(date, berlin)
    frames = live(steady(day.seconds + 1, fps=1), day.start, gop_s=10)
    found = chunks(Cutter(PICTURES), frames)
    assert day.seconds == hours * 3600 and len(found) in (hours * 12, hours * 12 + 1)
    assert len({f"{chunk.start:%Y%m%d-%H%M%S}" for chunk in found}) == len(found)
    assert all(chunk.start.astimezone(berlin).minute % 5 == 0 for chunk in found)
    spans = merge([Span(chunk.start, chunk.end) for chunk in found], 0.05)
    assert len(spans) == 1 and spans[0].seconds == pytest.approx(day.seconds, abs=2)


@pytest.mark.parametrize("hour", [3600, -3600])
def test_a_step_of_the_hosts_clock_begins_a_chunk_at_the_next_keyframe(hour: int) -> None:
    # Set after 61 s; the next keyframe is at 62 s.
    found = chunks(Cutter(PICTURES), [*live(steady(61)), *live(steady(40, begin=61.0), wall=hour)])
    assert [chunk.frames for chunk in found] == [62 * 5, 39 * 5]
    moved = (found[1].start - found[0].end).total_seconds()
    assert moved == pytest.approx(hour, abs=0.05)
    assert found[1].gap == ("clock_step" if hour > 0 else "")  # back: no time is missing, some is there twice


def test_a_pause_that_ends_with_a_keyframe_is_a_gap() -> None:
    found = chunks(Cutter(PICTURES), live([*steady(20), *steady(20, begin=28.0)]))
    assert [(chunk.frames, chunk.gap) for chunk in found] == [(100, ""), (100, "stalled")]
    assert (found[1].start - found[0].end).total_seconds() == pytest.approx(8, abs=0.001)


def test_a_pause_inside_a_gop_is_told_and_the_next_keyframe_begins_a_chunk() -> None:
    # 21 s is no keyframe: what comes until 22 s needs frames from before the pause.
    frames = placed(Cutter(PICTURES), live([*steady(13), *steady(20, begin=21.0)]))
    assert [n for n, frame in enumerate(frames) if frame.gap] == [13 * 5]
    assert [n for n, frame in enumerate(frames) if frame.begins] == [0, 13 * 5 + 5]


def test_a_camera_of_a_frame_in_six_seconds_does_not_pause() -> None:
    found = chunks(Cutter(PICTURES), live([6.0 * n for n in range(40)], gop_s=60))
    assert len(found) == 2 and not any(chunk.gap for chunk in found)


def test_a_stream_that_begins_between_keyframes_is_dropped_up_to_the_first() -> None:
    frames = placed(Cutter(PICTURES), live(steady(10, begin=1.0)))
    assert [frame.begins for frame in frames[:6]] == [False] * 5 + [True]


def test_what_may_not_begin_is_wanted_at_the_next_keyframe() -> None:
    # Private hours, a full disk: whoever writes says that there is no chunk.
    cutter = Cutter(PICTURES)
    begun = []
    for item in live(steady(10)):
        for frame in cutter.frames(item):
            begun.append(frame.begins)
            cutter.wanted = True
    assert [n for n, begins in enumerate(begun) if begins] == [0, 10, 20, 30, 40]


def test_another_connection_goes_on_after_the_last_frame() -> None:
    # The anchor of a new connection may lie 0.3 s early: no frame may come before one that is recorded already.
    after = NINE + dt.timedelta(seconds=0.3)
    frames = placed(cutter := Cutter(PICTURES, after=after), live(steady(5)))
    moments = [cutter.moment(frame.pts) for frame in frames]
    assert moments[0] > after and moments == sorted(set(moments))
    assert moments[-1] == pytest.approx(NINE + dt.timedelta(seconds=4.82), abs=dt.timedelta(milliseconds=1))


def test_another_size_in_the_middle_begins_a_chunk_without_losing_a_frame(tmp_path: Path) -> None:
    cutter: Cutter | None = None
    second, begun, sizes = 0.0, [], []
    for size in ((64, 48), (96, 64)):
        with coming(stream_of("h264", tmp_path / str(size[0]), 40, size=size)) as (stream, packets):
            cutter = cutter or Cutter(shape_of(stream))
            for packet, _, _, _ in packets:
                stamp = round(second / TICK)
                arrival = Arrival(UP + second, (NINE - EPOCH).total_seconds() + second, True)
                item = Received(packet, stamp, stamp, packet.is_keyframe, False, arrival)
                for frame in cutter.frames(item):
                    begun.append(frame.begins)
                    sizes.append((cutter.shape.width, cutter.shape.height))
                second += 0.1
    assert [n for n, begins in enumerate(begun) if begins] == [0, 40]
    assert sizes == [(64, 48)] * 40 + [(96, 64)] * 40
