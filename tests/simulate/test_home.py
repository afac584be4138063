"""A simulated home: footage, diary and zones that belong together, the same for the same seed."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import av
import pytest

from simulate.home import SimulatedHome, simulate_home
from simulate.routine import read_diary

START = datetime(2026, 3, 1, 9, 4, 30, tzinfo=UTC)  # half a minute before a cut


def simulated(out: Path, seed: int = 5) -> SimulatedHome:
    return simulate_home(out, START, 1, seed, cameras=2, cats=2, size=(160, 90), fps=2)


def digests(out: Path) -> dict[str, str]:
    return {
        str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> SimulatedHome:
    return simulated(tmp_path_factory.mktemp("home"))


def test_same_seed_same_bytes(home: SimulatedHome, tmp_path: Path) -> None:
    simulated(tmp_path / "again")
    assert digests(tmp_path / "again") == digests(home.footage)


def test_another_seed_is_another_home(home: SimulatedHome, tmp_path: Path) -> None:
    simulated(tmp_path / "other", seed=6)
    mine, other = digests(home.footage), digests(tmp_path / "other")
    assert set(mine) == set(other)
    assert all(mine[name] != other[name] for name in mine)


def test_files_and_zones_are_there(home: SimulatedHome) -> None:
    names = {"chunk-20260301-090430.mp4", "chunk-20260301-090500.mp4"}
    for camera, zones in home.cameras.items():
        assert {p.name for p in (home.footage / camera).iterdir()} == names
        for path in (home.footage / camera).iterdir():
            with av.open(str(path)) as container:
                assert sum(1 for _ in container.decode(video=0)) == 60, "30 s at 2 fps"
        used = {e.zone for e in home.diary if e.camera == camera and e.zone}
        assert used <= set(zones), "a zone of the diary is one of the camera's"
    assert read_diary(home.diary_path) == home.diary
    assert home.cats == ("miso", "tofu")


def test_wrong_numbers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="0 cameras and 1 cats"):
        simulate_home(tmp_path, START, 1, 1, cameras=0)
    with pytest.raises(ValueError, match="a diary of 0 minutes"):
        simulate_home(tmp_path, START, 0, 1)
    assert list(tmp_path.iterdir()) == []


def test_progress_ends_at_one(tmp_path: Path) -> None:
    parts: list[float] = []
    simulate_home(tmp_path, START, 1, 2, cameras=1, size=(96, 54), fps=2, progress=parts.append)
    assert parts == sorted(parts)
    assert parts[-1] == 1.0
