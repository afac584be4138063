"""The demo makes a home of its own, and keeps away from everybody else's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from home.errors import WrongUse
from home.folder import PROJECT
from tasks.demo import prepare


def run(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tasks.demo", *options]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=280, check=False)


def test_a_short_demo_is_graded_and_run_again_it_goes_on(tmp_path: Path) -> None:
    """Two minutes: too short for every behaviour, long enough for a cat to be seen."""
    home = str(tmp_path / "demo")
    first = run("--home", home, "--minutes", "2")
    assert first.returncode == 0, first.stderr
    assert "in sight of a camera, the cat was seen for" in first.stdout
    assert Path(first.stdout.split("The day page: ")[1].strip()).exists()
    again = run("--home", home, "--minutes", "2")
    assert again.returncode == 0, again.stderr
    assert "are there from an earlier demo" in again.stdout
    assert again.stdout.count("unchanged") >= 6


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
