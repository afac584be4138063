"""Bouts have their lengths, a look counts once, and what was not seen stays unseen."""

from __future__ import annotations

from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest

from home.ethogram import BEHAVIOURS
from models.behaviour import bout_model
from models.behaviour.bout_model import BoutModel, fit_bout_model
from models.behaviour.episodes import UNSEEN
from models.behaviour.smoother import laid, log_evidence, smooth

SLEEP, EAT, OTHER = 0, 1, 2
NAMES = ("sleeping", "eating", "other")
RNG = np.random.default_rng(0)


def a_life(bouts: int = 400) -> list[tuple[int, float]]:
    """Sleep of 10 to 50 minutes and meals of 20 to 60 s, with 5 to 120 s of something else before and after each."""
    life: list[tuple[int, float]] = []
    for _ in range(bouts):
        life.append((OTHER, float(RNG.integers(5, 121))))
        life.append(
            (SLEEP, float(RNG.integers(600, 3000))) if RNG.random() < 0.6 else (EAT, float(RNG.integers(20, 61)))
        )
    return life


MODEL = fit_bout_model([a_life()], NAMES)


def said(*runs: tuple[int, int], sure: float = 0.9) -> np.ndarray:
    """Evidence per second of looks every 5 s: `sure` for the run's behaviour, the rest shared."""
    rows = []
    for label, seconds in runs:
        probabilities = np.full(3, (1 - sure) / 2)
        probabilities[label] = sure
        rows += [np.log(probabilities / (1 / 3)) / 5] * seconds
    return np.array(rows)


def smoothed(evidence: np.ndarray, seen: np.ndarray | None = None, recorded: np.ndarray | None = None) -> list[tuple]:
    every = np.ones(len(evidence), bool)
    seen, recorded = every if seen is None else seen, every if recorded is None else recorded
    labels = smooth(evidence, seen, recorded, MODEL, merge_gap_s=30)
    edges = np.append(np.append(0, np.flatnonzero(np.diff(labels)) + 1), len(labels))
    return [(int(labels[a]), int(b - a)) for a, b in pairwise(edges)]


def test_clear_evidence_is_followed_to_the_second() -> None:
    course = [(OTHER, 40), (EAT, 45), (OTHER, 60), (SLEEP, 900), (OTHER, 20)]
    assert smoothed(said(*course)) == course


def test_a_single_wrong_look_makes_no_bout_and_a_meal_of_the_same_sureness_does() -> None:
    # One look of "eating" lasts 5 s, and no meal is that short; eight in a row are a meal.
    assert smoothed(said((SLEEP, 600), (EAT, 5), (SLEEP, 600))) == [(SLEEP, 1205)]
    assert (EAT, 40) in smoothed(said((OTHER, 60), (EAT, 40), (OTHER, 60)))


def test_a_minute_of_stillness_is_one_look() -> None:
    logs = np.log(np.array([[0.1, 0.8, 0.1], [0.1, 0.8, 0.1]]) * 3)
    evidence, seen = laid(np.array([10.0, 70.0]), np.array([70.0, 75.0]), logs, 100, 5.0)
    assert np.allclose(evidence.sum(axis=0), logs.sum(axis=0))
    # From half a period before the second look on, that one holds: nothing moved until then.
    assert seen.nonzero()[0].tolist() == list(range(10, 75))
    assert np.allclose(evidence[10:68].sum(axis=0), logs[0])


def test_looks_a_second_apart_show_the_same_again_and_weigh_less() -> None:
    """Whoever looks five times as often is not five times as sure."""
    logs = np.log(np.array([0.1, 0.8, 0.1]) * 3)
    every, fifth = (np.arange(0.0, 60, step) for step in (1, 5))
    often, seldom = (
        laid(ts, ts + step, np.tile(logs, (len(ts), 1)), 60, step)[0].sum(axis=0)
        for ts, step in ((every, 1.0), (fifth, 5.0))
    )
    assert np.allclose(seldom, 12 * logs) and np.allclose(often, (1 + 59 / 5) * logs)


def test_a_look_that_is_not_gone_on_from_ends_where_presence_ends() -> None:
    evidence, seen = laid(np.array([10.0, 40.0]), np.array([15.0, 45.0]), np.ones((2, 3)), 60, 5.0)
    assert seen.nonzero()[0].tolist() == [*range(10, 15), *range(40, 45)]
    assert not evidence[~seen].any()


def test_a_meal_goes_on_behind_a_person_but_nothing_is_filled_in_without_footage() -> None:
    evidence = said((OTHER, 30), (EAT, 50), (OTHER, 30))
    seen = np.ones(110, bool)
    seen[50:60] = False
    assert smoothed(evidence, seen) == [(OTHER, 30), (EAT, 50), (OTHER, 30)]
    recorded = seen.copy()
    assert smoothed(evidence, seen, recorded) == [(OTHER, 30), (EAT, 20), (UNSEEN, 10), (EAT, 20), (OTHER, 30)]


def test_what_lies_between_two_behaviours_unseen_stays_unseen() -> None:
    seen = np.ones(700, bool)
    seen[60:85] = False
    found = smoothed(said((OTHER, 85), (SLEEP, 615)), seen)
    assert found == [(OTHER, 60), (UNSEEN, 25), (SLEEP, 615)]


def test_long_out_of_sight_parts_the_day_and_the_rest_of_a_bout_may_be_short() -> None:
    seen = np.ones(1000, bool)
    seen[8:900] = False  # eight seconds of a meal, then gone for a quarter of an hour
    found = smoothed(said((EAT, 8), (OTHER, 892), (EAT, 100), sure=0.99), seen)
    assert found[:2] == [(EAT, 8), (UNSEEN, 892)]


def test_nothing_seen_is_nothing_said() -> None:
    assert smoothed(np.zeros((20, 3)), np.zeros(20, bool)) == [(UNSEEN, 20)]


def test_evidence_takes_out_what_the_classifier_expected() -> None:
    share = np.array([0.6, 0.1, 0.3])
    assert np.allclose(log_evidence(share[None], share), 0)
    assert np.allclose(log_evidence(np.full((1, 3), np.nan), share), 0)


def test_the_course_is_the_best_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Against every course of a short stretch, scored one by one; bouts over 4 s are `longer` here."""
    monkeypatch.setattr(bout_model, "LONGEST_S", 4)
    monkeypatch.setattr(bout_model, "EDGES_S", (1, 2, 3, 5))
    monkeypatch.setattr("models.behaviour.smoother.LONGEST_S", 4)
    rng = np.random.default_rng(3)
    for _ in range(5):
        lengths = rng.dirichlet(np.ones(4), 2)
        lengths[1, 0] = 0  # the second behaviour lasts 2 s or more
        model = BoutModel(("a", "b"), np.array([1, 2]), lengths / lengths.sum(axis=1, keepdims=True),
                          rng.uniform(2, 5, 2), np.array([[0, 1], [1, 0]], float), np.array([0.3, 0.7]))  # fmt: skip
        evidence = rng.normal(0, 1, (11, 2))
        everywhere = np.ones(11, bool)
        found = smooth(evidence, everywhere, everywhere, model, merge_gap_s=0)
        ends = [np.array([probability(model, label, s) for s in range(1, 400)]) for label in (0, 1)]
        best = max(product((0, 1), repeat=11), key=lambda course: score(course, evidence, model, ends))
        assert found.tolist() == list(best)


def score(course: tuple[int, ...], evidence: np.ndarray, model: BoutModel, ends: list[np.ndarray]) -> float:
    """The logarithm of how likely a course is; `ends`: of both behaviours, that a bout ends after 1 s, 2 s and so on."""
    survivals = [each[::-1].cumsum()[::-1] for each in ends]
    edges = [0, *(np.flatnonzero(np.diff(course)) + 1), len(course)]
    runs = [(course[a], b - a) for a, b in pairwise(edges)]
    total = sum(evidence[second, label] for second, label in enumerate(course)) + np.log(model.share[runs[0][0]])
    for index, (label, seconds) in enumerate(runs):
        first, last = index == 0, index == len(runs) - 1
        survival, end = survivals[label], ends[label][seconds - 1]
        if last:
            total += np.log(survival[seconds - 1])
        elif first:
            total += np.log(survival[seconds - 1] / survival.sum())
        else:
            total += np.log(end) if end else -np.inf
    return float(total)


def probability(model: BoutModel, label: int, seconds: int) -> float:
    """Of a length, written out: the histogram up to 4 s, geometric beyond."""
    if seconds <= 4:
        return float(np.exp(model.lengths()[label, seconds - 1]))
    end = 1 / model.longer_s[label]
    return float(model.histogram[label, -1] * end * (1 - end) ** (seconds - 5))


@pytest.mark.filterwarnings("ignore:divide by zero")
def test_a_fitted_model_knows_shortest_order_and_share() -> None:
    model = fit_bout_model([a_life(3000)], NAMES)
    assert np.allclose(np.exp(model.lengths()).sum(axis=1) + model.histogram[:, -1], 1)
    assert np.abs(model.shortest_s - [300, 10, 2]).max() <= 10  # half of the shortest there are
    assert model.follows[EAT, OTHER] > 0.99
    assert model.follows[OTHER, SLEEP] == pytest.approx(0.6, abs=0.04)
    assert model.share[SLEEP] == pytest.approx(0.6 * 1800 / (0.6 * 1800 + 0.4 * 40 + 62), abs=0.03)


def test_the_shipped_model_is_read_and_is_of_the_ethogram(tmp_path: Path) -> None:
    model = bout_model.read_bout_model()
    assert model.behaviours == BEHAVIOURS
    bout_model.write_bout_model(tmp_path / "again.json", model, "a test")
    again = bout_model.read_bout_model(tmp_path / "again.json")
    assert np.allclose(again.histogram, model.histogram, atol=1e-4)
    (tmp_path / "again.json").write_text("{}")
    with pytest.raises(bout_model.ModelError, match=r"bench\.durations"):
        bout_model.read_bout_model(tmp_path / "again.json")
