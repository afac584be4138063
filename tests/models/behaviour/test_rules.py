"""Zones are evidence, never the whole answer."""

from __future__ import annotations

import numpy as np
import pytest

from models.behaviour.rules import RULED, Observed, RuleSettings, behaviours, still_stretches, zone_cover

SETTINGS = RuleSettings(sleeping_after_s=120, zone_after_s=8, still_drift=0.35)
BOWL = [(0.70, 0.70), (0.80, 0.70), (0.80, 0.78), (0.70, 0.78)]
LITTER = [(0.10, 0.60), (0.35, 0.60), (0.35, 0.85), (0.10, 0.85)]
ZONES = {"food_bowl": [BOWL], "litter_box": [LITTER]}


def track(boxes: list[list[float]], moving: bool, period_s: float = 5.0, jitter: float = 0.004) -> Observed:
    """A track with a sample each 5 s; 0.4 % of the frame is the jitter of a detector on a still picture."""
    noise = np.random.default_rng(0).normal(0, jitter, (len(boxes), 4))
    return Observed(
        np.arange(len(boxes)) * period_s,
        (np.array(boxes) + noise).astype(np.float32),
        np.full(len(boxes), float(moving)),
    )


def names(observed: Observed) -> list[str]:
    return [RULED[label] for label in behaviours(observed, ZONES, SETTINGS)]


def test_a_cat_that_stays_at_the_bowl_and_moves_eats() -> None:
    assert set(names(track([[0.66, 0.5, 0.82, 0.75]] * 12, moving=True))) == {"eating"}


def test_a_cat_that_passes_the_bowl_does_not_eat() -> None:
    # A step of 0.15 of the frame per sample: it covers the bowl in one sample of seven.
    walk = [[0.05 + 0.15 * step, 0.5, 0.20 + 0.15 * step, 0.75] for step in range(6)]
    assert set(names(track(walk, moving=True))) == {"other"}


def test_a_cat_asleep_in_its_litter_box_sleeps() -> None:
    # Ten minutes of heartbeats in which nothing moves.
    assert set(names(track([[0.15, 0.6, 0.32, 0.8]] * 11, moving=False, period_s=60))) == {"sleeping"}


def test_a_cat_busy_in_its_litter_box_uses_it() -> None:
    assert set(names(track([[0.15, 0.55, 0.32, 0.8]] * 10, moving=True))) == {"using_litter_box"}


def test_a_cat_that_lies_still_long_enough_sleeps_and_not_before() -> None:
    lying = [[0.45, 0.3, 0.65, 0.42]]
    assert set(names(track(lying * 25, moving=False))) == {"sleeping"}  # 24 periods of 5 s are the 120 s
    assert set(names(track(lying * 24, moving=False))) == {"other"}


def test_an_upright_cat_needs_three_times_as_long() -> None:
    sitting = [[0.5, 0.2, 0.6, 0.45]]
    assert set(names(track(sitting * 60, moving=False))) == {"other"}
    assert set(names(track(sitting * 74, moving=False))) == {"sleeping"}


def test_without_zones_only_sleep_is_told() -> None:
    observed = track([[0.66, 0.5, 0.82, 0.75]] * 12, moving=True)
    assert {RULED[label] for label in behaviours(observed, {}, SETTINGS)} == {"other"}


def test_one_stray_box_does_not_wake_a_cat_and_two_do() -> None:
    lying, stray = [0.45, 0.3, 0.65, 0.42], [0.1, 0.1, 0.3, 0.3]
    one = track([lying] * 10 + [stray] + [lying] * 10, moving=False)
    two = track([lying] * 10 + [stray, stray] + [lying] * 10, moving=False)
    assert still_stretches(one, 0.35) == [(0, 20)]
    assert len(still_stretches(two, 0.35)) == 3


@pytest.mark.parametrize(
    ("box", "of_box", "of_zone"),
    [
        ([0.10, 0.60, 0.35, 0.85], 1.0, 1.0),
        ([0.10, 0.60, 0.225, 0.85], 1.0, 0.5),
        ([0.0, 0.0, 0.05, 0.05], 0.0, 0.0),
        ([-0.2, -0.2, 1.3, 1.3], 0.0625, 1.0),
    ],
)
def test_cover_is_measured_on_both_sides(box: list[float], of_box: float, of_zone: float) -> None:
    cover = zone_cover(np.array([box], np.float32), [LITTER])
    # A grid of 256 cells rounds each side of a box of 32 cells by one cell at most.
    assert cover.box[0] == pytest.approx(of_box, abs=0.08)
    assert cover.zone[0] == pytest.approx(of_zone, abs=0.08)
