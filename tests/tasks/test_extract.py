"""The gate: a still scene costs a heartbeat a minute, a moving one a sample a period, and both ends are kept."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from home.folder import Home, open_home
from home.tables import FRAMES, SCENES
from models.movement_map import moved_around
from tasks.extract import extract
from tasks.manifest import manifest
from tests.clips import paint_chunk, still, walking

DATE = dt.date(2026, 3, 1)
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home.yaml").write_text("timezone: UTC\ncameras:\n  kitchen: {}\n")
    return open_home(tmp_path)


def footage(home: Home) -> Path:
    return home.root / "data" / "footage"


def kept(home: Home) -> list[float]:
    """Seconds after noon of the samples that were kept."""
    frames = home.tables.read(FRAMES, DATE, "kitchen")
    return [(ts - NOON).total_seconds() for ts in frames.loc[frames["kept"], "ts"]]


def night(home: Home) -> None:
    manifest(home, DATE)
    extract(home, DATE, "kitchen")


def test_a_still_scene_costs_one_sample_a_minute(home: Home) -> None:
    paint_chunk(footage(home), "kitchen", NOON, 300, still)
    night(home)
    assert len(home.tables.read(FRAMES, DATE, "kitchen")) == 60
    assert kept(home) == pytest.approx([0, 60, 120, 180, 240, 295], abs=2.5)


def test_a_scene_that_moves_gives_a_sample_a_period(home: Home) -> None:
    # Still for two minutes, then something walks for one, then still again.
    paint_chunk(footage(home), "kitchen", NOON, 300, lambda s: walking(s) if 120 <= s < 180 else None)
    night(home)
    during = [second for second in kept(home) if 120 <= second < 180]
    assert during == pytest.approx(np.arange(120, 180, 5))
    assert len([second for second in kept(home) if second < 115]) == 2


@pytest.mark.parametrize("codec", ["libx264", "mjpeg"])
def test_keyframes_and_jpegs_are_gated_alike(home: Home, codec: str) -> None:
    paint_chunk(footage(home), "kitchen", NOON, 60, walking, codec=codec)
    night(home)
    assert kept(home) == pytest.approx(np.arange(0, 60, 5))
    assert home.tables.read(FRAMES, DATE, "kitchen")["keyframe"].all()


def test_a_long_group_of_pictures_is_sampled_between_its_keyframes(home: Home) -> None:
    paint_chunk(footage(home), "kitchen", NOON, 48, walking, gop_s=12)
    night(home)
    frames = home.tables.read(FRAMES, DATE, "kitchen")
    assert len(frames) == 10
    assert int(frames["keyframe"].sum()) == 4


def test_both_ends_of_every_stretch_are_kept(home: Home) -> None:
    paint_chunk(footage(home), "kitchen", NOON, 50, still)
    paint_chunk(footage(home), "kitchen", NOON + dt.timedelta(minutes=10), 50, still)
    night(home)
    assert kept(home) == pytest.approx([0, 45, 600, 645])


def test_an_unreadable_chunk_is_named_and_the_others_count(home: Home) -> None:
    paint_chunk(footage(home), "kitchen", NOON, 20, walking)
    bad = footage(home) / "kitchen" / "chunk-20260301-121000.mp4"
    bad.write_bytes(b"not a film" * 100)
    empty = footage(home) / "kitchen" / "chunk-20260301-122000.mp4"
    empty.write_bytes(b"")
    outcome = manifest(home, DATE)
    assert [warning.split(":")[0] for warning in outcome.warnings] == [
        "kitchen/chunk-20260301-121000.mp4",
        "kitchen/chunk-20260301-122000.mp4",
    ]
    assert "empty" in outcome.warnings[1]
    extract(home, DATE, "kitchen")
    assert len(kept(home)) == 4


def test_a_chunk_that_goes_bad_after_the_manifest_is_named_and_not_fatal(home: Home) -> None:
    key = paint_chunk(footage(home), "kitchen", NOON, 20, walking)
    paint_chunk(footage(home), "kitchen", NOON + dt.timedelta(seconds=20), 20, walking)
    manifest(home, DATE)
    (footage(home) / key).unlink()
    outcome = extract(home, DATE, "kitchen")
    assert list(outcome.facts["damaged"]) == [key]
    assert len(kept(home)) == 4


def test_a_chunk_over_midnight_gives_each_day_its_own_samples(home: Home) -> None:
    paint_chunk(footage(home), "kitchen", dt.datetime(2026, 3, 1, 23, 59, tzinfo=dt.UTC), 120, walking)
    night(home)
    after = DATE + dt.timedelta(days=1)
    manifest(home, after)
    extract(home, after, "kitchen")
    first, second = home.tables.read(FRAMES, DATE, "kitchen"), home.tables.read(FRAMES, after, "kitchen")
    assert (len(first), len(second)) == (12, 12)
    assert first["ts"].max() < second["ts"].min()


def test_unchanged_footage_is_not_decoded_again_and_a_parameter_is_noticed(home: Home) -> None:
    paint_chunk(footage(home), "kitchen", NOON, 20, walking)
    night(home)
    assert manifest(home, DATE).skipped
    assert extract(home, DATE, "kitchen").skipped
    turned = open_home(home.root, {"extract.sample_period_s": "2"})
    assert not extract(turned, DATE, "kitchen").skipped
    assert len(turned.tables.read(FRAMES, DATE, "kitchen")) == 10


def test_late_footage_changes_the_manifest_and_the_samples(home: Home) -> None:
    paint_chunk(footage(home), "kitchen", NOON, 20, walking)
    night(home)
    paint_chunk(footage(home), "kitchen", NOON - dt.timedelta(minutes=5), 20, walking)
    assert not manifest(home, DATE).skipped
    assert not extract(home, DATE, "kitchen").skipped
    assert len(kept(home)) == 8


def test_footage_that_somebody_removed_does_not_undo_the_day(home: Home) -> None:
    key = paint_chunk(footage(home), "kitchen", NOON, 20, walking)
    night(home)
    (footage(home) / key).unlink()
    outcome = manifest(home, DATE)
    assert "gone from the store" in outcome.warnings[0]
    assert extract(home, DATE, "kitchen").skipped
    assert len(kept(home)) == 4
    manifest(home, DATE, force=True)
    extract(home, DATE, "kitchen")
    assert kept(home) == []


@pytest.mark.parametrize(("date", "hours"), [(dt.date(2026, 3, 29), 23), (dt.date(2026, 10, 25), 25)])
def test_a_day_the_clocks_change_has_23_or_25_hours(tmp_path: Path, date: dt.date, hours: int) -> None:
    """Footage in the first and last minutes of the local day, and just outside of it."""
    (tmp_path / "home.yaml").write_text("timezone: Europe/Berlin\ncameras:\n  kitchen: {}\n")
    home = open_home(tmp_path)
    start = dt.datetime.combine(date, dt.time(), home.zone).astimezone(dt.UTC)
    for begin in (-60, 0, hours * 3600 - 60, hours * 3600):
        paint_chunk(footage(home), "kitchen", start + dt.timedelta(seconds=begin), 60, walking, size=(160, 120))
    manifest(home, date)
    extract(home, date, "kitchen")
    frames = home.tables.read(FRAMES, date, "kitchen")
    assert len(frames) == 24
    assert frames["ts"].max() - frames["ts"].min() == dt.timedelta(seconds=hours * 3600 - 5)


def test_the_frames_tell_where_it_moved(home: Home) -> None:
    paint_chunk(footage(home), "kitchen", NOON, 60, walking)
    night(home)
    frames = home.tables.read(FRAMES, DATE, "kitchen")
    stirred = frames[frames["movement"] >= home.params.extract.min_movement]
    assert len(stirred) >= 8
    for sample in stirred.itertuples():
        # The square is painted from the middle of the height down a quarter, where `walking` says.
        left = walking(sample.offset_s)
        assert left is not None
        square = np.array([[left, 0.5, left + 0.1875, 0.75], [0, 0, 1, 0.4]], np.float32)
        there, elsewhere = moved_around(sample.moved, square, margin=0)
        assert there > 0.4 and elsewhere < 0.01, sample.offset_s


def test_the_room_is_looked_at_every_five_minutes_and_told_by_the_hour(home: Home) -> None:
    """The painted room is a grey slope from 60 to 140, of which video keeps 219 of 255 levels from 16 on."""
    small = {"fps": 1, "size": (96, 72)}
    paint_chunk(footage(home), "kitchen", NOON - dt.timedelta(minutes=6), 660, still, **small)
    for minutes in (10, 12):
        paint_chunk(footage(home), "kitchen", NOON + dt.timedelta(minutes=minutes), 5, walking, **small)
    night(home)
    rows = home.tables.read(SCENES, DATE, "kitchen")
    assert rows["start"].tolist() == [NOON - dt.timedelta(hours=1), NOON]
    assert rows["looks"].tolist() == [2, 3]  # at 11:54, 11:59, 12:04; of each short chunk its first sample
    assert rows["brightness"].tolist() == pytest.approx([102, 102], abs=7)
    assert rows["contrast"].iloc[0] == pytest.approx(80 / 12**0.5 * 219 / 255, abs=1)
    assert (rows[["blue", "red", "saturation"]].abs().to_numpy() < 1.5).all()
    assert home.tables.notes(SCENES, DATE, "kitchen")["hours"] == 1, "of two looks no hour is made"
    before = home.tables.store.read(SCENES.key(DATE, "kitchen"))
    assert not extract(home, DATE, "kitchen", force=True).skipped
    assert home.tables.store.read(SCENES.key(DATE, "kitchen")) == before
