"""Forecasts that came due: what came, how far off they were, and whether their interval held it.

As in the back-test (`models.habits.backtest`): a wait that a gap cuts off is scored as cut, and whether an interval can be judged
is asked of what was said, not of what came. Asked of what came, early events would be judged more often than late ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.habits.backtest import pinball
from models.habits.history import History
from models.habits.local_time import HOUR_S
from models.habits.next_event import run_of, runs

__all__ = ["Due", "came_due"]


@dataclass(frozen=True)
class Due:
    """A forecast of the next event whose interval of 80 % was over.

    Attributes:
        at: when that interval ended, seconds since 1970.
        came: when the next event was seen, seconds since 1970; None where none was before nobody could see any more.
        outcome: it lay in the interval (`hit`), before it or after it.
        loss_h: mean pinball loss, hours.
    """

    at: float
    came: float | None
    outcome: Literal["hit", "early", "late"]
    loss_h: float


def came_due(history: History, origin: float, said: Sequence[float]) -> Due | None:
    """What became of a forecast; None where its interval is not over by the end of what is known, or was not watched to its end.

    Args:
        history: the events of one behaviour of one cat, and when they could have been seen.
        origin: when it was made, seconds since 1970.
        said: by when the next event comes with chances of 10, 25, 50, 75 and 90 in 100, seconds since 1970.
    """
    spans, waits = runs(history), np.asarray(said, float) - origin
    place = int(run_of(spans, np.array([origin]))[0])
    limit = spans[place, 1] - origin if place >= 0 else 0.0
    if limit < waits[-1] or limit <= 0:
        return None
    after = history.starts[np.searchsorted(history.starts, origin) :]
    first = float(after[0] - origin) if len(after) else np.inf
    wait = first if first <= limit else np.inf  # what lies behind a gap may not have been the next one
    loss = pinball(np.array([min(wait, limit)]), np.array([limit]), waits[None, :])[0] / HOUR_S
    outcome: Literal["hit", "early", "late"] = "early" if wait < waits[0] else "hit" if wait <= waits[-1] else "late"
    return Due(float(said[-1]), origin + wait if np.isfinite(wait) else None, outcome, float(loss))
