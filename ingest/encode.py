"""Re-encoding to H.264, for the few files that mp4 cannot hold as they are."""

from __future__ import annotations

import datetime as dt
import platform
import struct
from collections import deque
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any

import av
from av.container import OutputContainer
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from home.clock import Span
from home.errors import FootageError
from home.footage import chunk_boundary
from ingest.chunks import Part, Plan, writing
from ingest.packets import HOLE_S, Timed, frame_rate, lacks_display_times, open_video, packets

# A keyframe in 5 s: the default sample period, so that a sample costs one decoded frame. Constant, because importing
# the same file again must give the same bytes.
KEYFRAME_S = 5
_OPTIONS = {"preset": "veryfast", "crf": "23", "forced-idr": "1", "sc_threshold": "0"}
_THREADS = 2
# x264's AVX-512 code (core 165) gave other bytes in 13 of 400 runs on a busy machine and differs from its AVX2 code;
# SSE4.2 and AVX2 agree to the bit and were the same in 300 of 300.
_SAME_EVERYWHERE = {"x264-params": "asm=SSE4.2"}
_X86 = ("x86_64", "amd64")
# MPEG's clock: every common frame rate is a whole number of its ticks, or within 6 µs of one.
_TICK = Fraction(1, 90_000)


def encode_chunks(plan: Plan, start: dt.datetime, folder: Path) -> Iterator[Part]:
    """Decode a file and write it as chunks in H.264, cut to the frame; rotation and pixel shape are kept.

    Args:
        plan: from `ingest.chunks.scan`.
        start: UTC moment of the file's first frame.
        folder: where the parts are written; the caller removes each when it is done with it.

    Raises:
        FootageError: if no frame can be decoded.
        StoreError: if the folder's disk is full.
    """
    shown = 0
    with open_video(plan.path) as (container, stream):
        frame_s = 1 / frame_rate(stream)
        unordered = lacks_display_times(container, stream)
        timed = _timed(packets(container, stream, []), stream, unordered)
        cutter = _Cutter(plan, start, max(Fraction(HOLE_S), 2 * frame_s))
        for index, group in groupby(timed, cutter):
            part = _encode_part(folder / f"{index}.mp4", group, plan, start, stream, frame_s)
            shown += part.frames
            yield part
    if not shown:
        raise FootageError(f"{plan.path}: not one frame can be decoded")


class _Cutter:
    """Numbers frames by the chunk they belong to: a new one at each wall-clock boundary, and after a hole."""

    def __init__(self, plan: Plan, start: dt.datetime, hole_s: Fraction) -> None:
        self._plan = plan
        self._hole_s = hole_s
        self._start = start
        self._boundary: dt.datetime | None = None
        self._last = 0
        self._index = 0

    def __call__(self, timed: tuple[int, VideoFrame]) -> int:
        ticks, _ = timed
        moment = self._plan.moment(ticks, self._start)
        if self._boundary is None:
            self._boundary = chunk_boundary(moment)
        elif moment >= self._boundary or (ticks - self._last) * self._plan.tick > self._hole_s:
            self._boundary = chunk_boundary(moment)
            self._index += 1
        self._last = ticks
        return self._index


def _timed(source: Iterable[Timed], stream: VideoStream, unordered: bool) -> Iterator[tuple[int, VideoFrame]]:
    """Decoded frames with the ticks at which they are shown, rising strictly; what cannot be decoded is passed over.

    Args:
        source: the packets.
        stream: where they come from.
        unordered: the packets' times are in decoding order; the n-th frame shown then takes the n-th of them.
    """
    waiting: deque[int] = deque()
    last: int | None = None
    for timed in _then_flush(source):
        if timed is not None:
            waiting.append(timed.pts)
            timed.packet.pts, timed.packet.dts = timed.pts, timed.dts
        try:
            frames = stream.codec_context.decode(timed.packet if timed is not None else None)
        except av.FFmpegError:
            continue
        for frame in frames:
            nth = waiting.popleft() if waiting else None
            ticks = nth if unordered or frame.pts is None else frame.pts
            if ticks is None or (last is not None and ticks <= last):
                ticks = last + 1 if last is not None else 0
            last = ticks
            yield ticks, frame


def _then_flush(source: Iterable[Timed]) -> Iterator[Timed | None]:
    yield from source
    yield None


def _encode_part(
    target: Path,
    group: Iterator[tuple[int, VideoFrame]],
    plan: Plan,
    start: dt.datetime,
    source: VideoStream,
    frame_s: Fraction,
) -> Part:
    zero, first = next(group)
    begin = plan.moment(zero, start)
    count, last, key_s = 0, zero, 0
    with writing(target, begin) as output:
        stream = _h264(output, first, source)
        for ticks, frame in _chained(zero, first, group):
            pts = round((ticks - zero) * plan.tick / _TICK)
            picture = frame.reformat(stream.width, stream.height, "yuv420p")
            picture.pts, picture.time_base = pts, _TICK
            picture.pict_type = PictureType.NONE
            if pts * _TICK >= key_s:
                picture.pict_type = PictureType.I
                key_s = (int(pts * _TICK) // KEYFRAME_S + 1) * KEYFRAME_S
            output.mux(stream.encode(picture))
            count, last = count + 1, ticks
        output.mux(stream.encode(None))
    end = plan.moment(last, start) + dt.timedelta(seconds=float(frame_s))
    return Part(target, Span(begin, end), count)


def _chained(zero: int, first: VideoFrame, rest: Iterable[tuple[int, VideoFrame]]) -> Iterator[tuple[int, VideoFrame]]:
    yield zero, first
    yield from rest


def _h264(output: OutputContainer, first: VideoFrame, source: VideoStream) -> VideoStream:
    options = _OPTIONS | (_SAME_EVERYWHERE if platform.machine().lower() in _X86 else {})
    stream = output.add_stream("libx264", rate=frame_rate(source), options=options)
    # 4:2:0 needs even sides.
    stream.width, stream.height = max(2, first.width // 2 * 2), max(2, first.height // 2 * 2)
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = _TICK
    stream.codec_context.gop_size = 100_000
    stream.codec_context.thread_count = _THREADS
    if source.sample_aspect_ratio:
        stream.codec_context.sample_aspect_ratio = source.sample_aspect_ratio
    matrix: Any = first.side_data.get("DISPLAYMATRIX")
    if matrix is not None:
        stream.set_display_matrix(struct.unpack("=9i", bytes(matrix)))
    return stream
