"""Forecasts that came due: how far off they were, and whether their interval held what came.

As in the back-test (`models.habits.backtest`): a wait that a gap cuts off is scored as cut, and whether an interval can be judged
is asked of what was said, not of what came.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from home.clock import Span
from models.habits.backtest import pinball
from models.habits.history import History
from models.habits.local_time import HOUR_S
from models.habits.next_event import run_of, runs

__all__ = ["Due", "came_due"]

_SAID = ("p10", "p25", "p50", "p75", "p90")


@dataclass(frozen=True)
class Due:
    """A forecast of the next event whose interval of 80 % was over.

    Attributes:
        at: when that interval ended, seconds since 1970.
        loss_h: mean pinball loss, hours.
        held: what came lay in the interval.
    """

    at: float
    loss_h: float
    held: bool


def came_due(history: History, said: pd.DataFrame, until: Span) -> list[Due]:
    """Those of one behaviour of one cat that can be judged by the end of a day.

    Args:
        history: its events, and when they could have been seen.
        said: rows of `forecasts` of the kind `next_event`, none that abstained.
        until: the day.
    """
    known = history.between(-np.inf, until.end.timestamp())
    spans, found = runs(known), []
    for row in said.to_dict("records"):
        origin = row["made_at"].timestamp()
        waits = np.array([row[name].timestamp() - origin for name in _SAID])
        place = int(run_of(spans, np.array([origin]))[0])
        limit = spans[place, 1] - origin if place >= 0 else 0.0
        if limit < waits[-1] or limit <= 0:
            continue  # it is not over yet, or nobody could have seen what came
        after = known.starts[np.searchsorted(known.starts, origin) :]
        wait = min(float(after[0] - origin) if len(after) else np.inf, limit)
        loss = pinball(np.array([wait]), np.array([limit]), waits[None, :])[0] / HOUR_S
        found.append(Due(origin + float(waits[-1]), float(loss), bool(waits[0] <= wait <= waits[-1])))
    return found
