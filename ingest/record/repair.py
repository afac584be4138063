"""What a kill or a power cut left of a chunk becomes a whole one.

Three things are found: fragments that break off, with zeros after the break where the file system knew the length and
not yet the bytes; a file whose new index is not all there, its fragments already hidden in one large `mdat`; a whole
file that only lacked its name.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple

import av
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from home.errors import FootageError, StoreError
from home.footage import start_comment, start_of
from ingest.record.file import add_video
from ingest.record.shape import NAL_CODECS

_BLOCK = 1 << 20
# Where a chunk's description lies: behind its brand and room for a longer header.
_HEAD = 4096
_KINDS = ("video", "audio")


@dataclass(frozen=True)
class Repaired:
    """A chunk that was made whole.

    Attributes:
        path: the file, where the broken one was.
        start: UTC moment of its first frame.
        seconds: from there to the end of its last frame.
        frames: how many.
        damaged: frames that were left out, because their bytes are not what was written.
    """

    path: Path
    start: dt.datetime
    seconds: float
    frames: int
    damaged: int


def repair(part: Path) -> Repaired | None:
    """Make a chunk whole that was not closed; every whole frame that lies on the disk is kept. Doing it twice is no harm.

    Args:
        part: the unfinished file, named `.part-YYYYmmdd-HHMMSS.mp4`.

    Returns:
        None if it holds no frame; then it is removed.

    Raises:
        StoreError: if the disk refuses; what was there is still there.
        FootageError: if neither the file nor its name says when it was recorded, or its frames make no file.
    """
    whole = part.with_name(f".repair{part.name}")
    try:
        with part.open("r+b") as file:
            _open_up(file)
        done = _copy(part, whole)
        if done is None:
            part.unlink()
            return None
        with whole.open("rb") as file:
            os.fsync(file.fileno())
        whole.replace(part)
        return done
    except OSError as error:  # FFmpeg's errors of the disk among them
        raise StoreError(f"{part}: {error.strerror}; make room on that disk, or check it") from error
    except av.FFmpegError as error:
        raise FootageError(f"{part}: cannot be copied into a whole file ({error.strerror}); put it aside") from error
    finally:
        whole.unlink(missing_ok=True)


def _open_up(file: BinaryIO) -> None:
    """Bring the fragments to light that a half-written index hides, and cut off what no reader can use.

    No byte that a camera sent is touched, and a file that is whole is left as it is.
    """
    end = _end_of_data(file)
    boxes = list(_boxes(file))
    if not any(kind == b"moov" and stop <= end for kind, _, stop in boxes):
        for begin in (begin for kind, begin, _ in boxes if kind == b"mdat"):
            file.seek(begin)
            inner = file.read(_HEAD).find(b"moov") - 4
            if inner >= 8:
                file.seek(begin)
                file.write(struct.pack(">I4s", inner, b"free"))
        boxes = list(_boxes(file))
    # The frames of half an `mdat` can be read. Other boxes in halves make FFmpeg give up at once.
    readable = [min(stop, end) for kind, _, stop in boxes if stop <= end or kind == b"mdat"]
    file.truncate(max(readable, default=0))


def _boxes(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Kind, begin and end of the boxes at the top, in order; the last may end beyond the file (ISO/IEC 14496-12, 4.2)."""
    begin = 0
    while True:
        file.seek(begin)
        header = file.read(16)
        if len(header) < 8:
            return
        size, kind = struct.unpack(">I4s", header[:8])
        if size == 1 and len(header) == 16:
            size = struct.unpack(">Q", header[8:])[0]
        if size < 8:
            return
        yield kind, begin, begin + size
        begin += size


def _end_of_data(file: BinaryIO) -> int:
    """Where the zeros begin that run to the end of the file; its size if there are none."""
    size = file.seek(0, os.SEEK_END)
    while size:
        begin = max(0, size - _BLOCK)
        file.seek(begin)
        kept = len(file.read(size - begin).rstrip(b"\0"))
        if kept:
            return begin + kept
        size = begin
    return 0


def _copy(part: Path, whole: Path) -> Repaired | None:
    """Copy what can be read into an ordinary file; None if that is not one frame."""
    try:
        source = av.open(str(part.absolute()), format="mp4", metadata_errors="ignore")
    except (av.error.InvalidDataError, av.error.EOFError):
        return None
    with source:
        packets = _Readable(source)
        first = next((p for p in packets if p.packet.stream.type == "video" and p.packet.is_keyframe), None)
        if first is None:
            return None
        zero = first.pts * first.packet.time_base
        start = _told_start(source, part) + dt.timedelta(seconds=float(zero))
        frames, end = 0, Fraction(0)
        with av.open(str(whole), "w", format="mp4") as output:
            output.metadata["comment"] = start_comment(start)
            copies = {stream.index: _added(output, stream) for stream in source.streams if stream.type in _KINDS}
            for packet, pts, dts in chain([first], packets):
                base = packet.time_base
                packet.pts, packet.dts = pts - round(zero / base), dts - round(zero / base)
                if packet.stream.type == "video":
                    frames, end = frames + 1, max(end, (packet.pts + (packet.duration or 0)) * base)
                elif packet.pts < 0:
                    continue
                packet.stream = copies[packet.stream_index]
                output.mux_one(packet)
    return Repaired(part, start, float(end), frames, packets.damaged)


def _told_start(source: InputContainer, part: Path) -> dt.datetime:
    name = f"{part.parent.name}/{part.name.replace('.part-', 'chunk-', 1)}"
    start = start_of(source.metadata.get("comment"), name)
    if start is None:
        raise FootageError(f"{part}: neither the file nor its name says when it was recorded; give it its name back")
    return start


def _added(output: OutputContainer, stream: Stream) -> Stream:
    return add_video(output, stream) if isinstance(stream, VideoStream) else output.add_stream_from_template(stream)


class _Timed(NamedTuple):
    packet: Packet
    pts: int
    dts: int


class _Readable:
    """The packets of a file that are whole, up to where it breaks off.

    Attributes:
        damaged: video packets met that are not.
    """

    def __init__(self, source: InputContainer) -> None:
        self._source = source
        self.damaged = 0
        self._packets = self._whole()

    def __iter__(self) -> Iterator[_Timed]:
        return self._packets

    def _whole(self) -> Iterator[_Timed]:
        streams = [stream for stream in self._source.streams if stream.type in _KINDS]
        with contextlib.suppress(av.error.InvalidDataError, av.error.EOFError):
            for packet in self._source.demux(streams):
                if not packet.size or packet.is_corrupt:  # the end, or cut through by it
                    continue
                if packet.pts is None or packet.dts is None:
                    continue
                if packet.stream.type == "video" and not _is_sound(packet):
                    self.damaged += 1
                    continue
                yield _Timed(packet, packet.pts, packet.dts)


def _is_sound(packet: Packet) -> bool:
    """Whether a frame's own lengths fill it; where a power cut left zeros they do not."""
    codec = packet.stream.codec_context.name
    if codec == "mjpeg":
        return bytes(memoryview(packet)[:2]) == b"\xff\xd8"
    if codec not in NAL_CODECS:
        return True
    data = memoryview(packet)
    at = 0
    while at + 4 < len(data):  # FFmpeg writes lengths of four bytes
        length = int.from_bytes(data[at : at + 4], "big")
        if not length:
            return False
        at += 4 + length
    return at == len(data)
