"""A week's learning and a forecast: sensible for any cat, and silent where nothing is known."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pytest

from models.habits.forecast import forecast, learn
from models.habits.next_event import LEVELS
from tests.models.habits.lives import DAY, HOUR, START, by_turns, life


def test_a_cat_with_habits_gets_a_forecast_that_holds() -> None:
    """Gaps of four hours: half of what comes in the fortnight after lies in the intervals of 50 %, and the hours' chances add up."""
    starts = by_turns(100, 4, 0.8, seed=3)
    whole = life(starts, [(START, START + 100 * DAY)])
    choice = learn(whole, START + 86 * DAY).choice
    assert not choice.abstains and choice.model != "seasonal_naive"
    inside, expected, came = 0, 0.0, 0
    origins = START + 86 * DAY + np.arange(12) * 23 * HOUR
    for now in origins:
        told = forecast(whole, now, choice)
        assert told.moments is not None and told.chances is not None
        wait = starts[np.searchsorted(starts, now)]
        inside += bool(told.moments[1] <= wait <= told.moments[3])
        expected += told.chances[:24].sum()
        came += int((np.histogram(starts, told.rims[:25])[0] > 0).sum())
    assert len(LEVELS) == 5 and 3 <= inside <= 10
    assert expected == pytest.approx(came, rel=0.12)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu"])
@pytest.mark.parametrize(
    ("starts", "observed"),
    [([], []), ([5.0], [(0.0, 24.0)]), ([], [(0.0, 2400.0)]), ([20.0], [(0.0, 2400.0)])],
    ids=["nothing", "since yesterday", "never seen", "once"],
)
def test_it_is_silent_where_nothing_is_known(
    zone: str, starts: list[float], observed: list[tuple[float, float]]
) -> None:
    known = life(
        START + HOUR * np.array(starts), [(START + a * HOUR, START + b * HOUR) for a, b in observed], ZoneInfo(zone)
    )
    now = START + 100 * DAY
    choice = learn(known, now).choice
    told = forecast(known, now, choice)
    assert choice.abstains and choice.reason == "too_little"
    assert told.moments is None and told.chances is None and told.rims.shape == (49,)


def test_it_is_silent_where_the_same_hour_of_the_last_days_says_it_as_well() -> None:
    """One visit a day, to the minute, as of a cat at a litter box: nothing is under waiting times that are always right."""
    starts = START + DAY * np.arange(60) + 7 * HOUR
    known = life(starts, [(START, START + 60 * DAY)])
    learned = learn(known, START + 60 * DAY)
    told = forecast(known, START + 60 * DAY, learned.choice)
    assert learned.choice.abstains and learned.choice.reason == "no_better"
    assert told.moments is None and told.chances is None
