"""Forecasts that came due: judged when their interval is over, and not where nobody could have seen what came."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from home.clock import local_day
from models.habits.history import History
from tasks.boards.came_due import came_due

UTC = ZoneInfo("UTC")
DATE = dt.date(2026, 3, 1)
DAY = local_day(DATE, UTC)
START = DAY.start.timestamp()


def history(*events: float, seen: tuple[float, float] = (-24, 24)) -> History:
    """Events at hours of the day; observed from hour to hour."""
    starts = START + 3600 * np.array(events)
    return History(starts, np.full(len(starts), 60.0), START + 3600 * np.array([seen]), np.empty(0), UTC)


def said(*hours: float) -> pd.DataFrame:
    """A forecast made when the day began: 10, 25, 50, 75 and 90 chances in a hundred by these hours."""
    names = ("p10", "p25", "p50", "p75", "p90")
    moments = {name: DAY.start + dt.timedelta(hours=hour) for name, hour in zip(names, hours, strict=True)}
    return pd.DataFrame([{"made_at": DAY.start, **moments}])


def test_what_came_in_the_interval_held_and_what_came_after_did_not() -> None:
    forecast = said(2, 3, 4, 5, 6)
    inside, late, never = (came_due(history(*events), forecast, DAY)[0] for events in ((-3, 4), (7,), ()))
    assert inside.held and not late.held and not never.held
    # Off by 2, 1, 0, 1 and 2 hours, at a tenth or a quarter each.
    assert inside.loss_h == pytest.approx((0.1 * 2 + 0.25 + 0 + 0.25 + 0.1 * 2) / 5)
    assert inside.loss_h < late.loss_h < never.loss_h and inside.at == START + 6 * 3600


def test_an_interval_that_goes_on_is_not_judged_yet() -> None:
    assert came_due(history(3), said(2, 3, 4, 20, 30), DAY) == [], (
        "it has come, but one that comes late would not be told"
    )


def test_a_camera_that_was_down_proves_nothing() -> None:
    assert came_due(history(seen=(-24, 5)), said(2, 3, 4, 5, 6), DAY) == []
    assert came_due(history(seen=(3, 24)), said(2, 3, 4, 5, 6), DAY) == [], "nobody looked when it was made"
