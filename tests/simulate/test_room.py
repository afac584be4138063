"""Rooms differ by seed, know their zones, and follow the light of the hour."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from simulate.furnish import furnished_room, mounted_camera
from simulate.light import exposed, light_for
from simulate.room import PLACES, draw_room, zones
from simulate.view import View


def picture(seed: int, hour: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    room = furnished_room(rng)
    view = mounted_camera(rng, room, 160, 90)
    light = light_for(hour, view)
    return exposed(draw_room(room, view, light).picture, light)


def test_the_seed_decides() -> None:
    assert np.array_equal(picture(1, 12), picture(1, 12))
    assert np.abs(picture(1, 12) - picture(2, 12)).mean() > 0.05


def test_light_follows_the_hour() -> None:
    day, evening, night = (picture(1, hour).mean(axis=(0, 1)) for hour in (12, 20, 2))
    assert evening[0] / evening[2] > 1.2 * day[0] / day[2], "lamps are warmer than daylight"
    assert np.ptp(night) < 1e-6, "infrared has no colour"
    assert day.mean() > evening.mean()


def test_every_pixel_is_covered_by_the_room() -> None:
    rng = np.random.default_rng(4)
    room = furnished_room(rng)
    view = mounted_camera(rng, room, 160, 90)
    depth = draw_room(room, view, light_for(12, view)).depth
    assert np.isfinite(depth).mean() > 0.995
    assert depth[np.isfinite(depth)].min() > 0.5 and np.median(depth) < 8, "metres in a room"


@pytest.mark.parametrize("seed", range(5))
def test_zones_surround_their_places(seed: int) -> None:
    rng = np.random.default_rng(seed)
    room = furnished_room(rng)
    view = mounted_camera(rng, room, 960, 540)
    for name, polygon in zones(room, view).items():
        corners = np.array(polygon, np.float32)
        assert name in PLACES
        assert ((corners >= 0) & (corners <= 1)).all() and len(corners) >= 3
        pixel, _ = view.project(np.array(room.places[name]))
        x, y = float(pixel[0] / view.width), float(pixel[1] / view.height)
        if 0 < x < 1 and 0 < y < 1:
            assert cv2.pointPolygonTest(corners, (x, y), False) > 0


def test_projection_is_that_of_a_pinhole() -> None:
    """A point on the axis falls on the middle; at 90 degrees one metre aside at one metre is the picture's edge."""
    view = View((0.0, 0.0, 1.0), (0.0, 2.0, 1.0), 90, 200, 100)
    pixels, depth = view.project(np.array([[0.0, 1.0, 1.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.5], [0.0, -1.0, 1.0]]))
    assert np.allclose(pixels[:3], [[100, 50], [200, 50], [100, 0]])
    assert np.allclose(depth, [1, 1, 1, -1])
