"""A change is told within two nights, forty ordinary nights stay quiet, and a night of little footage says nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from home.errors import ModelError
from models.drift import (
    FEWEST_MOMENTS,
    WATCHED,
    Night,
    deviations,
    learn_reference,
    learn_trained,
    read_trained,
    write_trained,
)
from models.page_test import watch

KINDS, DIMENSIONS = 8, 16
SHARE = np.array([0.5, 0.05, 0.05, 0.1, 0.02, 0.03, 0.05, 0.2])
CATS = np.random.default_rng(5).normal(0, 3, (2, DIMENSIONS))


def night(seed: int, *, dimmer: float = 0.0, other: float = 0.0, unsure: float = 0.0, count: int = 300) -> Night:
    """Two cats in varying light; nights differ in what the cats do and in how the light falls."""
    rng = np.random.default_rng(seed)
    share = rng.dirichlet(SHARE * 200) * (1 - other) + other * np.eye(KINDS)[7]
    looks = CATS[rng.integers(0, 2, count)] + rng.normal(0, 1, (count, DIMENSIONS)) + rng.normal(0, 0.15, DIMENSIONS)
    confidence = rng.beta(8, 2, count) - unsure + rng.normal(0, 0.01)
    return Night(confidence, rng.choice(KINDS, count, p=share), looks + dimmer)


TRAINED = learn_trained(np.concatenate([night(seed).looks for seed in range(300, 310)]), "a network")
REFERENCE = learn_reference([night(seed) for seed in range(20)], KINDS, TRAINED)
QUIET = [night(seed) for seed in range(100, 140)]


def first_alarm(changed: list[Night]) -> tuple[int, list[str]]:
    """Nights from a change to its alarm, after ten quiet ones, and what raised it."""
    seen = watch(deviations([*QUIET[:10], *changed], REFERENCE), REFERENCE.nights)
    assert not seen.alarms[:10].any()
    at = np.flatnonzero(seen.alarms.any(axis=1))
    assert len(at)
    return int(at[0]) - 9, [name for name, off in zip(WATCHED, seen.alarms[at[0]], strict=True) if off]


def test_forty_ordinary_nights_raise_no_alarm() -> None:
    assert watch(deviations(QUIET, REFERENCE), REFERENCE.nights).alarms.sum() <= 1


@pytest.mark.parametrize(
    ("change", "told"),
    [({"dimmer": 1.0}, "looks trained"), ({"other": 0.4}, "classes"), ({"unsure": 0.1}, "confidence")],
)
def test_a_change_is_told_within_two_nights_and_named(change: dict[str, float], told: str) -> None:
    after, names = first_alarm([night(seed, **change) for seed in range(200, 203)])
    assert after <= 2
    assert names == told.split()


def test_a_night_of_little_footage_says_nothing_and_does_not_break_the_sum() -> None:
    few = night(1, count=FEWEST_MOMENTS - 1, dimmer=5.0)
    assert np.isnan(deviations([few], REFERENCE)).all()
    off = np.array([[3.0] * 4, [np.nan] * 4, [3.0] * 4])
    sums = watch(off, 20).sums
    assert np.allclose(sums[1], sums[0])
    assert (sums[2] > sums[1]).all()


def test_what_was_learned_from_is_kept_and_another_networks_looks_are_refused(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write_trained(tmp_path / name, TRAINED)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
    again = read_trained(tmp_path / "first")
    assert again.network == "a network" and again.looks == pytest.approx(TRAINED.looks, abs=2e-3)
    with pytest.raises(ValueError, match="another model"):
        deviations([Night(np.ones(60), np.zeros(60, int), np.zeros((60, 3)))], REFERENCE)
    (tmp_path / "broken").write_bytes(b"none")
    with pytest.raises(ModelError, match="broken"):
        read_trained(tmp_path / "broken")
    with pytest.raises(ValueError, match="a reference needs"):
        learn_reference(QUIET[:3], KINDS)


def test_a_change_that_brings_looks_nearer_to_the_training_is_told_all_the_same() -> None:
    """The home was dim, the training was not: a new lamp helps the models, and still is a change."""
    dim = learn_reference([night(seed, dimmer=2.0) for seed in range(20)], KINDS, TRAINED)
    assert watch(deviations([night(seed, dimmer=2.0) for seed in range(100, 140)], dim), 20).alarms.sum() <= 1
    lit = watch(deviations([night(200), night(201)], dim), 20).alarms.any(axis=0)
    assert dict(zip(WATCHED, lit.tolist(), strict=True)) == {
        "confidence": False, "classes": False, "looks": True, "trained": False,
    }  # fmt: skip


def test_without_looks_the_other_numbers_are_watched() -> None:
    def blind(seed: int, **change: float) -> Night:
        own = night(seed, **change)
        return Night(own.confidence, own.classes, np.zeros((0, 0)))

    reference = learn_reference([blind(seed) for seed in range(20)], KINDS)
    found = deviations([blind(200, unsure=0.2)], reference)
    assert np.isnan(found[0, 2:]).all()
    assert watch(found, 20).alarms[0].tolist() == [True, False, False, False]
