"""What a week's learning says at its end: when each cat will likely do what, and where nobody can tell."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from home.champion import promote, read_standing, take_back
from home.clock import iso
from home.ethogram import UNKNOWN
from home.folder import Home
from home.look import clock_time, counted, listed, mark_of
from home.table import Table
from home.tables import FORECASTS, HABITS
from home.terminal import Terminal
from tasks.forecast import forecast
from tasks.habit_models import Kept, read_version
from tasks.habits import habits

__all__ = ["habits_in_words", "promoted_habits", "tell_habits"]

_LEAST = 0.005  # under half a hundredth, "0 %" would be as good


def habits_in_words(home: Home, date: dt.date) -> list[str]:
    """A sentence for each behaviour of each cat that anything could have shown: what comes next, or why nobody says.

    How right that is was found out by the last learning up to the date.
    """
    habits, forecasts = _newest(home, HABITS, date), _newest(home, FORECASTS, date)
    nexts = forecasts[forecasts["kind"] == "next_event"].set_index(["cat", "behaviour"])
    blind = habits[habits["observed_days"] == 0]
    told = []
    for habit in habits.drop(blind.index).itertuples():
        key = habit.cat, habit.behaviour
        said = _said(habit, nexts.loc[key] if key in nexts.index else None, home)
        told.append(f"{_name(home, habit.cat)}, {mark_of(habit.behaviour).label.lower()}: {said}.")
    for behaviour, rows in blind.groupby("behaviour", sort=False):
        names = listed(_name(home, cat) for cat in rows["cat"])
        told.append(f"Nothing could have shown {names} {mark_of(str(behaviour)).label.lower()} so far.")
    return told


def tell_habits(terminal: Terminal, home: Home, date: dt.date) -> dict[str, Any]:
    """Tell of the newest forecasts up to a date, to people, and return them for `--json`."""
    sentences = habits_in_words(home, date)
    for sentence in sentences:
        terminal.say(sentence)
    forecasts = _newest(home, FORECASTS, date)
    nexts = [
        {
            "cat": row.cat, "behaviour": row.behaviour, "made_at": _time(row.made_at), "model": row.model,
            "abstained": bool(row.abstained), "skill": None if pd.isna(row.skill) else round(row.skill, 4),
            **{name: _time(getattr(row, name)) for name in ("p10", "p25", "p50", "p75", "p90")},
            "hourly": _hours(forecasts, row.cat, row.behaviour),
        }
        for row in forecasts[forecasts["kind"] == "next_event"].itertuples()
    ]  # fmt: skip
    standing = read_standing(home, "habits")
    if standing.waiting:
        terminal.say(f"\n{_waits(home, standing.waiting)}")
    learned = home.tables.last(HABITS, date)
    in_place = None if learned is None else home.tables.notes(HABITS, learned).get("models")
    return {"sentences": sentences, "forecasts": nexts, "in_place": in_place, "waiting": standing.waiting or None}


def promoted_habits(home: Home, terminal: Terminal, back: bool) -> None:
    """The command: change which models are in place, foretell anew with them, and say so.

    Raises:
        WrongUse: none wait, or there are none to go back to.
        ModelError: what says which are in place is damaged, or a version is.
        StoreError, TableError: the counts cannot be read.
    """
    standing = take_back(home, "habits") if back else promote(home, "habits")
    name, date = standing.promoted[-1], home.tables.last(HABITS, dt.date.max)
    terminal.say(f"The habit models in place are now those of {name[:10]} ({name}).")
    if date is not None:
        habits(home, date)
        spoken = {date, *(each for each in home.tables.dates(FORECASTS) if each > date)}
        for each in sorted(spoken):
            forecast(home, each - dt.timedelta(days=1))
        date = home.tables.last(FORECASTS, dt.date.max)
    other = "catml promote habits" if back else "catml promote habits --back"
    terminal.say(f"What comes next is foretold by them from now on. {other} undoes this.")
    told = {} if date is None else tell_habits(terminal, home, date)
    terminal.result({**told, "in_place": name, "waiting": standing.waiting or None})


def _newest(home: Home, table: Table, date: dt.date) -> pd.DataFrame:
    """The newest partition up to a date; empty where there is none."""
    newest = home.tables.last(table, date)
    return table.empty() if newest is None else home.tables.read(table, newest)


def _waits(home: Home, name: str) -> str:
    """How the models that wait did against those in place, and what puts them in place."""
    compared = [kept for kept in read_version(home, name).models if kept.verdict.gain is not None]
    told = listed(_compared(home, kept) for kept in compared)
    told = f" Mean loss of the last weeks, in place and new: {told}." if told else ""
    return f"Newly learned models wait, {name}.{told} catml promote habits puts them in place."


def _compared(home: Home, kept: Kept) -> str:
    verdict = kept.verdict
    stays = "" if verdict.takes_over else " (the old one stays)"
    hours = f"{verdict.champion_h:.2f} h and {verdict.challenger_h:.2f} h"
    return f"{_name(home, kept.cat)}, {mark_of(kept.behaviour).label.lower()}, {hours}{stays}"


def _said(habit: Any, next_: Any, home: Home) -> str:
    if habit.reason == "too_little":
        return f"no forecast yet; {counted(habit.events, 'time')} seen in {habit.observed_days:.0f} observed days is too little to judge one by"
    if next_ is None:
        return "nothing was said of it since"
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
