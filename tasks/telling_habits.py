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

__all__ = ["tell_habits"]

_LEAST = 0.005  # under half a hundredth, "0 %" would be as good


def tell_habits(terminal: Terminal, home: Home, date: dt.date) -> dict[str, Any]:
    """Tell of the forecasts made for a date, to people, and return them for `--json`."""
    habits, forecasts = home.tables.read(HABITS, date), home.tables.read(FORECASTS, date)
    nexts = forecasts[forecasts["kind"] == "next_event"].set_index(["cat", "behaviour"])
    told = []
    blind = habits[habits["observed_days"] == 0]
    for habit in habits.drop(blind.index).itertuples():
        next_ = nexts.loc[(habit.cat, habit.behaviour)]
        sentence = f"{_name(home, habit.cat)}, {mark_of(habit.behaviour).label.lower()}: {_said(habit, next_, home)}"
        terminal.say(sentence)
        told.append({
            "cat": habit.cat, "behaviour": habit.behaviour, "sentence": sentence, "model": habit.model,
            "abstained": bool(habit.abstained), "skill": _number(habit.skill),
            **{name: _time(next_[name]) for name in ("p10", "p25", "p50", "p75", "p90")},
            "hourly": _hours(forecasts, habit.cat, habit.behaviour),
        })  # fmt: skip
    for behaviour, rows in blind.groupby("behaviour", sort=False):
        names = listed(_name(home, cat) for cat in rows["cat"])
        terminal.say(f"Nothing could have shown {names} {mark_of(str(behaviour)).label.lower()} so far.")
    return {"made_at": iso(habits["made_at"].iloc[0].to_pydatetime()) if len(habits) else None, "forecasts": told}


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


def _number(value: float) -> float | None:
    return None if pd.isna(value) else round(float(value), 4)
