"""Who is believed: only with evidence, and not to and fro."""

from __future__ import annotations

import numpy as np
import pytest

from models.habits.backtest import Backtest, backtest
from models.habits.next_event_blend import CANDIDATES
from models.habits.selection import Choice, choose, gain
from tests.models.habits.lives import DAY, START, life

HOUR = 3600.0


def told(factors: dict[str, float], noise: float = 0.3, days: int = 56, seed: int = 0) -> Backtest:
    """A back-test in which the loss of each candidate is so many times that of seasonal naive, with noise by the day.

    Each quantile lies so far over the wait that the loss comes out: for a miss of `m` above, the mean over the levels is m / 2.
    """
    rng = np.random.default_rng(seed)
    day = np.repeat(np.arange(days), 5)
    waits = np.full(len(day), 10 * HOUR)
    base = rng.gamma(4, 0.25, days)[day]
    quantiles = {
        name: waits[:, None]
        + (2 * HOUR * factor * base * (1 + noise * rng.standard_normal(days)[day]))[:, None].repeat(5, 1)
        for name, factor in factors.items()
    }
    return Backtest(day * DAY, day, waits, np.full(len(day), 1e9), quantiles)


def test_the_best_is_used_where_it_is_surely_better() -> None:
    choice = choose(told({"seasonal_naive": 1, "habit": 0.9, "blend": 0.8}))
    assert (choice.model, choice.abstains, choice.reason) == ("blend", False, "")
    assert choice.gain is not None and choice.gain.share == pytest.approx(0.2, abs=0.06) and choice.gain.low > 0


@pytest.mark.parametrize("factor", [1.3, 1.0, 0.985], ids=["worse", "the same", "by less than the margin"])
def test_it_abstains_where_nothing_is_better(factor: float) -> None:
    choice = choose(told({"seasonal_naive": 1, "habit": factor}, noise=0.01))
    assert choice.abstains and choice.reason == "no_better"


def test_it_abstains_where_chance_may_have_done_it() -> None:
    choice = choose(told({"seasonal_naive": 1, "habit": 0.95}, noise=1.0, days=20))
    assert choice.gain is not None and choice.gain.low < 0 and choice.abstains


def test_it_abstains_with_little_known() -> None:
    assert choose(told({"seasonal_naive": 1, "habit": 0.5}, days=5)).reason == "too_little"
    nothing = backtest(life(np.empty(0), []), CANDIDATES, START, START + 30 * DAY)
    choice = choose(nothing)
    assert choice.abstains and choice.reason == "too_little" and choice.gain is None


def test_what_is_used_stays_until_it_is_no_longer_better() -> None:
    begun = choose(told({"seasonal_naive": 1, "habit": 0.8}))
    little = told({"seasonal_naive": 1, "habit": 0.99}, noise=0.01)
    assert choose(little).abstains and not choose(little, begun).abstains
    assert choose(told({"seasonal_naive": 1, "habit": 1.05}, noise=0.01), begun).abstains


def test_another_one_takes_over_only_where_it_is_surely_better() -> None:
    begun = Choice("habit", False, "", {}, None)
    near = told({"seasonal_naive": 1, "habit": 0.8, "blend": 0.79}, noise=0.3)
    assert choose(near).model == "blend" and choose(near, begun).model == "habit"
    assert choose(told({"seasonal_naive": 1, "habit": 0.8, "blend": 0.6}), begun).model == "blend"


def test_weeks_that_are_much_alike_do_not_make_it_flip() -> None:
    """A true gain around the margin, 40 weeks with their own noise: without memory it would change its mind more often."""
    weeks = [told({"seasonal_naive": 1, "habit": 0.96}, noise=0.25, seed=week) for week in range(40)]
    before, with_memory, without = None, [], []
    for week in weeks:
        before = choose(week, before)
        with_memory.append(before.abstains)
        without.append(choose(week).abstains)
    flips = [int(np.abs(np.diff(answers)).sum()) for answers in (with_memory, without)]
    assert flips[0] < flips[1] / 2


def test_the_interval_of_a_gain_is_wide_where_days_differ_and_pools_cats() -> None:
    days = np.repeat(np.arange(40), 8)
    rng = np.random.default_rng(2)
    steady = rng.uniform(0.8, 1.2, 320)
    moody = rng.uniform(0.2, 1.8, 40)[days]
    narrow, wide = (gain([(np.ones(320), 0.9 * losses, days)]) for losses in (steady, moody))
    assert narrow.high - narrow.low < (wide.high - wide.low) / 3
    pooled = gain([(np.ones(320), np.full(320, 0.8), days), (np.ones(320), np.full(320, 1.0), days)])
    assert pooled.share == pytest.approx(0.1) and pooled.low == pytest.approx(0.1)
