"""What changes in a room is told within two nights and named; weather, seasons, a late evening and holes are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from models.page_test import watch
from models.scene_drift import FEWEST_SCENES, GAP, MOST, SHOWN, Scene, new_hours, scene_deviations

NIGHTS, REFERENCE = 56, 14
EDGES = np.random.default_rng(9).uniform(0, 255, (2, 768))
"""Of a room, and of what the camera shows once it is turned."""


def night(
    number: int, seed: int = 0, *, view: int = 0, sun: float = 0.0, lamp: float = 20.0, late: bool = False
) -> Scene:
    """Infrared, a day that grows by four minutes a night under clouds of its own, a lamp until about ten.

    Args:
        view: which of EDGES are seen.
        sun: by how many hours the day is shorter at both ends.
        lamp: how warm it is, levels.
        late: whether it burns all night.
    """
    rng = np.random.default_rng((seed, number))
    hours = np.arange(24) + 0.5
    day = (hours > 7 - number / 30 + sun) & (hours < 17 + number / 30 - sun)
    evening = ~day & (hours > 12) & ((hours < rng.uniform(21, 23)) | late) | (late & (hours < 7))
    evening &= late | (rng.random(24) > 0.2)  # nobody is in
    clouds = np.clip(rng.normal(0.85, 0.12), 0.5, 1) * rng.normal(1, 0.08, 24)
    tones = np.where(day, 125 * clouds, np.where(evening, 97, 108)) + rng.normal(0, 1, 24)
    warm = np.where(day, 12 * clouds, np.where(evening, lamp, 0)) + rng.normal(0, 0.2, 24)
    edges = (
        EDGES[view] + np.where(day | evening, 0, 1)[:, None] * 0.3 * EDGES[1 - view][::-1] + rng.normal(0, 8, (24, 768))
    )
    return Scene(
        np.column_stack([tones, tones / 3]), np.column_stack([-warm, warm, 1.4 * abs(warm)]), edges.astype(np.float32)
    )


def alarms(nights: list[Scene]) -> np.ndarray:
    return watch(scene_deviations(nights, REFERENCE), REFERENCE, chance=0.025, most=MOST).alarms


@pytest.mark.parametrize("seed", range(4))
def test_forty_ordinary_nights_raise_no_alarm_and_one_late_evening_neither(seed: int) -> None:
    nights = [night(number, seed, late=number in (20, 45)) for number in range(NIGHTS)]
    assert alarms(nights)[REFERENCE + GAP :].sum() == 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"sun": 3.0}, "colour"),
        ({"lamp": -12.0}, "colour"),
        ({"late": True}, "colour"),
        ({"view": 1}, "view"),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_a_change_is_told_within_two_nights_and_named(change: dict[str, float], told: str, seed: int) -> None:
    before = [night(number, seed) for number in range(30)]
    seen = alarms([*before, *(night(number, seed, **change) for number in (30, 31))])  # type: ignore[arg-type]
    assert not seen[:30].any()
    assert told in [name for name, off in zip(SHOWN, seen[30:].any(axis=0), strict=True) if off]
    assert ("view" in told) == seen[30:, list(SHOWN).index("view")].any(), "a light is no other view"


def test_a_darker_room_is_told_as_such() -> None:
    def dimmed(scene: Scene) -> Scene:
        return replace(scene, tones=0.5 * scene.tones, colours=0.5 * scene.colours)

    seen = alarms([*(night(number) for number in range(30)), *(dimmed(night(number)) for number in (30, 31))])
    assert seen[30:].any(axis=0).tolist() == [True, False, False]


def test_the_hours_are_named() -> None:
    nights = [*(night(number) for number in range(30)), night(30, lamp=-12.0)]
    brightness, colour, view = new_hours(nights, REFERENCE)
    assert brightness == view == [] and set(colour) <= {18, 19, 20, 21, 22} and {19, 20} & set(colour)
    assert new_hours(nights[:5], REFERENCE) == [[], [], []]


def test_what_stays_is_usual_after_a_while() -> None:
    seen = alarms([night(number, view=int(number >= 25)) for number in range(NIGHTS)])
    assert seen[25, 2] and not seen[25 + GAP + REFERENCE // 2 + 1 :].any()


def _without(hours: slice) -> Callable[[Scene], Scene]:
    def cut(scene: Scene) -> Scene:
        tones, colours, layouts = scene.tones.copy(), scene.colours.copy(), scene.layouts.copy()
        tones[hours], colours[hours], layouts[hours] = np.nan, np.nan, 0
        return Scene(tones, colours, layouts)

    return cut


def test_hours_without_footage_say_nothing() -> None:
    private, short = _without(slice(8, 18)), _without(slice(4, 24))
    nights = [night(number) for number in range(30)]
    assert not alarms([private(own) for own in nights]).any()
    mixed = [short(own) if number % 5 == 0 else own for number, own in enumerate(nights)]
    off = scene_deviations(mixed, REFERENCE)
    assert np.isfinite(off[REFERENCE:]).all() and not alarms(mixed).any()
    unlike = [_without(slice(0, 12))(own) for own in nights[:20]] + [_without(slice(12, 24))(nights[20])]
    assert np.isnan(scene_deviations(unlike, REFERENCE)[20, :2]).all(), "no hour of it can be compared"


def test_the_first_nights_have_nothing_to_be_compared_with() -> None:
    off = scene_deviations([night(number) for number in range(FEWEST_SCENES + GAP + 1)], REFERENCE)
    assert np.isnan(off[: FEWEST_SCENES + GAP]).all() and np.isfinite(off[FEWEST_SCENES + GAP]).all()
