"""The demo makes a home of its own, and keeps away from everybody else's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from home.errors import WrongUse
from home.folder import PROJECT
from simulate.grade import Grade, Score
from tasks.demo import grades, prepare


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
    lines = grades(Grade([sleeping, score("other", 100, 100, 100)], presence))
    fails = [line.what for line in lines if not line.passed]
    assert len(fails) == len(failed) and all(part in what for part, what in zip(failed, fails, strict=True))


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
