"""Streams as cameras send them, whose frames carry their number, written into chunk files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.packet import Packet

from ingest.record.file import ChunkFile
from tests.ingest.film import film

START = dt.datetime(2026, 3, 1, 8, 58, 7, 250000, dt.UTC)
FPS = 10
# What a camera may send. MPEG-TS carries H.264 and H.265 as RTSP does: as a byte stream with its parameter sets in it.
KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "h264": ("camera.ts", "libx264", {}),
    "h264 with B-frames": ("camera.ts", "libx264", {"b_frames": 2}),
    "h265": ("camera.ts", "libx265", {}),
    "h265 with B-frames": ("camera.ts", "libx265", {"b_frames": 3}),
    "mjpeg": ("camera.mkv", "mjpeg", {}),
}


def stream_of(kind: str, folder: Path, frames: int, **options: Any) -> Path:
    """A stream of some frames at 10 a second, a keyframe every 2 s."""
    name, codec, more = KINDS[kind]
    return film(folder / name, frames, fps=FPS, codec=codec, gop=2 * FPS, **{**more, **options})


@contextmanager
def coming(path: Path) -> Iterator[tuple[Any, Iterator[tuple[Packet, int, int, int]]]]:
    """The video stream of a file and its packets as `ChunkFile.write` wants them, the first frame at 0."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        yield stream, _timed(container, stream)


def _timed(container: Any, stream: Any) -> Iterator[tuple[Packet, int, int, int]]:
    zero = None
    step = round(Fraction(1, FPS) / stream.time_base)
    for packet in container.demux(stream):
        if packet.size:
            zero = packet.pts if zero is None else zero
            # Matroska has no decoding times: without B-frames they are those of display.
            dts = packet.pts if packet.dts is None else packet.dts
            yield packet, packet.pts - zero, dts - zero, packet.duration or step


def record(source: Path, target: Path, frames: int | None = None, close: bool = True) -> ChunkFile:
    """Write a stream's packets into a chunk, the first `frames` of them."""
    with coming(source) as (stream, packets):
        chunk = ChunkFile(target, stream, START)
        for number, timed in enumerate(packets):
            if number == frames:
                break
            chunk.write(*timed)
        if close:
            chunk.close()
    return chunk
