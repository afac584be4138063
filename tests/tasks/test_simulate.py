"""The home that a fresh clone simulates: made once, replaced when its parameters change, never over somebody's footage."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from home.coverage import complete
from home.errors import StoreConflict, WrongUse
from home.folder import Home, open_home
from home.manifest import manifest_dates
from home.tables import COVERAGE, FRAMES
from simulate.living import clipped
from simulate.routine import read_diary
from simulate.truth import FILES
from tasks.manifest import manifest
from tasks.simulate import MARK, simulate
from tasks.simulated_home import keep_params, planned, simulated_home

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


LIVED = {"days": "2", "cats": "2"}


def test_days_of_a_diary_are_written_and_a_lively_part_of_the_first_is_filmed(tmp_path: Path) -> None:
    (tmp_path / "home.yaml").write_text(f"{MARK}\ntimezone: Europe/Berlin\n")
    outcome = simulate(opened(tmp_path, **LIVED))
    assert outcome.facts["days"] == 2 and outcome.facts["footage_s"] == 60
    assert {path.name for path in (tmp_path / "data/diary").iterdir()} == set(FILES)
    whole, filmed = (read_diary(tmp_path / "data" / name) for name in ("diary/diary.parquet", "diary.csv"))
    assert sum(episode.seconds for episode in whole) == 2 * 2 * 86_400
    start, end = min(e.start for e in filmed), max(e.end for e in filmed)
    assert (end - start).total_seconds() == 60 and start.astimezone(opened(tmp_path).zone).date() == DATE
    assert filmed == clipped(whole, start, end)
    assert {e.behaviour for e in filmed if e.camera} - {"other", "sleeping"}, "something is to be seen"
    (chunk,) = opened(tmp_path).footage.list("living-room/")
    assert chunk.key == f"living-room/chunk-{start:%Y%m%d-%H%M%S}.mp4"
    before = files(tmp_path)
    assert simulate(opened(tmp_path, **LIVED)).skipped and files(tmp_path) == before
    simulate(opened(tmp_path))
    assert not list((tmp_path / "data/diary").iterdir()), "the truth of another simulation is gone"


def test_the_part_that_is_filmed_can_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "home.yaml").write_text(f"{MARK}\ntimezone: Europe/Berlin\n")
    plan = planned(opened(tmp_path, **LIVED, footage="2026-03-02T23:30/30"))
    assert plan.footage.start.isoformat() == "2026-03-02T22:30:00+00:00" and plan.footage.seconds == 1800
    assert plan.diary and min(e.start for e in plan.diary) == plan.footage.start
    assert plan.truth and plan.truth.recorded == [plan.footage]


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"footage": "soon"}, "'soon' is no START/MINUTES"),
        ({"footage": "2026-03-03T00:00/1"}, "not within the diary, 2026-03-01T00:00 to 2026-03-03T00:00"),
        ({"footage": "2026-03-02T00:00/0"}, "1 to 1440 can be filmed"),
        ({"illnesses": "[miso flu 2026-03-02]"}, "no illness 'flu'"),
        ({"illnesses": "[felix cystitis 2026-03-02]"}, "no cat 'felix'"),
        ({"days": "0", "footage": "2026-03-02T00:00/1"}, "say how many `days`"),
    ],
)
def test_what_cannot_be_simulated_is_told(tmp_path: Path, more: dict[str, str], wrong: str) -> None:
    (tmp_path / "home.yaml").write_text(f"{MARK}\ntimezone: Europe/Berlin\n")
    with pytest.raises(WrongUse, match=wrong):
        simulate(opened(tmp_path, **{**LIVED, **more}))
    assert not (tmp_path / "data").exists()


def test_a_folder_becomes_a_home_only_if_nothing_is_lost(tmp_path: Path) -> None:
    simulated_home(tmp_path / "new")
    asked = open_home(tmp_path / "new", {"simulate.days": "7"})
    keep_params(asked)
    simulated_home(tmp_path / "new")
    assert open_home(tmp_path / "new").params.simulate.days == 7, "it is there, with what was asked for"
    keep_params(open_home(tmp_path / "new", {"simulate.days": "9"}))
    assert open_home(tmp_path / "new").params.simulate.days == 7, "from then on params.yaml is its owner's"
    for name, text in (("notes.txt", ""), ("home.yaml", "timezone: UTC\n")):
        (tmp_path / name[:5]).mkdir()
        (tmp_path / name[:5] / name).write_text(text)
        with pytest.raises(WrongUse, match=r"holds something|is your own"):
            simulated_home(tmp_path / name[:5])
        assert (tmp_path / name[:5] / name).read_text() == text
