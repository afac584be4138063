"""A whole simulated home: rooms, cats, their diary and the footage of its cameras."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from simulate.filming import Film, shoot
from simulate.routine import Episode, scripted_diary, write_diary
from simulate.scenery import CAMERA_NAMES, CAT_NAMES, Polygon, Scenery, render_moments, seen_places

__all__ = ["CAMERA_NAMES", "CAT_NAMES", "Scenery", "SimulatedHome", "render_moments", "seen_places", "simulate_home"]


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
    progress: Callable[[float], None] | None = None, diary: list[Episode] | None = None, people: bool = True,
    workers: int | None = None, style: str = "soft",
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
        people: whether they pass through the rooms.
        workers: processes; None: as many as pay. They change no byte.
        style: of drawing, one of STYLES; TESTS_ONLY is never for training.
    """
    scenery = Scenery(seed, cameras, cats, size, zone, people, style)
    sees = seen_places(cameras)
    diary = diary or scripted_diary(start, minutes, sees, scenery.names, seed)
    out.mkdir(parents=True, exist_ok=True)
    write_diary(out / "diary.csv", diary)
    zones = {camera: scenery.zones(camera) for camera in sees}
    shoot(Film(scenery, diary, out, start.astimezone(UTC), minutes * 60, fps, keyframe_s, codec), workers, progress)
    return SimulatedHome(out, out / "diary.csv", diary, zones, scenery.names)
