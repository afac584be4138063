"""Boxes of two views of one picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from home.errors import ModelError
from models.detector import Detector
from models.detector.description import ModelDescription
from models.detector.fusion import Found, fused
from tests.models.detector.networks import brightest_detector, constant_detector


def view(*found: tuple[tuple[float, float, float, float], float, str]) -> Found:
    boxes, scores, names = zip(*found, strict=True) if found else ((), (), ())
    return np.array(boxes, np.float32).reshape(-1, 4), np.array(scores, np.float32), np.array(names, "U9")


def test_an_animal_of_both_views_is_their_weighted_mean_and_one_of_one_view_counts_half() -> None:
    first = view(((0.1, 0.1, 0.5, 0.5), 0.9, "cat"), ((0.7, 0.7, 0.9, 0.9), 0.8, "cat"))
    second = view(((0.1, 0.1, 0.5, 0.6), 0.3, "cat"))
    boxes, scores, names = fused([first, second], 0.25)
    np.testing.assert_allclose(scores, [0.6, 0.4])
    np.testing.assert_allclose(boxes[0], [0.1, 0.1, 0.5, 0.525], atol=1e-6)
    np.testing.assert_allclose(boxes[1], [0.7, 0.7, 0.9, 0.9], atol=1e-6)
    assert names.tolist() == ["cat", "cat"] and len(fused([first, second], 0.5)[1]) == 1


def test_two_animals_of_one_view_stay_two_and_classes_stay_apart() -> None:
    near = (0.1, 0.1, 0.5, 0.5), (0.15, 0.1, 0.55, 0.5)
    first = view((near[0], 0.9, "cat"), (near[1], 0.8, "cat"))
    assert len(fused([first, view()], 0.1)[1]) == 2
    both = fused([view((near[0], 0.9, "cat")), view((near[1], 0.8, "dog"))], 0.1)
    assert sorted(both[2].tolist()) == ["cat", "dog"]
    assert [len(part) for part in fused([view(), view()], 0.1)] == [0, 0, 0]


def test_a_detector_with_two_views_looks_twice(tmp_path: Path) -> None:
    """This one answers the same pixels whatever it is shown: in two sizes these are two places, each seen by one view."""
    onnx = constant_detector(tmp_path / "detector.onnx", np.array([[8, 8, 40, 40, 0.9, 0]]))
    told = ModelDescription(name="t", input_size=128, second_size=64, classes=["cat"], output="end2end")
    told.write(tmp_path / "model.json")
    picture = np.zeros((128, 128, 3), np.uint8)
    twice = Detector.load(onnx)
    (found,) = twice.detect([picture], 0.3)
    assert sorted(found.boxes[:, 0].tolist()) == pytest.approx([8 / 128, 8 / 64])
    np.testing.assert_allclose(found.scores, [0.45, 0.45], atol=1e-3)
    told.model_copy(update={"second_size": None}).write(tmp_path / "model.json")
    once = Detector.load(onnx)
    assert len(once.detect([picture], 0.3)[0]) == 1 and once.fingerprint != twice.fingerprint


def test_a_network_of_one_size_has_no_second_view(tmp_path: Path) -> None:
    onnx = tmp_path / "detector.onnx"
    brightest_detector(onnx, 64)
    told = ModelDescription(name="t", input_size=64, second_size=32, classes=["cat"], output="end2end")
    told.write(tmp_path / "model.json")
    with pytest.raises(ModelError, match="one size only: it can have no second_size"):
        Detector.load(onnx)
