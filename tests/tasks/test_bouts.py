"""Bouts from tables: zones, midnight, clock changes, gaps, several cameras and several animals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from home.clock import local_day
from home.folder import Home
from home.tables import BOUTS, BUDGET, FIXTURES
from tasks.bouts import bouts
from tests.tasks.story import BED, BOWL, DATE, LITTER, Story, at


@pytest.fixture
def story(tmp_path: Path) -> Callable[..., Story]:
    return lambda **options: Story(tmp_path, **options)


def rows(home: Home, date: dt.date = DATE) -> list[tuple[str, float, float]]:
    """Behaviour, start hour and minutes of every bout."""
    bouts(home, date)
    frame = home.tables.read(BOUTS, date)
    midnight = pd.Timestamp(at(0, date))
    hours = (frame["start"] - midnight).dt.total_seconds() / 3600
    return [
        (b, round(h, 3), round(s / 60, 2))
        for b, h, s in zip(frame["behaviour"], hours, frame["duration_s"], strict=True)
    ]


def budget(home: Home, date: dt.date = DATE) -> dict[str, float]:
    frame = home.tables.read(BUDGET, date)
    return dict(zip(frame["behaviour"], frame["seconds"], strict=True))


def test_a_morning_is_told_in_order_and_the_budget_is_the_whole_day(story: Callable[..., Story]) -> None:
    home = (
        story()
        .recorded("kitchen", at(6), at(9))
        .recorded("hall", at(6), at(9))
        .cat("kitchen", 1, at(6), at(7), BED, 60, moving=False)
        .cat("kitchen", 2, at(7.1), at(7.15), BOWL, 5, moving=True)
        .cat("hall", 1, at(7.5), at(7.525), LITTER, 5, moving=True)
        .told()
    )
    assert rows(home) == [("sleeping", 6.0, 59.08), ("eating", 7.1, 3.0), ("using_litter_box", 7.5, 1.5)]
    seconds = budget(home)
    assert sum(seconds.values()) == 86400
    assert seconds["gap"] == 86400 - 3 * 3600
    assert seconds["unseen"] == 3 * 3600 - seconds["sleeping"] - seconds["eating"] - seconds["using_litter_box"]


def test_a_bout_over_midnight_is_one_bout_with_a_part_on_either_day(story: Callable[..., Story]) -> None:
    home = story().recorded("kitchen", at(22), at(27)).cat("kitchen", 1, at(23), at(26), BED, 60, moving=False).told()
    after = DATE + dt.timedelta(days=1)
    assert rows(home) == [("sleeping", 23.0, 60.0)]
    assert rows(home, after) == [("sleeping", 0.0, 119.08)]
    first, second = home.tables.read(BOUTS, DATE).iloc[0], home.tables.read(BOUTS, after).iloc[0]
    assert (first["continues_before"], first["continues_after"]) == (False, True)
    assert (second["continues_before"], second["continues_after"]) == (True, False)
    assert first["bout_id"] == second["bout_id"]
    counts = [home.tables.read(BUDGET, date).set_index("behaviour").loc["sleeping", "bouts"] for date in (DATE, after)]
    assert counts == [1, 0], "one bout is counted once, on the day it begins"


@pytest.mark.parametrize(("date", "hours"), [(dt.date(2026, 3, 29), 23), (dt.date(2026, 10, 25), 25)])
def test_a_budget_sums_to_23_or_25_hours(story: Callable[..., Story], date: dt.date, hours: int) -> None:
    told = story(zone="Europe/Berlin")
    day = local_day(date, told.home.zone)
    # Two places: what lies in one place for all the hours of a day is a thing, not a cat.
    noon, sofa = day.start + dt.timedelta(hours=12), (0.1, 0.1, 0.3, 0.22)
    told.recorded("kitchen", day.start, day.end).cat("kitchen", 1, day.start, noon, BED, 60, False)
    home = told.cat("kitchen", 1, noon, day.end, sofa, 60, False).told()
    bouts(home, date)
    # The last sample, a minute before midnight, stands for one sample period of 5 s: nobody knows what came then.
    asleep = hours * 3600 - 55
    assert budget(home, date) == {"sleeping": asleep, "eating": 0, "other": 0, "unseen": 55, "gap": 0}


def test_a_gap_is_no_behaviour(story: Callable[..., Story]) -> None:
    """The kitchen is down for 20 s in a nap: one bout goes on, but nobody saw those seconds."""
    pause = dt.timedelta(seconds=20)
    home = (
        story()
        .recorded("kitchen", at(6), at(7))
        .recorded("kitchen", at(7) + pause, at(8))
        .cat("kitchen", 1, at(6), at(8), BED, 10, moving=False)
        .told()
    )
    # The last sample, 10 s before the end, stands for one sample period of 5 s.
    assert rows(home) == [("sleeping", 6.0, round((7200 - 20 - 5) / 60, 2))]
    assert budget(home)["gap"] == 86400 - 7200 + 20


def test_what_no_camera_could_see_is_not_counted_as_observed(story: Callable[..., Story]) -> None:
    """Only the kitchen has a bowl, and it recorded for one of the two hours."""
    home = (
        story()
        .recorded("hall", at(6), at(8))
        .recorded("kitchen", at(6), at(7))
        .cat("hall", 1, at(6), at(6.5), BED, 60, moving=False)
        .told()
    )
    bouts(home, DATE)
    observed = home.tables.read(BUDGET, DATE).set_index("behaviour")["observed_s"]
    assert (observed["eating"], observed["using_litter_box"], observed["sleeping"]) == (3600, 7200, 7200)


def test_two_cameras_see_one_meal(story: Callable[..., Story]) -> None:
    """The hall sees the same cat without a zone: the more telling camera counts, and the bout names both."""
    home = (
        story()
        .recorded("kitchen", at(6), at(7))
        .recorded("hall", at(6), at(7))
        .cat("kitchen", 1, at(6.5), at(6.55), BOWL, 5, moving=True)
        .cat("hall", 1, at(6.5), at(6.55), BED, 5, moving=True)
        .told()
    )
    assert rows(home) == [("eating", 6.5, 3.0)]
    assert home.tables.read(BOUTS, DATE)["animal"].tolist() == [1]


def test_two_boxes_on_one_camera_are_two_animals_and_neither_is_named(story: Callable[..., Story]) -> None:
    home = (
        story(extra="cats:\n  miso: {name: Miso}\n  tofu: {name: Tofu}\n")
        .recorded("kitchen", at(6), at(7))
        .cat("kitchen", 1, at(6), at(6.5), BED, 5, moving=False)
        .cat("kitchen", 2, at(6.1), at(6.15), BOWL, 5, moving=True)
        .told()
    )
    bouts(home, DATE)
    frame = home.tables.read(BOUTS, DATE)
    assert sorted(zip(frame["animal"], frame["behaviour"], frame["cat"], strict=True)) == [
        (1, "sleeping", "unknown"),
        (2, "eating", "unknown"),
    ]


def test_the_only_cat_of_a_home_has_its_name(story: Callable[..., Story]) -> None:
    told = story(extra="cats:\n  miso: {name: Miso}\n").recorded("kitchen", at(6), at(7))
    home = told.cat("kitchen", 1, at(6), at(6.5), BED, 60, moving=False).told()
    bouts(home, DATE)
    assert home.tables.read(BOUTS, DATE)["cat"].tolist() == ["miso"]


def test_a_thing_that_is_there_day_and_night_is_muted(story: Callable[..., Story]) -> None:
    """A plush toy for two whole days, and a cat that eats beside it for three minutes."""
    end = at(48)
    home = (
        story()
        .recorded("kitchen", at(0), end)
        .cat("kitchen", 1, at(0), end, (0.05, 0.05, 0.15, 0.15), 60, moving=False)
        .cat("kitchen", 2, at(12), at(12.05), BOWL, 5, moving=True)
        .told()
    )
    assert rows(home) == [("eating", 12.0, 3.0)]
    assert len(home.tables.read(FIXTURES, DATE)) == 1


def test_nothing_seen_is_an_empty_day_and_no_error(story: Callable[..., Story]) -> None:
    home = story().recorded("kitchen", at(6), at(7)).told()
    outcome = bouts(home, DATE)
    assert outcome.facts["bouts"] == 0
    assert home.tables.read(BOUTS, DATE).empty


def test_unchanged_input_is_skipped_and_the_bytes_are_the_same(story: Callable[..., Story]) -> None:
    told = story().recorded("kitchen", at(6), at(7)).cat("kitchen", 1, at(6), at(6.5), BED, 60, moving=False)
    home = told.told()
    bouts(home, DATE)
    before = home.tables.store.read(BOUTS.key(DATE))
    assert bouts(home, DATE).skipped
    assert not bouts(home, DATE, force=True).skipped
    assert home.tables.store.read(BOUTS.key(DATE)) == before
