"""The bench of how well the house sees: what counts as found, on films of a few seconds."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from bench.seeing import clips, homes, rooms
from bench.seeing.figures import per_day, ratio
from home.clock import Span
from home.folder import PROJECT
from simulate.routine import Episode
from simulate.scenery import Scenery
from tasks.filmed import Plan, filmed

START = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)


def test_the_marks_lie_within_their_clips_and_pictures() -> None:
    marks = clips.read_marks()
    assert marks["clip"].nunique() == 14
    assert (marks["start"] < marks["end"]).all()
    assert ((marks[["x1", "y1"]] >= 0).all(axis=1) & (marks[["x2", "y2"]] <= 1).all(axis=1)).all()
    for _, own in marks.groupby("clip"):
        assert (own["start"].iloc[1:].to_numpy() >= own["end"].iloc[:-1].to_numpy()).all(), "a second has one mark"
    data = PROJECT.parent / "shared" / "data" / "video"
    if data.is_dir():
        assert set(marks["clip"]) == {path.stem for path in data.glob("*.mp4")}


def test_a_share_is_drawn_by_groups() -> None:
    # Four stretches, half of them found in whole: each resample is a mean of four coins, never of forty.
    found, groups = np.repeat([1, 1, 0, 0], 10), np.repeat(list("abcd"), 10)
    share = ratio(found, np.ones(40), groups.tolist())
    assert share is not None
    assert (share.value, share.low, share.high) == (0.5, 0.0, 1.0)
    assert ratio([], [], []) is None
    assert per_day(ratio(np.zeros(30), np.full(30, 120.0), [str(n) for n in range(30)])) == "0.0 (0.0–144.0)"


def test_what_is_filmed_is_told_second_by_second_and_not_filmed_twice(tmp_path: Path) -> None:
    asleep = Episode("miso", "sleeping", START, START + dt.timedelta(seconds=10), "living-room", "bed")
    plan = Plan(Scenery(5, 1, 1, (320, 240)), [asleep], (Span(START, START + dt.timedelta(seconds=10)),))
    truth = filmed(tmp_path / "home", plan)
    assert truth["second"].tolist() == [int(START.timestamp()) + s for s in range(10)]
    assert truth["hidden"].between(0, 1).all()
    chunk = next((tmp_path / "home").rglob("chunk-*.mp4"))
    written = chunk.stat().st_mtime_ns
    assert filmed(tmp_path / "home", plan).equals(truth)
    assert chunk.stat().st_mtime_ns == written


def test_a_second_is_found_where_a_box_lies_on_the_cat() -> None:
    truth = pd.DataFrame(
        [("c", second, "day", "miso", 0.0, 0.4, 0.4, 0.6, 0.6) for second in range(10)],
        columns=["camera", "second", "light", "cat", "hidden", "x1", "y1", "x2", "y2"],
    )
    on_it, beside = (0.41, 0.4, 0.6, 0.6), (0.7, 0.4, 0.9, 0.6)
    rows = [("a", 0.0, 5.0, *on_it), ("a", 5.0, 8.0, *beside), ("b", 8.0, 10.0, *beside)]
    seen = pd.DataFrame(rows, columns=["track", "begin", "until", "x1", "y1", "x2", "y2"])
    found, present, boxed = homes._found(truth, seen)
    assert {second for second, _ in found} == set(range(5)), "the box beside it speaks for nobody"
    assert present == set(range(10))
    assert boxed == {(0, "miso")}


def test_an_empty_wall_is_no_cat(tmp_path: Path) -> None:
    picture = tmp_path / "walls" / "images" / "wall.png"
    picture.parent.mkdir(parents=True)
    cv2.imwrite(str(picture), np.full((101, 161, 3), 140, np.uint8))
    labels = tmp_path / "walls" / "labels"
    labels.mkdir()
    (labels / "wall.txt").touch()
    pictures = rooms.empty_pictures([tmp_path / "walls"], None, None, 5)
    assert pictures == [picture]
    seen = rooms.real_rooms(tmp_path / "home", pictures, {"detect.model": str(_shipped())})
    assert seen["false"].tolist() == [0.0]
    assert "real, walls" in rooms.as_markdown(seen)


@pytest.mark.parametrize(("x", "right"), [(0.5, True), (0.95, False)])
def test_a_box_in_the_wrong_place_finds_no_cat(x: float, right: bool) -> None:
    marks = pd.DataFrame(
        [("a", 0.0, 1.7, 0.3, 0.0, 0.7, 1.0)], columns=["clip", "start", "end", "x1", "y1", "x2", "y2"]
    )
    zero = START.timestamp()
    rows = pd.DataFrame(
        [(zero, zero + 2, x - 0.05, 0.4, x + 0.05, 0.6)], columns=["begin", "until", "x1", "y1", "x2", "y2"]
    )
    looks = pd.DataFrame({"ts": [pd.Timestamp(START)], "kept": [True]})
    bouts = pd.DataFrame({"start": [pd.Timestamp(START)], "end": [pd.Timestamp(START) + pd.Timedelta(seconds=2)]})
    told = clips._clip("a", marks, rows, bouts, looks, START)
    assert told["found"].tolist() == [right, right]
    assert told["boxed"].tolist() == [right, False]


def _shipped() -> Path:
    return PROJECT / "models" / "detector" / "weights" / "detector.onnx"
