"""Scores of ways to be unusual: what is not known is not 0."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from models.habits.baseline import MOST_ASIDE_DAYS, ordinary_days
from models.habits.clock_hours import clock_hours
from models.habits.history import History
from models.habits.streams import event_streams

DAY = 86_400.0
ZONE = ZoneInfo("Europe/Berlin")
START = dt.datetime(2026, 1, 1, tzinfo=ZONE).timestamp()
DAYS = 60


@pytest.fixture(scope="module")
def history() -> History:
    """Two months of a regular cat; nobody watched from two to four each night."""
    rng = np.random.default_rng(2)
    at = START + np.cumsum(rng.gamma(3, DAY / 12, DAYS * 6))
    spans = np.array([(START + day * DAY + 4 * 3600, START + (day + 1) * DAY + 2 * 3600) for day in range(DAYS - 1)])
    seen = History(np.empty(0), np.empty(0), spans, np.empty(0), ZONE)
    at = at[seen.sees(at)]
    return History(at, 60 * rng.lognormal(0, 0.3, len(at)), spans, np.empty(0), ZONE)


def test_of_two_signs_at_once_nothing_is_known_until_both_are(history: History) -> None:
    hours = clock_hours(START, START + DAYS * DAY, ZONE)
    streams = event_streams("using_litter_box", history, hours, 1.0)
    shorter = [stream for stream in streams if stream.kind == "shorter"]
    for kind, how_often in (("often_and_short", "more_often"), ("seldom_and_short", "less_often")):
        counts = [stream for stream in streams if stream.kind == how_often][-len(shorter) :]
        both = [stream for stream in streams if stream.kind == kind]
        for first, second, sums in zip(counts, shorter, both, strict=True):
            unknown = np.isnan(first.scores) | np.isnan(second.scores)
            assert len(np.unique(hours.day[unknown])) > 30 and not unknown[-24:].all()
            np.testing.assert_array_equal(np.isnan(sums.scores), unknown)


def test_nothing_is_known_of_a_wait_in_an_early_night_that_nobody_watched(history: History) -> None:
    hours = clock_hours(START, START + DAYS * DAY, ZONE)
    (wait,) = (s for s in event_streams("using_litter_box", history, hours, 1.0) if s.kind == "none")
    known = np.isfinite(wait.scores)
    first = int(np.flatnonzero(known)[0])
    assert 30 * 24 < first < 45 * 24 and known[first:].all(), "once it is known, an hour without coverage is 0"
    nights = np.isin(hours.hour, (2, 3)) & (np.arange(len(hours.day)) >= first)
    assert (wait.scores[nights] == 0).all() and np.isnan(wait.seen[nights]).all()
    begun = float(wait.since[first])
    assert begun >= hours.rims[first - 1], "a wait that began before is longer than what is known of it"


def days_of(visits: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """So many visits on each day, spread over its hours, all of it watched."""
    counts = np.zeros((len(visits), 24))
    for day, number in enumerate(visits):
        counts[day, np.linspace(0, 23, number).astype(int)] += 1
    return counts, np.ones_like(counts)


def test_an_illness_that_lasts_is_not_what_is_usual_until_it_has_lasted_long() -> None:
    before = [3, 4, 3, 2, 4, 3, 3] * 6
    counts, observed = days_of([*before, *[12] * 20, *[3] * 10])
    expected = np.ones(len(counts), bool)
    expected[len(before) : len(before) + 20] = False
    np.testing.assert_array_equal(ordinary_days(counts, observed), expected)
    gone = observed.copy()
    gone[len(before) + 5] = 0  # the camera was away for a day of it
    np.testing.assert_array_equal(ordinary_days(counts * gone, gone), expected)
    counts, observed = days_of([*before, *[12] * (MOST_ASIDE_DAYS + 12)])
    after = ordinary_days(counts, observed)[len(before) :]
    assert not after[:MOST_ASIDE_DAYS].any() and after[MOST_ASIDE_DAYS:].all(), "what has lasted so long is usual now"
    earlier = ordinary_days(counts[:-12], observed[:-12])
    np.testing.assert_array_equal(earlier, ordinary_days(counts, observed)[:-12])  # a day is told from those before it


def test_days_of_a_cat_that_varies_are_ordinary() -> None:
    rng = np.random.default_rng(3)
    counts, observed = days_of([int(n) for n in rng.poisson(4, 200)])
    assert ordinary_days(counts, observed).mean() > 0.99
    assert ordinary_days(*days_of([0] * 100)).all() and ordinary_days(np.zeros((0, 24)), np.zeros((0, 24))).size == 0
