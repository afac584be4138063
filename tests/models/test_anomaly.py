"""Strange moments rank high, ordinary ones alarm at the chosen rate, and too little past says nothing."""

from __future__ import annotations

import numpy as np
import pytest

from models.anomaly import FEWEST, learn_past, unusual
from models.behaviour.evidence import Evidence

NAMES = (*(f"number_{index}" for index in range(12)), "look_0")
MIXING = np.random.default_rng(1).normal(0, 1, (3, len(NAMES)))


def moments(count: int, seed: int, shift: float = 0.0, column: int = 2) -> Evidence:
    """Moments of two habits, numbers that depend on each other, heavy tails, and a tenth missing."""
    rng = np.random.default_rng(seed)
    habits = rng.standard_t(5, (count, 3)) + np.where(rng.random(count) < 0.5, 4, 0)[:, None]
    values = habits @ MIXING + rng.normal(0, 0.3, (count, len(NAMES)))
    values[:, column] += shift
    known = rng.random(values.shape) > 0.1
    return Evidence(np.where(known, values, 0).astype(np.float32), known, NAMES)


def days(count: int, each: int = 50) -> np.ndarray:
    return np.arange(count) // each


PAST = learn_past(moments(3000, 0), days(3000))
ORDINARY = unusual(moments(3000, 7), PAST)


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.2])
def test_ordinary_moments_alarm_at_the_chosen_rate(rate: float) -> None:
    # Four standard errors of 3,000 new moments against 1,500 calibrating ones.
    near = 4 * np.sqrt(rate * (1 - rate) * (1 / 3000 + 1 / 1500))
    assert ORDINARY.alarms(rate).mean() == pytest.approx(rate, abs=near)


def test_what_never_was_before_is_strange_though_each_number_alone_is_not() -> None:
    # Each number stays within its range, the numbers together do not: they depend on each other.
    own = moments(400, 8)
    rng = np.random.default_rng(3)
    shuffled = np.stack([rng.permutation(column) for column in own.values.T], axis=1)
    strange = unusual(Evidence(shuffled, own.known, NAMES), PAST)
    assert strange.alarms(0.05).mean() > 0.5


def test_reasons_name_the_number_that_is_off() -> None:
    found = unusual(moments(50, 9, shift=40.0), PAST)
    named = [reasons[0][0] for reasons in found.reasons if reasons]
    assert named.count("number_2") > 25  # a tenth of them was not read in this number
    assert np.median(found.anomaly) > 0.99


def test_too_little_past_says_nothing() -> None:
    assert learn_past(moments(FEWEST - 1, 0), days(FEWEST - 1)) is None
    assert learn_past(moments(FEWEST, 0), np.zeros(FEWEST, int)) is None  # one day only
    found = unusual(moments(5, 1), None)
    assert np.isnan(found.p).all()
    assert not found.alarms(1.0).any()


def test_a_moment_of_which_nothing_is_known_is_not_judged() -> None:
    own = moments(3, 2)
    nothing = Evidence(np.zeros_like(own.values), np.zeros_like(own.known), NAMES)
    assert np.isnan(unusual(nothing, PAST).p).all()


def test_a_past_from_bouts_does_not_compare_a_bout_with_itself() -> None:
    """Each bout is 50 looks at nearly one pose. A new bout is as near to the past as bouts are to each other, not as looks are."""

    def bouts(count: int, seed: int) -> Evidence:
        base = moments(count, seed)
        values = np.repeat(base.values, 50, axis=0)
        values = values + np.random.default_rng(seed).normal(0, 0.01, values.shape)
        return Evidence(values.astype(np.float32), np.repeat(base.known, 50, axis=0), NAMES)

    past = learn_past(bouts(60, 0), days(3000))
    assert unusual(bouts(60, 5), past).alarms(0.1).mean() < 0.25


def test_numbers_can_be_left_out_and_must_not_be_lacking() -> None:
    past = learn_past(moments(400, 0), days(400), leave_out=("look_",))
    assert past is not None
    assert "look_0" not in past.names
    with pytest.raises(ValueError, match="number_0"):
        unusual(Evidence(np.zeros((1, 1), np.float32), np.ones((1, 1), bool), ("look_0",)), past)
