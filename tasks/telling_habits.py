"""What a week's learning says at its end: when each cat will likely do what, and where nobody can tell."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from home.clock import iso
from home.ethogram import UNKNOWN
from home.folder import Home
from home.look import clock_time, counted, listed, mark_of
from home.tables import FORECASTS, HABITS
from home.terminal import Terminal

__all__ = ["habits_in_words", "tell_habits"]

_LEAST = 0.005  # under half a hundredth, "0 %" would be as good


def habits_in_words(home: Home, date: dt.date) -> list[str]:
    """A sentence for each behaviour of each cat that anything could have shown: what comes next, or why nobody says."""
    habits, forecasts = home.tables.read(HABITS, date), home.tables.read(FORECASTS, date)
    nexts = forecasts[forecasts["kind"] == "next_event"].set_index(["cat", "behaviour"])
    blind = habits[habits["observed_days"] == 0]
    told = []
    for habit in habits.drop(blind.index).itertuples():
        said = _said(habit, nexts.loc[(habit.cat, habit.behaviour)], home)
        told.append(f"{_name(home, habit.cat)}, {mark_of(habit.behaviour).label.lower()}: {said}.")
    for behaviour, rows in blind.groupby("behaviour", sort=False):
        names = listed(_name(home, cat) for cat in rows["cat"])
        told.append(f"Nothing could have shown {names} {mark_of(str(behaviour)).label.lower()} so far.")
    return told


def tell_habits(terminal: Terminal, home: Home, date: dt.date) -> dict[str, Any]:
    """Tell of the forecasts made for a date, to people, and return them for `--json`."""
    sentences = habits_in_words(home, date)
    for sentence in sentences:
        terminal.say(sentence)
    forecasts = home.tables.read(FORECASTS, date)
    nexts = [
        {
            "cat": row.cat, "behaviour": row.behaviour, "made_at": _time(row.made_at), "model": row.model,
            "abstained": bool(row.abstained), "skill": None if pd.isna(row.skill) else round(row.skill, 4),
            **{name: _time(getattr(row, name)) for name in ("p10", "p25", "p50", "p75", "p90")},
            "hourly": _hours(forecasts, row.cat, row.behaviour),
        }
        for row in forecasts[forecasts["kind"] == "next_event"].itertuples()
    ]  # fmt: skip
    return {"sentences": sentences, "forecasts": nexts}


def _said(habit: Any, next_: pd.Series, home: Home) -> str:
    if habit.reason == "too_little":
        return f"no forecast yet; {counted(habit.events, 'time')} seen in {habit.observed_days:.0f} observed days is too little to judge one by"
    if habit.abstained:
        return f"no forecast; in {habit.asked} trials none was surely better than how long it took at that hour in the last 14 days"
    low, middle, high = (_clock(next_[name], next_["made_at"], home) for name in ("p10", "p50", "p90"))
    right = (
        f"; of {habit.asked} such forecasts before, {100 * habit.covered_80:.0f} in 100 held"
        if habit.covered_80 >= _LEAST
        else ""
    )
    return f"next at about {middle}, 8 in 10 sure between {low} and {high}{right}"


def _clock(moment: pd.Timestamp, made_at: pd.Timestamp, home: Home) -> str:
    """The time of day, with the weekday where that is another."""
    there = moment.to_pydatetime()
    days = (there.astimezone(home.zone).date() - made_at.to_pydatetime().astimezone(home.zone).date()).days
    return clock_time(there, home.zone) + (f" on {there.astimezone(home.zone):%A}" if days else "")


def _hours(forecasts: pd.DataFrame, cat: str, behaviour: str) -> list[dict[str, Any]]:
    own = forecasts[(forecasts["cat"] == cat) & (forecasts["behaviour"] == behaviour) & (forecasts["kind"] == "hourly")]
    return [{"hour": _time(row.ts), "probability": round(row.probability, 4)} for row in own.itertuples()]


def _name(home: Home, cat: str) -> str:
    return "A cat that nobody could tell" if cat == UNKNOWN else home.config.cats[cat].name


def _time(moment: pd.Timestamp) -> str | None:
    return None if pd.isna(moment) else iso(moment.to_pydatetime())
