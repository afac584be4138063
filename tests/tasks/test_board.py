"""What TensorBoard is given to draw; that it arrives there is tested with the training itself, in test_train.py."""

from __future__ import annotations

import numpy as np
import pytest

from models.detector.curves import confusion, confusion_picture, counts_by_score
from models.detector.embedding import crops_of
from models.detector.trainer import Seen

BLANK = np.zeros((32, 64, 3), np.uint8)
NEAR, FAR = (0.1, 0.1, 0.5, 0.5), (0.6, 0.6, 0.9, 0.9)


def seen(true: list[tuple], kinds: list[int], found: list[tuple], scores: list[float], said: list[int]) -> Seen:
    boxes = [np.array(some, np.float32).reshape(-1, 4) for some in (true, found)]
    return Seen(
        BLANK, boxes[0], np.array(kinds, np.int64), boxes[1], np.array(scores, np.float32), np.array(said, np.int64)
    )


# Two classes: one of each on the first picture, the second taken for the first; nothing on the second but a false box.
LOOKS = [
    seen([NEAR, FAR], [0, 1], [NEAR, FAR], [0.9, 0.5], [0, 0]),
    seen([], [], [NEAR], [0.4], [1]),
    seen([NEAR], [0], [NEAR], [0.2], [0]),
]


def test_counts_by_score() -> None:
    """Class 0 has two animals: from 0.6 on one is found and none is wrong, from 0.1 on both, and one box is wrong."""
    counts = counts_by_score(LOOKS, 0, steps=11)
    assert counts is not None
    assert (counts.right[6], counts.wrong[6], counts.missed[6]) == (1, 0, 1)
    assert (counts.right[1], counts.wrong[1], counts.missed[1]) == (2, 1, 0)
    assert counts.precision[1] == pytest.approx(2 / 3) and counts.recall[1] == 1.0 and counts.precision[10] == 1.0
    assert counts_by_score(LOOKS, 2) is None


def test_what_is_mixed_up_with_what() -> None:
    """Rows are what is there, columns what was said, the last of both nothing; below 0.3 nothing was said."""
    assert confusion(LOOKS, 2).tolist() == [[1, 0, 1], [1, 0, 0], [0, 1, 0]]
    picture = confusion_picture(confusion(LOOKS, 2), ["cat", "dog"])
    assert picture.shape[0] == picture.shape[1] and picture.std() > 10


def test_animals_are_cut_out_with_their_fate() -> None:
    crops = crops_of(LOOKS, 10)
    assert [(crop.kind, crop.fate) for crop in crops] == [(0, "found"), (1, "found"), (1, "false"), (0, "missed")]
    assert all(crop.image.shape == (96, 96, 3) for crop in crops) and len(crops_of(LOOKS, 2)) == 2
