"""Today: what a friend would say of the day, then the picture that shows it, then every bout."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from nicegui import ui
from starlette.requests import Request

from home import look
from home.day import drawing, sentences
from home.day.axis import Axis, nights, zooms
from home.day.day import NOT_BEHAVIOURS, Animal, Bout, Day, Share
from home.day.drawing import Timeline
from home.day.reading import read_day
from home.folder import Home, today
from home.tables import BUDGET, COVERAGE, FORECASTS
from serve.pages.frame import called, chosen, due, framed, home_of, read, show

__all__ = ["nexts"]


@dataclass(frozen=True)
class Budget:
    """The day of one animal: its table, and bars of what was in sight and of the whole day."""

    animal: Animal
    rows: list[tuple[Share, str]]
    sight: Markup | None
    day: Markup


@ui.page("/", title="Today · CatML", response_timeout=30)
async def page(request: Request, date: str = "") -> None:
    """The page."""
    filled = await read(_filled, home_of(request), date)
    with framed(request, "Today"):
        show("today.html", **filled)


def _filled(home: Home, asked: str) -> dict[str, Any]:
    now = today(home)
    done = [date for date in home.tables.dates(BUDGET) if date <= now]
    known = sorted({*done, *(date for date in home.tables.dates(COVERAGE) if date <= now)})
    date = chosen(asked, done) or now
    day = read_day(home, date)
    whole, place = Axis(day.span, day.zone), home.config.place
    dark = nights(day.span, place) if place else []
    title = f"Timeline of {look.day_name(date)}"
    timelines = [("", Timeline(whole, whole.day_ticks(), dark).draw(day, title))]
    for span in zooms(day.recorded, day.span):
        axis, words = Axis(span, day.zone), f"The footage from {day.from_to(span)}, larger"
        timelines.append((words, Timeline(axis, axis.zoom_ticks(), dark).draw(day, words)))
    return {
        "home": home,
        "day": day,
        "now": now,
        "nothing": not known and not day.recorded,
        "late": _late(date, now, asked),
        "before": max((each for each in known if each < date), default=None),
        "after": min((each for each in known if each > date), default=None),
        "first": known[0] if known else now,
        "opening": sentences.opening(day),
        "unusual": [told for told in day.unusual if told.severity],
        "usual": [told.sentence for told in day.unusual if not told.severity],
        "honest": [*sentences.changed(day), *sentences.in_sight(day), *sentences.could_not_be_seen(day)],
        "change": sentences.clock_change(day),
        "timelines": timelines if day.animals or day.recorded else [],
        "legend": _legend(day),
        "shaded": place is not None,
        "missing": sentences.missing_footage(day) if day.recorded else [],
        "budgets": [_budget(animal, day) for animal in day.animals if animal.seen_s],
        "coverage": [_ledger(camera, day) for camera in day.coverage],
        "nexts": nexts(home, now) if date >= max(done, default=now) else [],
        "groups": [(animal, _by_behaviour(animal)) for animal in day.animals if animal.bouts],
        "states": NOT_BEHAVIOURS,
    }


def _late(date: dt.date, now: dt.date, asked: str) -> str:
    if asked or date == now:
        return ""
    return f"This is the last day that was looked at. The night's work looks at {look.day_name(now)} when it is over."


def _legend(day: Day) -> list[str]:
    shown = {bout.behaviour for animal in day.animals for bout in animal.bouts}
    states = {part.state for row in day.coverage.values() for part in row}
    states |= {"unseen", *(["gap"] if day.without_footage else [])} if day.animals else set()
    own = sorted(shown - set(look.BEHAVIOURS))
    order = [*(name for name in look.BEHAVIOURS if name in shown), *own]
    return [*order, *(name for name in ("unseen", *look.STATES) if name in states)]


def _budget(animal: Animal, day: Day) -> Budget:
    there = {bout.behaviour for bout in animal.bouts}
    links = {name: f"#bouts-{animal.key}-{look.css_name(name)}" for name in there}
    seen = [share for share in animal.budget if share.behaviour not in NOT_BEHAVIOURS]
    return Budget(
        animal,
        [(share, links.get(share.behaviour, "")) for share in animal.budget],
        drawing.bar(seen, animal.seen_s, f"The time in which {animal.name} was in sight", links),
        drawing.bar(list(animal.budget), day.span.seconds, f"The whole day of {animal.name}", links),
    )


def _by_behaviour(animal: Animal) -> list[tuple[str, list[Bout]]]:
    order = [share.behaviour for share in animal.budget]
    names = sorted({bout.behaviour for bout in animal.bouts}, key=lambda name: (name not in order, name))
    names.sort(key=lambda name: order.index(name) if name in order else len(order))
    return [(name, [bout for bout in animal.bouts if bout.behaviour == name]) for name in names]


def _ledger(camera: str, day: Day) -> tuple[str, str, list[tuple[str, float, list[str]]]]:
    lines = []
    for state in look.STATES:
        parts = [part for part in day.coverage[camera] if part.state == state]
        told = [f"{day.from_to(part.span)}{f' ({part.reason})' if state == 'gap' else ''}" for part in parts]
        if parts:
            lines.append((state, sum(part.span.seconds for part in parts), told))
    return camera, day.cameras[camera], lines


def nexts(home: Home, now: dt.date) -> list[str]:
    """What comes next, as the last forecasts have it: a sentence each; those that abstain are left to Habits."""
    newest = home.tables.last(FORECASTS, now)
    if newest is None:
        return []
    rows = home.tables.read(FORECASTS, newest)
    rows = rows[rows["cat"].isin(list(home.config.cats))]
    rows = rows[(rows["kind"] == "next_event") & ~rows["abstained"].astype(bool)].dropna(subset=["p10", "p50", "p90"])
    return [
        f"{called(home, row['cat'])}, {look.mark_of(row['behaviour']).label.lower()}: {due(home, row)[0]}"
        for _, row in rows.sort_values("p50").iterrows()
    ]
