"""Rolling origins: nothing of later is heard, a cut wait is scored as cut, and what the truth says covers what it should."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from models.habits.backtest import Backtest, backtest, covered, pinball
from models.habits.history import Array, History
from models.habits.next_event import LEVELS
from models.habits.next_event_blend import CANDIDATES
from models.habits.next_event_habit import Habit
from models.habits.next_event_simple import HourProfile, SeasonalNaive
from tests.models.habits.lives import DAY, HOUR, START, by_turns, life, poisson


@dataclass(frozen=True)
class Memoryless:
    """A candidate that knows the true rate of a process without memory, events a second."""

    rate: float
    name: str = "truth"

    def fit(self, known: History, now: float) -> Memoryless:
        return self

    def waits(self, known: History, now: float) -> Array:
        return -np.log(1 - LEVELS) / self.rate

    def chances(self, known: History, now: float, rims: Array) -> Array:
        return 1 - np.exp(-self.rate * np.diff(rims))


def test_the_loss_is_that_of_the_quantiles() -> None:
    """A wait of 10 h, all quantiles at 8 h: two hours too early, weighed by the levels, 0.5 on average; and the other way round."""
    losses = pinball(np.array([10.0, 8.0]), np.array([99.0, 99.0]), np.array([[8.0] * 5, [10.0] * 5]))
    assert losses.tolist() == [1.0, 1.0]


def test_what_lies_behind_the_end_of_observation_costs_nothing() -> None:
    cut = pinball(np.array([6.0]), np.array([6.0]), np.array([[1.0, 2.0, 6.0, 50.0, 900.0]]))
    assert cut[0] == pytest.approx((0.1 * 5 + 0.25 * 4) / 5)


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda one: one.name)
def test_nobody_hears_what_comes_later(candidate: object) -> None:
    """Two pasts that part on day 20: what was said until then is the same to the last bit."""
    first, then = by_turns(20, 5, 2, seed=1), START + 20 * DAY
    pasts = [
        life(np.append(first, then + np.cumsum(by_turns(9, gap, 1, seed=2) - START)), [(START, then + 9 * DAY)])
        for gap in (2, 9)
    ]
    said = [
        backtest(past, [candidate], START + 9 * DAY, START + 25 * DAY, every_s=11 * HOUR).quantiles for past in pasts
    ]
    until = (20 - 9) * 24 // 11 + 1
    for name in said[0]:
        np.testing.assert_array_equal(said[0][name][:until], said[1][name][:until])
        assert (said[0][name][until + 3 :] != said[1][name][until + 3 :]).any()


def test_origins_lie_in_the_observed_time_and_waits_end_with_it() -> None:
    starts = START + np.array([30.0, 50, 80]) * HOUR
    known = life(
        starts,
        [(START, START + 40 * HOUR), (START + 48 * HOUR, START + 72 * HOUR), (START + 79 * HOUR, START + 90 * HOUR)],
    )
    test = backtest(known, [SeasonalNaive()], START, START + 90 * HOUR, every_s=6 * HOUR)
    assert ((test.origins - START) / HOUR).tolist() == [0, 6, 12, 18, 24, 30, 36, 48, 54, 60, 66, 84]
    assert (test.waits / HOUR).tolist() == [30, 24, 18, 12, 6, 0, 4, 2, 18, 12, 6, 6]
    assert (test.limits / HOUR).tolist() == [40, 34, 28, 22, 16, 10, 4, 24, 18, 12, 6, 6]


def test_the_truth_covers_what_it_says_whatever_gaps_there_are() -> None:
    """Five events a day without memory; every third day only the first 16 hours are observed: cut waits must not tilt the coverage."""
    rate = 5 / DAY
    starts = poisson(400, lambda moments: np.full(len(moments), rate * HOUR), rate * HOUR, seed=4)
    spans = [(START + day * DAY, START + (day + (2 / 3 if day % 3 == 2 else 1)) * DAY) for day in range(400)]
    test = backtest(life(starts, spans), [Memoryless(rate)], START, START + 400 * DAY, every_s=3 * HOUR)
    for low, high, share in ((0, 4, 0.8), (1, 3, 0.5)):
        inside = covered(test, "truth", low, high)
        assert len(inside) > 1500
        assert inside.mean() == pytest.approx(share, abs=0.035)


def test_who_knows_more_loses_less() -> None:
    """A cat with gaps of four hours, and one that comes in the evening: what each needs is what wins."""
    turns = life(by_turns(60, 4, 0.7, seed=6), [(START, START + 60 * DAY)])
    evening = life(
        poisson(60, lambda moments: np.where(moments / HOUR % 24 >= 18, 0.8, 0.02), 0.8, seed=6),
        [(START, START + 60 * DAY)],
    )
    for known, best, worst in ((turns, "habit", "hour_profile"), (evening, "hour_profile", "truth")):
        rivals = [HourProfile(), Habit(), Memoryless(len(known.starts) / (60 * DAY))]
        losses = backtest(known, rivals, START + 20 * DAY, START + 60 * DAY).losses()
        assert losses[best].mean() < 0.92 * losses[worst].mean()


def test_an_empty_history_is_no_exception() -> None:
    test = backtest(life(np.empty(0), []), CANDIDATES, START, START + 30 * DAY)
    assert isinstance(test, Backtest) and len(test.origins) == 0
