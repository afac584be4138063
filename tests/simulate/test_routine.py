"""A diary is complete, without overlap, and decided by its seed."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from home.ethogram import BEHAVIOURS
from simulate.routine import Episode, read_diary, scripted_diary, write_diary

START = datetime(2026, 3, 1, 9, 2, 30, tzinfo=UTC)
ROOMS = {"living-room": ("bed", "food_bowl"), "utility-room": ("litter_box",)}


@pytest.mark.parametrize("minutes", [1, 10, 13, 60])
@pytest.mark.parametrize("seed", range(4))
def test_every_cat_has_every_second_once(minutes: int, seed: int) -> None:
    diary = scripted_diary(START, minutes, ROOMS, ("miso", "tofu"), seed)
    for cat in ("miso", "tofu"):
        own = [e for e in diary if e.cat == cat]
        assert own[0].start == START
        assert all(before.end == after.start for before, after in pairwise(own))
        assert sum(e.seconds for e in own) == minutes * 60


@pytest.mark.parametrize("seed", range(6))
def test_ten_minutes_show_everything(seed: int) -> None:
    diary = scripted_diary(START, 10, ROOMS, ("miso",), seed)
    seconds: dict[str, float] = defaultdict(float)
    for episode in diary:
        seconds[episode.behaviour if episode.behaviour != "other" else str(episode.subtype)] += episode.seconds
    assert set(seconds) == {"sleeping", "eating", "using_litter_box", "playing", "walking", "sitting", "away"}
    assert seconds["eating"] >= 60, "a meal of a minute or more"
    assert seconds["using_litter_box"] >= 50, "a visit of about a minute"
    assert seconds["sleeping"] >= 180, "several minutes asleep"


def test_places_fit_what_the_cameras_see() -> None:
    needs = {"sleeping": "bed", "eating": "food_bowl", "using_litter_box": "litter_box"}
    for episode in scripted_diary(START, 30, ROOMS, ("miso", "tofu"), 3):
        assert episode.behaviour in BEHAVIOURS
        if episode.behaviour in needs:
            assert episode.camera is not None
            assert episode.zone == needs[episode.behaviour]
            assert episode.zone in ROOMS[episode.camera]


def test_between_two_cameras_the_cat_is_seen_by_none() -> None:
    own = scripted_diary(START, 30, ROOMS, ("miso",), 1)
    changes = [(a.camera, b.camera) for a, b in pairwise(own) if a.camera != b.camera]
    assert changes
    assert all(None in change for change in changes)


def test_the_seed_decides() -> None:
    one, same, other = (scripted_diary(START, 13, ROOMS, ("miso",), seed) for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_what_no_camera_sees_happens_out_of_sight() -> None:
    diary = scripted_diary(START, 10, {"hall": ()}, ("miso",), 0)
    assert {e.camera for e in diary if e.behaviour == "eating"} == {None}


def test_csv_comes_back_as_it_was(tmp_path: Path) -> None:
    diary = scripted_diary(START, 10, ROOMS, ("miso", "tofu"), 0)
    write_diary(tmp_path / "diary.csv", diary)
    assert read_diary(tmp_path / "diary.csv") == diary
    header = (tmp_path / "diary.csv").read_text("utf-8").splitlines()[0]
    assert header == "cat,behaviour,start,end,camera,zone,subtype"


def test_wrong_rows_are_told_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "diary.csv"
    path.write_text("cat,behaviour,start,end\n", "utf-8")
    with pytest.raises(ValueError, match=r"columns \['camera', 'subtype', 'zone'\] are missing"):
        read_diary(path)
    head = "cat,behaviour,start,end,camera,zone,subtype\n"
    path.write_text(head + "miso,purring,2026-03-01T09:00:00+00:00,2026-03-01T09:01:00+00:00,,,\n", "utf-8")
    with pytest.raises(ValueError, match="line 2: behaviour 'purring'"):
        read_diary(path)


def test_episodes_need_a_zone_and_a_length() -> None:
    with pytest.raises(ValueError, match="times need a zone"):
        Episode("miso", "eating", datetime(2026, 3, 1), datetime(2026, 3, 2))  # noqa: DTZ001
    with pytest.raises(ValueError, match="not after its start"):
        Episode("miso", "eating", START, START - timedelta(seconds=1))
