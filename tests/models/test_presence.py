"""A still cat that is missed has not left; one that moved on and is missed twice was elsewhere."""

from __future__ import annotations

import numpy as np

from models.presence import present_until

BED, SOFA, DOOR = (0.4, 0.4, 0.6, 0.55), (0.7, 0.2, 0.9, 0.35), (0.85, 0.4, 0.99, 0.6)
Box = tuple[float, float, float, float]


def until(seen: list[tuple[float, Box]], looks: list[float]) -> list[float]:
    ts, boxes = np.array([when for when, _ in seen]), np.array([box for _, box in seen], np.float32)
    return present_until(ts, boxes, np.array(looks), period_s=5, max_gap_s=150).tolist()


def test_a_presence_goes_on_to_the_next_detection_and_ends_a_sample_after_the_last() -> None:
    assert until([(0, BED), (60, BED)], [0, 60]) == [60, 65]


def test_a_sleeper_that_is_missed_twice_has_not_left() -> None:
    assert until([(0, BED), (140, BED)], [0, 60, 120, 140]) == [140, 145]


def test_a_cat_that_is_missed_four_times_in_its_place_was_out() -> None:
    assert until([(0, BED), (25, BED)], [0, 5, 10, 15, 25]) == [25, 30]
    assert until([(0, BED), (25, BED)], [0, 5, 10, 15, 20, 25]) == [5, 30]


def test_a_cat_that_is_elsewhere_and_was_missed_twice_had_left() -> None:
    assert until([(0, BED), (100, SOFA)], [0, 20, 60, 100]) == [5, 105]


def test_a_cat_that_walked_and_was_missed_once_had_not() -> None:
    assert until([(0, BED), (10, SOFA)], [0, 5, 10]) == [10, 15]


def test_a_cat_last_seen_at_the_door_had_left_though_it_came_back_there() -> None:
    assert until([(0, DOOR), (130, DOOR)], [0, 60, 120, 130]) == [5, 135]


def test_beyond_the_longest_gap_nothing_is_known() -> None:
    assert until([(0, BED), (151, BED)], [0, 151]) == [5, 156]


def test_a_sample_never_stands_beyond_the_next_detection() -> None:
    assert until([(0, BED), (2, SOFA)], [0, 0.5, 1, 2]) == [2, 7]
