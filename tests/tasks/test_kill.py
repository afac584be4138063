"""Killed at any moment, a night that is run again ends with the very same bytes."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import random
import shutil
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from home.folder import open_home
from simulate.home import simulate_home
from tasks.night import run_night
from tests.plain import plain

START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
KILLS = 10


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a minute of two cameras, on which nothing has run."""
    root = tmp_path_factory.mktemp("kill") / "home"
    made = simulate_home(root / "data" / "footage", START, 1, seed=3, size=(480, 270))
    lines = [f"  {camera}: {{}}\n" for camera in made.cameras]
    (root / "home.yaml").write_text("timezone: UTC\ncameras:\n" + "".join(lines))
    plain(root)
    return root


def night(root: str) -> None:
    """The night's work, as `catml nightly` does it."""
    list(run_night(open_home(Path(root), {"extract.sample_period_s": "1"}), [START.date()]))


@pytest.fixture(scope="module")
def start() -> Callable[[Path], BaseProcess]:
    """Start a night in a process of its own. They are forked from one that has imported all there is to import:
    starting Python ten times over would take longer than the nights."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tasks.night", "great_expectations", __name__])

    def begin(root: Path) -> BaseProcess:
        process = context.Process(target=night, args=(str(root),))
        process.start()
        return process

    return begin


def contents(root: Path) -> dict[str, bytes]:
    """All that the night writes, the cache apart: it knows when files were made."""
    kept = [path for name in ("tables", "manifests", "reports") for path in (root / "data" / name).rglob("*")]
    return {str(path.relative_to(root)): path.read_bytes() for path in kept if path.is_file()}


def finish(process: BaseProcess) -> None:
    process.join(timeout=200)
    assert process.exitcode == 0


def test_a_killed_night_run_again_gives_the_same_bytes(
    footage: Path, tmp_path: Path, start: Callable[[Path], BaseProcess]
) -> None:
    took = 0.0
    for name in ("first", "whole"):  # the first one also pays for starting the fork server
        shutil.copytree(footage, tmp_path / name)
        began = time.monotonic()
        finish(start(tmp_path / name))
        took = time.monotonic() - began
    wanted = contents(tmp_path / "whole")
    assert any("detections" in name for name in wanted)
    assert contents(tmp_path / "first") == wanted
    moments, cut_short = random.Random(20260301), 0
    for kill in range(KILLS):
        root = tmp_path / f"killed-{kill}"
        shutil.copytree(footage, root)
        process = start(root)
        # Spread over the run: one in each tenth of it, at a random place within.
        time.sleep(took * (kill + moments.random()) / KILLS)
        process.kill()
        process.join()
        cut_short += process.exitcode != 0
        finish(start(root))
        assert contents(root) == wanted, f"killed in tenth {kill + 1} of the run"
    assert cut_short >= KILLS // 2, "the kills came too late to show anything"
