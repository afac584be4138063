"""A look tells light, colour and edges apart; an hour of looks forgets who passed."""

from __future__ import annotations

import numpy as np
import pytest

from models.scene import COLUMNS, DIRECTIONS, ROWS, Look, look_at, median_look

SIZE = (90, 160)


def room(seed: int, shift: int = 0) -> np.ndarray:
    """Pieces of furniture against a wall, `[90,160]` float; moved to the side by so many pixels."""
    rng = np.random.default_rng(seed)
    picture = np.full((SIZE[0], SIZE[1] + 80), 120.0)
    for _ in range(25):
        x, y, w, h = rng.integers(0, 220), rng.integers(0, 80), rng.integers(8, 50), rng.integers(8, 40)
        picture[y : y + h, x : x + w] = rng.uniform(40, 210)
    return picture[:, 40 + shift : 200 + shift]


def seen(picture: np.ndarray, seed: int = 0, noise: float = 1.0) -> Look:
    grainy = picture + np.random.default_rng(seed).normal(0, noise, picture.shape)
    return look_at(np.clip(grainy, 0, 255).astype(np.uint8), (1.0, -2.0, 3.0))


def alike(first: Look, second: Look) -> float:
    return float(np.corrcoef(first.layout, second.layout)[0, 1])


@pytest.mark.parametrize("seed", range(5))
def test_the_layout_stays_in_another_light_and_changes_with_the_camera(seed: int) -> None:
    here = seen(room(seed))
    slope = np.linspace(0.6, 1.1, SIZE[1])[None, :]  # a weaker light from the other side
    assert alike(here, seen(room(seed) * slope + 10, 1)) > 0.9
    assert alike(here, seen(room(seed, 3), 1)) > alike(here, seen(room(seed, 9), 1))
    assert alike(here, seen(room(seed, 9), 1)) < 0.7
    assert alike(here, seen(room(seed + 50), 1)) < 0.4


def test_tones_and_colours_are_what_they_say() -> None:
    look = seen(np.tile(np.repeat([60.0, 100.0], 5), (90, 16)), noise=0)
    assert look.tones.tolist() == [80, 20] and look.colours.tolist() == [1, -2, 3]
    assert look.layout.dtype == np.uint8 and len(look.layout) == ROWS * COLUMNS * DIRECTIONS


def test_an_even_picture_has_no_edges() -> None:
    """Noise under a level, as a thumbnail averages it, is none; a dark picture with a lens cap on neither."""
    assert seen(np.full(SIZE, 100.0), noise=0.3).layout.max() < 40 < np.percentile(seen(room(1)).layout, 90)


def test_who_passes_leaves_nothing_and_half_of_two_lights_is_one_of_them() -> None:
    empty, cat = room(1), room(1).copy()
    cat[40:80, 60:110] = 20
    hour = median_look([seen(cat if number < 4 else empty, number) for number in range(10)])
    assert alike(hour, seen(empty, 99)) > 0.97
    assert hour.tones[0] == pytest.approx(empty.mean(), abs=1)
    lamp = median_look([seen(np.full(SIZE, level)) for level in (40.0, 40.0, 120.0, 120.0)])
    assert lamp.tones[0] == pytest.approx(39.5, abs=0.5)


@pytest.mark.parametrize("wrong", [np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4)), np.zeros((0, 4), np.uint8)])
def test_another_picture_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match="grey uint8"):
        look_at(wrong, (0, 0, 0))
