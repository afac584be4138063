"""A map tells which of two animals stirs: it knows where it moved, not only how much."""

from __future__ import annotations

import numpy as np
import pytest

from models.movement_map import COLUMNS, ROWS, moved_around, movement_map


def mask(rows: slice, columns: slice, shape: tuple[int, int] = (120, 160)) -> np.ndarray:
    moved = np.zeros(shape, np.uint8)
    moved[rows, columns] = 255
    return moved


def boxes(*sides: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(sides, np.float32)


def test_the_cat_that_moves_is_told_from_the_one_that_sleeps_beside_it() -> None:
    told = movement_map(mask(slice(40, 80), slice(20, 60)))
    # x 20 to 60 of 160, y 40 to 80 of 120; the sleeper lies right beside it.
    shares = moved_around(told, boxes((0.125, 1 / 3, 0.375, 2 / 3), (0.45, 1 / 3, 0.7, 2 / 3)), margin=0.2)
    assert shares == pytest.approx([1, 0], abs=0.01)


def test_it_is_a_share_of_the_box_whatever_its_size() -> None:
    told = movement_map(mask(slice(0, 10), slice(0, 10)))
    # 10 x 10 pixels of 160 x 120 are a quarter of the first box, which is 20 x 20, and a sixteenth of the second.
    shares = moved_around(told, boxes((0, 0, 0.125, 1 / 6), (0, 0, 0.25, 1 / 3)), margin=0)
    assert shares == pytest.approx([1 / 4, 1 / 16], rel=0.02)


def test_what_moves_just_beside_a_box_counts_within_its_margin() -> None:
    told = movement_map(mask(slice(40, 80), slice(60, 70)))
    beside = boxes((0.125, 1 / 3, 0.375, 2 / 3))
    assert moved_around(told, beside, margin=0)[0] == 0
    assert moved_around(told, beside, margin=0.25)[0] == pytest.approx(0.25, rel=0.02)


def test_thumbnails_that_are_no_multiple_of_the_cells_lose_nothing() -> None:
    told = movement_map(mask(slice(None), slice(None), (90, 160)))
    assert moved_around(told, boxes((0, 0, 1, 1)), margin=0) == pytest.approx([1], abs=1e-3)


def test_nothing_moved_and_nothing_known_are_empty() -> None:
    assert movement_map(np.zeros((120, 160), np.uint8)) == movement_map(np.zeros((0, 0), np.uint8)) == b""
    assert moved_around(b"", boxes((0, 0, 1, 1)), margin=0).tolist() == [0]
    with pytest.raises(ValueError, match=f"has {ROWS * COLUMNS} bytes, got 3"):
        moved_around(b"abc", boxes((0, 0, 1, 1)), margin=0)
