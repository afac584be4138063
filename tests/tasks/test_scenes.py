"""The hours of a camera's day: written in UTC, compared by the clock of the home."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from home.folder import Home, open_home
from home.tables import SCENES
from models.scene import COLUMNS, DIRECTIONS, ROWS, Look
from models.scene_drift import FEWEST_LOOKS
from tasks.scenes import Scenes, scene_of

SIZE = ROWS * COLUMNS * DIRECTIONS


def look(level: float) -> Look:
    return Look(np.float32([level, 1]), np.float32([0, 0, level / 10]), np.full(SIZE, level, np.uint8))


def written(home: Home, date: dt.date, seen: dict[dt.datetime, float], looks: int = FEWEST_LOOKS) -> Scenes:
    scenes = Scenes("kitchen")
    for hour, level in seen.items():
        for number in range(looks):
            scenes.add(hour + dt.timedelta(minutes=20 * number), look(level + number))
    home.tables.write(SCENES, scenes.rows(), date, "kitchen", "made", scenes.notes())
    return scenes


@pytest.fixture
def berlin(tmp_path: Path) -> Home:
    (tmp_path / "home.yaml").write_text("timezone: Europe/Berlin\ncameras: {kitchen: {}}\n")
    return open_home(tmp_path)


def test_an_hour_is_that_of_the_clock_of_the_home(berlin: Home) -> None:
    date = dt.date(2026, 7, 1)
    night, noon = (dt.datetime(2026, *day, tzinfo=dt.UTC) for day in ((6, 30, 22), (7, 1, 10)))
    scenes = written(berlin, date, {night: 30.0, noon: 120.0})
    scene = scene_of(berlin, date, "kitchen")
    assert np.flatnonzero(scene.hours).tolist() == [0, 12]
    assert scene.tones[[0, 12], 0].tolist() == [31, 121] and scene.layouts[[0, 12], 0].tolist() == [31, 121]
    assert not scene.layouts[1].any() and scenes.notes()["hours"] == 2


def test_where_the_clocks_are_set_back_the_later_of_two_hours_counts(berlin: Home) -> None:
    date = dt.date(2026, 10, 25)
    twice = {dt.datetime(2026, 10, 25, hour, tzinfo=dt.UTC): 50.0 + hour for hour in (0, 1)}
    written(berlin, date, twice)
    scene = scene_of(berlin, date, "kitchen")
    assert np.flatnonzero(scene.hours).tolist() == [2] and scene.tones[2, 0] == 52


def test_an_hour_of_too_few_looks_is_none_and_the_same_looks_have_one_digest(berlin: Home) -> None:
    date, noon = dt.date(2026, 7, 1), dt.datetime(2026, 7, 1, 10, tzinfo=dt.UTC)
    few = written(berlin, date, {noon: 50.0}, FEWEST_LOOKS - 1)
    assert not scene_of(berlin, date, "kitchen").hours.any() and few.notes()["hours"] == 0
    assert few.notes() == written(berlin, date, {noon: 50.0}, FEWEST_LOOKS - 1).notes()
    assert few.notes()["digest"] != written(berlin, date, {noon: 51.0}, FEWEST_LOOKS - 1).notes()["digest"]
    assert Scenes("kitchen").rows().empty and Scenes("kitchen").notes()["hours"] == 0
