"""Small footage that tests paint themselves: a grey room, a bright square that walks, sensor noise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from home.footage import ChunkName, start_comment

Place = Callable[[float], float | None]
"""Where the square is at a second: x in 0..1 of its left edge, or None if it is not there."""


def still(_: float) -> float | None:
    """Nobody is there."""
    return None


def walking(seconds: float) -> float | None:
    """From left to right in 20 s, again and again."""
    return (seconds % 20) / 20 * 0.9


def paint(
    path: Path,
    seconds: float,
    *,
    place: Place = still,
    fps: int = 5,
    gop_s: float = 5.0,
    codec: str = "libx264",
    size: tuple[int, int] = (320, 240),
    start: dt.datetime | None = None,
    b_frames: int = 0,
    first_second: float = 0.0,
) -> Path:
    """Write a clip; with a `start` its comment carries it, as in a chunk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    width, height = size
    rng = np.random.default_rng(0)
    room = np.linspace(60, 140, width)[None, :].repeat(height, 0)
    with av.open(str(path), "w") as container:
        if start is not None:
            container.metadata["comment"] = start_comment(start)
        stream = container.add_stream(codec, rate=fps)
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.time_base = Fraction(1, fps)
        if codec != "mjpeg":
            stream.gop_size = round(gop_s * fps)
            stream.max_b_frames = b_frames
            stream.options = {"sc_threshold": "0", "preset": "ultrafast" if not b_frames else "veryfast"}
        for number in range(round(seconds * fps)):
            grey = room + rng.normal(0, 2, room.shape)
            left = place(first_second + number / fps)
            if left is not None:
                x, side = int(left * width), height // 4
                grey[height // 2 : height // 2 + side, x : x + side] = 230
            rgb = np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[:, :, None], 3, 2)
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def paint_chunk(
    footage: Path, camera: str, start: dt.datetime, seconds: float, place: Place = still, **options: object
) -> str:
    """Write a chunk where a recorder would; returns its key."""
    key = ChunkName(camera, start.replace(microsecond=0)).key
    paint(footage / key, seconds, place=place, start=start, **options)  # type: ignore[arg-type]
    return key
