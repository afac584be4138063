"""The observer errs as often as it is told to, and knows nothing of what was out of sight or not recorded."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from bench.observer import FIRST, PERFECT, Bout, Observer, bouts_of, history, knocked_out, observed, open_spans, pooled
from home.clock import Span
from simulate.routine import Episode

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
CAMERAS = {"hall": ("food_bowl", "bed"), "bath": ("litter_box", "food_bowl")}


def moment(seconds: float) -> dt.datetime:
    return START + dt.timedelta(seconds=seconds)


def meals(number: int, camera: str = "bath") -> list[Bout]:
    return [("miso", "eating", camera, 1000.0 * k, 1000.0 * k + 100) for k in range(number)]


def test_a_bout_is_what_follows_without_a_break_in_sight() -> None:
    diary = [
        Episode("miso", "other", moment(0), moment(5), "hall", None, "walking"),
        Episode("miso", "other", moment(5), moment(9), "hall", None, "sitting"),
        Episode("miso", "sleeping", moment(9), moment(99), None),
        Episode("miso", "other", moment(99), moment(120), "hall"),
    ]
    zero = START.timestamp()
    assert [(b[1], b[3] - zero, b[4] - zero) for b in bouts_of(diary)] == [("other", 0, 9), ("other", 99, 120)]


def test_without_mistakes_all_is_read_but_the_shortest() -> None:
    bouts = [*meals(5), ("miso", "scratching", "hall", 9000.0, 9007.0)]
    read = observed(bouts, CAMERAS, PERFECT, 1)
    assert read.named["miso"]["eating"].tolist() == [[1000.0 * k, 100.0] for k in range(5)]
    assert sum(len(rows) for rows in read.named["miso"].values()) == 5


def test_shares_are_those_of_the_observer() -> None:
    read = observed(meals(4000), CAMERAS, Observer(besides=np.zeros((8, 8)), named=0.25), 2)
    named, unknown = ({name: len(rows) for name, rows in kinds.items()} for kinds in (read.named["miso"], read.unknown))
    found, shares = sum(named.values()) + sum(unknown.values()), FIRST[1] / FIRST[1].sum()
    assert found / 4000 == pytest.approx(1 - shares[-1], abs=0.03)
    assert sum(named.values()) / found == pytest.approx(0.25, abs=0.03)
    assert (named["eating"] + unknown["eating"]) / 4000 == pytest.approx(shares[1], abs=0.03)
    assert len(pooled(read, "home").named["home"]["eating"]) == named["eating"] + unknown["eating"]


def test_a_bout_may_be_read_as_two_or_with_another_besides() -> None:
    besides = np.zeros((8, 8))
    besides[1, 1], besides[1, 7] = 1.0, 1.0
    read = observed(meals(10), CAMERAS, Observer(PERFECT.first, besides, PERFECT.lengths), 2).named["miso"]
    assert [len(read[name]) for name in ("eating", "other")] == [20, 10]
    together = np.concatenate([read["eating"], read["other"]])
    assert together[:, 1].sum() == pytest.approx(1000), "their lengths are the bout's together"


def test_no_litter_box_where_the_camera_shows_none() -> None:
    first = np.eye(8, 9)
    first[0, 0], first[0, 6] = 0.9, 0.1
    observer = Observer(first, PERFECT.besides, PERFECT.lengths)
    sleeps = [("miso", "sleeping", camera, 1000.0 * k, 1000.0 * k + 100) for camera in CAMERAS for k in range(2000)]
    half = len(sleeps) // 2
    assert not len(observed(sleeps[:half], CAMERAS, observer, 3).named["miso"]["using_litter_box"])
    assert len(observed(sleeps[half:], CAMERAS, observer, 3).named["miso"]["using_litter_box"]) > 100


def test_what_was_lost_is_not_known() -> None:
    whole = Span(START, START + dt.timedelta(days=100))
    gaps = knocked_out(whole, 0.2, 12.0, 4)
    spans = open_spans(whole, gaps)
    lost = 1 - np.diff(spans, axis=1).sum() / whole.seconds
    assert lost == pytest.approx(0.2, abs=0.08)  # 200 blocks: a spread of 0.028
    rows = np.stack([START.timestamp() + np.arange(0, 100 * 86_400, 3600.0), np.full(2400, 60.0)], axis=1)
    known = history(rows, rows[:0], spans, ZoneInfo("UTC"))
    assert len(known.starts) / 2400 == pytest.approx(1 - lost, abs=0.001)
