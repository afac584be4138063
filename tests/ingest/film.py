"""Footage whose frames carry their number as 12 black and white bars, so that none can be lost, doubled or moved unseen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from home.footage import start_of
from home.store import Store

BITS, BAR = 12, 5
SIZE = (64, 48)
START = dt.datetime(2026, 3, 1, 8, 58, 7, 250000, dt.UTC)
_MILLISECOND = Fraction(1, 1000)


def film(
    path: Path,
    frames: int | Sequence[float],
    *,
    fps: int = 1,
    codec: str = "libx264",
    gop: int = 5,
    b_frames: int = 0,
    options: dict[str, str] | None = None,
    metadata: dict[str, str] | None = None,
    rotation: int = 0,
    first: int = 0,
    audio: bool = False,
    container: dict[str, str] | None = None,
    size: tuple[int, int] = SIZE,
) -> Path:
    """Write a clip.

    Args:
        path: its ending chooses the container.
        frames: how many, or the second at which each is shown.
        gop: frames from one keyframe to the next.
        rotation: counter-clockwise degrees of the display matrix.
        first: number of the first frame.
        audio: a second of silence beside it.
        container: options of the muxer.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    times = [Fraction(n, fps) for n in range(frames)] if isinstance(frames, int) else [Fraction(t) for t in frames]
    base = Fraction(1, fps) if isinstance(frames, int) else _MILLISECOND
    with av.open(str(path), "w", options=container or {}) as output:
        output.metadata.update(metadata or {})
        stream = output.add_stream(codec, rate=fps, options=options or _options(codec))
        stream.width, stream.height = size
        stream.pix_fmt = {"mjpeg": "yuvj420p", "gif": "rgb8", "png": "rgb24", "qtrle": "rgb24"}.get(codec, "yuv420p")
        stream.codec_context.time_base = base
        stream.codec_context.gop_size, stream.codec_context.max_b_frames = gop, b_frames
        stream.codec_context.thread_count = 1
        if rotation:
            stream.set_display_rotation(rotation)
        if audio:
            _silence(output)
        for number, time in enumerate(times, first):
            frame = av.VideoFrame.from_ndarray(bars(number, size), format="rgb24")
            frame.pts, frame.time_base = round(time / base), base
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def _options(codec: str) -> dict[str, str]:
    return {
        "libx264": {"preset": "ultrafast", "sc_threshold": "0"},
        "libx265": {"preset": "ultrafast", "x265-params": "open-gop=0:scenecut=0:log-level=none"},
        "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"},
        "libvpx": {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"},
        "libsvtav1": {"preset": "13"},
        "mpeg4": {"b": "2000000", "flags": "+cgop", "sc_threshold": "1000000000"},
    }.get(codec, {"b": "2000000"} if codec in ("wmv2", "flv", "mpeg2video") else {})


def _silence(output: av.container.OutputContainer) -> None:
    stream = output.add_stream("aac", rate=8000, layout="mono")
    frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
    frame.sample_rate, frame.pts = 8000, 0
    output.mux(stream.encode(frame))
    output.mux(stream.encode(None))


def bars(number: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """The picture of a frame number, uint8 [h, w, 3]."""
    picture = np.full((size[1], size[0], 3), 60, np.uint8)
    for bit in range(BITS):
        picture[:, bit * BAR : (bit + 1) * BAR] = 230 if number >> bit & 1 else 20
    return picture


def number_of(picture: np.ndarray) -> int:
    """The frame number that a picture shows."""
    grey = picture[8:40].mean(axis=(0, 2))
    return sum(1 << bit for bit in range(BITS) if grey[bit * BAR + 1 : bit * BAR + 4].mean() > 125)


def shown(path: Path) -> list[tuple[int, float]]:
    """Every frame a player shows: its number, and the second at which."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return [
            (number_of(frame.to_ndarray(format="rgb24")), float(frame.pts * stream.time_base))
            for frame in container.decode(stream)
        ]


def on_the_shelf(store: Store, keys: Iterable[str]) -> Iterator[tuple[int, dt.datetime]]:
    """Every frame of some chunks: its number, and the UTC moment at which it was recorded by the chunk's own start."""
    assert store.folder is not None
    for key in keys:
        path = store.folder / key
        with av.open(str(path)) as container:
            start = start_of(container.metadata["comment"], key)
            assert start is not None
        for number, second in shown(path):
            yield number, start + dt.timedelta(seconds=second)


def keyframes(path: Path) -> list[float]:
    """The seconds of all keyframes."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return [float(p.pts * stream.time_base) for p in container.demux(stream) if p.size and p.is_keyframe]
