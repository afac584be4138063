"""A whole simulated home: rooms, cats, their diary and the footage of its cameras."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import numpy as np

from simulate.acting import Actor
from simulate.camera import Camera, Frame, record
from simulate.coat import COATS, varied
from simulate.flesh import Body
from simulate.furnish import furnished_room, mounted_camera
from simulate.room import Room, zones
from simulate.routine import Episode, scripted_diary, write_diary
from simulate.view import View

CAMERA_NAMES = ("living-room", "utility-room", "bedroom", "study")
CAT_NAMES = ("miso", "tofu", "pixel", "olive")
SEES = (("bed", "food_bowl", "scratching_post", "window"), ("litter_box", "bed")) * 2
SEES_ALONE = ("bed", "food_bowl", "litter_box", "scratching_post", "window")
PLAIN_COATS = ("grey_tabby", "ginger", "tuxedo", "black", "calico", "siamese", "white", "brown_tabby")

Polygon = list[tuple[float, float]]


@dataclass(frozen=True)
class SimulatedHome:
    """What was simulated: `footage` holds a folder of chunks per camera, `diary` the truth about them.

    `cameras` maps each camera's id to its zones: name -> polygon of (x, y) in 0..1.
    """

    footage: Path
    diary_path: Path
    diary: list[Episode]
    cameras: dict[str, dict[str, Polygon]]
    cats: tuple[str, ...]


def simulate_home(
    out: Path, start: datetime, minutes: int, seed: int, cameras: int = 2, cats: int = 1, size: tuple[int, int] = (960, 540),
    fps: int = 5, keyframe_s: float = 5.0, codec: str = "h264", zone: tzinfo = UTC,
    progress: Callable[[float], None] | None = None, diary: list[Episode] | None = None,
) -> SimulatedHome:  # fmt: skip
    """Write `out/<camera>/chunk-*.mp4` and `out/diary.csv` for `minutes` from `start`; same arguments, same bytes.

    Args:
        start: with a zone; the light follows the hour in `zone`.
        cameras: 1 to 4, one room each.
        cats: 1 to 4.
        size: width and height in pixels, even.
        keyframe_s: seconds between keyframes.
        codec: `h264` or `mjpeg`.
        progress: called with the part done, 0..1.
        diary: what the cats do; None for a scripted one.
    """
    if not 1 <= cameras <= len(CAMERA_NAMES) or not 1 <= cats <= len(CAT_NAMES):
        raise ValueError(f"{cameras} cameras and {cats} cats: 1 to {len(CAMERA_NAMES)} of each can be simulated")
    names = CAT_NAMES[:cats]
    sees = seen_places(cameras)
    diary = diary or scripted_diary(start, minutes, sees, names, seed)
    out.mkdir(parents=True, exist_ok=True)
    write_diary(out / "diary.csv", diary)
    bodies = litter(names, seed)
    all_zones: dict[str, dict[str, Polygon]] = {}
    for number, (camera, places) in enumerate(sees.items()):
        room, view = furnished_view(seed, number, places, size)
        all_zones[camera] = zones(room, view)
        actors = {
            cat: (bodies[cat], Actor([e for e in diary if e.cat == cat], camera, room, seed, k, bodies[cat].size))
            for k, cat in enumerate(names)
        }
        lens = Camera(room, view, actors, seed * 16 + number, zone)
        frames = lens.frames(start, minutes * 60, fps)
        counted = _counted(frames, number * minutes * 60 * fps, cameras * minutes * 60 * fps, progress)
        record(counted, out / camera, size, fps, keyframe_s, codec)
    return SimulatedHome(out, out / "diary.csv", diary, all_zones, names)


def seen_places(cameras: int) -> dict[str, tuple[str, ...]]:
    """The places that each of so many cameras sees, by camera id."""
    places = SEES if cameras > 1 else (SEES_ALONE,)
    return dict(zip(CAMERA_NAMES[:cameras], places, strict=False))


def litter(names: tuple[str, ...], seed: int) -> dict[str, Body]:
    """A body for each cat, no two in the same coat."""
    rng = np.random.default_rng((seed, 11))
    coats = rng.permutation(PLAIN_COATS)[: len(names)]
    return {
        name: Body(varied(COATS[str(coat)], rng), float(rng.uniform(0.95, 1.12)), float(rng.uniform(0.95, 1.15)))
        for name, coat in zip(names, coats, strict=True)
    }


def furnished_view(seed: int, number: int, places: tuple[str, ...], size: tuple[int, int]) -> tuple[Room, View]:
    """A room and a camera that sees all its places whole."""
    for attempt in range(200):
        rng = np.random.default_rng((seed, number, attempt))
        room = furnished_room(rng, places)
        view = mounted_camera(rng, room, *size)
        points = np.array([(x, y, z + 0.2 * (name == "window")) for name, (x, y, z) in room.places.items()])
        pixels, depth = view.project(points)
        margin = 0.09 * np.array(size)
        if (depth > 0).all() and (pixels > margin).all() and (pixels < np.array(size) - margin).all():
            return room, view
    raise RuntimeError(f"no camera in 200 attempts sees {places} at {size[0]}x{size[1]}, seed {seed}")


def _counted(
    frames: Iterator[Frame], before: int, total: int, progress: Callable[[float], None] | None
) -> Iterator[Frame]:
    for number, frame in enumerate(frames, start=before + 1):
        yield frame
        if progress is not None and (number % 50 == 0 or number == total):
            progress(number / total)
