"""What comes next: each candidate learns what it is there for, hears nothing of later, and takes what it was not shown as missing."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from models.habits.history import Array
from models.habits.next_event import LEVELS, Candidate, coming_hours, runs, waits_from
from models.habits.next_event_blend import CANDIDATES
from models.habits.next_event_habit import Habit
from models.habits.next_event_simple import AHEAD, HourProfile, SeasonalNaive
from tests.models.habits.lives import DAY, HOUR, START, by_turns, life, poisson

MEDIAN = 2


def evening(moments: Array) -> Array:
    """1.5 an hour from 18 to 20 o'clock UTC, else 0.05."""
    hour = moments / HOUR % 24
    return np.where((hour >= 18) & (hour < 20), 1.5, 0.05)


def test_a_constant_rate_waits_exponentially_and_beyond_the_last_rim() -> None:
    for rate in (1 / HOUR, 1 / (30 * DAY)):
        np.testing.assert_allclose(waits_from(rate * AHEAD, AHEAD), -np.log(1 - LEVELS) / rate, rtol=1e-6)


def test_coming_hours_are_those_of_the_clock_on_the_wall() -> None:
    rims = coming_hours(START + 100, life(np.empty(0), [], ZoneInfo("Asia/Kathmandu")))
    assert len(rims) == 49 and rims[0] == START + 15 * 60 and rims[-1] == START + 15 * 60 + 48 * HOUR
    assert coming_hours(START, life(np.empty(0), []))[0] == START


def test_a_blink_breaks_no_run_and_a_gap_does() -> None:
    known = life(np.empty(0), [(0, 1000), (1500, 3000), (9000, 9500)])
    assert runs(known).tolist() == [[0, 3000], [9000, 9500]]


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda one: one.name)
@pytest.mark.parametrize(
    ("starts", "observed"),
    [
        ([], []),
        ([], [(START, START + 30 * DAY)]),
        ([START + 5 * HOUR], [(START, START + DAY)]),
        ([START + 5 * HOUR, START + 5 * HOUR + 60], [(START, START + 20 * DAY)]),
        ([START + 5 * HOUR], [(START, START + DAY), (START + 9 * DAY, START + 9.5 * DAY)]),
    ],
    ids=["nothing", "never seen", "since yesterday", "hardly ever", "behind a gap"],
)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu"])
def test_little_is_enough_for_an_answer(
    candidate: Candidate, starts: list[float], observed: list[tuple[float, float]], zone: str
) -> None:
    now = observed[-1][1] if observed else START
    known = life(np.array(starts), observed, ZoneInfo(zone))
    fitted = candidate.fit(known, now)
    waits, chances = fitted.waits(known, now), fitted.chances(known, now, coming_hours(now, known))
    assert np.isfinite(waits).all() and (waits > 0).all() and (np.diff(waits) >= 0).all()
    assert chances.shape == (48,) and (chances >= 0).all() and (chances <= 1).all()


def test_the_same_hour_is_that_of_the_clock_across_its_change() -> None:
    """Fed at 8 on the wall in Berlin, every day: at 20 o'clock it is 12 hours to go, a week after the clocks went forward too."""
    zone = ZoneInfo("Europe/Berlin")
    fed = [dt.datetime(2026, 3, 20, 8, tzinfo=zone) + dt.timedelta(days=day) for day in range(16)]
    now = dt.datetime(2026, 4, 4, 20, tzinfo=zone).timestamp()
    known = life(np.array([moment.timestamp() for moment in fed]), [(fed[0].timestamp() - DAY, now)], zone)
    fitted = SeasonalNaive().fit(known, now)
    # Over the night of the change it was 11 hours: the lowest of 14.
    np.testing.assert_allclose(fitted.waits(known, now)[1:] / HOUR, 12)
    before = dt.datetime(2026, 3, 28, 21, tzinfo=zone).timestamp()
    then = known.between(0, before)
    assert SeasonalNaive().fit(then, before).waits(then, before)[MEDIAN] == 11 * HOUR


def test_an_event_behind_a_gap_ends_no_waiting_time() -> None:
    """Every day at noon; nine days were not observed. From noon to noon it is a day, and nothing says ten."""
    noons = START + HOUR * 12 + DAY * np.arange(30)
    known = life(noons, [(START, START + 10 * DAY), (START + 19 * DAY, START + 29.6 * DAY)])
    now = START + 29.6 * DAY
    waits = SeasonalNaive().fit(known, now).waits(known, now)
    np.testing.assert_allclose(waits, (1.5 - 0.6) * DAY)


def test_unobserved_nights_do_not_make_an_hour_rarer() -> None:
    starts = poisson(60, evening, 1.5, seed=3)
    now = START + 60 * DAY
    whole = life(starts, [(START, now)])
    evenings = life(starts, [(START + day * DAY + 12 * HOUR, START + day * DAY + 22 * HOUR) for day in range(60)])
    for candidate in (HourProfile(smooth_h=0.3), Habit(half_life_d=1000, fade_h=0)):
        rims = START + 61 * DAY + np.array([18.5, 19.5]) * HOUR
        said = [candidate.fit(known, now).chances(known, now, rims)[0] for known in (whole, evenings)]
        assert said[0] == pytest.approx(1 - np.exp(-1.5), abs=0.12)
        assert said[1] == pytest.approx(said[0], abs=0.06)


def test_what_waited_long_comes_soon() -> None:
    """Gaps of about four hours at any time of day: just after an event it waits, and the profile of the day cannot know."""
    starts = by_turns(60, 4, 0.5, seed=1)
    known = life(starts, [(START, starts[-1] + 4 * HOUR)])
    for candidate in (Habit(), Habit(fade_h=0)):
        fitted = candidate.fit(known, starts[-1] + 4 * HOUR)
        for since, wait in ((0.2, 3.8), (2.0, 2.0), (3.5, 0.6)):
            now = starts[-1] + since * HOUR
            said = fitted.waits(known.between(START, now), now) / HOUR
            assert said[MEDIAN] == pytest.approx(wait, abs=0.45)
            assert said[0] > wait - 1.6 and said[-1] < wait + 1.6


def test_behind_a_gap_it_does_not_claim_to_know_when_the_last_one_was() -> None:
    starts = by_turns(60, 4, 0.5, seed=1)
    now = starts[-1] + 12 * HOUR
    seen = life(starts, [(START, now)])
    gap = life(starts, [(START, starts[-1] + HOUR), (now - HOUR, now)])
    fitted = Habit(fade_h=0).fit(seen, starts[-1])
    known, unknown = (fitted.waits(history, now)[-1] - fitted.waits(history, now)[0] for history in (seen, gap))
    assert unknown > 2 * known


def test_a_meal_after_much_food_is_later() -> None:
    """Whoever had three in the last hours waits twice as long: what recent events add up to is learned, and its sign."""
    rng = np.random.default_rng(5)
    starts, moment = list[float](), START
    while moment < START + 120 * DAY:
        full = sum(moment - start < 5 * HOUR for start in starts[-6:])
        moment += rng.exponential(HOUR * (1 if full < 3 else 4)) + 0.3 * HOUR
        starts.append(moment)
    moments = np.array(starts[:-1])
    known = life(moments, [(START, moments[-1] + 1)])
    assert Habit(half_life_d=60).fit(known, moments[-1] + 1).hazard.recent < -0.1


@pytest.mark.parametrize("candidate", CANDIDATES[1:], ids=lambda one: one.name)
def test_the_chance_of_a_span_agrees_with_the_waiting_time(candidate: Candidate) -> None:
    starts = poisson(40, evening, 1.5, seed=8)
    now = START + 40 * DAY - 5 * HOUR
    known = life(starts, [(START, START + 50 * DAY)]).between(START, now)
    fitted = candidate.fit(known, now)
    waits = fitted.waits(known, now)
    for level, wait in zip(LEVELS, waits, strict=True):
        chance = fitted.chances(known, now, np.array([now, now + wait]))[0]
        # The share of past days that the naive part counts knows nothing of waiting times.
        assert chance == pytest.approx(level, abs=0.15 if candidate.name == "blend" else 0.04)


def test_the_most_likely_hour_is_the_evening() -> None:
    starts = poisson(40, evening, 1.5, seed=9)
    now = START + 40 * DAY
    known = life(starts, [(START, now)])
    for candidate in CANDIDATES:
        chances = candidate.fit(known, now).chances(known, now, coming_hours(now, known))
        assert {int(hour) for hour in np.argsort(chances)[-4:]} == {18, 19, 42, 43}
