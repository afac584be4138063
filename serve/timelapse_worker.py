"""The program that makes a timelapse: `python -m serve.timelapse_worker`, a process of its own that may be killed at any time.

A picture for every step of a time of one camera, each the keyframe before it, with the local time in its corner. What was not
recorded is a hatched picture that says why: time goes on at the same pace, and a gap stays a gap. Memory and CPU time are
bounded. It tells of every picture on standard output, a number a line.
"""

from __future__ import annotations

import datetime as dt
import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from home.clock import Span, local_dates
from home.coverage import complete, reason_words
from home.errors import FootageError, StoreMissing
from home.folder import Home, open_home
from home.footage import ChunkName, find_chunks
from home.look import STATES
from home.video import VideoInfo, frames_at, probe

__all__ = ["FPS", "LONGEST", "main", "pictures"]

FPS = 12  # pictures of a second of the timelapse
LONGEST = 640  # pixels
_LATE_S = 1.0  # a chunk that ends so little before a moment still shows it
_BYTES = 500_000_000
_GREYS = (62, 96)  # of the hatch

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class _Asked:
    camera: str
    span: Span
    step_s: float


def main() -> None:
    """ROOT CAMERA START END STEP_S FILE MEGABYTES CPU_S; the times are ISO 8601, UTC."""
    root, camera, start, end, step_s, file, megabytes, cpu_s = sys.argv[1:]
    home = open_home(Path(root))
    _bounded(int(megabytes) << 20, int(float(cpu_s)))
    span = Span(dt.datetime.fromisoformat(start), dt.datetime.fromisoformat(end))
    _written(Path(file), pictures(home, _Asked(camera, span, float(step_s))))


def _bounded(memory: int, cpu_s: int) -> None:
    av.logging.set_level(None)
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + memory, used + memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_BYTES, _BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _written(file: Path, shown: Iterator[Picture]) -> None:
    """The pictures as an MP4 that a browser plays while it loads."""
    with av.open(str(file), "w", format="mp4", options={"movflags": "faststart"}) as container:
        stream: Any = container.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "crf": "27"})
        stream.pix_fmt, stream.codec_context.thread_count, stream.codec_context.gop_size = "yuv420p", 1, FPS
        for number, picture in enumerate(shown):
            if number == 0:
                stream.height, stream.width = picture.shape[:2]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            print(number + 1, flush=True)
        container.mux(stream.encode(None))


def pictures(home: Home, asked: Any) -> Iterator[Picture]:
    """A picture for each step, RGB `uint8 [h,w,3]`, all of one size with even sides.

    Args:
        home: the home.
        asked: `camera`, `span` and `step_s`.
    """
    dates = local_dates(asked.span, home.zone)
    rows = [
        row
        for date in dates
        for row in complete(home.tables, asked.camera, home.camera(asked.camera), date, home.zone).itertuples()
    ]
    footage = _Footage(home, asked.camera, asked.span)
    count = max(1, int(asked.span.seconds / asked.step_s + 1e-6))
    moments = [asked.span.start + dt.timedelta(seconds=number * asked.step_s) for number in range(count)]
    size: tuple[int, int] | None = None
    waiting: list[tuple[dt.datetime, str]] = []  # before the first picture nobody knows how large they are
    for moment in moments:
        why = _why(rows, moment)
        found = None if why else footage.at(moment)
        why = why or "it is not kept any more, or cannot be read"
        if found is None and size is None:
            waiting.append((moment, why))
            continue
        if size is None and found is not None:
            size = found.shape[0] // 2 * 2, found.shape[1] // 2 * 2
            yield from (_labelled(_blank(size), each, home, words) for each, words in waiting)
            waiting = []
        assert size is not None
        if found is None:
            yield _labelled(_blank(size), moment, home, why)
        else:
            yield _labelled(_fitted(found, size), moment, home)
    size = size or (LONGEST * 9 // 16, LONGEST)
    yield from (_labelled(_blank(size), each, home, words) for each, words in waiting)


class _Footage:
    """The chunks of a time, opened one after the other."""

    def __init__(self, home: Home, camera: str, span: Span) -> None:
        self._store = home.footage
        self._names = [name for name, _ in find_chunks(home.footage, camera, span)]
        self._open: tuple[ChunkName, VideoInfo | None] | None = None

    def at(self, moment: dt.datetime) -> Picture | None:
        """The keyframe before a moment; None where no footage of it is kept or it cannot be read."""
        earlier = [name for name in self._names if name.start <= moment]
        if not earlier:
            return None
        name, info = earlier[-1], self._info(earlier[-1])
        offset = (moment - name.start).total_seconds()
        if info is None or offset >= info.duration_s + _LATE_S:
            return None
        keys = info.offsets[info.keyframes] if info.keyframes.any() else info.offsets[:1]
        key = float(keys[max(0, int(np.searchsorted(keys, offset, side="right")) - 1)])
        try:
            return next((frame.rgb(LONGEST) for frame in frames_at(self._store.open(name.key), [key], info)), None)
        except (FootageError, StoreMissing):
            return None

    def _info(self, name: ChunkName) -> VideoInfo | None:
        if self._open is None or self._open[0] != name:
            try:
                self._open = name, probe(self._store.open(name.key))
            except (FootageError, StoreMissing):
                self._open = name, None
        return self._open[1]


def _why(rows: list[Any], moment: dt.datetime) -> str:
    """Why a moment was not recorded; empty where it was."""
    row = next((row for row in rows if row.start <= moment < row.end), None)
    if row is None or row.state == "recorded":
        return ""
    return reason_words(row.reason) or STATES[row.state].label.lower()


def _fitted(picture: Picture, size: tuple[int, int]) -> Picture:
    """The picture inside a size, its shape kept."""
    height, width = size
    scale = min(height / picture.shape[0], width / picture.shape[1])
    small = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    out = np.zeros((height, width, 3), np.uint8)
    top, left = (height - min(height, small[1])) // 2, (width - min(width, small[0])) // 2
    out[top : top + small[1], left : left + small[0]] = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)[
        :height, :width
    ]
    return out


def _blank(size: tuple[int, int]) -> Picture:
    y, x = np.mgrid[: size[0], : size[1]]
    grey = np.where((x + y) % 24 < 3, _GREYS[1], _GREYS[0]).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, 2)


def _labelled(picture: Picture, moment: dt.datetime, home: Home, why: str = "") -> Picture:
    height, width = picture.shape[:2]
    size = max(0.4, width / 900)
    if why:
        _words(picture, "No footage", (width // 2, height // 2 - round(16 * size)), 1.4 * size, centred=True)
        _words(picture, why, (width // 2, height // 2 + round(28 * size)), size, centred=True)
    _words(picture, f"{moment.astimezone(home.zone):%Y-%m-%d %H:%M}", (8, round(26 * size) + 4), size)
    return picture


def _words(picture: Picture, words: str, place: tuple[int, int], size: float, centred: bool = False) -> None:
    (wide, high), base = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
    if centred and wide > picture.shape[1] - 16:
        size *= (picture.shape[1] - 16) / wide
        (wide, high), base = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
    x, y = (place[0] - wide // 2 if centred else place[0]), place[1]
    cv2.rectangle(picture, (x - 4, y - high - 4), (x + wide + 4, y + base + 2), (20, 23, 26), -1)
    cv2.putText(picture, words, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, (255, 255, 255), 1, cv2.LINE_AA)


if __name__ == "__main__":
    main()
