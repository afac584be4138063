"""A camera that somebody puts down close to a cat, or holds: low, an arm's length or two away, each time somewhere else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from simulate.acting import Actor
from simulate.cat import Stance
from simulate.camera import Camera, Frame
from simulate.light import light_for
from simulate.room import Room, draw_room
from simulate.routine import Episode
from simulate.scenery import SEES_ALONE, Polygon, Scenery, furnished_view
from simulate.view import View

__all__ = ["NearScenery"]

AWAY_M = (0.7, 2.2)  # from the cat
HEIGHT_M = (0.12, 1.4)  # of the lens: a floor, a bowl, a shelf, a table
WIDE_M = (0.6, 1.8)  # what the picture shows at the cat
NARROWEST, WIDEST = 30.0, 85.0  # degrees: from a telephone to a wide camera
ROUND = 1.2  # radians that it may stand to the side
TRIES = 40
PREVIEW = (96, 54)  # pixels in which it is tried whether the cat is in free sight
IN_SIGHT_M = 0.35  # what is drawn may be so much nearer than the cat's middle: its own body


@dataclass(frozen=True)
class NearScenery(Scenery):
    """A home of one room and camera, in which each stretch of the diary has a room and a view of its own."""

    def camera(self, camera: str, diary: Sequence[Episode]) -> NearCamera:  # type: ignore[override]
        """The camera, wherever it stands."""
        return NearCamera(self, camera, tuple(diary))

    def zones(self, camera: str) -> dict[str, Polygon]:
        """None: nobody draws zones for a camera that is moved."""
        return {}


class NearCamera:
    """Films one stretch after the other, each from close to where the cat is in its middle."""

    def __init__(self, scenery: NearScenery, camera: str, diary: tuple[Episode, ...]) -> None:
        self._scenery, self._camera, self._diary = scenery, camera, diary

    def frames(self, start: dt.datetime, seconds: float, fps: int) -> Iterator[Frame]:
        """Frames from `start` for `seconds`, of one view."""
        end = start + dt.timedelta(seconds=seconds)
        own = [each for each in self._diary if each.start < end and each.end > start]
        yield from self._placed(tuple(own), start, end).frames(start, seconds, fps)

    def _placed(self, own: tuple[Episode, ...], start: dt.datetime, end: dt.datetime) -> Camera:
        number = int(start.timestamp()) // 60 % 1_000_000
        there = replace(self._scenery, seed=self._scenery.seed * 1_000_003 + number)
        room, _ = furnished_view(there.seed, 0, SEES_ALONE, there.size)
        actors = {
            cat: (body, Actor([e for e in own if e.cat == cat], self._camera, room, there.seed, k, body.size))
            for k, (cat, body) in enumerate(Scenery.bodies(there).items())
        }
        longest = max(own, key=lambda each: each.seconds)
        stance = actors[longest.cat][1].stance(longest.start + (longest.end - longest.start) / 2)
        assert stance is not None
        view = near_view(np.random.default_rng((there.seed, 91)), room, stance, *there.size)
        return Camera(room, view, actors, there.seed, there.zone, there._bend(0), False, there.style)


def near_view(rng: np.random.Generator, room: Room, stance: Stance, width: int, height: int) -> View:
    """A view from close by in which nothing stands before the cat; after some tries any."""
    view = None
    for _ in range(TRIES):
        away, aside, high = rng.uniform(*AWAY_M), rng.uniform(-ROUND, ROUND), rng.uniform(*HEIGHT_M)
        target = np.add(stance.at, (0, 0, 0.12)) + rng.normal(0, 0.06, 3)
        eye = (target[0] + away * np.sin(aside), target[1] - away * np.cos(aside), max(high, target[2] - 0.3))
        if not (0.05 < eye[0] < room.width - 0.05 and -0.8 < eye[1]):
            continue
        wide = float(rng.uniform(*WIDE_M))
        angle = float(np.clip(np.degrees(2 * np.arctan(wide / 2 / away)), NARROWEST, WIDEST))
        view = View(eye, tuple(target), angle, width, height, float(rng.normal(0, 3)))
        if _free(room, view, stance):
            return view
    assert view is not None
    return view


def _free(room: Room, view: View, stance: Stance) -> bool:
    small = replace(view, width=PREVIEW[0], height=PREVIEW[1])
    depth = draw_room(room, small, light_for(12, small)).depth
    points = np.add(stance.at, ((0, 0, 0.1), (0, 0, 0.25), (0.15, 0, 0.12), (-0.15, 0, 0.12)))
    pixels, away = small.project(points)
    columns, rows = np.clip(pixels.round().astype(int), 0, np.array(PREVIEW) - 1).T
    return bool((depth[rows, columns] > away - IN_SIGHT_M).all())
