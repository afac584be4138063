"""The shape of the days: on the home's clock, over observed time, with what is not known left out."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from models.habits.cosinor import cosinor
from models.habits.history import Array, History
from models.habits.local_time import DAY_S, HOUR_S
from models.habits.rhythm import Days, actogram, by_weekday, days_of, evenness, two_peaks
from tests.models.habits.lives import DAY, HOUR, START, UTC, life, poisson

BERLIN = ZoneInfo("Europe/Berlin")


def local(zone: ZoneInfo, *when: int) -> float:
    return dt.datetime(*when, tzinfo=zone).timestamp()


def naps(starts: list[float], minutes: float, observed: list[tuple[float, float]], zone: ZoneInfo) -> History:
    return History(np.array(starts), np.full(len(starts), minutes * 60), np.array(observed), np.empty(0), zone)


@pytest.mark.parametrize(("first", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2024, 2, 29), 24)])
def test_a_day_has_as_many_hours_as_it_has(first: tuple[int, int, int], hours: int) -> None:
    """A nap from 04:00 to 06:00 on the wall, on days of 23 and 25 hours and on a leap day."""
    begin = local(BERLIN, *first)
    days = days_of(naps([local(BERLIN, *first, 4)], 120, [(begin, begin + hours * HOUR)], BERLIN))
    assert days.dates.tolist() == [(dt.date(*first) - dt.date(1970, 1, 1)).days]
    assert days.observed_s.sum() == hours * HOUR
    assert np.flatnonzero(days.seconds[0]).tolist() == list(range(16, 24)) and days.seconds.sum() == 2 * HOUR
    missing = np.flatnonzero(days.observed_s[0] == 0).tolist()
    assert missing == (list(range(8, 12)) if hours == 23 else [])
    assert np.flatnonzero(days.observed_s[0] == 1800).tolist() == (list(range(8, 12)) if hours == 25 else [])


def test_in_kathmandu_a_day_begins_at_a_quarter_past() -> None:
    zone = ZoneInfo("Asia/Kathmandu")
    begin = local(zone, 2026, 5, 1)
    days = days_of(naps([begin, begin + 23.75 * HOUR], 15, [(begin, begin + DAY)], zone))
    assert days.dates.shape == (1,) and np.flatnonzero(days.seconds[0]).tolist() == [0, 95]


def test_the_double_plot_has_the_next_day_beside_each_and_gaps_stay_gaps() -> None:
    observed = [(START, START + 30 * HOUR), (START + 48 * HOUR, START + 72 * HOUR)]
    plot = actogram(days_of(naps([START + 23 * HOUR, START + 50 * HOUR], 120, observed, UTC)))
    assert plot.shape == (3, 192)
    np.testing.assert_array_equal(plot[:2, 96:], plot[1:, :96])
    assert plot[0, 92:96].tolist() == [1, 1, 1, 1] and plot[0, 96:101].tolist() == [1, 1, 1, 1, 0]
    assert np.isnan(plot[1, 24:96]).all() and np.isnan(plot[2, 96:]).all() and not np.isnan(plot[2, :96]).any()


def test_a_nap_into_the_unobserved_counts_as_far_as_it_was_seen() -> None:
    days = days_of(naps([START + 0.9 * HOUR], 60, [(START, START + HOUR), (START + 5 * HOUR, START + 6 * HOUR)], UTC))
    assert days.seconds.sum() == pytest.approx(0.1 * HOUR)


def test_weekdays_are_rates_over_what_was_observed() -> None:
    """Meals at 8 on each of three Mondays, of which one was seen from 9 on only; counted by a device that knows no lengths."""
    monday = local(BERLIN, 2026, 6, 1)
    meals = life(
        monday + DAY * np.array([0, 7.0, 14]) + 8.5 * HOUR,
        [(monday, monday + 13 * DAY), (monday + 14 * DAY + 9 * HOUR, monday + 20 * DAY)],
        BERLIN,
    )
    rate, observed = by_weekday(days_of(meals))
    assert rate[0, 8] == 1.0 and observed[0, 8] == 2 and observed[0, 9] == 3
    assert rate[1:].max() == 0 and np.nansum(rate[0]) == 1
    nothing, none = by_weekday(days_of(life(np.empty(0), [], BERLIN)))
    assert np.isnan(nothing).all() and not none.any()


def test_evenness_goes_from_one_hour_to_all_hours() -> None:
    whole = [(START, START + 20 * DAY)]
    once = evenness(days_of(life(START + DAY * np.arange(20) + 5.5 * HOUR, whole)))
    always = evenness(days_of(life(START + HOUR * np.arange(20 * 24) + 60, whole)))
    some = evenness(days_of(life(poisson(20, lambda moments: np.full(len(moments), 0.4), 0.4, seed=1), whole)))
    assert once is not None and always is not None and some is not None
    assert once.entropy == pytest.approx(0, abs=1e-9) and always.entropy == pytest.approx(1)
    # 200 events at any time: what chance takes off is given back.
    assert some.entropy > 0.98 and some.low <= some.entropy <= some.high


def test_a_night_without_camera_does_not_make_a_day_uneven() -> None:
    starts = poisson(60, lambda moments: np.full(len(moments), 0.5), 0.5, seed=2)
    spans = [(START + day * DAY + (0 if day % 4 == 0 else 8 * HOUR), START + (day + 1) * DAY) for day in range(60)]
    told = evenness(days_of(life(starts, spans)))
    assert told is not None and told.entropy > 0.97


def twilight(moments: Array) -> Array:
    hour = moments / HOUR % 24
    return 0.05 + np.exp(-0.5 * ((hour - 6.5) / 1.2) ** 2) + np.exp(-0.5 * ((hour - 19) / 1.2) ** 2)


def noon(moments: Array) -> Array:
    return 0.05 + np.exp(-0.5 * ((moments / HOUR % 24 - 12.5) / 2.5) ** 2)


def test_dawn_and_dusk_are_two_peaks_and_noon_is_one() -> None:
    whole = [(START, START + 40 * DAY)]
    two, one = (two_peaks(days_of(life(poisson(40, rate, 1.2, seed=4), whole))) for rate in (twilight, noon))
    assert two is not None and one is not None
    np.testing.assert_allclose(two.hours, (6.5, 19), atol=0.8)
    assert two.depth > 0.7 and two.confidence > 0.98 and two.low <= two.depth <= two.high
    assert one.depth < 0.2 and one.confidence < 0.2 and min(abs(hour - 12.5) for hour in one.hours) < 1


def wave(count: int, seed: int, amplitude: float = 0.2, peak_h: float = 20, moods: float = 0.05) -> Days:
    """Shares of time around 0.5 with a daily wave, whole days a little up or down."""
    rng = np.random.default_rng(seed)
    hours = (np.arange(96) + 0.5) / 4
    share = 0.5 + amplitude * np.cos(2 * np.pi * (hours - peak_h) / 24) + moods * rng.standard_normal((count, 1))
    share += 0.1 * rng.standard_normal((count, 96))
    return Days(np.arange(count) + 20000, np.ones((count, 96)), 900 * share, np.full((count, 96), 900.0))


def test_the_wave_is_found_with_its_top() -> None:
    told = cosinor(wave(30, seed=1))
    assert told is not None and told.p < 1e-6
    assert told.amplitude == pytest.approx(0.2, abs=0.02) and told.amplitude_low < 0.2 < told.amplitude_high
    assert told.acrophase_h == pytest.approx(20, abs=0.3) and told.acrophase_within_h < 0.5
    assert told.mean_low < 0.5 < told.mean_high and told.explained > 0.6


def test_its_intervals_hold_as_often_as_they_say() -> None:
    """Days that differ as wholes: standard errors that take every hour for a new one would hold the mean in a third of cases."""
    told = [cosinor(wave(20, seed=seed, amplitude=0.1)) for seed in range(150)]
    means = np.mean([one.mean_low <= 0.5 <= one.mean_high for one in told if one])
    tops = np.mean([abs(one.acrophase_h - 20) <= one.acrophase_within_h for one in told if one])
    assert 0.9 <= means <= 0.99 and 0.9 <= tops <= 0.995


def test_without_a_rhythm_no_top_is_told() -> None:
    told = [cosinor(wave(20, seed=seed, amplitude=0)) for seed in range(60)]
    assert sum(one.p < 0.05 for one in told if one) <= 8
    assert all(np.isnan(one.acrophase_h) == (one.p >= 0.05) for one in told if one)


def test_hours_that_were_not_observed_do_not_bend_the_wave() -> None:
    days = wave(40, seed=3)
    days.observed_s[::2, :32] = 0
    days.seconds[::2, :32] = 0
    told = cosinor(days)
    assert (
        told is not None
        and told.acrophase_h == pytest.approx(20, abs=0.4)
        and told.amplitude == pytest.approx(0.2, abs=0.02)
    )


@pytest.mark.parametrize(
    "known",
    [
        life(np.empty(0), []),
        life(np.empty(0), [(START, START + 9 * DAY_S)]),
        life(np.array([START + HOUR_S]), [(START, START + DAY_S)]),
        life(np.array([START + HOUR_S]), [(START, START + 40 * DAY_S)]),
    ],
    ids=["nothing", "never seen", "since yesterday", "once"],
)
def test_little_is_no_exception(known: History) -> None:
    days = days_of(known)
    assert actogram(days).shape == (len(days.dates), 192)
    for answer in (evenness(days), two_peaks(days), cosinor(days)):
        assert answer is None or len(days.dates) > 9
