"""What changed: found where it did, rarely where it did not, and blind to days that nobody saw."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from models.habits.change import changes, difference
from models.habits.history import Array
from models.habits.rhythm import Days

FIRST = 20000


def days(counts: NDArray[np.int64], observed: Array | None = None) -> Days:
    """Dates with so many events; `observed` is the share of each date."""
    events = np.zeros((len(counts), 96))
    events[:, 30] = counts
    share = np.ones(len(counts)) if observed is None else observed
    return Days(np.arange(len(counts)) + FIRST, events, 60 * events, np.repeat(900 * share[:, None], 96, axis=1))


def test_a_habit_that_doubles_is_found_on_its_day() -> None:
    rng = np.random.default_rng(1)
    found = changes(days(np.concatenate([rng.poisson(4, 90), rng.poisson(8, 60), rng.poisson(4, 60)])))
    assert [pytest.approx(change.date, abs=2) for change in found] == [FIRST + 90, FIRST + 150]
    assert found[0].before == pytest.approx(4, abs=0.6) and found[0].after == pytest.approx(8, abs=1)
    assert all(change.gain > 1 for change in found)


def test_years_without_a_change_have_hardly_one() -> None:
    """Also where days differ more than chance would have them."""
    rng = np.random.default_rng(2)
    alarms = sum(bool(changes(days(rng.poisson(rng.gamma(8, 5 / 8, 365))))) for _ in range(20))
    assert alarms <= 2


def test_days_that_were_hardly_observed_are_no_change() -> None:
    """From day 60 on the camera saw a third of each day, and from day 120 on nothing at all: the cat ate as before."""
    rng = np.random.default_rng(3)
    share = np.concatenate([np.ones(60), np.full(60, 1 / 3), np.zeros(60), np.ones(30)])
    assert changes(days(rng.poisson(8 * share), share)) == []


def test_a_change_in_the_dark_is_dated_after_it() -> None:
    rng = np.random.default_rng(4)
    share = np.concatenate([np.ones(60), np.zeros(30), np.ones(60)])
    found = changes(days(rng.poisson(np.repeat([3.0, 9.0], [75, 75]) * share), share))
    assert [change.date for change in found] == [FIRST + 90]


def test_a_month_against_the_last_one() -> None:
    rng = np.random.default_rng(5)
    more, same, before = (days(rng.poisson(rate, 30)) for rate in (9, 6, 6))
    up, level = difference(more, before), difference(same, before)
    assert up is not None and up.sure and up.low < 3 < up.high and up.now == pytest.approx(9, abs=1.5)
    assert level is not None and not level.sure
    seconds = difference(more, before, "seconds")
    assert seconds is not None and seconds.now == pytest.approx(60 * up.now)


def test_half_observed_days_are_compared_as_whole_ones() -> None:
    rng = np.random.default_rng(6)
    half = np.full(28, 0.5)
    told = difference(days(rng.poisson(6 * half), half), days(rng.poisson(6, 31)))
    assert told is not None and not told.sure and told.now == pytest.approx(6, abs=1.2)


def test_little_says_nothing() -> None:
    few, none = days(np.array([3, 4, 5])), days(np.zeros(0, np.int64))
    assert difference(few, few) is None and changes(few) == [] and changes(none) == []
    assert changes(days(np.zeros(60, np.int64))) == []
    assert difference(none, few) is None
