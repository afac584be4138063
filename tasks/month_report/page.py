"""A report as one HTML file that asks nothing of anybody; the same page, without what only a screen can use, goes to paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from home import look
from home.day import drawing
from home.day.sentences import unbroken
from home.ethogram import BEHAVIOURS
from home.folder import Home
from home.speech.month import parse_month
from home.speech.speech import Speech
from models.habits.history import History
from tasks.day_page.page import STYLE as DAY_STYLE
from tasks.habit_history import EYES
from tasks.month_report import telling
from tasks.month_report.actogram import actogram_of
from tasks.month_report.bands import MOST, bands_of
from tasks.month_report.evidence import Shown
from tasks.month_report.heat import heat_of
from tasks.month_report.links import Links
from tasks.month_report.numbers import Day, Event, Numbers
from tasks.month_report.strips import budget_bar, cover_strip
from tasks.month_report.vet import vet_rows

__all__ = ["Content", "drawn", "render"]

TEMPLATES = Path(__file__).parent
FULL = 0.98  # a day observed for this share counts as whole


@dataclass(frozen=True)
class Content:
    """What a report is filled with.

    Attributes:
        numbers: of the cat or the home.
        histories: of the cat by behaviour, cut to the month; empty for the home.
        observed: spans in which anything could have been seen `[M, 2]`.
        shown: what was unusual.
        looked: nights that were judged.
        links: of the month.
        cats: numbers of each cat, for the home's page.
    """

    numbers: Numbers
    histories: dict[str, History]
    observed: np.ndarray
    shown: Sequence[Shown]
    looked: int
    links: Links
    cats: Sequence[Numbers] = ()


def render(filled: Mapping[str, Any], paper: bool = False) -> str:
    """The page of a cat or of the home from what `drawn` gave. Same home, same numbers, same text."""
    return _environment().get_template("month.html").render(**filled, paper=paper)


def drawn(home: Home, content: Content) -> dict[str, Any]:
    """All that the template is filled with, for the screen and for paper."""
    numbers, month = content.numbers, parse_month(content.numbers.month)
    speech = Speech(numbers.language, home.zone)
    dates = [date for date in month.dates if date <= numbers.until]
    told = [each for each in numbers.behaviours if each.observed_s and each.behaviour != EYES]
    by_day, acto = _by_day(numbers.events, dates, speech), None
    if content.histories and dates and len(content.observed):
        acto = actogram_of(content.histories, dates, content.observed, home.config.place, speech)
    return dict(
        numbers=numbers,
        s=speech,
        month=month,
        told=told,
        t=telling,
        css=Markup(_css()),
        patterns=drawing.patterns(),
        bar=budget_bar(parts, speech.say("day_bar", numbers.name)) if (parts := _bar(numbers, speech)) else "",
        strip=lambda source: cover_strip(source.shares, month.dates, source.name, speech),
        heats=[heat_of(each, speech) for each in numbers.heatmaps],
        acto=acto,
        acto_changes=[words for _, words in acto.changes] if acto else [],
        seen_by_cameras=any(each.observed_s for each in numbers.behaviours if each.behaviour == EYES),
        placed=home.config.place is not None,
        bands=bands_of(numbers.foretold, speech),
        most=MOST,
        shown=content.shown,
        looked=content.looked,
        links=content.links,
        vet=vet_rows(numbers, speech) if numbers.cat else [],
        days=[_day(day, [each.behaviour for each in told]) for day in numbers.days],
        events=by_day,
        event_dates={str(date) for date, _, _ in by_day},
        cats=content.cats,
        file=numbers.cat or "home",
        full=FULL,
    )  # fmt: skip


def _bar(numbers: Numbers, speech: Speech) -> list[tuple[str, float, str]]:
    """A usual day as shares: behaviour, percent, words; what is left is out of sight. Empty where no day is whole."""
    if any(each.enough and each.watched_h < 24 for each in numbers.behaviours):
        return []
    spent = [(each.behaviour, each.seconds_a_day) for each in numbers.behaviours if each.seconds_a_day]
    whole = max(86400.0, sum(seconds for _, seconds in spent))
    if not spent or sum(seconds for _, seconds in spent) < 3600:
        return []  # a feeder's minutes are no day
    parts = [*spent, ("unseen", whole - sum(seconds for _, seconds in spent))]
    return [
        (name, 100 * seconds / whole, f"{speech.label(name)}: {look.duration(seconds)}")
        for name, seconds in parts
        if seconds >= 1
    ]


@dataclass(frozen=True)
class DayRow:
    """A date in the table of days: for each behaviour its events and observed share (None: not observed), and the greatest share."""

    date: dt.date
    cells: list[tuple[str, int, float | None]]
    share: float


def _day(day: Day, behaviours: Sequence[str]) -> DayRow:
    cells = []
    for name in behaviours:
        events, _, observed = day.behaviours.get(name, (0, 0.0, 0.0))
        cells.append((name, events, observed / day.seconds if observed else None))
    return DayRow(day.date, cells, max((share or 0.0 for _, _, share in cells), default=0.0))


def _by_day(
    events: Sequence[Event], dates: Sequence[dt.date], speech: Speech
) -> list[tuple[dt.date, int, list[tuple[str, list[Event]]]]]:
    """Events by date and behaviour; dates without any are left out."""
    found: dict[dt.date, dict[str, list[Event]]] = {date: {} for date in dates}
    for event in events:
        own = found.setdefault(event.start.astimezone(speech.zone).date(), {})
        own.setdefault(event.behaviour, []).append(event)
    order = {name: place for place, name in enumerate(BEHAVIOURS)}
    return [
        (date, sum(map(len, own.values())), sorted(own.items(), key=lambda each: order.get(each[0], len(order))))
        for date, own in found.items()
        if own
    ]


@lru_cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["unbroken"] = unbroken
    environment.filters["duration"] = look.duration
    environment.filters["css_name"] = look.css_name
    environment.filters["drawn_as"] = drawing.drawn_as
    environment.globals["swatch"] = drawing.swatch
    return environment


@lru_cache
def _css() -> str:
    names = [look.css_name(name) for name in look.MARKS]
    inks = "".join(f".on-{name}{{--fill:var(--{name});--ink:var(--{name}-ink)}}" for name in names)
    sheets = [(folder / name).read_text("utf-8") for folder, name in ((DAY_STYLE, "day.css"), (TEMPLATES, "month.css"))]
    return "".join([look.css_variables(), inks, *sheets])
