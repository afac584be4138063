"""A reading of looks: learned where there is something to learn, and measured without looking."""

from __future__ import annotations

import numpy as np
import pytest

from models.behaviour.figures import expected_calibration_error, macro_f1
from models.photo.learn import learn_reading, likeness_groups, out_of_fold

NAMES = ("sleeping", "eating", "other")


def looks_of(signal: float, count: int = 60, width: int = 120) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """More looks than photos, as real ones are; of each behaviour ten are higher, by `signal` times their noise."""
    rng = np.random.default_rng(0)
    truth = np.arange(count) % len(NAMES)
    looks = rng.normal(5, 2, (count, width))
    for behaviour in range(len(NAMES)):
        looks[truth == behaviour, 10 * behaviour : 10 * behaviour + 10] += signal * 2
    return looks, truth, rng.permutation(count) % 5


def test_what_differs_is_learned() -> None:
    looks, truth, fold = looks_of(2)
    said = out_of_fold(looks, truth, fold, NAMES)
    assert said.sum(axis=1) == pytest.approx(1) and macro_f1(truth, said.argmax(axis=1)) > 0.9
    told = learn_reading(looks, truth, fold, NAMES).probabilities(looks)
    assert (told.argmax(axis=1) == truth).mean() == 1


def test_noise_is_read_at_chance_and_without_certainty() -> None:
    """Had a part been seen in learning, 60 photos of 120 numbers of noise would be told without a fault."""
    looks, truth, fold = looks_of(0)
    said = out_of_fold(looks, truth, fold, NAMES)
    assert macro_f1(truth, said.argmax(axis=1)) < 0.5
    assert expected_calibration_error(truth, said) < 0.2, "a third is right: it says so"


def test_a_rare_behaviour_counts_as_a_frequent_one() -> None:
    """Of looks that say nothing, each behaviour is as likely, though two thirds of the photos show one."""
    looks, _, fold = looks_of(0)
    truth = np.where(np.arange(60) % 3, 0, 1)
    told = learn_reading(looks, truth, fold, NAMES[:2]).probabilities(looks.mean(axis=0)[None])
    assert told[0] == pytest.approx([0.5, 0.5], abs=0.12)


def test_photos_of_one_scene_are_found_by_their_looks() -> None:
    rng = np.random.default_rng(0)
    scenes = rng.normal(0, 1, (4, 300))
    looks = np.concatenate([scenes + rng.normal(0, 0.3, scenes.shape) for _ in range(3)])
    assert likeness_groups(looks) == [0, 1, 2, 3] * 3
