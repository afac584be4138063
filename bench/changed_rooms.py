"""What a camera sees of a drawn home over weeks: ordinary days, each with its own weather and hours, and days after a change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from home.clock import UTC
from simulate.light import Light, drawn_in, light_at, light_for
from simulate.room import Room
from simulate.routine import Episode
from simulate.scenery import CAMERA_NAMES, Scenery
from simulate.view import View

__all__ = ["CAMERA", "CHANGES", "START", "Relight", "Turned", "as_it_was", "drawn"]

CAMERA = CAMERA_NAMES[0]
START = dt.datetime(2026, 3, 1, tzinfo=UTC)
LATE = 1 / 15  # of the evenings somebody sits under the lamp until the small hours
Relight = Callable[[float, Light, View], Light]
Colour = tuple[float, float, float]
Moment = tuple[int, dt.datetime]
"""Which night it belongs to, counted from START, and when."""


@dataclass(frozen=True)
class Turned(Scenery):
    """The same home with the camera knocked: it looks so far to the side and down."""

    aside_deg: float = 12.0
    down_deg: float = 5.0

    def _room(self, camera: str) -> tuple[int, Room, View]:
        number, room, view = super()._room(camera)
        x, y, z = np.subtract(view.target, view.eye)
        turn, reach = np.radians(self.aside_deg), float(np.hypot(x, y))
        aside = np.array([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)])
        lower = z - reach * np.tan(np.radians(self.down_deg))
        target = np.add(view.eye, [*aside, lower])
        return number, room, replace(view, target=(float(target[0]), float(target[1]), float(target[2])))


@dataclass(frozen=True)
class Nudged(Turned):
    """The camera gave way a little."""

    aside_deg: float = 4.0
    down_deg: float = 1.5


def as_it_was(hour: float, light: Light, view: View) -> Light:
    """No change."""
    return light


def winter(hour: float, light: Light, view: View) -> Light:
    """Day from 9 to 16 only, under a lower and weaker sun; the lamp is lit from 16 on."""
    if light.name != "day":
        return light_for(20, view) if light.infrared and 16 <= hour < 22 else light
    if not 9 <= hour < 16:
        return light_for(20, view) if hour >= 16 else light_for(2, view)
    return replace(light, towards=(light.towards[0], -1.2, 0.6), key=_weaker(light.key), ambient=_weaker(light.ambient))


def _weaker(colour: Colour) -> Colour:
    return 0.7 * colour[0], 0.7 * colour[1], 0.7 * colour[2]


def summer(hour: float, light: Light, view: View) -> Light:
    """Day from 5 to 21, and the lamp hardly lit."""
    return light_for(7 + (hour - 5) * 11 / 16, view) if 5 <= hour < 21 else light


def cold_lamp(hour: float, light: Light, view: View) -> Light:
    """In the evening a cold white lamp on the other side of the room."""
    if light.name != "evening":
        return light
    return replace(light, towards=(-light.towards[0], -0.5, 1.2), key=(0.50, 0.60, 0.74), ambient=(0.32, 0.39, 0.48))


def lamp_left_on(hour: float, light: Light, view: View) -> Light:
    """The lamp burns all night: no more infrared."""
    return light_for(20, view) if light.infrared else light


CHANGES: dict[str, tuple[type[Scenery], Relight]] = {
    "season: winter light": (Scenery, winter),
    "season: summer light": (Scenery, summer),
    "lamp: cold, other side": (Scenery, cold_lamp),
    "lamp: left on all night": (Scenery, lamp_left_on),
    "camera: knocked aside, 12 degrees": (Turned, as_it_was),
    "camera: nudged, 4 degrees": (Nudged, as_it_was),
}


@dataclass(frozen=True)
class _Day:
    """Hours of the clock, and how much of the light of a clear day the clouds leave."""

    sunrise: float
    sunset: float
    bed: float  # after 24 in the next day
    clear: float


@cache
def _day(seed: int, number: int) -> _Day:
    """Spring: days grow by 3.6 minutes, the weather lasts for some days, people go to bed when they like."""
    rng = np.random.default_rng((seed, 71, number))
    bed = 22 + float(np.clip(rng.normal(0, 0.5), -1.2, 1.2)) + 3 * (rng.random() < LATE)
    fronts = [
        np.random.default_rng((seed, 72, day)).normal() * 0.6 ** (number - day)
        for day in range(number - 9, number + 1)
        if day >= 0
    ]
    clear = float(np.clip(0.82 + 0.16 * 0.8 * sum(fronts), 0.5, 1.0))
    return _Day(7.6 - 0.03 * number, 17.4 + 0.03 * number, bed, clear)


def _ordinary(ts: dt.datetime, number: int, view: View, seed: int) -> Light:
    """The light at a moment of an ordinary day: `light_at` of the hour of the sun and of people's evening."""
    hour, day = ts.hour + ts.minute / 60, _day(seed, number)
    if number and hour < _day(seed, number - 1).bed - 24:
        return light_for(20, view)
    bed = min(day.bed, 23.98)
    of_the_sun = float(np.interp(hour, [0, day.sunrise, day.sunset, bed, 24], [0, 7, 18, 22, 24]))
    # The night after bedtime may be an hour short of 22: never the lamp again.
    minutes = min(round(of_the_sun * 60), 24 * 60 - 1)
    return light_at(ts.replace(hour=minutes // 60, minute=minutes % 60, second=0), view, seed)


def drawn(
    scenery: Scenery, diary: Sequence[Episode], moments: Sequence[Moment], relight: Relight
) -> Iterator[tuple[int, dt.datetime, NDArray[np.uint8]]]:
    """The moments as planar 4:2:0 pictures, light by light: a room is drawn once for each."""
    camera = scenery.camera(CAMERA, diary)
    shots = []
    for night, ts in moments:
        light = _ordinary(ts, night, camera.view, scenery.seed)
        light = drawn_in(relight(ts.hour + ts.minute / 60, light, camera.view), scenery.style)
        shots.append((night, ts, replace(camera.frame(ts).key, light=light)))
    for night, ts, shot in sorted(shots, key=lambda each: (repr(each[2].light), each[1])):
        picture = camera.picture(shot)
        yield (
            night,
            ts,
            _clouded(picture, scenery.size[1], night, ts, scenery.seed) if shot.light.name == "day" else picture,
        )


def _clouded(yuv: NDArray[np.uint8], height: int, night: int, ts: dt.datetime, seed: int) -> NDArray[np.uint8]:
    """A picture by day as the clouds of that day and hour leave it."""
    hourly = float(np.random.default_rng((seed, 73, night, ts.hour)).normal(1, 0.08))
    left = float(np.clip(_day(seed, night).clear * hourly, 0.4, 1.05))
    bright, colour = yuv[:height], yuv[height:]
    return np.concatenate([
        cv2.convertScaleAbs(bright, alpha=left), cv2.convertScaleAbs(colour, alpha=left, beta=128 * (1 - left))
    ])  # fmt: skip
