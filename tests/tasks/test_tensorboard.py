"""The stage `tensorboard`: what the tables say is what TensorBoard reads, and what nobody could have seen is no zero."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from bench.board import FIRST, Life, Shot, lived_home
from home.folder import Home, open_home, today
from home.tables import ANOMALIES, BUDGET, COUNTS, EPISODES, FORECASTS, HABITS, OBSERVED
from tasks.boards.event_file import DAY_ZERO
from tasks.counts import counts
from tasks.night import NIGHT, dates_of_stage
from tasks.report import expire, report
from tasks.tensorboard import FOLDER, boards_over, tensorboard, tensorboard_of_week
from tests.conftest import HomeFactory
from tests.s3_server import S3Server
from tests.tasks.boards.read_back import read_run, value
from tests.tasks.fed import lived

DAY = FIRST + dt.timedelta(days=1)
STEP = (DAY - DAY_ZERO).days
UTC_US = "datetime64[us, UTC]"
RED = (250, 10, 10)


def painted(camera: str, moments: Sequence[dt.datetime]) -> list[Shot]:
    """A camera that shows one colour."""
    return [(np.full((90, 160, 3), RED, np.uint8), {}) for _ in moments]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Two days of two cats before two cameras; something unusual on the second, with the meal that it rests on."""
    home = lived_home(tmp_path_factory.mktemp("lived"), Life(2, cameras=2), painted, filmed=1)
    for date in (FIRST, DAY):
        counts(home, date)
    told = home.tables.read(EPISODES, DAY)
    meal = told[(told["cat"] == "miso") & (told["behaviour"] == "eating") & (told["bouts"].map(len) > 0)].iloc[0]
    found = [
        "miso",
        "more",
        "eating",
        meal["start"],
        meal["end"],
        meal["end"],
        "notice",
        9.5,
        "Miso ate twice as often.",
    ]
    rows = pd.DataFrame([[*found, [], [meal["start"]]]], columns=list(ANOMALIES.columns))
    home.tables.write(
        ANOMALIES, rows.astype(dict.fromkeys(("start", "end", "raised"), UTC_US)), DAY, fingerprint="said"
    )
    report(home, DAY)
    assert tensorboard(home, DAY).facts["files"] == 5, "the house and its pictures, two cats, and those without a name"
    return home


def logs(home: Home, run: str) -> Path:
    assert home.tables.store.folder is not None
    return home.tables.store.folder / FOLDER / run


def files(home: Home) -> dict[str, bytes]:
    return {entry.key: home.tables.store.read(entry.key) for entry in home.tables.store.list(f"{FOLDER}/")}


def test_the_figures_are_those_of_the_tables(house: Home) -> None:
    run, budget = read_run(logs(house, "cats/miso")), house.tables.read(BUDGET, DAY)
    own = budget[budget["cat"] == "miso"].set_index("behaviour")["seconds"]
    assert value(run, "hours a day/sleeping", STEP) == pytest.approx(own["sleeping"] / 3600)
    seen = own.drop(["unseen", "gap"]).sum()
    assert value(run, "seen/share of the day in sight of a camera", STEP) == pytest.approx(seen / 86400)
    rows = house.tables.read(COUNTS, DAY)
    meals = rows[(rows["cat"] == "miso") & (rows["behaviour"] == "eating")]["events"].sum()
    assert value(run, "times a day/eating", STEP) == meals > 0
    assert value(run, "unusual/findings of the day", STEP) == 1 and value(run, "unusual/score", STEP) == 9.5
    told = run["comfort/of the day"][STEP]
    middle = value(run, "comfort/median of the day", STEP)
    assert told[:, 2].sum() > 10 and told[told[:, 1] < middle - 0.05, 2].sum() < told[:, 2].sum() / 2
    assert 0 < value(run, "entropy/of the day's behaviours, 0 to 1", STEP) < 1
    cameras = read_run(logs(house, "house"))
    assert sum(tag.startswith("footage, share of the time/") for tag in cameras) == 2
    assert 0 < value(cameras, "nobody could tell which cat/share of the time in sight", STEP) < 0.3


def test_the_day_is_told_in_words_and_pictures(house: Home) -> None:
    told, cat = read_run(logs(house, "house")), read_run(logs(house, "cats/tofu"))
    words = told["the day in words"][STEP].tolist()[0].decode()
    assert words.startswith("**Tuesday 3 March 2026**") and "Tofu slept " in words
    assert "- **Unusual, Miso:** Miso ate twice as often." in words
    for tag in ("activity by weekday and hour/awake", "time budget/last 14 days"):
        width, height, encoded = cat[tag][STEP].tolist()
        picture = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
        assert picture.shape == (int(height), int(width), 3)
    *_, encoded = told["unusual days, examples/Miso, eating"][STEP].tolist()
    corner = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)[4, 4, ::-1]
    assert np.abs(corner.astype(int) - RED).max() < 30, "the picture is the day page's"


def test_twice_is_once_and_the_same_bytes(house: Home) -> None:
    before = files(house)
    assert tensorboard(house, DAY).skipped
    assert not tensorboard(house, DAY, force=True).skipped and files(house) == before


def test_it_needs_neither_torch_nor_the_clock() -> None:
    code = (
        "import sys, tasks.tensorboard, tasks.boards.cat_run, tasks.boards.house_run, tasks.boards.examples, "
        "tasks.boards.week_runs; assert not {'torch', 'tensorflow', 'grpc', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_what_changes_is_written_again_and_what_is_gone_goes(house: Home, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(house.root, tmp_path / "copy")
    home = open_home(tmp_path / "copy")
    (home.root / "home.yaml").write_text((home.root / "home.yaml").read_text().replace("  tofu: {name: Tofu}\n", ""))
    fewer = open_home(home.root)
    assert not tensorboard(fewer, DAY).skipped
    assert {key.split("/")[2] for key in files(fewer) if "/cats/" in key} == {"miso", "unknown"}
    # The page goes when it is old, and its pictures with it; so they do where somebody has deleted it.
    assert expire(fewer, today(fewer)) == []
    assert [key for key in files(fewer) if key.endswith(".pictures")]
    assert expire(fewer, today(fewer) + dt.timedelta(days=400)) == [DAY]
    assert not [key for key in files(fewer) if key.endswith(".pictures")] and len(files(fewer)) == 3
    # What is damaged costs the day its board, and nothing more.
    (tmp_path / "copy" / "data" / "tables" / BUDGET.key(FIRST)).write_bytes(b"no Parquet")
    outcome = tensorboard(fewer, DAY, force=True)
    assert "not on TensorBoard" in outcome.warnings[0] and "budget" in outcome.warnings[0] and len(files(fewer)) == 3


def fed_home(home: Home) -> Home:
    """A feeder told of meals every four hours for a week."""
    start = dt.datetime.combine(FIRST, dt.time(2), dt.UTC)
    meals = [start + dt.timedelta(hours=4 * number) for number in range(42)]
    lived(home, meals, FIRST, FIRST + dt.timedelta(days=8))
    for number in range(8):
        counted(home, FIRST + dt.timedelta(days=number), meals)
    return home


def counted(home: Home, date: dt.date, meals: list[dt.datetime], observed_s: float = 3600, cat: str = "miso") -> None:
    """The hourly counts of a feeder."""
    start = dt.datetime.combine(date, dt.time(), dt.UTC)
    hours = [start + dt.timedelta(hours=hour) for hour in range(24)]
    rows = [
        [
            cat,
            "eating",
            hour,
            sum(hour <= meal < hour + dt.timedelta(hours=1) for meal in meals),
            90.0,
            observed_s,
            0,
        ]
        for hour in hours
    ]
    frame = pd.DataFrame(rows, columns=list(COUNTS.columns)).astype(
        {"hour": UTC_US, "events": "int32", "unknown_events": "int32"}
    )
    home.tables.write(COUNTS, frame, date, fingerprint=f"{len(meals)} {observed_s}")


def learned(home: Home, date: dt.date, cat: str = "miso") -> None:
    """What a week's learning leaves: a forecast for eating."""
    made = dt.datetime.combine(date, dt.time(), dt.UTC)
    row = [cat, "eating", made, "habit", False, "", 40, 7.0, 33, 0.4, 0.5, 0.2, 0.1, 0.3, 0.5, 0.8]
    rows = pd.DataFrame([row], columns=list(HABITS.columns)).astype(
        {"made_at": UTC_US, "events": "int32", "asked": "int32"}
    )
    home.tables.write(HABITS, rows, date, fingerprint=f"learned {date}")
    moments = [made + dt.timedelta(hours=hours) for hours in (1, 1.5, 2.5, 3, 4)]
    said = [[cat, "eating", made, "next_event", made, *moments, np.nan, "habit", 0.2, False]]
    frame = pd.DataFrame(said, columns=list(FORECASTS.columns))
    times = dict.fromkeys(("made_at", "ts", "p10", "p25", "p50", "p75", "p90"), UTC_US)
    home.tables.write(FORECASTS, frame.astype(times), date, fingerprint=f"learned {date}")


FED = "cats: {miso: {name: Miso}}\n"


def test_a_home_with_a_feeder_and_no_camera(home_factory: HomeFactory) -> None:
    home = fed_home(home_factory(timezone="UTC", more=FED))
    last, silent = FIRST + dt.timedelta(days=6), FIRST + dt.timedelta(days=7)
    learned(home, last)
    for date in (last, silent):
        tensorboard(home, date)
    run, house = read_run(logs(home, "cats/miso")), read_run(logs(home, "house"))
    steps = [(date - DAY_ZERO).days for date in (last, silent)]
    assert value(run, "times a day/eating", steps[0]) == 6 and value(run, "times a day/eating", steps[1]) == 0
    assert "hours a day/eating" not in run and "activity by weekday and hour/eating" in run
    # It said 2:30, between 1:00 and 4:00, and it was 2:00.
    off = (0.1 * 1 + 0.25 * 0.5 + 0.5 * 0.5 + 0.25 * 1 + 0.1 * 2) / 5
    assert value(run, "came due, hours off/eating", steps[0]) == pytest.approx(off)
    assert value(house, "came due, 80 % held/eating", steps[0]) == 1
    assert "Miso ate 6 times. No camera recorded" in house["the day in words"][steps[0]].tolist()[0].decode()
    # A feeder that was off is no cat that did not eat.
    counted(home, silent, [], observed_s=600)
    home.tables.write(OBSERVED, OBSERVED.empty(), silent, fingerprint="off")
    tensorboard(home, silent)
    assert steps[1] not in read_run(logs(home, "cats/miso"))["times a day/eating"]


def test_a_day_that_is_read_again_is_on_the_boards_of_the_weeks_after_it(home_factory: HomeFactory) -> None:
    """Four weeks are on a board: the one of the 27th date after it is the last that shows it."""
    home = fed_home(home_factory(timezone="UTC", more=FED))
    dates = [FIRST + dt.timedelta(days=number) for number in (0, 7, 27, 28)]
    for date in dates:
        counted(home, date, [])
        tensorboard(home, date)
    first, *_, after = dates
    assert boards_over(home, [first]) == dates[:3] and boards_over(home, [after]) == [after]
    counted(home, first, [dt.datetime.combine(first, dt.time(5), dt.UTC)])
    stage = next(stage for stage in NIGHT if stage.name == "tensorboard")
    written = [date for date in dates_of_stage(home, stage, [first]) if not tensorboard(home, date).skipped]
    assert written == dates[:3]
    assert tensorboard(home, after).skipped, "it does not show that day"
    assert dates_of_stage(home, NIGHT[0], [first]) == [first]


def test_a_week_has_its_parameters_and_results(home_factory: HomeFactory) -> None:
    home = home_factory(timezone="UTC", more=FED, overrides={"habits.memory_days": "70"})
    assert tensorboard_of_week(home, DAY).skipped, "nothing was learned"
    learned(home, DAY)
    assert tensorboard_of_week(home, DAY).facts["files"] == 2 and tensorboard_of_week(home, DAY).skipped
    before = files(home)
    week, cat = read_run(logs(home, f"weeks/{DAY}")), read_run(logs(home, "cats/miso"))
    assert value(week, "better than naive, share/all", STEP) == pytest.approx(0.2)
    assert value(week, "held of 80 %/eating", STEP) == pytest.approx(0.8)
    assert value(cat, "back-test, hours off/eating", STEP) == pytest.approx(0.4)
    assert b"habits.memory_days" in before[next(key for key in before if "/weeks/" in key)]
    # Turned since then: what was learned was learned with the old ones.
    turned = home_factory(timezone="UTC", more=FED, overrides={"habits.memory_days": "30"})
    assert tensorboard_of_week(turned, DAY).skipped and files(turned) == before


def test_days_of_which_nothing_is_known_leave_nothing(home_factory: HomeFactory) -> None:
    home = home_factory(more=FED)
    assert tensorboard(home, DAY).skipped and files(home) == {}


def test_s3_is_as_a_folder(home_factory: HomeFactory, s3_server: S3Server) -> None:
    place = f"store: {{tables: {s3_server.bucket('boards')}/home, endpoint_url: {s3_server.endpoint}}}\n"
    homes = [home_factory(timezone="UTC", more=FED + more, folder=name) for name, more in (("s3", place), ("disk", ""))]
    for home in homes:
        lived(home, [dt.datetime.combine(DAY, dt.time(9), dt.UTC)], DAY, DAY + dt.timedelta(days=1))
        learned(home, DAY)
        assert not tensorboard(home, DAY).skipped and tensorboard(home, DAY).skipped
    assert files(homes[0]) == files(homes[1]) and len(files(homes[0])) == 4


def test_a_home_without_names_is_watched_as_one(home_factory: HomeFactory) -> None:
    home = home_factory(timezone="UTC")
    counted(home, DAY, [dt.datetime.combine(DAY, dt.time(9), dt.UTC)], cat="unknown")
    learned(home, DAY, cat="unknown")
    tensorboard(home, DAY)
    run = read_run(logs(home, "cats/unknown"))
    assert value(run, "times a day/eating", STEP) == 1 and value(
        run, "back-test, hours off/eating", STEP
    ) == pytest.approx(0.4)
    named = home_factory(timezone="UTC", more=FED)
    tensorboard_of_week(named, DAY, force=True)
    assert "better than naive, share/all" not in read_run(logs(named, f"weeks/{DAY}")), "of what nobody could tell"
