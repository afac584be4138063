"""What is known of a behaviour: nothing outside the observed time, and observed time to the second."""

from __future__ import annotations

import itertools
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.habits.history import History

NOTHING = np.empty(0)
ZONE = ZoneInfo("Europe/Berlin")


def history(starts: list[float], observed: list[tuple[float, float]]) -> History:
    return History(np.array(starts), np.zeros(len(starts)), np.array(observed).reshape(-1, 2), NOTHING, ZONE)


def test_an_event_outside_the_observed_time_is_refused() -> None:
    with pytest.raises(ValueError, match="outside the observed time"):
        history([5, 12], [(0, 10), (20, 30)])


@pytest.mark.parametrize("observed", [[(0, 10), (5, 20)], [(10, 10)], [(20, 30), (0, 10)]])
def test_spans_that_are_not_merged_are_refused(observed: list[tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match="merge them first"):
        history([], observed)


def test_the_end_of_a_span_is_not_observed_and_a_seam_is() -> None:
    known = history([], [(0, 10), (10, 20), (30, 40)])
    sees = known.sees(np.array([-1.0, 0, 9.9, 10, 20, 30, 40]))
    assert sees.tolist() == [False, True, True, True, False, True, False]


def test_what_was_known_then() -> None:
    then = history([1, 6, 25], [(0, 10), (20, 30)]).between(5, 22)
    assert then.starts.tolist() == [6] and then.observed.tolist() == [[5, 10], [20, 22]]


def test_how_long_it_would_last_was_not_known_then() -> None:
    known = History(np.array([5.0, 20]), np.array([3.0, 9]), np.array([[0.0, 30]]), NOTHING, ZONE)
    assert known.between(0, 25).durations.tolist() == [3, 5]


@given(st.lists(st.integers(0, 60), min_size=2, max_size=12, unique=True), st.lists(st.integers(-5, 70), min_size=2))
def test_observed_seconds_are_those_counted_one_by_one(rims: list[int], asked: list[int]) -> None:
    rims = sorted(rims)[: len(rims) // 2 * 2]
    known = history([], [(float(a), float(b)) for a, b in zip(rims[::2], rims[1::2], strict=True)])
    edges = sorted(asked)
    seconds = known.observed_s(np.array(edges, float))
    for (first, last), told in zip(itertools.pairwise(edges), seconds, strict=True):
        assert told == known.sees(np.arange(first, last, dtype=np.float64) + 0.5).sum()
