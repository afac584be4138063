"""A simulated cat as a camera sends it: frame by frame, without waiting, or as a clip."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import av

from home.frame import Frame
from ingest.record.host import Arrival
from ingest.watch.inbox import Shot
from simulate.footage import Encoder, record
from simulate.routine import Episode
from simulate.scenery import Scenery

START = dt.datetime(2026, 3, 1, 10, tzinfo=dt.UTC)
CAMERA, FPS = "utility-room", 5
VISIT = (3.0, 11.0)
"""Seconds in which the cat is in the litter box; before and after them nobody is there."""
LENGTH_S = 26.0


def scenery() -> Scenery:
    """Rooms in which the shipped detector surely sees the cat, and nobody else."""
    return Scenery(7, cameras=2, cats=1, size=(640, 360), people=False)


def zones() -> str:
    """The zones of the camera, as home.yaml has them."""
    polygons = scenery().zones(CAMERA)
    return ", ".join(
        f"{name}: {[[round(x, 3), round(y, 3)] for x, y in corners]}" for name, corners in polygons.items()
    )


def diary(visit: tuple[float, float] = VISIT) -> list[Episode]:
    """One visit."""
    begin, end = (START + dt.timedelta(seconds=edge) for edge in visit)
    return [Episode("miso", "using_litter_box", begin, end, CAMERA, "litter_box")]


def shots(seconds: float = LENGTH_S, first: Arrival | None = None) -> Iterator[Shot]:
    """What the camera sends, each frame when it is due."""
    camera, began = scenery().camera(CAMERA, diary()), first or Arrival(1000.0, START.timestamp(), True)
    for number in range(round(seconds * FPS)):
        yuv = camera.frame(START + dt.timedelta(seconds=number / FPS)).yuv
        frame = Frame(0.0, number == 0, 0, av.VideoFrame.from_ndarray(yuv, format="yuv420p"))
        arrival = Arrival(began.monotonic + number / FPS, began.utc + number / FPS, True)
        yield Shot(CAMERA, number, frame, arrival)


def clip(folder: Path, visit: tuple[float, float] = VISIT, seconds: float = LENGTH_S) -> Path:
    """The same as an mp4, with a visit of any length."""
    rooms = scenery()
    camera = rooms.camera(CAMERA, diary(visit))
    frames = (camera.frame(START + dt.timedelta(seconds=number / FPS)) for number in range(round(seconds * FPS)))
    record(frames, folder, Encoder(rooms.size, FPS, 1.0))
    (path,) = folder.glob("*.mp4")
    return path
