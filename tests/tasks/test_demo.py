"""The demo makes a home of its own, and keeps away from everybody else's."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from home.errors import WrongUse
from home.folder import PROJECT
from home.tables import BOUTS
from simulate.grade import Grade, Score
from simulate.routine import Episode, write_diary
from tasks.demo import grades, prepare
from tasks.introducing import Named, named_time
from tests.conftest import HomeFactory


def run(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tasks.demo", *options]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=280, check=False)


def test_a_short_demo_is_graded_and_run_again_it_goes_on(tmp_path: Path) -> None:
    """Two minutes: too short for every behaviour, long enough for a cat to be seen; its status is its grade."""
    home = str(tmp_path / "demo")
    first = run("--home", home, "--minutes", "2")
    assert "the grade" in first.stdout, first.stderr
    failed = first.stdout.count(" failed")
    assert first.returncode == bool(failed) and ("Passed." in first.stdout) == (not failed)
    assert ("error: the demo's grade is not reached" in first.stderr) == bool(failed)
    assert Path(first.stdout.split("The day page: ")[1].strip()).exists()
    again = run("--home", home, "--minutes", "2")
    assert again.returncode == first.returncode, again.stderr
    assert "are there from an earlier demo" in again.stdout
    assert again.stdout.count("unchanged") >= 6


def score(behaviour: str, true: int, found: int, both: int, bouts: tuple[int, int, int] = (1, 1, 1)) -> Score:
    return Score(behaviour, true, found, both, *bouts)


@pytest.mark.parametrize(
    ("sleeping", "presence", "failed"),
    [
        (score("sleeping", 100, 100, 100), score("in sight", 200, 190, 190), []),
        (score("sleeping", 100, 100, 100), score("in sight", 200, 100, 100), ["in sight, seen"]),
        (score("sleeping", 100, 100, 100), score("in sight", 200, 220, 200), ["said to be in sight"]),
        (score("sleeping", 100, 0, 0), score("in sight", 200, 190, 190), ["time budget"]),
        (score("sleeping", 100, 100, 100, (4, 4, 2)), score("in sight", 200, 190, 190), ["bouts"]),
    ],
)
def test_each_line_of_the_grade_can_fail(sleeping: Score, presence: Score, failed: list[str]) -> None:
    lines = grades(Grade([sleeping, score("other", 100, 100, 100)], presence), Named(200, 100, 0))
    fails = [line.what for line in lines if not line.passed]
    assert len(fails) == len(failed) and all(part in what for part, what in zip(failed, fails, strict=True))


@pytest.mark.parametrize(
    ("named", "failed"),
    [(Named(200, 10, 0), "given a name"), (Named(200, 100, 10), "the right one"), (Named(9, 0, 0), "")],
)
def test_who_is_named_and_rightly_is_graded(named: Named, failed: str) -> None:
    whole = Grade([score("other", 100, 100, 100)], score("in sight", 100, 100, 100))
    fails = [line.what for line in grades(whole, named) if not line.passed]
    assert fails and all("identity" in what and failed in what for what in fails)


def test_names_are_held_against_who_was_in_sight(home_factory: HomeFactory) -> None:
    """Miso was in the kitchen for a minute, Tofu for the next: a bout of two minutes that is called Miso is wrong for one."""
    home = home_factory(timezone="UTC", more="cats: {miso: {name: Miso}, tofu: {name: Tofu}}\n")
    start = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    minute = dt.timedelta(minutes=1)
    lines = [
        Episode("miso", "other", start, start + minute, "kitchen", None, "sitting"),
        Episode("tofu", "other", start + minute, start + 2 * minute, "kitchen", None, "sitting"),
    ]
    (home.root / "data").mkdir()
    write_diary(home.root / "data" / "diary.csv", lines)
    row = {
        "cat": "miso", "animal": 1, "behaviour": "other", "start": start, "end": start + 3 * minute, "duration_s": 180.0,
        "confidence": 1.0, "cameras": ["kitchen"], "chunk": "", "offset_s": 0.0, "continues_before": False,
        "continues_after": False, "bout_id": "a", "evidence": "", "camera": "kitchen", "x1": 0, "y1": 0, "x2": 1, "y2": 1,
    }  # fmt: skip
    home.tables.write(BOUTS, pd.DataFrame([row, row | {"cat": "unknown", "bout_id": "b"}]), start.date())
    assert named_time(home) == Named(360, 180, 60), "in the last minute nobody was there: that is no wrong name"


@pytest.mark.parametrize("name", ["notes.txt", "pyproject.toml"])
def test_a_folder_of_somebody_else_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(WrongUse, match="not an earlier demo"):
        prepare(tmp_path, 2)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_an_owners_home_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home.yaml").write_text("timezone: UTC\n")
    with pytest.raises(WrongUse, match="not an earlier demo"):
        prepare(tmp_path, 2)
