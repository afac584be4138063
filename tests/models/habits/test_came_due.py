"""Forecasts that came due: judged when their interval is over, and not where nobody could have seen what came."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from home.clock import local_day
from models.habits.came_due import Due, came_due
from models.habits.history import History

UTC = ZoneInfo("UTC")
DATE = dt.date(2026, 3, 1)
DAY = local_day(DATE, UTC)
START = DAY.start.timestamp()


def history(*events: float, seen: tuple[float, float] = (-24, 24)) -> History:
    """Events at hours of the day; observed from hour to hour."""
    starts = START + 3600 * np.array(events)
    return History(starts, np.full(len(starts), 60.0), START + 3600 * np.array([seen]), np.empty(0), UTC)


def due(known: History, *hours: float) -> Due | None:
    """Of a forecast made when the day began: 10, 25, 50, 75 and 90 chances in a hundred by these hours."""
    return came_due(known, START, [START + 3600 * hour for hour in hours])


def test_what_came_in_the_interval_held_and_what_came_before_or_after_did_not() -> None:
    inside, early, late, never = (due(history(*events), 2, 3, 4, 5, 6) for events in ((-3, 4), (1, 4), (7,), ()))
    assert inside and early and late and never
    assert [each.outcome for each in (inside, early, late, never)] == ["hit", "early", "late", "late"]
    assert [each.came and (each.came - START) / 3600 for each in (inside, early, late, never)] == [4, 1, 7, None]
    # Off by 2, 1, 0, 1 and 2 hours, at a tenth or a quarter each.
    assert inside.loss_h == pytest.approx((0.1 * 2 + 0.25 + 0 + 0.25 + 0.1 * 2) / 5)
    assert inside.loss_h < late.loss_h < never.loss_h and inside.at == START + 6 * 3600


def test_an_interval_that_goes_on_is_not_judged_yet() -> None:
    assert due(history(3), 2, 3, 4, 20, 30) is None, "it has come, but one that comes late would not be told"


def test_a_camera_that_was_down_proves_nothing() -> None:
    assert due(history(seen=(-24, 5)), 2, 3, 4, 5, 6) is None
    assert due(history(1, seen=(-24, 5)), 2, 3, 4, 5, 6) is None, (
        "an early one is not judged where a late one would not be"
    )
    assert due(history(seen=(3, 24)), 2, 3, 4, 5, 6) is None, "nobody looked when it was made"
