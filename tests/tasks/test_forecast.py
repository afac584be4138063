"""Every night says what comes next: by what the week left in place, from what was counted and nothing later, or not at all."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from home.clock import local_day
from home.folder import Home, open_home
from home.tables import COUNTS, EPISODES, FORECASTS, HABITS, OBSERVED
from tasks.forecast import NOT_LEARNED, forecast
from tasks.habit_models import in_place
from tasks.habits import habits
from tasks.stage import run_stage
from tests.conftest import HomeFactory
from tests.tasks.fed import FIRST, LAST, every_few_hours, lived

DAY, WEEK = dt.timedelta(days=1), dt.timedelta(days=7)
SOON = LAST - WEEK
CAT = "cats: {miso: {name: Miso}}\n"
MEALS = every_few_hours(np.random.default_rng(3))
QUANTILES = ["p10", "p25", "p50", "p75", "p90"]


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven weeks of meals, of which the last but one was learned for; written once."""
    root = tmp_path_factory.mktemp("lived")
    (root / "home.yaml").write_text(f"timezone: Europe/Berlin\ncameras: {{kitchen: {{}}}}\n{CAT}", "utf-8")
    lived(open_home(root), MEALS)
    assert habits(open_home(root), SOON).facts == {"forecasts": 1, "abstained": 2}
    return root / "data"


@pytest.fixture
def house(home_factory: HomeFactory, learned: Path) -> Home:
    home = home_factory(more=CAT)
    shutil.copytree(learned, home.root / "data")
    return home


def said(home: Home, date: dt.date) -> pd.DataFrame:
    rows = home.tables.read(FORECASTS, date)
    return rows[rows["behaviour"] == "eating"]


def content(home: Home) -> dict[str, bytes]:
    """Every partition of the forecasts."""
    return {
        str(file.parent.name): file.read_bytes() for file in (home.root / "data/tables/forecasts").rglob("*.parquet")
    }


def forget(home: Home, first: dt.date, last: dt.date) -> None:
    """The counts of some dates are not there."""
    for number in range((last - first).days + 1):
        for table in (COUNTS, EPISODES, OBSERVED):
            home.tables.store.delete(table.key(first + number * DAY))


def test_every_night_between_two_weeks_says_what_comes_next(house: Home) -> None:
    nights = [SOON + number * DAY for number in range(7)]
    for night in nights:
        assert forecast(house, night).facts == {"forecasts": 1, "abstained": 2}
    assert house.tables.dates(FORECASTS) == [night + DAY for night in nights]
    for night in nights:
        (next_,) = said(house, night + DAY).query("kind == 'next_event'").itertuples()
        made_at = local_day(night + DAY, house.zone).start
        moments = [getattr(next_, name) for name in QUANTILES]
        last = max(meal for meal in MEALS if meal < made_at)
        assert next_.made_at == made_at <= moments[0] and moments == sorted(moments)
        assert moments[-1] < last + dt.timedelta(hours=8), "it knows when that day's last meal was"
        assert len(said(house, night + DAY).query("kind == 'hourly'")) == 48


def test_it_knows_of_nothing_later_and_twice_gives_the_same_bytes(house: Home) -> None:
    night = SOON + 2 * DAY
    forecast(house, night)
    before = content(house)
    assert forecast(house, night).skipped and not forecast(house, night, force=True).skipped
    assert content(house) == before
    habits(house, LAST)
    forget(house, night + DAY, LAST - DAY)
    assert not forecast(house, night, force=True).skipped and content(house) == before


def test_the_weeks_own_date_stays_and_the_week_replaces_what_the_night_said(house: Home) -> None:
    forecast(house, LAST - DAY)
    before = content(house)
    habits(house, LAST)
    assert in_place(house, LAST) != in_place(house, LAST - DAY)
    assert not forecast(house, LAST - DAY).skipped, "the week's turn: its newer model speaks for its date"
    after = content(house)
    assert after.keys() == before.keys() and after != before
    assert forecast(house, LAST - DAY).skipped and content(house) == after, "the next night's look-back leaves it"


def test_after_a_night_that_is_missing_the_next_one_speaks(house: Home) -> None:
    lost = SOON + 2 * DAY
    forget(house, lost, lost)
    assert forecast(house, lost).skipped and not forecast(house, lost + DAY).skipped
    assert house.tables.dates(FORECASTS) == [lost + 2 * DAY], "of a date that nobody counted nothing is said"
    habits(house, lost + DAY)
    assert not forecast(house, lost).skipped, "but the week speaks for its own"


def test_footage_that_comes_late_changes_what_it_touches(house: Home) -> None:
    nights = [SOON + number * DAY for number in range(4)]
    for night in nights:
        forecast(house, night)
    before = content(house)
    late = nights[2]
    lived(house, [meal for meal in MEALS if meal not in local_day(late, house.zone)], first=late, last=late + DAY)
    assert [forecast(house, night).skipped for night in nights] == [True, True, False, False]
    after = content(house)
    assert [after[f"date={night + DAY}"] == before[f"date={night + DAY}"] for night in nights] == [
        True,
        True,
        False,
        False,
    ]


def test_where_the_week_fell_silent_the_night_is_silent(house: Home) -> None:
    """The table says so; the model in place would have something to say."""
    rows, notes = house.tables.read(HABITS, SOON), house.tables.notes(HABITS, SOON)
    rows = rows.assign(abstained=True, reason=rows["reason"].where(rows["abstained"], "no_better"))
    house.tables.write(HABITS, rows, SOON, fingerprint="silent", notes=notes)
    assert forecast(house, SOON).facts == {"forecasts": 0, "abstained": 3}
    (row,) = said(house, SOON + DAY).itertuples()
    assert row.kind == "next_event" and row.abstained and all(pd.isna(getattr(row, name)) for name in QUANTILES)


def test_too_little_known_is_no_forecast_of_a_night_either(home_factory: HomeFactory) -> None:
    home, date = home_factory(more=CAT), FIRST + 9 * DAY
    lived(home, MEALS, last=date + DAY)
    habits(home, date)
    assert forecast(home, date).facts == {"forecasts": 0, "abstained": 3}


def test_before_any_week_has_learned_it_is_left_out(home_factory: HomeFactory) -> None:
    home = home_factory(more=CAT)
    lived(home, MEALS, last=FIRST + 2 * DAY)
    outcome = forecast(home, FIRST)
    assert outcome.skipped and outcome.left_out == NOT_LEARNED and "catml weekly" in str(outcome)
    assert home.tables.dates(FORECASTS) == []
    assert forecast(home, SOON - WEEK).skipped


def test_a_week_that_an_older_catml_learned_speaks_too(house: Home) -> None:
    """Its notes do not say which version was learned for it, only which speaks."""
    notes = house.tables.notes(HABITS, SOON)
    forecast(house, SOON)
    before = said(house, SOON + DAY)
    older = {name: value for name, value in notes.items() if name != "week"}
    house.tables.write(HABITS, house.tables.read(HABITS, SOON), SOON, fingerprint="older", notes=older)
    assert not forecast(house, SOON).skipped
    pd.testing.assert_frame_equal(said(house, SOON + DAY), before)


@pytest.mark.parametrize(("zone", "date", "hours"), [("Australia/Sydney", dt.date(2026, 4, 5), 25),
                                                    ("America/Santiago", dt.date(2026, 4, 4), 25),
                                                    ("Europe/Berlin", dt.date(2026, 3, 29), 23)])  # fmt: skip
def test_a_day_on_which_clocks_change(home_factory: HomeFactory, zone: str, date: dt.date, hours: int) -> None:
    home = home_factory(more=CAT, timezone=zone)
    lived(home, MEALS, last=date + DAY)
    habits(home, date - 3 * DAY)
    for night in (date - DAY, date):
        assert forecast(home, night).facts["forecasts"] == 1
        hourly = said(home, night + DAY).query("kind == 'hourly'")
        assert hourly["ts"].iloc[0] == local_day(night + DAY, home.zone).start and len(hourly) == 48
        assert (hourly["ts"].diff().dropna() == dt.timedelta(hours=1)).all()
    of_day = said(home, date).query("kind == 'hourly'")["ts"].dt.tz_convert(zone)
    assert (of_day.dt.date == date).sum() == hours


def test_as_a_program_it_speaks_for_every_date_that_was_learned_for(house: Home) -> None:
    """So in `dvc repro`, where the week is learned for every date; here the counts of a feeder alone, without footage."""
    assert run_stage(forecast, per="day", argv=["--home", str(house.root), "--force", "--quiet"]) == 0
    assert house.tables.dates(FORECASTS) == [SOON]
