"""Bouts from moments: the likeliest course of a day, in which one wrong look is no bout and what nobody read is no behaviour."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from home.ethogram import BEHAVIOURS
from home.folder import Home, open_home
from home.tables import BOUTS, BUDGET, DETECTIONS, MOMENTS
from models.behaviour.bout_model import read_bout_model
from tasks.bouts import bouts
from tests.tasks.story import BED, BOWL, DATE, Story, at

Says = Callable[[pd.Timestamp], str]


def read(told: Home, says: Says, times: float = 40, only: str | None = None) -> Home:
    """The home with the moments of a network that says this of each detection, and makes it so many times as likely."""
    life = read_bout_model()
    share = np.array([life.share[life.behaviours.index(name)] for name in BEHAVIOURS])
    home = open_home(told.root, {"behave.model": "behaviour.onnx"})
    for camera in [only] if only else home.tables.cameras(DETECTIONS, DATE):
        seen = home.tables.read(DETECTIONS, DATE, camera)
        said = np.array([says(ts) for ts in seen["ts"]])
        likely = share * np.where(said[:, None] == np.array(BEHAVIOURS), times, 1.0)
        likely /= likely.sum(axis=1, keepdims=True)
        rows = seen[["camera", "chunk", "offset_s", "track_id", "cat"]].assign(
            start=seen["ts"], end=seen["ts"], behaviour=said, confidence=likely.max(axis=1), posture=None, comfort=np.nan,
            anomaly=np.nan, reasons=[[]] * len(seen),
        )  # fmt: skip
        rows[[f"p_{name}" for name in BEHAVIOURS]] = likely
        home.tables.write(MOMENTS, rows[list(MOMENTS.columns)], DATE, camera, f"{times} {camera}")
    return home


def found(home: Home) -> list[tuple[str, float, float]]:
    """Behaviour, start hour and minutes of every bout but the few steps that the pass puts between two of them."""
    bouts(home, DATE)
    frame = home.tables.read(BOUTS, DATE)
    frame = frame[(frame["behaviour"] != "other") | (frame["duration_s"] > 30)]
    hours = (frame["start"] - pd.Timestamp(at(0))).dt.total_seconds() / 3600
    return [
        (b, round(h, 3), round(s / 60, 1))
        for b, h, s in zip(frame["behaviour"], hours, frame["duration_s"], strict=True)
    ]


@pytest.fixture
def evening(tmp_path: Path) -> Home:
    """A cat that moves for half an hour, with a look in 5 s, and then lies still for one hour, with a look a minute."""
    story = Story(tmp_path).recorded("kitchen", at(18), at(20))
    story.cat("kitchen", 1, at(18), at(18.5), BOWL, 5, moving=True)
    return story.cat("kitchen", 2, at(18.5), at(19.5), BED, 60, moving=False).told()


def test_all_behaviours_of_the_ethogram_come_and_the_budget_is_the_whole_day(evening: Home) -> None:
    def says(ts: pd.Timestamp) -> str:
        minutes = (ts - pd.Timestamp(at(18))).total_seconds() / 60
        return next(
            name
            for name, until in (("playing", 10), ("grooming", 20), ("eating", 30), ("sleeping", 99))
            if minutes < until
        )

    told = found(read(evening, says))
    assert [name for name, *_ in told] == ["playing", "grooming", "eating", "sleeping"]
    assert [start for _, start, _ in told] == pytest.approx([18, 18 + 1 / 6, 18 + 1 / 3, 18.5], abs=0.003)
    budget = evening.tables.read(BUDGET, DATE).set_index("behaviour")["seconds"]
    assert budget.sum() == 86400 and budget["playing"] == pytest.approx(600, abs=6)
    row = evening.tables.read(BOUTS, DATE).iloc[0]
    assert 0.2 < row["confidence"] < 0.9 and row["evidence"].startswith("120 of 120 moments look most like it")


def test_one_look_that_errs_is_no_bout(evening: Home) -> None:
    wrong = {pd.Timestamp(at(18.2)), pd.Timestamp(at(19))}
    told = found(
        read(evening, lambda ts: "hunting" if ts in wrong else "eating" if ts < pd.Timestamp(at(18.5)) else "sleeping")
    )
    assert [name for name, *_ in told] == ["eating", "sleeping"]


def test_unsure_looks_say_less_than_sure_ones(evening: Home) -> None:
    """Half a minute of scratching in a meal: told by a network that is sure, not by one that guesses."""

    def says(ts: pd.Timestamp) -> str:
        return "scratching" if 0 <= (ts - pd.Timestamp(at(18.25))).total_seconds() < 30 else "eating"

    assert "scratching" in [name for name, *_ in found(read(evening, says, times=400))]
    assert "scratching" not in [name for name, *_ in found(read(evening, says, times=1.5))]


def test_without_a_model_moments_of_an_earlier_night_count_for_nothing(evening: Home) -> None:
    read(evening, lambda ts: "playing")
    assert {name for name, *_ in found(open_home(evening.root))} <= {"sleeping", "eating", "using_litter_box", "other"}
    assert set(evening.tables.read(BUDGET, DATE)["behaviour"]) == {"sleeping", "eating", "other", "unseen", "gap"}


def test_other_moments_are_other_bouts(evening: Home) -> None:
    """Skipped when nothing has changed; read anew when the moments have."""
    home = read(evening, lambda ts: "playing")
    assert not bouts(home, DATE).skipped and bouts(home, DATE).skipped
    assert not bouts(read(evening, lambda ts: "playing", times=30), DATE).skipped


def test_two_cameras_that_see_one_cat_are_heard_together(tmp_path: Path) -> None:
    """The kitchen is sure of a meal, the hall only sees a cat: one bout, of the row that the surer camera has."""
    story = Story(tmp_path).recorded("kitchen", at(6), at(7)).recorded("hall", at(6), at(7))
    for camera in ("kitchen", "hall"):
        story.cat(camera, 1, at(6.1), at(6.2), BOWL, 5, moving=True)
    told = read(story.told(), lambda ts: "eating", times=100, only="kitchen")
    told = read(told, lambda ts: "other", times=2, only="hall")
    assert [(name, minutes) for name, _, minutes in found(told)] == [("eating", pytest.approx(6, abs=0.2))]
    assert told.tables.read(BUDGET, DATE)["animal"].unique().tolist() == [1]
