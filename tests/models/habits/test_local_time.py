"""Clock times of many moments are those that the standard library tells one by one."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from home.clock import local_day
from models.habits.local_time import DAY_S, clock_s, day_starts, moments_of

# Half an hour of summer time, a quarter-hour offset, clocks set at midnight, a date that was skipped (Samoa 2011).
ZONES = ["Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "Pacific/Apia"]
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@settings(deadline=None, max_examples=50)
@given(st.sampled_from(ZONES), st.lists(st.integers(1_000_000_000, 2_000_000_000), min_size=1, max_size=5))
def test_the_clock_is_that_of_the_zone(name: str, moments: list[int]) -> None:
    zone = ZoneInfo(name)
    told = clock_s(np.array(moments, np.float64), zone)
    for moment, clock in zip(moments, told, strict=True):
        local = dt.datetime.fromtimestamp(moment, zone).replace(tzinfo=dt.UTC)
        assert clock == (local - EPOCH).total_seconds()


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("year", [2011, 2024, 2026])
def test_local_days_begin_where_they_do(name: str, year: int) -> None:
    zone = ZoneInfo(name)
    first = dt.date(year, 1, 1)
    dates = [first + dt.timedelta(days=day) for day in range(366)]
    number = (first - EPOCH.date()).days
    told = day_starts(number, number + 365, zone)
    # The standard library gives a midnight that the clocks skip in the offset before it, which is the moment they jump.
    assert told.tolist() == [local_day(date, zone).start.timestamp() for date in dates]


@settings(deadline=None, max_examples=50)
@given(st.sampled_from(ZONES), st.integers(1_000_000_000, 2_000_000_000))
def test_a_moment_is_found_again_by_its_clock_or_the_earlier_one_of_a_repeated_hour(name: str, moment: int) -> None:
    zone = ZoneInfo(name)
    clock = clock_s(np.array([float(moment)]), zone)
    found = moments_of(clock, zone)
    assert clock_s(found, zone) == clock
    assert moment - DAY_S <= found[0] <= moment


def test_a_skipped_time_is_the_moment_of_the_jump() -> None:
    zone = ZoneInfo("Europe/Berlin")
    skipped = (dt.datetime(2026, 3, 29, 2, 30, tzinfo=dt.UTC) - EPOCH).total_seconds()
    assert moments_of(np.array([skipped]), zone)[0] == dt.datetime(2026, 3, 29, 1, tzinfo=dt.UTC).timestamp()
