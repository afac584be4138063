"""The home that a fresh clone simulates: made once, replaced when its parameters change, never over somebody's footage."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from home.coverage import complete
from home.errors import StoreConflict
from home.folder import Home, open_home
from home.manifest import manifest_dates
from home.tables import COVERAGE, FRAMES
from simulate.routine import read_diary
from tasks.manifest import manifest
from tasks.simulate import MARK, simulate

DATE = dt.date(2026, 3, 1)
SHORT = {"simulate.minutes": "1", "simulate.cameras": "1"}  # 300 frames: drawn in seconds


def opened(root: Path, **more: str) -> Home:
    return open_home(root, {**SHORT, **{f"simulate.{name}": value for name, value in more.items()}})


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("home")
    (root / "home.yaml").write_text(f"{MARK}\ntimezone: Europe/Berlin\nplace:\n  latitude: 52.5\n  longitude: 13.4\n")
    simulate(opened(root))
    return root


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_it_writes_footage_ledger_diary_and_home(root: Path) -> None:
    home = opened(root)
    assert list(home.config.cameras) == ["living-room"] and list(home.config.cats) == ["miso"]
    assert set(home.config.cameras["living-room"].zones) == {"bed", "food_bowl", "litter_box", "scratching_post"}
    assert home.config.timezone == "Europe/Berlin" and home.config.place and home.config.place.latitude == 52.5
    rows = complete(home.tables, "living-room", home.config.cameras["living-room"], DATE, home.zone)
    seconds = (rows["end"] - rows["start"]).dt.total_seconds().groupby(rows["state"]).sum()
    assert seconds.to_dict() == {"recorded": 60.0, "off": 86_340.0}
    assert manifest(home, DATE).facts == {"chunks": 1, "footage_s": 60.0}
    diary = read_diary(root / "data/diary.csv")
    assert sum(episode.seconds for episode in diary) == 60.0 and {episode.cat for episode in diary} == {"miso"}


def test_a_second_time_nothing_happens(root: Path) -> None:
    before = files(root)
    assert simulate(opened(root)).skipped
    assert files(root) == before


def test_what_was_lost_is_simulated_again_to_the_same_bytes(root: Path) -> None:
    before = files(root)
    home = opened(root)
    home.tables.store.delete(COVERAGE.key(DATE, "living-room"))  # as a run leaves it that was killed before the ledger
    (chunk,) = home.footage.list("living-room/")
    home.footage.delete(chunk.key)
    assert not simulate(home).skipped
    after = files(root)
    assert {name: after[name] for name in before if "manifests" not in name} == {
        name: before[name] for name in before if "manifests" not in name
    }


def test_other_parameters_replace_it_with_all_that_was_made_from_it(root: Path) -> None:
    home = opened(root)
    manifest(home, DATE)
    home.tables.write(FRAMES, FRAMES.empty(), DATE, "living-room")
    simulate(opened(root, start='"2026-03-02T09:00:00Z"'))
    assert [entry.key for entry in home.footage.list("living-room/")] == ["living-room/chunk-20260302-090000.mp4"]
    assert manifest_dates(home.data) == [] and home.tables.dates(FRAMES) == []
    assert home.tables.dates(COVERAGE) == [dt.date(2026, 3, 2)]


def test_footage_of_others_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "home.yaml").write_text(f"{MARK}\ntimezone: UTC\n")
    home = opened(tmp_path)
    home.footage.write("living-room/chunk-20260301-090000.mp4", b"mine")
    with pytest.raises(StoreConflict, match=r"chunk-20260301-090000\.mp4: the simulation did not write this"):
        simulate(home)
    assert home.footage.read("living-room/chunk-20260301-090000.mp4") == b"mine"


def test_a_home_of_ones_own_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "home.yaml").write_text("timezone: UTC\ncameras:\n  kitchen:\n")
    outcome = simulate(opened(tmp_path))
    assert outcome.skipped and "home.yaml is your own" in outcome.warnings[0]
    assert [path.name for path in tmp_path.iterdir()] == ["home.yaml"]
