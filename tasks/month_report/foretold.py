"""What was forecast, and whether it came true; and what comes next."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import numpy as np
import pandas as pd

from home.clock import local_day
from models.habits.history import History
from tasks.month_report.month import Month
from tasks.month_report.numbers import Foretold, Next
from tasks.month_report.reading import Known

__all__ = ["foretold_in", "next_of"]

GAP_S = 900.0  # not observed for longer than this: nobody knows what happened meanwhile (as models.habits.backtest)


def foretold_in(known: Known, cat: str, month: Month) -> list[Foretold]:
    """Every forecast of a cat's next events that was made in a month, beside what came true.

    One whose interval nobody could have watched to its end is neither right nor wrong: its outcome is `unseen`.
    """
    span = [local_day(date, known.home.zone).start for date in (month.first, month.after.first)]
    rows = known.forecasts[(known.forecasts["cat"] == cat) & (known.forecasts["kind"] == "next_event")]
    rows = rows[~rows["abstained"] & (rows["made_at"] >= span[0]) & (rows["made_at"] < span[1])]
    found = []
    for row in rows.sort_values(["behaviour", "made_at"], kind="stable").itertuples():
        told = {name: getattr(row, name).to_pydatetime() for name in ("made_at", "p10", "p25", "p50", "p75", "p90")}
        came, outcome = _came(known.histories[cat, row.behaviour], told["made_at"], told["p10"], told["p90"])
        found.append(Foretold(behaviour=row.behaviour, came=came, outcome=outcome, **told))
    return found


def _came(
    history: History, made_at: dt.datetime, low: dt.datetime, high: dt.datetime
) -> tuple[dt.datetime | None, Literal["hit", "early", "late", "unseen"]]:
    """When the next event was seen, and where that lies of the interval."""
    start, p10, p90 = (moment.timestamp() for moment in (made_at, low, high))
    later = history.starts[history.starts > start]
    # An interval may end before the forecast is over a second old: what is asked is whether it was watched up to there.
    first = float(later[0]) if len(later) else np.inf
    if not _watched(history, start, min(first, p90)):
        return None, "unseen"
    came = dt.datetime.fromtimestamp(first, dt.UTC) if np.isfinite(first) and _watched(history, start, first) else None
    if first < p10:
        return came, "early"
    return came, "hit" if first <= p90 else "late"


def _watched(history: History, start: float, end: float) -> bool:
    """Whether no more than a short while from `start` to `end` was unobserved."""
    if end <= start:
        return True
    inside = history.observed[(history.observed[:, 1] > start) & (history.observed[:, 0] < end)]
    rims = np.concatenate([[start], inside.ravel(), [end]]).reshape(-1, 2)
    return bool((rims[:, 1] - rims[:, 0] <= GAP_S).all())


def next_of(known: Known, cat: str, month: Month) -> list[Next]:
    """The newest forecast of each behaviour that was made in the month, or on the date after it."""
    after = local_day(month.after.first, known.home.zone).end
    first = local_day(month.first, known.home.zone).start
    found = []
    for row in _newest(known.forecasts, cat, "next_event", first, after).itertuples():
        abstained = bool(row.abstained)
        moments = {name: None if abstained else getattr(row, name).to_pydatetime() for name in ("p10", "p50", "p90")}
        reason = _reason(known.habits, cat, row.behaviour, row.made_at)
        made_at = row.made_at.to_pydatetime()
        found.append(Next(behaviour=row.behaviour, made_at=made_at, abstained=abstained, reason=reason, **moments))
    return found


def _newest(rows: pd.DataFrame, cat: str, kind: str, first: dt.datetime, until: dt.datetime) -> pd.DataFrame:
    own = rows[(rows["cat"] == cat) & (rows["kind"] == kind) & (rows["made_at"] >= first) & (rows["made_at"] < until)]
    return own.sort_values("made_at", kind="stable").drop_duplicates("behaviour", keep="last").sort_values("behaviour")


def _reason(habits: pd.DataFrame, cat: str, behaviour: str, made_at: Any) -> str:
    own = habits[(habits["cat"] == cat) & (habits["behaviour"] == behaviour) & (habits["made_at"] == made_at)]
    return str(own["reason"].iloc[0]) if len(own) else ""
