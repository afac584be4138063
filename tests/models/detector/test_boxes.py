"""Overlap, matching and average precision, against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.detector.boxes import average_precision, match, overlap


def boxes(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, 4)


def test_overlap_by_hand() -> None:
    """Squares of side 2 that share a column of 1 x 2: 2 / (4 + 4 - 2)."""
    square = boxes([0, 0, 2, 2])
    others = boxes([0, 0, 2, 2], [1, 0, 3, 2], [2, 0, 4, 2], [5, 5, 5, 5])
    np.testing.assert_allclose(overlap(square, others), [[1, 1 / 3, 0, 0]], rtol=1e-6)


corners = arrays(np.float32, (5, 2), elements=st.floats(0, 1, width=32))


@given(corners, corners)
def test_overlap_is_a_share_and_knows_no_order(low: np.ndarray, high: np.ndarray) -> None:
    some = np.concatenate([np.minimum(low, high), np.maximum(low, high)], axis=1)
    pairs = overlap(some, some)
    assert ((pairs >= 0) & (pairs <= 1 + 1e-5)).all()
    np.testing.assert_allclose(pairs, pairs.T, atol=1e-6)


def test_a_second_box_on_one_animal_is_wrong() -> None:
    found = boxes([0, 0, 2, 2], [0, 0, 2, 1.9], [8, 8, 9, 9])
    right = match(found, np.array([0.5, 0.9, 0.8]), boxes([0, 0, 2, 2]), 0.5)
    assert right.tolist() == [False, True, False]  # the more certain one takes the animal


def test_nothing_found_and_nothing_there() -> None:
    nothing = boxes()
    assert match(nothing, np.zeros(0), boxes([0, 0, 1, 1]), 0.5).tolist() == []
    assert match(boxes([0, 0, 1, 1]), np.ones(1), nothing, 0.5).tolist() == [False]


@pytest.mark.parametrize(
    ("scores", "right", "positives", "expected"),
    [
        ([0.9, 0.8], [True, True], 2, 1.0),
        ([0.9, 0.8], [True, True], 4, 0.5),  # half of the animals, no mistake
        ([0.9, 0.8, 0.7], [True, False, True], 2, 0.5 + 0.5 * 2 / 3),  # the second half at 2 of 3 right
        ([0.7, 0.9], [True, False], 1, 0.5),  # the worst comes first
        ([], [], 3, 0.0),
    ],
)
def test_average_precision_by_hand(scores: list[float], right: list[bool], positives: int, expected: float) -> None:
    assert average_precision(scores, right, positives) == pytest.approx(expected)


def test_without_an_animal_it_is_not_defined() -> None:
    assert np.isnan(average_precision([0.5], [False], 0))
