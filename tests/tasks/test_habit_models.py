"""What weeks learned, kept by version: the one in place gives way to what is no worse, and comes back by one command."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import catml
from home.champion import champion_folder, read_standing
from home.clock import iso, local_day
from home.errors import ModelError
from home.folder import Home, open_home
from home.tables import FORECASTS, HABITS
from tasks.forecast import forecast
from tasks.habit_models import Kept, in_place, read_version
from tasks.habits import habits
from tests.conftest import HomeFactory
from tests.tasks.fed import LAST, every_few_hours, lived

DAY, WEEK = dt.timedelta(days=1), dt.timedelta(days=7)
SOON = LAST - WEEK
CAT = "cats: {miso: {name: Miso}}\n"
MEALS = every_few_hours(np.random.default_rng(3))


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some weeks of meals, written once."""
    root = tmp_path_factory.mktemp("lived")
    (root / "home.yaml").write_text(f"timezone: Europe/Berlin\ncameras: {{kitchen: {{}}}}\n{CAT}", "utf-8")
    lived(open_home(root), MEALS)
    return root / "data"


@pytest.fixture
def house(home_factory: HomeFactory, tables: Path) -> Home:
    home = home_factory(more=CAT)
    shutil.copytree(tables, home.root / "data")
    return home


@pytest.fixture
def call(house: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    def called(*words: str, status: int = 0) -> str:
        monkeypatch.setattr("sys.argv", ["catml", *words, "--home", str(house.root)])
        with pytest.raises(SystemExit) as ended:
            catml.main()
        assert (ended.value.code or 0) == status
        out, err = capsys.readouterr()
        return err if status else out

    return called


def meals_of(home: Home, name: str) -> Kept:
    return read_version(home, name).by_key["miso", "eating"]


def kept(home: Home) -> dict[str, str]:
    """Every file of models and tables, by what is in it."""
    folders = [champion_folder(home, "habits"), *(home.root / "data/tables" / name for name in ("habits", "forecasts"))]
    files = sorted(file for folder in folders for file in folder.rglob("*") if file.is_file())
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_every_week_is_kept_with_its_back_test_and_twice_is_once(house: Home) -> None:
    for date in (SOON, LAST):
        habits(house, date)
    first, second = read_standing(house, "habits").promoted
    assert (first[:10], second[:10]) == (str(SOON), str(LAST)) and (in_place(house, SOON), in_place(house, LAST)) == (
        first,
        second,
    )
    meals = meals_of(house, second)
    (row,) = house.tables.read(HABITS, LAST).query("behaviour == 'eating'").itertuples()
    assert (row.model, row.loss_h) == (meals.model, meals.record.loss_h) and set(meals.losses) >= {
        "seasonal_naive",
        meals.model,
    }
    assert meals.verdict.takes_over and meals.verdict.why == "not_worse" and meals.verdict.trials > 100
    assert meals_of(house, first).verdict.why == "first" and read_version(house, second).champion == first
    assert house.tables.notes(HABITS, LAST)["models"] == second
    for date in (SOON, LAST):
        forecast(house, date - DAY)
    before = kept(house)
    assert habits(house, LAST).skipped and not habits(house, LAST, force=True).skipped
    assert not habits(house, SOON, force=True).skipped, "a past week is learned as if no later one had been"
    for date in (SOON, LAST):
        assert not forecast(house, date - DAY, force=True).skipped
    assert kept(house) == before


def test_one_that_learned_from_a_wrong_import_does_not_take_over(house: Home) -> None:
    """Someone imports a log over weeks that lacks every second meal: the model that knew them better stays."""
    habits(house, SOON)
    wrong = [meal for meal in MEALS if SOON - 3 * WEEK <= meal.date() < SOON]
    lived(house, sorted({*MEALS} - {*wrong[::2]}))
    habits(house, LAST)
    (old,) = read_standing(house, "habits").promoted
    newest = max(folder.name for folder in champion_folder(house, "habits").glob(f"{LAST}-*"))
    stayed, former = meals_of(house, newest), meals_of(house, old)
    assert stayed.verdict.why == "worse" and stayed.verdict.champion_h < stayed.verdict.challenger_h
    assert (stayed.model, stayed.learned_at, stayed.numbers) == (former.model, former.learned_at, former.numbers)
    (row,) = house.tables.read(HABITS, LAST).query("behaviour == 'eating'").itertuples()
    assert row.loss_h == stayed.record.loss_h != former.record.loss_h, "its back-test is of this week all the same"


def test_asked_for_they_wait_and_one_command_leads_to_and_fro(
    home_factory: HomeFactory, house: Home, call: Callable[..., str]
) -> None:
    asks = home_factory(more=CAT, params="habits: {promote: ask}\n")
    assert "no habit models wait" in call("promote", "habits", status=2)
    habits(asks, SOON)
    (first,) = read_standing(asks, "habits").promoted
    told = json.loads(call("weekly", "--date", str(LAST), "--json"))
    second = told["waiting"]
    assert told["in_place"] == first and second.startswith(str(LAST)), "the first needs no asking, the second does"
    old = asks.tables.read(FORECASTS, LAST)
    assert f"Newly learned models wait, {second}. Mean loss of the last weeks, in place and new: Miso, eating" in call(
        "weekly", "--date", str(LAST)
    )
    assert json.loads(call("promote", "habits", "--json"))["in_place"] == second
    new = asks.tables.read(FORECASTS, LAST)
    assert not new["p50"].equals(old["p50"]), "the younger one knows a week more"
    back = call("promote", "habits", "--back")
    assert f"now those of {SOON} ({first})" in back and "Miso, eating: next at about" in back
    pd.testing.assert_frame_equal(asks.tables.read(FORECASTS, LAST), old)
    assert "none to go back to" in call("promote", "habits", "--back", status=2)


def test_the_nights_since_are_foretold_anew_by_what_is_put_in_place(
    home_factory: HomeFactory, house: Home, call: Callable[..., str]
) -> None:
    asks = home_factory(more=CAT, params="habits: {promote: ask}\n")
    for date in (SOON - WEEK, SOON):
        habits(asks, date)
    for date in (SOON - DAY, SOON, SOON + DAY):
        forecast(asks, date)
    nights = [SOON, SOON + DAY, SOON + 2 * DAY]
    old = {date: asks.tables.read(FORECASTS, date) for date in nights}
    told = json.loads(call("promote", "habits", "--json"))
    assert told["forecasts"][0]["made_at"] == iso(local_day(nights[-1], asks.zone).start), "the newest are told of"
    for date in nights:
        assert not asks.tables.read(FORECASTS, date)["p50"].equals(old[date]["p50"])
    call("promote", "habits", "--back")
    for date in nights:
        pd.testing.assert_frame_equal(asks.tables.read(FORECASTS, date), old[date])


def test_what_was_taken_back_does_not_come_again_by_itself(house: Home, call: Callable[..., str]) -> None:
    for date in (SOON - WEEK, SOON, LAST):
        habits(house, date)
    first, second, third = read_standing(house, "habits").promoted
    for _ in range(2):
        call("promote", "habits", "--back")
    habits(house, LAST, force=True)
    standing = read_standing(house, "habits")
    assert (standing.promoted, standing.waiting, standing.taken_back) == ([first], second, [third, second])
    assert house.tables.notes(HABITS, LAST)["models"] == first


def test_a_version_that_is_damaged_is_told(house: Home) -> None:
    habits(house, SOON)
    (name,) = read_standing(house, "habits").promoted
    file = champion_folder(house, "habits") / name / "model.json"
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(ModelError, match=r"model.json' is no version of habit models .*catml weekly --force"):
        habits(house, LAST)
    assert not habits(house, SOON, force=True).skipped and len(habits(house, LAST).facts) == 2
