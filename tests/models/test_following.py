"""Tracks are carried on backwards over weak boxes, and only over those."""

from __future__ import annotations

import numpy as np
import pytest

from models.following import Look, follow
from models.tracker import TrackerSettings

SETTINGS = TrackerSettings()
Box = tuple[float, float, float, float]


def square(x: float, side: float = 0.1) -> Box:
    return (x - side / 2, 0.5 - side / 2, x + side / 2, 0.5 + side / 2)


def look(ts: float, *found: tuple[Box, float]) -> Look:
    boxes = np.array([box for box, _ in found], np.float32).reshape(-1, 4)
    return Look(ts, boxes, np.array([score for _, score in found], np.float32))


def tracks(*looks: Look) -> list[list[int]]:
    return [numbers.tolist() for numbers in follow(looks, SETTINGS)]


def test_a_cat_that_comes_nearer_was_there_from_its_first_weak_box_on() -> None:
    # It grows by a tenth a second, and the detector is sure of it only from the fourth second on.
    coming = [look(ts, (square(0.5, 0.05 * 1.1**ts), score)) for ts, score in enumerate((0.12, 0.15, 0.2, 0.7, 0.8))]
    assert tracks(*coming) == [[1], [1], [1], [1], [1]]


def test_a_weak_box_elsewhere_is_not_the_beginning_of_a_track() -> None:
    assert tracks(look(0, (square(0.2), 0.2)), look(1, (square(0.8), 0.7))) == [[-1], [1]]


def test_nothing_begins_from_weak_boxes_alone() -> None:
    assert tracks(*(look(ts, (square(0.5), 0.2)) for ts in range(5))) == [[-1]] * 5


def test_what_lies_longer_ago_than_a_gap_is_another_visit() -> None:
    before, seen = look(0, (square(0.5), 0.2)), look(SETTINGS.max_gap_s + 1, (square(0.5), 0.7))
    assert tracks(before, seen) == [[-1], [1]]


def test_a_look_gives_a_track_one_box() -> None:
    # Two weak boxes where one cat will be seen: the nearer one is it.
    found = tracks(look(0, (square(0.5), 0.2), (square(0.54), 0.2)), look(1, (square(0.5), 0.7)))
    assert found == [[1, -1], [1]]


def test_two_cats_keep_their_tracks() -> None:
    both = [look(ts, (square(0.3), score), (square(0.7), 0.8)) for ts, score in enumerate((0.2, 0.2, 0.7))]
    assert tracks(*both) == [[2, 1], [2, 1], [2, 1]]


def test_the_second_box_of_a_followed_cat_stays_without_a_track() -> None:
    # A strong box on one that is taken (overlap 0.82) is a copy, forwards and backwards.
    assert tracks(look(0, (square(0.5), 0.8)), look(1, (square(0.5), 0.8), (square(0.51), 0.6))) == [[1], [1, -1]]


def test_samples_must_come_in_order() -> None:
    with pytest.raises(ValueError, match="in order of time"):
        tracks(look(1, (square(0.5), 0.8)), look(0, (square(0.5), 0.8)))
