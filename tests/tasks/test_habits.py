"""A week's learning: from counts to forecasts, from what was known and nothing else, or an honest silence."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from home.clock import local_day
from home.errors import ConfigError
from home.folder import Home
from home.tables import FORECASTS, HABITS
from tasks.forecast import forecast
from tasks.habits import habits
from tests.conftest import HomeFactory
from tests.tasks.fed import FIRST, LAST, every_few_hours, lived

ZONE = "Asia/Kathmandu"
QUANTILES = ["p10", "p25", "p50", "p75", "p90"]


@pytest.fixture
def house(home_factory: HomeFactory) -> Home:
    return home_factory(timezone=ZONE, more="cats: {miso: {name: Miso}}\n")


def forecasts(home: Home, date: dt.date) -> pd.DataFrame:
    forecast(home, date - dt.timedelta(days=1))
    rows = home.tables.read(FORECASTS, date)
    return rows[rows["behaviour"] == "eating"]


def test_a_habit_that_holds_is_foretold(house: Home) -> None:
    meals = every_few_hours(np.random.default_rng(3))
    lived(house, meals)
    outcome = habits(house, LAST)
    assert outcome.facts == {"forecasts": 1, "abstained": 2}
    made_at = local_day(LAST, house.zone).start
    said = forecasts(house, LAST)
    (next_,) = said[said["kind"] == "next_event"].itertuples()
    moments = [getattr(next_, name) for name in QUANTILES]
    last = max(meal for meal in meals if meal < made_at)
    assert not next_.abstained and next_.skill > 0.02 and moments == sorted(moments)
    assert made_at <= moments[0] and moments[-1] < last + dt.timedelta(hours=8)
    hours = said[said["kind"] == "hourly"]
    assert len(hours) == 48 and hours["probability"].between(0, 1).all()
    assert (hours["ts"].diff().dropna() == dt.timedelta(hours=1)).all()
    assert hours["ts"].iloc[0] == made_at, "hours begin as the home's clocks say, a quarter past UTC's"
    (habit,) = house.tables.read(HABITS, LAST).query("behaviour == 'eating'").itertuples()
    assert habit.loss_h < habit.naive_loss_h and 0.6 < habit.covered_80 <= 1 and habit.asked > 100


def test_nothing_that_came_later_is_known_and_twice_is_once(house: Home) -> None:
    meals = every_few_hours(np.random.default_rng(3))
    soon = LAST - dt.timedelta(days=7)
    lived(house, meals, last=soon)
    habits(house, soon)
    told = forecasts(house, soon)
    lived(house, meals)
    assert habits(house, soon).skipped
    assert not habits(house, soon, force=True).skipped
    pd.testing.assert_frame_equal(forecasts(house, soon), told)


def test_too_little_is_said_to_be_too_little(house: Home) -> None:
    lived(house, every_few_hours(np.random.default_rng(3)), last=FIRST + dt.timedelta(days=9))
    date = FIRST + dt.timedelta(days=9)
    assert habits(house, date).facts == {"forecasts": 0, "abstained": 3}
    assert set(house.tables.read(HABITS, date)["reason"]) == {"too_little"}
    (said,) = forecasts(house, date).itertuples()
    assert said.abstained and pd.isna(said.p50) and said.kind == "next_event"


def test_a_home_without_counts_is_told_what_makes_them(house: Home) -> None:
    outcome = habits(house, LAST)
    assert outcome.skipped and "catml nightly" in outcome.left_out
    assert house.tables.dates(HABITS) == []


def test_what_an_owner_has_mended_is_learned_anew(house: Home) -> None:
    meals = every_few_hours(np.random.default_rng(3))
    lived(house, meals)
    habits(house, LAST)
    lived(house, meals[::2])
    assert not habits(house, LAST).skipped
    (habit,) = house.tables.read(HABITS, LAST).query("behaviour == 'eating'").itertuples()
    assert habit.events == len([meal for meal in meals[::2] if meal < local_day(LAST, house.zone).start])


def test_a_behaviour_that_nobody_knows_is_refused(home_factory: HomeFactory) -> None:
    with pytest.raises(ConfigError, match=r"no behaviour 'dreaming'; there are: sleeping, eating"):
        home_factory(params="habits: {behaviours: [dreaming]}\n")
