"""Each cat is compared with its own days before, in whatever order days are worked on, and a past that says the same changes nothing."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from home.folder import Home, open_home
from home.nested import column_of
from home.tables import DETECTIONS, FRAMES, IDENTITIES, MOMENTS, POSES, REMEMBERED
from simulate.view import View
from tasks.behave import behave
from tests import posed
from tests.tasks.test_behave import classifier

FIRST = dt.date(2026, 3, 1)
DAYS = [FIRST + dt.timedelta(days=number) for number in range(4)]
USUAL = ("loaf", "loaf", "loaf", "stand")
SIDES = np.linspace(0, 2 * np.pi, 6, endpoint=False) + 0.1
EACH = 5
"""Looks at each posture from each side, ten seconds apart: 4 x 6 x 5 moments a day, so that two days hold the 200 needed."""


@cache
def frame(posture: str, side: float) -> tuple[np.ndarray, np.ndarray]:
    return posed.frame(posture, 0.3, side, View((0.0, -2.2, 0.6), (0.0, 0.0, 0.1), 50, 1280, 720))


def lived(home: Home, date: dt.date, postures: tuple[str, ...], seed: int = 0, camera: str = "kitchen") -> None:
    """A day of Miso in these postures, and of one cat that nobody knows in the same; no bursts."""
    rng = np.random.default_rng((seed, date.toordinal()))
    rows, points = [], []
    for cat in ("miso", "unknown"):
        for number, (posture, side) in enumerate((p, s) for p in postures for s in SIDES):
            keypoints, box = frame(posture, float(side))
            for look in range(EACH):
                ts = pd.Timestamp(date, tz="UTC") + pd.Timedelta(seconds=100 * number + 10 * look)
                rows.append((ts, number + 1000 * (cat == "unknown"), cat, *box))
                points.append(keypoints + np.pad(rng.normal(0, 0.002, (20, 2)), ((0, 0), (0, 1))))
    seen = pd.DataFrame(rows, columns=["ts", "track_id", "cat", "x1", "y1", "x2", "y2"])
    seen = seen.assign(camera=camera, chunk="c.mp4", offset_s=0.0, burst=False, confidence=0.9, cat_confidence=0.9)
    frames = (
        seen[["ts", "camera", "chunk", "offset_s"]].drop_duplicates().assign(keyframe=True, movement=0.2, kept=True)
    )
    tracks = seen.groupby("track_id", as_index=False).agg(cat=("cat", "first"), start=("ts", "min"), end=("ts", "max"))
    tables, mark = home.tables, f"{postures}{seed}"
    tables.write(FRAMES, frames.assign(moved=b""), date, camera, mark)
    tables.write(DETECTIONS, seen.assign(**{"class": "cat"}), date, camera, mark)
    tables.write(IDENTITIES, tracks.assign(camera=camera, cat_confidence=0.9, looks=5, said=False), date, None, mark)
    looks = column_of(
        (rng.normal(0, 1, (len(seen), 3)) * [0, 1, 1]).astype(np.float32)
    )  # the classifier goes by the first
    poses = seen[[name for name in POSES.columns if name in seen]].assign(coat=[[] for _ in range(len(seen))])
    tables.write(POSES, poses.assign(keypoints=column_of(np.array(points)), look=looks), date, camera, mark)


def opened(root: Path, **more: str) -> Home:
    if not (root / "behaviour").exists():
        root.mkdir(exist_ok=True)
        classifier(root / "behaviour")
        (root / "home.yaml").write_text(
            "timezone: UTC\ncats: {miso: {name: Miso}, tofu: {name: Tofu}}\ncameras:\n"
            "  kitchen: {zones: {food_bowl: [[0.9, 0.0], [1.0, 0.0], [1.0, 0.1]]}}\n"
        )
    # So few moments tell no rarer ones than one in sixty.
    rare = {"behave.unusual_rate": "0.05"}
    return open_home(root, {"behave.model": "behaviour/b.onnx", "pose.model": "pose.onnx", **rare, **more})


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three ordinary days, and one on which both cats sit hunched half of the time."""
    home = opened(tmp_path / "home")
    for date in DAYS[:-1]:
        lived(home, date, USUAL)
    lived(home, DAYS[-1], ("loaf", "stand", "hunch", "hunch"))
    return home


def read(home: Home, date: dt.date) -> pd.DataFrame:
    return home.tables.read(MOMENTS, date, "kitchen")


def test_a_named_cat_is_compared_with_its_past_and_says_nothing_before_there_is_one(home: Home) -> None:
    facts = [behave(home, date, "kitchen").facts["compared"] for date in DAYS]
    assert facts == [[], [], ["miso"], ["miso"]]  # a past needs two days and 200 moments
    assert read(home, DAYS[1])["anomaly"].isna().all()
    last = read(home, DAYS[-1])
    miso, stranger = last[last["cat"] == "miso"], last[last["cat"] == "unknown"]
    hunched = miso["track_id"] >= 2 * len(SIDES)
    assert miso.loc[hunched, "anomaly"].median() > 0.97 > miso.loc[~hunched, "anomaly"].median()
    assert stranger["anomaly"].isna().all(), "nobody's past is no past"
    flagged = miso["reasons"].map(lambda told: any(why.startswith("unusual for Miso: how ") for why in told))
    assert flagged[hunched].mean() > 0.5 and flagged[~hunched].mean() < 0.15


def test_comfort_is_compared_with_the_cats_own_usual(home: Home) -> None:
    for date in DAYS:
        behave(home, date, "kitchen")
    last = read(home, DAYS[-1])
    told = {cat: {why for reasons in rows["reasons"] for why in reasons} for cat, rows in last.groupby("cat")}
    assert "the head is held lower than usual for Miso" in told["miso"]
    assert "not yet compared with this cat's own usual" in told["unknown"]
    always = opened(home.root.parent / "old")  # a cat that has always sat like that
    for date in DAYS:
        lived(always, date, ("loaf", "stand", "hunch", "hunch"))
        behave(always, date, "kitchen")
    again = read(always, DAYS[-1])
    comfort = [rows.loc[rows["cat"] == "miso", "comfort"].quantile(0.2) for rows in (last, again)]
    assert comfort[1] > comfort[0] + 0.3


def test_the_order_in_which_days_are_worked_on_changes_no_byte(home: Home, tmp_path: Path) -> None:
    other = opened(tmp_path / "other")
    for date in DAYS[:-1]:
        lived(other, date, USUAL)
    lived(other, DAYS[-1], ("loaf", "stand", "hunch", "hunch"))
    for date in DAYS:
        behave(home, date, "kitchen")
    for date in reversed(DAYS):
        behave(other, date, "kitchen")
    for table in (MOMENTS, REMEMBERED):
        for date in DAYS:
            key = table.key(date, "kitchen")
            assert home.tables.store.read(key) == other.tables.store.read(key), key
    assert all(behave(home, date, "kitchen").skipped for date in DAYS)


def test_an_earlier_day_changes_later_ones_once_and_only_if_it_says_something_else(home: Home) -> None:
    def done() -> list[dt.date]:
        return [date for date in DAYS if not behave(home, date, "kitchen").skipped]

    assert done() == DAYS
    frame = home.tables.read(DETECTIONS, DAYS[1], "kitchen")
    home.tables.write(DETECTIONS, frame, DAYS[1], "kitchen", "found again by another way")
    assert done() == [DAYS[1]], "the same was found: nothing to compare anew"
    lived(home, DAYS[1], USUAL, seed=7)
    assert done() == DAYS[1:]
    assert done() == []


def test_only_so_many_days_count(home: Home) -> None:
    short = opened(home.root, **{"behave.past_days": "2"})
    behave(short, DAYS[-1], "kitchen")
    before = home.tables.store.read(MOMENTS.key(DAYS[-1], "kitchen"))
    lived(home, DAYS[0], ("hunch",), seed=9)
    assert behave(short, DAYS[-1], "kitchen").skipped
    assert not behave(home, DAYS[-1], "kitchen").skipped, "with 14 days the first one counts"
    assert home.tables.store.read(MOMENTS.key(DAYS[-1], "kitchen")) != before


def test_what_is_remembered_is_a_few_moments_of_each_cat(home: Home) -> None:
    behave(home, FIRST, "kitchen")
    rows = home.tables.read(REMEMBERED, FIRST, "kitchen")
    assert rows.groupby("cat").size().to_dict() == {"miso": 120, "unknown": 120}
    assert rows["start"].is_monotonic_increasing and rows["look"].map(len).eq(3).all()


def test_the_only_cat_of_a_home_has_a_past_before_anybody_shows_a_photo(home: Home) -> None:
    file = home.root / "home.yaml"
    file.write_text(file.read_text().replace("miso: {name: Miso}, ", ""))
    for date in DAYS:
        home.tables.store.delete(IDENTITIES.key(date))
    assert [behave(opened(home.root), date, "kitchen").facts["compared"] for date in DAYS[1:]] == [
        [],
        ["tofu"],
        ["tofu"],
    ]
