"""Ordinary numbers seldom alarm, large changes at once, small ones that stay later, one odd night never where it may not."""

from __future__ import annotations

import numpy as np
import pytest

from models.page_test import ALLOWANCE, bound_for, watch


@pytest.mark.parametrize("nights", [8, 20, 60])
def test_the_bound_holds_for_references_of_any_length(nights: int) -> None:
    """Normal numbers, centre and spread estimated from so few of them, as `learn_reference` does."""
    rng = np.random.default_rng(nights)
    alarms = 0
    for _ in range(300):
        known = rng.normal(0, 1, (nights, 4))
        new = (rng.normal(0, 1, (40, 4)) - known.mean(axis=0)) / known.std(axis=0, ddof=1)
        alarms += bool(watch(new, nights).alarms.any())
    assert alarms / 300 < 0.1  # 0.05 is asked for; three standard errors are 0.04


def test_a_small_change_that_stays_is_told_later_and_one_night_of_it_is_not() -> None:
    bound = bound_for(20)
    step = ALLOWANCE + bound / 5.5  # a sum passes the bound in the sixth night
    stays = watch(np.full((10, 4), step), 20)
    assert np.flatnonzero(stays.alarms[:, 0])[0] == 5
    assert (stays.since[:6] == 0).all() and (stays.since[6:] == 6).all(), "the night after an alarm begins anew"
    once = np.zeros((40, 4))
    once[10] = step
    assert not watch(once, 20).alarms.any()


def test_what_gets_better_is_no_alarm() -> None:
    assert not watch(np.full((40, 4), -3.0), 20).alarms.any()


def test_one_odd_night_is_no_alarm_where_it_counts_little_and_two_in_a_row_are() -> None:
    off = np.zeros((40, 2))
    off[8] = off[10] = off[30] = off[31] = 100.0
    seen = watch(off, 20, most=[0.51, np.inf])
    assert np.flatnonzero(seen.alarms[:, 0]).tolist() == [31] and seen.since[31, 0] == 30
    assert np.flatnonzero(seen.alarms[:, 1]).tolist() == [8, 10, 30, 31]


def test_more_numbers_have_a_higher_bound() -> None:
    assert bound_for(14, numbers=3) < bound_for(14, numbers=4) < bound_for(14, numbers=8)
