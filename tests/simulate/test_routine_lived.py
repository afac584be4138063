"""A simulated year lies within what is known of cats, and what is asked of a diary does not change it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from home.clock import UTC, Span, local_day
from home.config import Place
from simulate.living import Household, clipped, lived_diary
from simulate.places import AWAY_S, WALK_S
from simulate.rhythm import People, Rhythm
from simulate.routine import Episode
from simulate.tally import Tally, daily, hourly
from simulate.traits import MEAL_REST_S, VOID_REST_S

BERLIN = ZoneInfo("Europe/Berlin")
PLACE = Place(latitude=52.5, longitude=13.4)
ROOMS = {
    "living-room": ("bed", "food_bowl"),
    "utility-room": ("litter_box", "bed"),
    "bedroom": ("bed", "scratching_post"),
}  # one bowl and one box for two cats: they must take turns
HOME = Household(ROOMS, ("miso", "tofu"), BERLIN, 1, PLACE)
YEAR = Span(local_day(dt.date(2026, 1, 1), BERLIN).start, local_day(dt.date(2026, 12, 31), BERLIN).end)

Diary = list[Episode]


@pytest.fixture(scope="module")
def year() -> Diary:
    return lived_diary(HOME, YEAR.start, YEAR.end)


def of(diary: Diary, cat: str, *behaviours: str) -> Diary:
    return [e for e in diary if e.cat == cat and (not behaviours or e.behaviour in behaviours)]


@pytest.fixture(scope="module")
def rows(year: Diary) -> list[Tally]:
    return daily(year, YEAR, BERLIN)


def per_day(rows: list[Tally], cat: str, behaviour: str, what: str) -> np.ndarray:
    return np.array([getattr(row, what) for row in rows if (row.cat, row.behaviour) == (cat, behaviour)])


def test_every_cat_has_every_second_once(year: Diary, rows: list[Tally]) -> None:
    for cat in HOME.cats:
        own = of(year, cat)
        assert (own[0].start, own[-1].end) == (YEAR.start, YEAR.end)
        assert all(before.end == after.start for before, after in pairwise(own))
    assert len(rows) == 2 * 365 * 8


@pytest.mark.parametrize("cat", HOME.cats)
def test_a_year_lies_within_what_is_known(year: Diary, rows: list[Tally], cat: str) -> None:
    """Sources are in simulate/traits.py: 12 to 16 h of sleep, 2 to 5 litter visits, 7 to 14 meals, 4 % of grooming."""
    hours = per_day(rows, cat, "sleeping", "seconds") / 3600
    assert 13 <= hours.mean() <= 15
    assert ((hours >= 11.5) & (hours <= 16.5)).mean() > 0.95, "days differ, by an hour or so"
    meals = per_day(rows, cat, "eating", "bouts")
    assert 7.5 <= meals.mean() <= 13
    assert 2 <= meals.min() <= meals.max() <= 22, "the feeders: 9 a day, give or take 2.3"
    visits = per_day(rows, cat, "using_litter_box", "bouts")
    assert 2.4 <= visits.mean() <= 4.3
    assert ((visits >= 1) & (visits <= 7)).mean() > 0.99, "the reference interval of Shin 2024"
    assert ((visits >= 2) & (visits <= 5)).mean() > 0.8
    share = per_day(rows, cat, "grooming", "seconds").sum() / YEAR.seconds
    assert 0.03 <= share <= 0.052
    sleeps = [e.seconds / 60 for e in of(year, cat, "sleeping")]
    assert 45 <= np.mean(sleeps) <= 100
    assert 8 <= len(sleeps) / 365 <= 16, "polyphasic"
    assert 50 <= np.median([e.seconds for e in of(year, cat, "eating")]) <= 150
    assert 35 <= np.mean([e.seconds for e in of(year, cat, "using_litter_box")]) <= 80
    for behaviour in ("playing", "hunting", "scratching"):
        assert per_day(rows, cat, behaviour, "bouts").mean() >= 2


def test_cats_differ_and_so_do_homes(year: Diary, rows: list[Tally]) -> None:
    assert abs(np.subtract(*(per_day(rows, cat, "sleeping", "seconds").mean() for cat in HOME.cats))) > 300
    other = lived_diary(Household(ROOMS, ("miso",), BERLIN, 2, PLACE), YEAR.start, YEAR.start + dt.timedelta(days=2))
    assert other != clipped(of(year, "miso"), YEAR.start, YEAR.start + dt.timedelta(days=2))


@pytest.mark.parametrize("cat", HOME.cats)
def test_after_a_meal_or_a_visit_none_is_due_for_a_while(year: Diary, cat: str) -> None:
    for behaviour, subtype, rest_s in (
        ("eating", None, MEAL_REST_S),
        ("using_litter_box", "urinating", VOID_REST_S),
    ):
        bouts = [e for e in of(year, cat, behaviour) if e.subtype == subtype]
        gaps = np.array([(after.start - before.end).total_seconds() for before, after in pairwise(bouts)])
        assert gaps.min() >= rest_s
        assert gaps.std() > 0.3 * gaps.mean(), "a rest, not a timetable"


def awake_at(diary: Diary, begin: Callable[[dt.date], dt.datetime], months: Sequence[int]) -> float:
    """Mean share awake in the hour that begins at a moment of each day of these months."""
    asleep = total = 0.0
    sleeps = sorted((e for e in diary if e.behaviour == "sleeping"), key=lambda e: e.start)
    by_date = defaultdict(list)
    for sleep in sleeps:
        for date in {sleep.start.astimezone(BERLIN).date(), sleep.end.astimezone(BERLIN).date()}:
            by_date[date].append(Span(sleep.start, sleep.end))
    for month in months:
        for number in range(1, 29):
            date = dt.date(2026, month, number)
            hour = Span(begin(date), begin(date) + dt.timedelta(hours=1))
            asleep += sum(both.seconds for sleep in by_date[date] if (both := sleep.overlap(hour)))
            total += len(HOME.cats) * 3600
    return 1 - asleep / total


def test_peaks_are_before_sunrise_and_in_the_evening(year: Diary) -> None:
    days = Rhythm(BERLIN, PLACE, HOME.seed)

    def clock(hour: int) -> Callable[[dt.date], dt.datetime]:
        return lambda date: dt.datetime.combine(date, dt.time(hour), BERLIN).astimezone(UTC)

    def before_sunrise(date: dt.date) -> dt.datetime:
        return dt.datetime.fromtimestamp((days.day(date).sunrise or 0) - 3600, UTC)

    all_year = range(1, 13)
    troughs = [awake_at(year, clock(hour), all_year) for hour in (1, 12)]
    for peak in (before_sunrise, clock(18)):
        assert awake_at(year, peak, all_year) > max(troughs) + 0.12
    # The sun of Berlin rises at 4:45 in midsummer and at 8:15 in midwinter, and sets at 21:30 and at 15:55.
    summer, winter = (6, 7), (12, 1)
    assert awake_at(year, clock(4), summer) > awake_at(year, clock(4), winter) + 0.06
    assert awake_at(year, clock(16), winter) > awake_at(year, clock(16), summer) + 0.06


def test_more_sleep_in_winter(rows: list[Tally]) -> None:
    def mean(months: tuple[int, ...]) -> float:
        sleep = [r for r in rows if r.behaviour == "sleeping"]
        return float(np.mean([r.seconds for r in sleep if r.span.start.astimezone(BERLIN).month in months]))

    assert mean((12, 1)) > mean((4, 9)) + 10 * 60


def test_bowls_are_come_to_when_they_are_filled(year: Diary) -> None:
    days = Rhythm(BERLIN, PLACE, HOME.seed)
    feedings = [f for n in range(365) for f in days.day(dt.date(2026, 1, 1) + dt.timedelta(days=n)).feedings]
    for cat in HOME.cats:
        meals = np.array([e.start.timestamp() for e in of(year, cat, "eating")])
        came = [bool(((meals >= f) & (meals <= f + 15 * 60)).any()) for f in feedings]
        assert np.mean(came) > 0.7
    morning = [dt.datetime.fromtimestamp(f, BERLIN) for f in feedings[::2]]
    weekend = [t.hour + t.minute / 60 for t in morning if t.weekday() >= 5]
    working = [t.hour + t.minute / 60 for t in morning if t.weekday() < 5]
    assert np.mean(weekend) - np.mean(working) == pytest.approx(1.6, abs=0.1), "people sleep in"


def test_habits_follow_the_wall_clock_over_the_change_of_clocks() -> None:
    """The clocks went forward on 29 March 2026 and back on 25 October; both are Sundays, compared with Sundays."""
    days = Rhythm(BERLIN, PLACE, HOME.seed)
    for before, change, hours in (
        (dt.date(2026, 3, 22), dt.date(2026, 3, 29), 23),
        (dt.date(2026, 10, 18), dt.date(2026, 10, 25), 25),
    ):
        day = days.day(change)
        assert day.end - day.start == hours * 3600 == len(day.drive) * 300
        for old, new in zip(days.day(before).feedings, day.feedings, strict=True):
            shown = [dt.datetime.fromtimestamp(f, BERLIN) for f in (old, new)]
            minutes = [t.hour * 60 + t.minute for t in shown]
            assert abs(minutes[0] - minutes[1]) < 45, "the same time by the clock, give or take"
            assert abs(new - old - 7 * 86_400) > 1800, "another time of UTC"


def test_days_of_change_have_all_their_seconds(year: Diary) -> None:
    for date, hours in ((dt.date(2026, 3, 29), 23), (dt.date(2026, 10, 25), 25)):
        day = local_day(date, BERLIN)
        for rows, parts in ((daily(year, day, BERLIN), 1), (hourly(year, day, BERLIN), hours)):
            assert len(rows) == 2 * 8 * parts
            assert sum(row.seconds for row in rows) == 2 * hours * 3600


def test_no_two_cats_on_one_bowl_in_one_box_on_one_bed_or_with_one_toy(year: Diary) -> None:
    by_spot = defaultdict(list)
    for episode in year:
        if episode.zone is not None:
            by_spot[episode.camera, episode.zone].append(episode)
        elif episode.subtype == "toy" and episode.camera is not None:
            by_spot[episode.camera, "toy"].append(episode)
    assert {zone for _, zone in by_spot} == {"bed", "food_bowl", "litter_box", "scratching_post", "toy"}
    for episodes in by_spot.values():
        episodes.sort(key=lambda e: e.start)
        assert {e.cat for e in episodes} == set(HOME.cats)
        assert all(before.end <= after.start for before, after in pairwise(episodes))


def test_between_two_places_is_a_way(year: Diary) -> None:
    for cat in HOME.cats:
        for before, after in pairwise(of(year, cat)):
            if before.camera != after.camera:
                assert before.camera is None or after.camera is None, "no cat is in two rooms in one second"
                assert "away" in (before.subtype, after.subtype)
            elif before.camera is not None:
                assert "walking" in (before.subtype, after.subtype), "and none moves within a room without walking"
        ways = [e.seconds for e in of(year, cat) if e.subtype == "away"]
        assert AWAY_S[0] <= min(ways) <= max(ways) <= AWAY_S[1]
        assert min(e.seconds for e in of(year, cat) if e.subtype == "walking") >= min(WALK_S)


def test_a_shorter_diary_is_the_beginning_of_a_longer_one(year: Diary) -> None:
    for days in (1, 30):
        end = YEAR.start + dt.timedelta(days=days, seconds=12_345)
        assert lived_diary(HOME, YEAR.start, end) == clipped(year, YEAR.start, end)


def test_what_no_camera_sees_happens_out_of_sight() -> None:
    hall = Household({"hall": ()}, ("miso",), BERLIN, 1)
    diary = lived_diary(hall, YEAR.start, YEAR.start + dt.timedelta(days=2))
    assert {e.camera for e in diary if e.behaviour in ("eating", "using_litter_box")} == {None}
    assert {e.camera for e in diary} == {None, "hall"}


def test_cats_eat_where_nobody_fills_bowls_too() -> None:
    machine = Household(ROOMS, ("miso",), BERLIN, 1, PLACE, People(feedings=()))
    month = lived_diary(machine, YEAR.start, YEAR.start + dt.timedelta(days=30))
    assert 6 <= len(of(month, "miso", "eating")) / 30 <= 14


@pytest.mark.parametrize(("latitude", "month"), [(78.2, 6), (78.2, 12), (-45.0, 6)])
def test_it_runs_where_the_sun_does_not_rise_or_not_set(latitude: float, month: int) -> None:
    north = Household(ROOMS, ("miso",), ZoneInfo("UTC"), 1, Place(latitude=latitude, longitude=15.0))
    start = dt.datetime(2026, month, 20, tzinfo=UTC)
    assert sum(e.seconds for e in lived_diary(north, start, start + dt.timedelta(days=3))) == 3 * 86_400


def test_wrong_questions_are_refused() -> None:
    with pytest.raises(ValueError, match="needs cameras and cats"):
        lived_diary(Household({}, ("miso",), BERLIN, 1), YEAR.start, YEAR.end)
    with pytest.raises(ValueError, match="must end after its start"):
        lived_diary(HOME, YEAR.end, YEAR.start)
