"""A head held low is strange in a cat that rests and none in one that eats; the chosen rate holds for both sides together."""

from __future__ import annotations

import numpy as np
import pytest

from models.behaviour.evidence import NAMES, NEIGHBOURS, ZONES, Evidence
from models.behaviour.strokes import STROKES
from models.own_past import MOVES, learn_own_past, strange

NUMBERS = tuple(name for name in NAMES if name not in ZONES)
EATS, RESTS, HUNTS = 1, 7, 5
HEAD = NUMBERS.index("head_over_back")
MOVEMENT = [NUMBERS.index(name) for name in (*STROKES, *NEIGHBOURS)]


def moments(kind: int, count: int, seed: int, low: float = 0.0, wild: float = 0.0) -> tuple[Evidence, np.ndarray]:
    """Few habits decide all numbers; a cat that eats holds its head eight spreads lower."""
    habits = np.random.default_rng((seed, kind)).normal(0, 1, (count, 3))
    values = habits @ np.random.default_rng(0).normal(0, 0.3, (3, len(NUMBERS)))
    values += np.random.default_rng((seed, kind, 1)).normal(0, 0.3, values.shape)
    values[:, HEAD] -= 4.0 * (kind == EATS) + low
    values[:, MOVEMENT] += wild
    return Evidence(values.astype(np.float32), np.ones(values.shape, bool), NUMBERS), np.full(count, kind)


def together(*parts: tuple[Evidence, np.ndarray]) -> tuple[Evidence, np.ndarray]:
    values = np.concatenate([own.values for own, _ in parts])
    return Evidence(values, np.ones(values.shape, bool), NUMBERS), np.concatenate([kinds for _, kinds in parts])


LIVED, DID = together(moments(EATS, 800, 1), moments(RESTS, 800, 1), moments(HUNTS, 50, 1))
PAST = learn_own_past(LIVED, DID, np.arange(len(DID)) % 10)


def test_what_is_usual_for_one_behaviour_is_strange_in_another() -> None:
    rests, eats = (strange(*moments(kind, 100, 2, low=4.0 * (kind == RESTS)), PAST) for kind in (RESTS, EATS))
    assert rests.alarms(0.05).mean() > 0.5 and eats.alarms(0.05).mean() < 0.15
    assert rests.parts[int(rests.p.argmin())][0] == "how the head is held"


def test_movement_alone_is_told_as_movement() -> None:
    found = strange(*moments(RESTS, 100, 3, wild=3.0), PAST)
    assert found.alarms(0.05).mean() > 0.9 and found.parts.count((MOVES,)) > 90


@pytest.mark.parametrize("rate", [0.02, 0.1])
def test_ordinary_moments_alarm_at_most_at_the_chosen_rate(rate: float) -> None:
    found = strange(*together(moments(EATS, 1500, 4), moments(RESTS, 1500, 4)), PAST)
    # Two sides that hang together make it fewer; more by four standard errors of 400 calibrating moments.
    assert rate / 4 < found.alarms(rate).mean() < rate + 4 * np.sqrt(rate * (1 - rate) / 400)


def test_a_behaviour_with_too_little_past_is_not_judged() -> None:
    assert PAST and not learn_own_past(*moments(HUNTS, 50, 1), np.arange(50) % 10)
    found = strange(*together(moments(HUNTS, 5, 2), moments(RESTS, 5, 2)), PAST)
    assert np.isnan(found.anomaly[:5]).all() and np.isfinite(found.anomaly[5:]).all()
    assert np.isnan(strange(*moments(RESTS, 5, 2), None).p).all()
