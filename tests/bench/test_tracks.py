"""Samples on the track of another cat are counted against the truth of every second."""

import datetime as dt

import pandas as pd

from bench.tracks import Followed, followed

BEGIN = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
LEFT, RIGHT = (0.1, 0.1, 0.3, 0.3), (0.6, 0.6, 0.8, 0.8)
Box = tuple[float, float, float, float]


def truth(*rows: tuple[int, str, Box]) -> pd.DataFrame:
    at = int(BEGIN.timestamp())
    columns = ["second", "cat", "hidden", "x1", "y1", "x2", "y2"]
    return pd.DataFrame([(at + second, cat, 0.0, *box) for second, cat, box in rows], columns=columns)


def found(*rows: tuple[int, int, Box]) -> pd.DataFrame:
    columns = ["ts", "burst", "track_id", "x1", "y1", "x2", "y2"]
    return pd.DataFrame(
        [(BEGIN + dt.timedelta(seconds=second), False, track, *box) for second, track, box in rows], columns=columns
    )


def test_a_track_is_whose_most_of_its_samples_are() -> None:
    there = truth(*((second, cat, box) for second in range(4) for cat, box in (("ash", LEFT), ("bo", RIGHT))))
    own = found((0, 1, LEFT), (1, 1, LEFT), (2, 1, RIGHT), (0, 2, RIGHT), (3, 2, RIGHT))
    assert followed(own, there, 150) == Followed(samples=5, strays=1, tracks=2, visits=2)


def test_what_lies_on_no_cat_is_left_out_and_who_comes_back_late_comes_anew() -> None:
    there = truth((0, "ash", LEFT), (1, "ash", LEFT), (200, "ash", LEFT))
    assert followed(found((0, 1, LEFT), (1, 2, RIGHT), (100, 3, LEFT)), there, 150) == Followed(1, 0, 1, 2)
