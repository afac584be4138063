"""Charts: a colour for a rate, a hatch for what was not observed, a bar as long as the time it stands for."""

from __future__ import annotations

import datetime as dt

import cv2
import numpy as np

from home.look import BEHAVIOURS, rgb
from tasks.boards.canvas import Canvas, wrapped
from tasks.boards.charts import budget_bars, heatmap

MONDAY = dt.date(2026, 3, 2)


def share_of(picture: np.ndarray, colour: str) -> float:
    return float((picture == np.array(rgb(colour))).all(axis=2).sum())


def cell(picture: np.ndarray, day: int, hour: int) -> np.ndarray:
    return picture[44 + 24 * day : 68 + 24 * day, 60 + 20 * hour : 80 + 20 * hour]


def test_the_brightest_is_most_and_what_was_not_observed_is_no_zero() -> None:
    rate = np.zeros((7, 24))
    rate[2, 8], rate[6, 23] = 30.0, np.nan
    picture = heatmap(rate, "Mäuschen", "min an hour")
    ends = cv2.applyColorMap(np.array([[0, 255]], np.uint8), cv2.COLORMAP_VIRIDIS)[0, :, ::-1]
    inside = slice(2, -2)
    assert (cell(picture, 0, 0)[inside, inside] == ends[0]).all() and (
        cell(picture, 2, 8)[inside, inside] == ends[1]
    ).all()
    hatch = cell(picture, 6, 23)[inside, inside]
    assert len(np.unique(hatch.reshape(-1, 3), axis=0)) > 2 and hatch.min() > 150, "light, with strokes"
    nothing = heatmap(np.full((7, 24), np.nan), "nobody looked", "min an hour")
    assert not any(share_of(nothing, f"#{''.join(f'{part:02X}' for part in end)}") for end in ends)


def test_a_bar_is_as_long_as_its_time() -> None:
    days = [MONDAY, MONDAY + dt.timedelta(days=1), MONDAY + dt.timedelta(days=2)]
    seconds = {days[0]: {"sleeping": 43200.0, "unseen": 43200.0}, days[2]: {"sleeping": 21600.0, "gap": 64800.0}}
    picture = budget_bars(days, seconds, "Miso", dict.fromkeys(days, 86400.0))
    blue = (picture == np.array(rgb(BEHAVIOURS["sleeping"].light))).all(axis=2)
    first, unknown, last = (int(blue[36 + 17 * row + 7].sum()) for row in range(3))
    assert abs(first - 2 * last) <= 2 and first > 200 and unknown == 0, "the day between is not known"


def test_a_day_of_25_hours_is_longer() -> None:
    change = dt.date(2026, 10, 25)
    lengths = {change: 90000.0, change + dt.timedelta(days=1): 86400.0}
    seconds = {date: {"sleeping": length} for date, length in lengths.items()}
    picture = budget_bars(list(lengths), seconds, "Miso", lengths)
    blue = (picture == np.array(rgb(BEHAVIOURS["sleeping"].light))).all(axis=2)
    long, short = (int(blue[36 + 17 * row + 7].sum()) for row in range(2))
    assert abs(long / short - 25 / 24) < 0.01


def test_words_stay_inside() -> None:
    lines = wrapped("Miso ate once within 24 hours, where it eats 8 times on other days. " * 3, 300)
    assert len(lines) > 3 and all(Canvas(900, 40).words(line, 0, 20) <= 300 for line in lines)
