"""The three kinds of detector output, each with an animal whose box is known in advance."""

from __future__ import annotations

import numpy as np
import pytest

from home.errors import ModelError
from models.detector.adapters import Output, candidates, suppress

CAT = np.array([1])
"""Of three classes the second is wanted."""


def raw(*animals: tuple[list[float], list[float]]) -> np.ndarray:
    """`[7, A]`: boxes as centre and size, scores of three classes."""
    return np.array([box + scores for box, scores in animals], np.float32).T


def yolox(cell: int, box: list[float], objectness: float, scores: list[float]) -> np.ndarray:
    """`[84, 8]` for a canvas of 64: 64 cells of stride 8, 16 of 16, 4 of 32; one of them holds an animal."""
    out = np.zeros((64 + 16 + 4, 8), np.float32)
    out[cell] = [*box, objectness, *scores]
    return out


def test_end2end_keeps_wanted_classes_above_the_confidence() -> None:
    rows = np.array([[1, 2, 30, 40, 0.9, 1], [1, 2, 30, 40, 0.8, 0], [5, 5, 9, 9, 0.1, 1]], np.float32)
    boxes, scores, classes = candidates(rows, "end2end", (64, 64), CAT, 0.25)
    assert boxes.tolist() == [[1, 2, 30, 40]]
    assert scores.tolist() == pytest.approx([0.9])
    assert classes.tolist() == [1]


def test_raw_is_merged_per_animal() -> None:
    """Two boxes of one cat overlap by 0.9 and become the better one; a cat elsewhere stays; a dog is not asked for."""
    rows = raw(
        ([20, 20, 20, 20], [0, 0.6, 0]),
        ([20, 21, 20, 20], [0, 0.8, 0]),
        ([50, 50, 10, 10], [0, 0.3, 0]),
        ([50, 20, 10, 10], [0.9, 0.1, 0]),
    )
    boxes, scores, _ = candidates(rows, "raw", (64, 64), CAT, 0.25)
    assert boxes.tolist() == [[10, 11, 30, 31], [45, 45, 55, 55]]
    assert scores.tolist() == pytest.approx([0.8, 0.3])


def test_yolox_decodes_grid_and_stride() -> None:
    """Cell 9 of the level of stride 16 is row 2, column 1: centre (1.5, 2.25) x 16, size exp(0) and exp(ln 2) x 16."""
    rows = yolox(64 + 9, [0.5, 0.25, 0.0, float(np.log(2))], 0.8, [0.1, 0.5, 0.0])
    boxes, scores, _ = candidates(rows, "yolox", (64, 64), CAT, 0.25)
    np.testing.assert_allclose(boxes, [[24 - 8, 36 - 16, 24 + 8, 36 + 16]], rtol=1e-5)
    assert scores.tolist() == pytest.approx([0.4])  # objectness times class


@pytest.mark.parametrize(
    ("kind", "shape", "told"),
    [
        ("end2end", (300, 7), r"\[300, 7\].*\[M, 6\]"),
        ("raw", (4, 90), r"\[4, 90\].*classes"),
        ("yolox", (83, 8), r"\[84, 5"),
    ],
)
def test_another_shape_is_told(kind: Output, shape: tuple[int, int], told: str) -> None:
    with pytest.raises(ModelError, match=told):
        candidates(np.zeros(shape, np.float32), kind, (64, 64), CAT, 0.25)


@pytest.mark.parametrize("kind", ["end2end", "raw", "yolox"])
def test_nothing_found(kind: Output) -> None:
    shape = {"end2end": (300, 6), "raw": (7, 84), "yolox": (84, 8)}[kind]
    boxes, scores, classes = candidates(np.zeros(shape, np.float32), kind, (64, 64), CAT, 0.25)
    assert (boxes.shape, scores.shape, classes.shape) == ((0, 4), (0,), (0,))


def test_classes_do_not_suppress_each_other() -> None:
    same = np.array([[0, 0, 1, 1]] * 3, np.float32)
    assert suppress(same, np.array([0.9, 0.8, 0.7], np.float32), np.array([0, 1, 0])).tolist() == [0, 1]
