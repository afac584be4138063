"""A camera close to the cat shows it large and free, each time from somewhere else."""

import datetime as dt

import numpy as np
import pytest

from simulate.drill import drill
from simulate.near import NearCamera, NearScenery

START = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
SCENERY = NearScenery(3, 1, 1, (160, 120))


def camera(way: tuple[str, str | None], start: dt.datetime = START) -> tuple[NearCamera, dt.datetime]:
    """A camera before which a cat does one thing, and a moment in the middle of it."""
    diary = drill(SCENERY.names, "living-room", start, 5, seconds=(10, 12), ways=[way])
    return SCENERY.camera("living-room", diary), diary[0].start + (diary[0].end - diary[0].start) / 2


@pytest.mark.parametrize("way", [("sleeping", "curled"), ("eating", None), ("grooming", None), ("other", "window")])
def test_the_cat_is_large_and_in_free_sight(way: tuple[str, str | None]) -> None:
    filmed, middle = camera(way)
    frames = list(filmed.frames(START, 10, 1))
    shown = min(frames, key=lambda frame: abs(frame.ts - middle)).truth["miso"]
    assert shown.shown > 0.5
    assert max(shown.box[2] - shown.box[0], shown.box[3] - shown.box[1]) > 0.15


def test_each_film_has_a_view_of_its_own_and_the_same_film_the_same() -> None:
    first, again = (next(camera(("eating", None))[0].frames(START, 1, 1)).yuv for _ in range(2))
    later = START + dt.timedelta(minutes=3)
    other = next(camera(("eating", None), later)[0].frames(later, 1, 1)).yuv
    np.testing.assert_array_equal(first, again)
    assert (first != other).mean() > 0.5


def test_nobody_draws_zones_for_it() -> None:
    assert SCENERY.zones("living-room") == {}
