"""A camera in a simulated room: frame after frame of it, cheaply, and the chunks it records."""

from __future__ import annotations

import platform
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from simulate.acting import EPOCH, Actor
from simulate.cat import Sprite, Stance, draw_cat
from simulate.compose import Sighting, place_cats
from simulate.flesh import Body
from simulate.light import Light, exposed, light_for
from simulate.room import Room, draw_room
from simulate.surface import Canvas
from simulate.view import View

Picture = NDArray[np.uint8]

CHUNK_S = 300
REMEMBERED = 160  # drawn cat patches kept: more than the frames of one posture's period
NOISE_SIGMA = {"day": 2.0, "evening": 3.0, "night": 5.0}  # grey levels, as cheap indoor cameras have
CLOUD_PERIOD_S, CLOUD_DEPTH = 97.0, 0.05  # a passing cloud dims the day by up to this part


@dataclass(frozen=True)
class Frame:
    """One frame: `ts` in UTC, planar `yuv` 4:2:0 (h * 3 / 2, w) and what it truly shows of each cat by name."""

    ts: datetime
    yuv: Picture
    truth: dict[str, Sighting]


@dataclass(frozen=True)
class _Patch:
    left: int
    top: int
    yuv: Picture
    truth: dict[str, Sighting]


class Camera:
    """One camera of a simulated home; `draws` counts how often a cat had to be drawn anew."""

    def __init__(self, room: Room, view: View, cats: dict[str, tuple[Body, Actor]], seed: int, zone: tzinfo = UTC):
        """`cats` by name with the actor that plays them; `zone` decides when it is day. Sides of the view must be even."""
        if view.width % 2 or view.height % 2:
            raise ValueError(f"a picture of {view.width}x{view.height}: width and height must be even for 4:2:0 video")
        self.draws = 0
        self._room, self._view, self._cats, self._zone = room, view, cats, zone
        self._seed = seed
        self._light: Light | None = None
        self._patches: OrderedDict[tuple[Stance | None, ...], _Patch | None] = OrderedDict()

    def frames(self, start: datetime, seconds: float, fps: int) -> Iterator[Frame]:
        """Frames from `start` for `seconds`."""
        for k in range(round(seconds * fps)):
            yield self.frame(start + timedelta(seconds=k) / fps)

    def frame(self, ts: datetime) -> Frame:
        """The frame at `ts`."""
        self._set_light(ts)
        t = (ts - EPOCH).total_seconds()
        number = round(t * 1000)
        stances = tuple(actor.stance(ts) for _, actor in self._cats.values())
        yuv = self._empty.copy()
        patch = self._patch(stances)
        if patch is not None:
            _paste(yuv, patch, self._view)
        self._sensor(yuv, t, number)
        return Frame(ts, yuv, patch.truth if patch else {})

    def _set_light(self, ts: datetime) -> None:
        local = ts.astimezone(self._zone)
        light = light_for(local.hour + (0.5 if local.minute >= 30 else 0.0), self._view)
        if light == self._light:
            return
        self._light = light
        self._canvas = draw_room(self._room, self._view, light)
        self._empty = _to_yuv(exposed(self._canvas.picture, light))
        self._work = Canvas(self._view, light)
        self._work.picture[:], self._work.depth[:] = self._canvas.picture, self._canvas.depth
        self._patches.clear()
        rng = np.random.default_rng((self._seed, 3))
        shape = (self._view.height + 64, self._view.width + 64)
        self._noise = np.round(rng.normal(0, NOISE_SIGMA[light.name], shape)).astype(np.int8)

    def _patch(self, stances: tuple[Stance | None, ...]) -> _Patch | None:
        if stances not in self._patches:
            self._patches[stances] = self._draw(stances)
            if len(self._patches) > REMEMBERED:
                self._patches.popitem(last=False)
        self._patches.move_to_end(stances)
        return self._patches[stances]

    def _draw(self, stances: tuple[Stance | None, ...]) -> _Patch | None:
        """Cats into the empty room; what was touched is copied out as a patch and wiped again."""
        assert self._light is not None
        sprites: dict[str, Sprite] = {}
        for (name, (body, _)), stance in zip(self._cats.items(), stances, strict=True):
            if stance is None:
                continue
            self.draws += 1
            sprite = draw_cat(body, stance, self._view, self._light)
            if sprite is not None:
                sprites[name] = sprite
        if not sprites:
            return None
        seen, window = place_cats(self._work.picture, self._work.depth, list(sprites.values()), self._view)
        yuv = _to_yuv(exposed(self._work.picture[window], self._light))
        self._work.picture[window], self._work.depth[window] = self._canvas.picture[window], self._canvas.depth[window]
        truth = {name: sighting for name, sighting in zip(sprites, seen, strict=True) if sighting is not None}
        return _Patch(window[1].start, window[0].start, yuv, truth)

    def _sensor(self, yuv: Picture, t: float, number: int) -> None:
        """Drifting light and noise on the luma plane, in place."""
        luma = yuv[: self._view.height]
        if self._light is not None and self._light.name == "day":
            gain = 1 - CLOUD_DEPTH * (0.5 - 0.5 * np.cos(2 * np.pi * t / CLOUD_PERIOD_S))
            cv2.LUT(luma, np.round(np.arange(256) * gain).astype(np.uint8), dst=luma)
        x, y = np.random.default_rng((self._seed, 5, number)).integers(0, 64, 2)
        noise = self._noise[y : y + self._view.height, x : x + self._view.width]
        cv2.add(luma, noise, dst=luma, dtype=cv2.CV_8U)


def record(
    frames: Iterable[Frame], folder: Path, size: tuple[int, int], fps: int, keyframe_s: float = 5.0, codec: str = "h264"
) -> list[Path]:
    """Write frames as chunks `folder/chunk-YYYYmmdd-HHMMSS.mp4`, cut on wall-clock multiples of 5 minutes.

    A chunk is written under another name and renamed when it is whole; a name that is taken gets `-1`, `-2` ...
    Its metadata `comment` carries the exact start. Same frames, same bytes: the encoder runs on one thread.

    Args:
        size: width and height.
        keyframe_s: seconds from keyframe to keyframe.
        codec: `h264` or `mjpeg` (all keyframes).
    """
    folder.mkdir(parents=True, exist_ok=True)
    done: list[Path] = []
    writer: _Chunk | None = None
    try:
        for frame in frames:
            slot = int(frame.ts.timestamp()) // CHUNK_S
            if writer is None or writer.slot != slot:
                done += [writer.close()] if writer else []
                writer = _Chunk(folder, frame.ts, slot, size, fps, keyframe_s, codec)
            writer.add(frame.yuv)
        return done + ([writer.close()] if writer else [])
    except BaseException:
        if writer:
            writer.abandon()
        raise


class _Chunk:
    def __init__(
        self, folder: Path, start: datetime, slot: int, size: tuple[int, int], fps: int, keyframe_s: float, codec: str
    ):
        self.slot = slot
        utc = start.astimezone(UTC)
        self._stem = f"chunk-{utc:%Y%m%d-%H%M%S}"
        self._folder, self._temporary = folder, folder / f".{self._stem}.part"
        self._container = av.open(str(self._temporary), "w", format="mp4")
        self._container.metadata["comment"] = f"catml-start={utc:%Y-%m-%dT%H:%M:%S.%f}Z"
        self._stream = _stream(self._container, size, fps, keyframe_s, codec)
        self._format = "yuv420p" if codec == "h264" else "yuvj420p"
        self._count = 0

    def add(self, yuv: Picture) -> None:
        frame = av.VideoFrame.from_ndarray(yuv, format=self._format)
        frame.pts = self._count
        frame.time_base = self._stream.codec_context.time_base
        self._count += 1
        self._container.mux(self._stream.encode(frame))

    def close(self) -> Path:
        self._container.mux(self._stream.encode(None))
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


def _stream(container: OutputContainer, size: tuple[int, int], fps: int, keyframe_s: float, codec: str) -> VideoStream:
    if codec not in ("h264", "mjpeg"):
        raise ValueError(f"codec {codec!r}: h264 or mjpeg can be simulated")
    gop = str(max(1, round(fps * keyframe_s)))
    # No B-frames, as home cameras have none, and keyframes on time only.
    x264 = {
        "preset": "veryfast",
        "crf": "28",
        "g": gop,
        "keyint_min": gop,
        "sc_threshold": "0",
        "bf": "0",
        "threads": "1",
        # x264's AVX-512 code now and then gives other bytes; this set every x86-64 machine has.
        **({"x264-params": "asm=SSE4.2"} if platform.machine().lower() in ("x86_64", "amd64") else {}),
    }
    stream = container.add_stream(
        "libx264" if codec == "h264" else "mjpeg", rate=fps, options=x264 if codec == "h264" else {}
    )
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p" if codec == "h264" else "yuvj420p"
    stream.codec_context.time_base = Fraction(1, fps)
    if codec == "mjpeg":
        stream.codec_context.qmin = stream.codec_context.qmax = 6
        stream.codec_context.thread_count = 1
    return stream


def _to_yuv(picture: NDArray[np.float32]) -> Picture:
    """RGB 0..1 (h, w, 3), even sides, to planar 4:2:0 (h * 3 / 2, w)."""
    return np.asarray(
        cv2.cvtColor((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8), cv2.COLOR_RGB2YUV_I420), np.uint8
    )


def _paste(yuv: Picture, patch: _Patch, view: View) -> None:
    """Put a patch's luma and both chroma planes where they belong, in place."""
    rows, width = patch.yuv.shape[0] * 2 // 3, patch.yuv.shape[1]
    yuv[patch.top : patch.top + rows, patch.left : patch.left + width] = patch.yuv[:rows]
    y, x, h, w = patch.top // 2, patch.left // 2, rows // 2, width // 2
    chroma, flat = view.height * view.width // 4, yuv.reshape(-1)
    for plane in range(2):
        start = (4 + plane) * chroma
        target = flat[start : start + chroma].reshape(view.height // 2, view.width // 2)
        target[y : y + h, x : x + w] = patch.yuv[rows:].reshape(2, h, w)[plane]
