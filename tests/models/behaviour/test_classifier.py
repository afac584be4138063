"""A behaviour network learns from evidence, knows how sure it may be, and reads what is missing as missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from home.errors import ModelError, WrongUse
from models.behaviour.classifier import BehaviourReader, ClassifierDescription, columns
from models.behaviour.evidence import Evidence
from models.behaviour.learn import Examples, LearnSettings, calibrate, learn, to_onnx
from models.detector.description import fingerprint_of
from tests.trained import needs_training

pytestmark = needs_training

NAMES = ["size", "food_bowl_of_zone", "nod_hz", "look_0", "look_1"]
BEHAVIOURS = ["eating", "other"]


def moments(count: int, seed: int, *, noise: float = 0.8) -> tuple[Evidence, np.ndarray]:
    """A cat that eats nods and covers the bowl, both not surely; looks say nothing."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, count)
    values = rng.normal(0, noise, (count, len(NAMES))).astype(np.float32)
    values[:, 1:3] += np.where(truth[:, None] == 0, 1.0, -1.0)
    known = np.ones_like(values, bool)
    known[: count // 3, 1] = False  # cameras without a zone
    return Evidence(np.where(known, values, 0).astype(np.float32), known, tuple(NAMES)), truth


def examples(count: int, seed: int, noise: float = 0.8) -> Examples:
    evidence, truth = moments(count, seed, noise=noise)
    return Examples(*columns(evidence, NAMES), truth.astype(np.int64), np.ones(count, np.float32))


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> BehaviourReader:
    folder = tmp_path_factory.mktemp("behaviour")
    network = learn(examples(1500, 1), NAMES, BEHAVIOURS, LearnSettings(hidden=16, looks=4, epochs=12))
    temperature = calibrate(network, examples(600, 2))
    to_onnx(network, folder / "behaviour.onnx")
    described = ClassifierDescription(
        name="test",
        evidence=NAMES,
        behaviours=BEHAVIOURS,
        share=[0.5, 0.5],
        temperature=temperature,
        fingerprint=fingerprint_of(folder / "behaviour.onnx"),
    )
    described.write(folder / "model.json")
    return BehaviourReader.load(folder / "behaviour.onnx")


def test_what_it_says_is_right_as_often_as_it_says(shipped: BehaviourReader) -> None:
    evidence, truth = moments(4000, 3)
    sure = shipped.probabilities(evidence)
    np.testing.assert_allclose(sure.sum(axis=1), 1, atol=1e-6)
    assert (sure.argmax(axis=1) == truth).mean() > 0.9
    for low in (0.5, 0.6, 0.7, 0.8, 0.9):
        part = (sure.max(axis=1) >= low) & (sure.max(axis=1) < low + 0.1)
        right = (sure.argmax(axis=1) == truth)[part].mean()
        assert abs(right - sure.max(axis=1)[part].mean()) < 0.12, low


def test_a_network_that_learned_by_heart_is_made_less_sure() -> None:
    """Trained on a handful of noisy moments it believes itself; moments it never saw set it right."""
    few = examples(60, 4, noise=2.5)
    network = learn(few, NAMES, BEHAVIOURS, LearnSettings(hidden=64, looks=4, epochs=150, dropout=0.0, decay=0.0))
    assert calibrate(network, examples(800, 5, noise=2.5)) > 1.3


def test_missing_evidence_is_missing_and_not_zero(shipped: BehaviourReader) -> None:
    """Evidence in another order, with more than was taught and without what was, is read by its names."""
    evidence = moments(300, 6)[0]
    order = [3, 2, 0, 1]  # look_1 is not there
    other = Evidence(
        np.column_stack([evidence.values[:, order], np.full(300, 9)]).astype(np.float32),
        np.column_stack([evidence.known[:, order], np.ones(300, bool)]),
        (*(NAMES[index] for index in order), "unheard_of"),
    )
    masked = Evidence(evidence.values, evidence.known & (np.array(NAMES) != "look_1"), evidence.names)
    np.testing.assert_allclose(shipped.probabilities(other), shipped.probabilities(masked), atol=1e-6)
    nothing = shipped.probabilities(Evidence(evidence.values, np.zeros_like(evidence.known), evidence.names))
    assert np.ptp(nothing, axis=0).max() < 1e-6 and 0.2 < nothing[0, 0] < 0.8
    assert shipped.probabilities(Evidence(evidence.values[:0], evidence.known[:0], evidence.names)).shape == (0, 2)


def test_same_examples_same_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        network = learn(examples(100, 7), NAMES, BEHAVIOURS, LearnSettings(hidden=8, looks=2, epochs=2))
        to_onnx(network, tmp_path / f"{name}.onnx")
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


def test_what_cannot_be_used_is_told(shipped: BehaviourReader, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"no moment of grooming among 20"):
        learn(examples(20, 8), NAMES, [*BEHAVIOURS, "grooming"], LearnSettings())
    with pytest.raises(ModelError, match=r"no ONNX model at .*nowhere\.onnx"):
        BehaviourReader.load(tmp_path / "nowhere.onnx")
    network = learn(examples(100, 7), NAMES, BEHAVIOURS, LearnSettings(hidden=8, looks=2, epochs=1))
    to_onnx(network, tmp_path / "b.onnx")
    with pytest.raises(ModelError, match=r"nothing says how to read .*b\.onnx"):
        BehaviourReader.load(tmp_path / "b.onnx")
    told = shipped.description.model_copy(update={"fingerprint": "", "evidence": NAMES[:2]})
    told.write(tmp_path / "model.json")
    with pytest.raises(ModelError, match=r"takes \[-1, 10\] and gives \[-1, 2\], expected \[-1, 4\]"):
        BehaviourReader.load(tmp_path / "b.onnx")
