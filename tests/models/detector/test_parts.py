"""A head within a whole cat is no second cat; a cat beside or far smaller is one."""

from __future__ import annotations

import numpy as np
import pytest

from models.detector.boxes import without_parts

WHOLE = (0.0, 0.05, 0.89, 0.89)


@pytest.mark.parametrize(
    ("other", "score", "kept"),
    [
        ((0.0, 0.07, 0.84, 0.58), 0.3, [True, False]),  # head and back of it, from a real clip
        ((0.0, 0.07, 0.84, 0.58), 0.6, [False, True]),  # the surer one is the animal
        ((0.5, 0.5, 1.0, 1.0), 0.3, [True, True]),  # half outside
        ((0.1, 0.1, 0.3, 0.3), 0.3, [True, True]),  # a kitten before a large cat: a nineteenth of its box
    ],
)
def test_one_box_within_another_is_one_animal(other: tuple[float, ...], score: float, kept: list[bool]) -> None:
    boxes = np.array([WHOLE, other], np.float32)
    assert without_parts(boxes, np.array([0.5, score], np.float32)).tolist() == kept


def test_no_box_is_no_animal() -> None:
    assert without_parts(np.zeros((0, 4), np.float32), np.zeros(0, np.float32)).tolist() == []
