"""Frames as the chunks that a camera records. A stretch that looks like one before is not encoded again."""

from __future__ import annotations

import platform
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import av
import numpy as np
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream
from numpy.typing import NDArray

CHUNK_S = 300
REMEMBERED = 96  # encoded keyframe intervals kept, about 100 kB each at 1280x720

Encoded = list[tuple[bytes, int, bool]]  # packets: their bytes, frame number within the interval, keyframe or not


class Filmed(Protocol):
    """A frame: frames with equal keys have equal pictures; None where that is not known."""

    @property
    def ts(self) -> datetime:
        """When, in UTC."""
        ...

    @property
    def key(self) -> Hashable | None:
        """What decides the picture."""
        ...

    @property
    def yuv(self) -> NDArray[np.uint8]:
        """Planar 4:2:0 (h * 3 / 2, w)."""
        ...


class Encoder:
    """Encodes keyframe intervals, each by an encoder that has seen nothing else: its bytes follow from its frames alone.

    So an interval whose frames have the keys of an earlier one is that one's packets again, at no cost.

    Args:
        size: width and height.
        keyframe_s: seconds from keyframe to keyframe.
        codec: `h264` or `mjpeg` (all keyframes).
    """

    def __init__(self, size: tuple[int, int], fps: int, keyframe_s: float = 5.0, codec: str = "h264"):
        if codec not in ("h264", "mjpeg"):
            raise ValueError(f"codec {codec!r}: h264 or mjpeg can be simulated")
        self.size, self.fps, self.codec = size, fps, codec
        self.interval = max(1, round(fps * keyframe_s)) if codec == "h264" else 1
        self.format = "yuv420p" if codec == "h264" else "yuvj420p"
        self._known: OrderedDict[tuple[Hashable, ...], Encoded] = OrderedDict()

    def context(self) -> VideoCodecContext:
        """A fresh encoder. No B-frames, as home cameras have none, and a keyframe at the start only."""
        context = av.CodecContext.create("libx264" if self.codec == "h264" else "mjpeg", "w")
        assert isinstance(context, VideoCodecContext)
        context.width, context.height = self.size
        context.pix_fmt, context.framerate, context.time_base = self.format, Fraction(self.fps), Fraction(1, self.fps)
        context.thread_count = 1
        context.flags |= Flags.global_header
        if self.codec == "mjpeg":
            context.qmin = context.qmax = 6
        else:
            context.options = {**_X264, "g": str(self.interval), "keyint_min": str(self.interval)}
        return context

    def encode(self, frames: list[Filmed]) -> Encoded:
        """The packets of the frames of one interval."""
        keys = tuple(frame.key for frame in frames)
        if None in keys:
            return self._encode(frames)
        if keys not in self._known:
            self._known[keys] = self._encode(frames)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        self._known.move_to_end(keys)
        return self._known[keys]

    def _encode(self, frames: list[Filmed]) -> Encoded:
        context, out = self.context(), list[av.Packet]()
        for number, filmed in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(filmed.yuv, format=self.format)
            frame.pts, frame.time_base = number, context.time_base
            out += context.encode(frame)
        out += context.encode(None)
        return [(bytes(packet), int(packet.pts or 0), packet.is_keyframe) for packet in out]


# x264's AVX-512 code now and then gives other bytes; this set every x86-64 machine has.
_PORTABLE = ":asm=SSE4.2" if platform.machine().lower() in ("x86_64", "amd64") else ""
# The fastest preset, with the deblocking filter that it leaves out. At crf 30 the picture is that of `veryfast` at 28: the
# difference to the drawn frames is the same to half a decibel, at a half (night: a third) of the time.
_X264 = {
    "preset": "ultrafast", "crf": "30", "sc_threshold": "0", "bf": "0", "threads": "1",
    "x264-params": "no-deblock=0" + _PORTABLE,
}  # fmt: skip


def record(frames: Iterable[Filmed], folder: Path, encoder: Encoder) -> list[Path]:
    """Write frames as chunks `folder/chunk-YYYYmmdd-HHMMSS.mp4`, cut on wall-clock multiples of 5 minutes.

    A chunk is written under another name and renamed when it is whole; a name that is taken gets `-1`, `-2` ...
    Its metadata `comment` carries the exact start. Same frames, same bytes: the encoder runs on one thread.
    """
    folder.mkdir(parents=True, exist_ok=True)
    done: list[Path] = []
    chunk: _Chunk | None = None
    try:
        for frame in frames:
            slot = int(frame.ts.timestamp()) // CHUNK_S
            if chunk is None or chunk.slot != slot:
                done += [chunk.close()] if chunk else []
                chunk = _Chunk(folder, frame.ts, slot, encoder)
            chunk.add(frame)
        return done + ([chunk.close()] if chunk else [])
    except BaseException:
        if chunk:
            chunk.abandon()
        raise


class _Chunk:
    def __init__(self, folder: Path, start: datetime, slot: int, encoder: Encoder):
        self.slot = slot
        utc = start.astimezone(UTC)
        self._encoder, self._waiting, self._count = encoder, list[Filmed](), 0
        self._stem = f"chunk-{utc:%Y%m%d-%H%M%S}"
        self._folder, self._temporary = folder, folder / f".{self._stem}.part"
        self._container = av.open(str(self._temporary), "w", format="mp4")
        self._container.metadata["comment"] = f"catml-start={utc:%Y-%m-%dT%H:%M:%S.%f}Z"
        context = encoder.context()
        stream = self._container.add_stream(context.name, rate=encoder.fps, options=dict(context.options))
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = encoder.size
        stream.pix_fmt = encoder.format
        stream.codec_context.time_base = Fraction(1, encoder.fps)
        stream.codec_context.thread_count = 1
        self._stream = stream

    def add(self, frame: Filmed) -> None:
        self._waiting.append(frame)
        if len(self._waiting) == self._encoder.interval:
            self._flush()

    def _flush(self) -> None:
        for content, number, keyframe in self._encoder.encode(self._waiting) if self._waiting else []:
            packet = av.Packet(content)
            packet.pts = packet.dts = self._count + number
            packet.duration, packet.time_base = 1, Fraction(1, self._encoder.fps)
            packet.is_keyframe, packet.stream = keyframe, self._stream
            self._container.mux(packet)
        self._count += len(self._waiting)
        self._waiting = []

    def close(self) -> Path:
        self._flush()
        self._container.close()
        path, taken = self._folder / f"{self._stem}.mp4", 0
        while path.exists():
            taken += 1
            path = self._folder / f"{self._stem}-{taken}.mp4"
        self._temporary.replace(path)
        return path

    def abandon(self) -> None:
        self._container.close()
        self._temporary.unlink(missing_ok=True)
