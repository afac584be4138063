"""Hours of local days: 23, 24 or 25 of them, none twice and none left out."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from models.habits.clock_hours import clock_hours, local_nights, of_day, seconds_between, summed, trailing, within
from models.habits.history import History


@pytest.mark.parametrize(
    ("zone", "date", "count"),
    [
        ("Europe/Berlin", (2026, 3, 29), 23), ("Europe/Berlin", (2026, 10, 25), 25), ("Europe/Berlin", (2028, 2, 29), 24),
        ("Asia/Kathmandu", (2026, 3, 29), 24), ("Australia/Lord_Howe", (2026, 10, 4), 24),
    ],
)  # fmt: skip
def test_a_day_has_its_hours(zone: str, date: tuple[int, int, int], count: int) -> None:
    first = dt.datetime(*date, tzinfo=ZoneInfo(zone))
    after = dt.datetime.combine(first.date() + dt.timedelta(days=1), dt.time(), ZoneInfo(zone))
    hours = clock_hours(first.timestamp(), after.timestamp() + 1800, ZoneInfo(zone))
    assert hours.dates == (first.date(),) and len(hours.hour) == count and len(hours.rims) == count + 1
    assert hours.rims[0] == first.timestamp() and hours.rims[-1] == after.timestamp()
    assert hours.hour[0] == 0 and hours.hour[-1] == 23
    moments = np.arange(hours.rims[0], hours.rims[-1], 600)
    assert summed(moments, None, hours).sum() == len(moments) == of_day(summed(moments, None, hours), hours).sum()


def test_an_hour_that_goes_on_is_left_out() -> None:
    start = dt.datetime(2026, 5, 1, 13, tzinfo=ZoneInfo("UTC")).timestamp()
    hours = clock_hours(start, start + 5400, ZoneInfo("UTC"))
    assert hours.rims[0] == start - 13 * 3600 and hours.rims[-1] == start + 3600
    assert len(clock_hours(start, start, ZoneInfo("UTC")).day) == 0


def test_a_baseline_ends_before_the_guard() -> None:
    table = np.arange(10.0)
    assert trailing(table, 3, 2).tolist() == [0, 0, 0, 0, 0 + 1, 0 + 1 + 2, 1 + 2 + 3, 2 + 3 + 4, 3 + 4 + 5, 4 + 5 + 6]


def test_seconds_within_spans() -> None:
    starts, durations = np.array([10.0, 20, 50]), np.array([15.0, 10, 5])  # the first reaches into the second
    spans = np.array([[0.0, 10], [0, 100], [15, 25], [52, 53], [90, 99]])
    assert seconds_between(starts, durations, spans).tolist() == [0, 25, 10, 1, 0]


def test_nights_by_the_clock() -> None:
    zone = ZoneInfo("Europe/Berlin")
    start = dt.datetime(2026, 3, 29, tzinfo=zone).timestamp()  # clocks go forward in this night
    nights = local_nights(clock_hours(start, start + 86_400, zone), zone)
    assert nights[0, 1] - nights[0, 0] == 5 * 3600


def test_what_is_known_of_some_spans_alone() -> None:
    zone = ZoneInfo("UTC")
    known = History(np.array([1.0, 5, 12]), np.ones(3), np.array([[0.0, 8], [10, 20]]), np.array([6.0]), zone)
    part = within(known, np.array([[4.0, 11], [11, 11], [15, 30]]))
    assert part.starts.tolist() == [5] and part.possible.tolist() == [6]
    assert part.observed.tolist() == [[4, 8], [10, 11], [15, 20]]
    assert within(known, np.empty((0, 2))).observed.shape == (0, 2)
