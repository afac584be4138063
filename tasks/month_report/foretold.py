"""What was forecast, and whether it came true; and what comes next."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from home.clock import local_day
from home.speech.month import Month
from models.habits.came_due import came_due
from tasks.month_report.numbers import Foretold, Next
from tasks.month_report.reading import Known

__all__ = ["foretold_in", "next_of"]


def foretold_in(known: Known, cat: str, month: Month) -> list[Foretold]:
    """Every forecast of a cat's next events that was made in a month, beside what came true.

    One whose interval was not watched to its end is neither right nor wrong: its outcome is `unseen`.
    """
    span = [local_day(date, known.home.zone).start for date in (month.first, month.after.first)]
    rows = known.forecasts[(known.forecasts["cat"] == cat) & (known.forecasts["kind"] == "next_event")]
    rows = rows[~rows["abstained"] & (rows["made_at"] >= span[0]) & (rows["made_at"] < span[1])]
    found = []
    for row in rows.sort_values(["behaviour", "made_at"], kind="stable").itertuples():
        told = {name: getattr(row, name).to_pydatetime() for name in ("made_at", "p10", "p25", "p50", "p75", "p90")}
        made_at, *said = (moment.timestamp() for moment in told.values())
        due = came_due(known.histories[cat, row.behaviour], made_at, said)
        came = None if due is None or due.came is None else dt.datetime.fromtimestamp(due.came, dt.UTC)
        outcome = "unseen" if due is None else due.outcome
        found.append(Foretold(behaviour=row.behaviour, came=came, outcome=outcome, **told))
    return found


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
    """Why it is silent, as the last learning up to then found."""
    own = habits[(habits["cat"] == cat) & (habits["behaviour"] == behaviour) & (habits["made_at"] <= made_at)]
    return str(own.sort_values("made_at", kind="stable")["reason"].iloc[-1]) if len(own) else ""
