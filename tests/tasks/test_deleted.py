"""A day whose footage `retention` has deleted: a night that is run again leaves what was found as it is."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest

from home.folder import Home, open_home
from home.manifest import manifest_key
from home.tables import BOUTS, DETECTIONS, FRAMES
from ingest.retention import delete
from tasks.night import run_night
from tests.clips import paint_chunk, walking
from tests.plain import plain

DATE = dt.date(2026, 3, 1)
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 20)
YAML = "timezone: UTC\ncameras:\n  kitchen: {}\nretention:\n  days: 7\n  most_share: 1.0\n"


def contents(home: Home) -> list[bytes]:
    """The manifest and the tables of the day."""
    keys = [FRAMES.key(DATE, "kitchen"), DETECTIONS.key(DATE, "kitchen"), BOUTS.key(DATE)]
    return [home.data.read(manifest_key(DATE)), *(home.tables.store.read(key) for key in keys)]


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day of two chunks whose night is done; then they were deleted."""
    root = tmp_path_factory.mktemp("deleted")
    (root / "home.yaml").write_text(YAML, "utf-8")
    plain(root)
    home = open_home(root)
    assert home.footage.folder
    for minute in (0, 5):
        key = paint_chunk(home.footage.folder, "kitchen", NOON + dt.timedelta(minutes=minute), 20, walking)
        os.utime(home.footage.folder / key, (NOON.timestamp(), NOON.timestamp()))
    list(run_night(home, [DATE]))
    assert len(delete(home, TODAY)[0].deleted) == 2
    return root


@pytest.fixture
def deleted(once: Path, tmp_path: Path) -> Home:
    """The same, for a test of its own."""
    return open_home(copytree(once, tmp_path / "home"))


def forced(home: Home) -> list[str]:
    return [warning for outcome in run_night(home, [DATE], force=True) for warning in outcome.warnings]


def other_parameters(home: Home) -> list[str]:
    turned = open_home(home.root, {"extract.sample_period_s": "2", "detect.confidence": "0.4"})
    return [warning for outcome in run_night(turned, [DATE]) for warning in outcome.warnings]


def as_before(home: Home) -> list[str]:
    return [warning for outcome in run_night(home, [DATE]) for warning in outcome.warnings]


@pytest.mark.parametrize(("again", "told"), [(as_before, 0), (forced, 2), (other_parameters, 2)])
def test_a_night_that_is_run_again_undoes_nothing(deleted: Home, again: Callable[[Home], list[str]], told: int) -> None:
    before = contents(deleted)
    warnings = [warning for warning in again(deleted) if "deleted (`retention`)" in warning]
    assert len(warnings) == told  # by extract and by detect, where they would have worked again
    assert contents(deleted)[:3] == before[:3]


def test_late_footage_joins_the_manifest_and_is_told_not_to_be_read(deleted: Home) -> None:
    assert deleted.footage.folder
    paint_chunk(deleted.footage.folder, "kitchen", NOON + dt.timedelta(minutes=10), 20, walking)
    before = contents(deleted)
    warnings = as_before(deleted)
    assert "2 of its chunks are deleted (`retention`); frames stay as they are" in warnings[0]
    assert contents(deleted)[1:3] == before[1:3] and contents(deleted)[0].count(b'"key"') == 3
