"""Habits: when a cat does what, hour by hour and week by week, and how right it is to say what comes next."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from nicegui import ui
from starlette.requests import Request

from home.ethogram import BEHAVIOURS, UNKNOWN
from home.folder import Home, today
from home.look import counted, listed, mark_of
from home.tables import COUNTS, FORECASTS, HABITS
from models.habits.rhythm import Days, actogram, by_weekday, evenness
from serve.pages.frame import called, due, framed, home_of, read, show
from serve.pages.habit_drawing import Cell, drawn_actogram, drawn_hours, heat

DAYS = 28
_EPOCH = dt.date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Foretold:
    """What is said of a behaviour: words, whether it forecasts at all, and what became of last month's."""

    behaviour: str
    words: str
    right: str
    abstained: bool
    held: str = ""


@ui.page("/habits", title="Habits · CatML", response_timeout=30)
async def page(request: Request, cat: str = "", behaviour: str = "") -> None:
    """The page."""
    filled = await read(_filled, home_of(request), cat, behaviour)
    with framed(request, "Habits"):
        show("habits.html", **filled)


def _filled(home: Home, cat: str, behaviour: str) -> dict[str, Any]:
    dates = [date for date in home.tables.dates(COUNTS) if date <= today(home)]
    shown = [date for date in dates if (dates[-1] - date).days < DAYS]
    parts = [home.tables.read(COUNTS, date).assign(date=date) for date in shown]
    counts = pd.concat(parts, ignore_index=True) if parts else COUNTS.empty().assign(date=None)
    there = set(counts["cat"])
    cats = {key: each.name for key, each in home.config.cats.items()}
    cats |= {UNKNOWN: called(home, UNKNOWN)} if UNKNOWN in there else {}
    cat = cat if cat in cats else next((key for key in cats if key in there), next(iter(cats), ""))
    mine = counts[counts["cat"] == cat]
    seen = [name for name in BEHAVIOURS if mine.loc[mine["behaviour"] == name, "events"].sum() > 0]
    first = "eating" if "eating" in seen else seen[0] if seen else "eating"
    behaviour = behaviour if behaviour in BEHAVIOURS else first
    rows = mine[mine["behaviour"] == behaviour]
    days = _days(rows, shown, home) if len(rows) else None
    foretold, hours = _foretold(home, cat), _hourly(home, cat, behaviour)
    return {
        "cats": cats,
        "cat": cat,
        "behaviours": {name: mark_of(name).label for name in BEHAVIOURS},
        "behaviour": behaviour,
        "opening": _opening(cats.get(cat, ""), behaviour, days, shown),
        "anything": bool(len(counts)),
        "cells": _cells(days) if days is not None else [],
        "unit": _unit(days),
        "actogram": drawn_actogram(actogram(days), days.dates, behaviour) if days is not None else Markup(""),
        "foretold": foretold,
        "hours": hours,
    }


def _unit(days: Days | None) -> str:
    return "minutes of each hour" if days is None or days.timed else "times an hour"


def _days(rows: pd.DataFrame, dates: list[dt.date], home: Home) -> Days:
    """The hourly counts as days of quarters, each hour's spread evenly over its four: enough for what is drawn by hours."""
    first, last = dates[0], dates[-1]
    size = (last - first).days + 1
    local = rows["hour"].dt.tz_convert(home.config.timezone)
    cells = np.array([(date - first).days for date in rows["date"]]) * 24 + local.dt.hour.to_numpy()
    events, seconds, observed = (
        np.repeat(np.bincount(cells, rows[name].to_numpy(np.float64), size * 24).reshape(size, 24) / 4, 4, axis=1)
        for name in ("events", "seconds", "observed_s")
    )
    numbers = np.arange(size) + first.toordinal() - _EPOCH
    return Days(numbers, events, seconds, observed, timed=bool(seconds.sum() > 0))


def _opening(name: str, behaviour: str, days: Days | None, dates: list[dt.date]) -> list[str]:
    if days is None:
        return [f"The hours of {name}'s days are not counted yet."] if name else ["No cat has a name yet."]
    events, seconds, observed = (float(total.sum()) for total in days.totals())
    if observed < 3600:
        return [f"Nothing could have shown {name} {mark_of(behaviour).label.lower()} so far."]
    daily, hours = events * 86400 / observed, seconds * 24 / observed
    often = f"{daily:.0f} times a day" if daily >= 1.5 else f"{daily * 7:.0f} times a week"
    long = (
        f", {hours:.0f} h in all"
        if hours >= 1.5
        else f", {hours * 60:.0f} min in all"
        if hours * 60 >= 1 and days.timed
        else ""
    )
    words = [f"{name}, {mark_of(behaviour).label.lower()}: about {often}{long if daily >= 1.5 else ''}."]
    top = _top_hours(days)
    even = evenness(days)
    if top and even is not None:
        spread = (
            "evenly around the clock"
            if even.entropy > 0.95
            else f"most of all around {listed(f'{hour:02d}:00' for hour in top)}"
        )
        words.append(f"It does so {spread}.")
    return words


def _top_hours(days: Days) -> list[int]:
    """The hours, three at most, that hold clearly more than an even share."""
    amount, observed = (values.reshape(-1, 24, 4).sum(axis=(0, 2)) for values in (days.amount(), days.observed_s))
    rate = np.where(observed > 0, amount / np.maximum(observed, 1), 0)
    best = np.argsort(-rate, kind="stable")[:3]
    return sorted(int(hour) for hour in best if rate[hour] > 1.5 * rate.mean())


def _cells(days: Days) -> list[list[Cell]]:
    """24 rows of 7 cells."""
    rate, observed = by_weekday(days)
    values = rate * 60 if days.timed else rate
    return [
        [heat(values[day, hour], float(np.nanmax(values)), observed[day, hour]) for day in range(7)]
        for hour in range(24)
    ]


def _foretold(home: Home, cat: str) -> list[Foretold]:
    """What each behaviour's newest forecast says, and how right the last learning found such forecasts to be."""
    learned = home.tables.last(HABITS, today(home))
    if learned is None:
        return []
    habits, forecasts = home.tables.read(HABITS, learned), _forecasts(home)
    nexts = forecasts[(forecasts["kind"] == "next_event") & (forecasts["cat"] == cat)].set_index("behaviour")
    held = _held(home, cat)
    return [
        replace(
            _words(home, habit, nexts.loc[habit.behaviour] if habit.behaviour in nexts.index else None),
            held=held.get(habit.behaviour, ""),
        )
        for habit in habits[(habits["cat"] == cat) & (habits["observed_days"] > 0)].itertuples()
    ]


def _words(home: Home, habit: Any, found: Any) -> Foretold:
    if habit.reason == "too_little":
        words = f"No forecast yet: {counted(habit.events, 'time')} seen in {habit.observed_days:.0f} observed days is too little to judge one by."
        return Foretold(habit.behaviour, words, "", True)
    if found is None:
        return Foretold(habit.behaviour, "No forecast: nothing was said of it since.", "", True)
    if habit.abstained or pd.isna(found["p50"]):
        words = f"No forecast: in {habit.asked} trials none was surely better than how long it took at that hour in the last 14 days."
        return Foretold(habit.behaviour, words, "", True)
    words, over = due(home, found)
    right = (
        f"Tried on the past {habit.asked} times: {100 * habit.covered_80:.0f} in 100 came within such an interval, which should "
        f"be 80. Its error is {100 * habit.skill:.0f} % ({100 * habit.skill_low:.0f} to {100 * habit.skill_high:.0f} %) below that of "
        "guessing from the last 14 days."
    )
    return Foretold(habit.behaviour, f"{'Expected' if over else 'Next'}: {words}.", right, False)


def _held(home: Home, cat: str) -> dict[str, str]:
    """How many forecasts of last month held, by behaviour; of no month that has no report yet."""
    last = today(home).replace(day=1) - dt.timedelta(days=1)
    key = f"months/{last:%Y-%m}/{cat}.json"
    if home.data.find(key) is None:
        return {}
    outcomes = dict[str, list[str]]()
    for each in json.loads(home.data.read(key))["foretold"]:
        outcomes.setdefault(each["behaviour"], []).append(each["outcome"])
    return {behaviour: _sentence(f"{last:%B}", own) for behaviour, own in outcomes.items()}


def _sentence(month: str, outcomes: list[str]) -> str:
    judged = [each for each in outcomes if each != "unseen"]
    unseen = len(outcomes) - len(judged)
    rest = f" {unseen} more could not be watched to the end." if unseen else ""
    if not judged:
        return f"{month}: none of {counted(unseen, 'forecast')} could be watched to the end."
    return (
        f"{month}: what came lay in the interval of {judged.count('hit')} of {counted(len(judged), 'forecast')}.{rest}"
    )


def _forecasts(home: Home) -> pd.DataFrame:
    """The newest of each night or week."""
    newest = home.tables.last(FORECASTS, today(home))
    return FORECASTS.empty() if newest is None else home.tables.read(FORECASTS, newest)


def _hourly(home: Home, cat: str, behaviour: str) -> Markup:
    rows = _forecasts(home)
    rows = rows[(rows["cat"] == cat) & (rows["behaviour"] == behaviour) & (rows["kind"] == "hourly")].dropna(
        subset=["probability"]
    )
    if rows.empty:
        return Markup("")
    local = rows["ts"].dt.tz_convert(home.config.timezone).dt.hour
    return drawn_hours(list(zip(local.tolist()[:24], rows["probability"].tolist()[:24], strict=True)), behaviour)
