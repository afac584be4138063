"""A week's learning and a day's forecast of one behaviour of one cat, put together from candidates, back-test and choice."""

from __future__ import annotations

from dataclasses import dataclass

from models.habits.backtest import Backtest, backtest
from models.habits.history import Array, History
from models.habits.local_time import DAY_S
from models.habits.next_event import Fitted, coming_hours
from models.habits.next_event_blend import CANDIDATES
from models.habits.selection import Choice, Rules, choose

__all__ = ["MEMORY_S", "TESTED_S", "Forecast", "Learned", "fit", "forecast", "learn"]

TESTED_S = 56 * DAY_S  # of the back-test
MEMORY_S = 84 * DAY_S  # what a candidate is told: six half-lives
_SETTLING_S = 5 * DAY_S  # no candidate is judged by what it says of a cat it does not know yet


@dataclass(frozen=True)
class Learned:
    """Who forecasts for the coming week, and the back-test that says so."""

    choice: Choice
    test: Backtest


@dataclass(frozen=True)
class Forecast:
    """What comes next, or that nothing is said.

    Attributes:
        made_at: seconds since 1970.
        choice: the model, and why it is silent if it is.
        moments: of the next event at `next_event.LEVELS` `[5]`: the intervals of 80 and of 50 % and the median; None if it abstains.
        rims: of the coming hours on the home's clock `[49]`.
        chances: of at least one event in each of them `[48]`; None if it abstains.
    """

    made_at: float
    choice: Choice
    moments: Array | None
    rims: Array
    chances: Array | None


def learn(
    history: History,
    now: float,
    before: Choice | None = None,
    rules: Rules | None = None,
    *,
    tested_s: float = TESTED_S,
    memory_s: float = MEMORY_S,
) -> Learned:
    """The choice for the coming week, by a back-test over the last ones; `before` is the last week's."""
    known = history.between(now - tested_s - memory_s, now)
    first = float(known.observed[0, 0]) + _SETTLING_S if len(known.observed) else now
    test = backtest(known, CANDIDATES, max(first, now - tested_s), now, memory_s=memory_s)
    return Learned(choose(test, before, rules), test)


def fit(history: History, now: float, choice: Choice, *, memory_s: float = MEMORY_S) -> Fitted:
    """The chosen model, taught by what was known at `now`."""
    chosen = next(one for one in CANDIDATES if one.name == choice.model)
    return chosen.fit(history.between(now - memory_s, now), now)


def forecast(
    history: History, now: float, choice: Choice, fitted: Fitted | None = None, *, memory_s: float = MEMORY_S
) -> Forecast:
    """What the chosen model says at `now`; unless it is given as it was taught before, taught by what was known then."""
    rims = coming_hours(now, history)
    if choice.abstains:
        return Forecast(now, choice, None, rims, None)
    known = history.between(now - memory_s, now)
    fitted = fitted or fit(history, now, choice, memory_s=memory_s)
    return Forecast(now, choice, now + fitted.waits(known, now), rims, fitted.chances(known, now, rims))
