"""What a day page says of what was unusual for a cat, or that nothing was; of what could not be judged it says nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pandas as pd

from home.day.day import FOLDER, Animal, Unusual
from home.folder import Home
from home.look import clock_time, day_name, listed
from home.tables import ANOMALIES

__all__ = ["NOTE", "read_unusual"]

NOTE = "CatML compares a cat with its own past. What it says is an indicator, not a diagnosis."
SAID = {"notice": "A little unusual for {0}", "warning": "Unusual for {0}", "urgent": "Look at {0} now"}
ABOUT = {"eating": "meals", "using_litter_box": "litter box visits", "night": "nights"}
MOST_LINKS = 6


def read_unusual(home: Home, date: dt.date, animals: Sequence[Animal]) -> tuple[Unusual, ...]:
    """What stage `anomalies` has found on a local day, worst first, then of which cats nothing was unusual.

    Nothing is said of a day that it has not looked at, nor of a cat of which too little is known or was seen.
    """
    notes = home.tables.notes(ANOMALIES, date)
    if not notes:
        return ()
    cats, rows = home.config.cats, home.tables.read(ANOMALIES, date)
    rows = rows[rows["cat"].isin(list(cats))].sort_values(["raised", "cat", "of", "kind"], kind="stable")
    found = [
        Unusual(
            row.severity, _said(row.severity, cats[row.cat].name, "", row.sentence), _links(home, date, row, animals)
        )
        for row in rows.itertuples()
    ]
    for one in notes.get("lasting", ()):
        if one["cat"] in cats:
            since = dt.datetime.fromisoformat(one["since"]).astimezone(home.zone)
            told = _said(one["severity"], cats[one["cat"]].name, f", since {day_name(since.date())}", one["sentence"])
            found.append(Unusual(one["severity"], told, tuple(_page(home, since.date()))))
    order = list(reversed(SAID))
    worst_first = sorted(found, key=lambda one: order.index(one.severity))
    told_of = {*rows["cat"], *(one["cat"] for one in notes.get("lasting", ()))}
    return (*worst_first, *_nothing(home, notes.get("judged", {}), told_of))


def _nothing(home: Home, judged: dict[str, list[str]], told_of: set[str]) -> list[Unusual]:
    """Cats of which the same was judged share a sentence; a home with one cat need not be told which."""
    same = dict[tuple[str, ...], list[str]]()
    for cat, settings in home.config.cats.items():
        if judged.get(cat) and cat not in told_of:
            same.setdefault(tuple(judged[cat]), []).append(settings.name)
    sentences = []
    for of, names in same.items():
        whole = set(of) == set(ABOUT)
        about = "" if whole else f" about {listed(ABOUT.get(each, each) for each in of)}"
        whose = "" if len(names) == len(home.config.cats) else f" for {listed(names)}"
        sentences.append(Unusual("", f"Nothing unusual{about}{whose}."))
    return sentences


def _said(severity: str, name: str, since: str, sentence: str) -> str:
    return f"{SAID[severity].format(name)}{since}: {sentence[:1].lower()}{sentence[1:]}"


def _links(home: Home, date: dt.date, row: Any, animals: Sequence[Animal]) -> tuple[tuple[str, str], ...]:
    """The bouts on this page, newest last, and the pages of the days before on which it rests."""
    evidence = pd.DatetimeIndex(row.evidence, tz="UTC")
    moments = {moment.to_pydatetime() for moment in evidence}
    bouts = [
        (f"#{bout.anchor}", clock_time(bout.span.start, home.zone))
        for animal in animals
        if animal.cat == row.cat
        for bout in animal.bouts
        if bout.span.start in moments
    ]
    dates = sorted({moment.astimezone(home.zone).date() for moment in moments} - {date})
    return (*(link for each in dates[-MOST_LINKS:] for link in _page(home, each)), *bouts[-MOST_LINKS:])


def _page(home: Home, date: dt.date) -> list[tuple[str, str]]:
    """The page of another day, if there is one."""
    there = home.data.find(f"{FOLDER}/{date.isoformat()}.html") is not None
    return [(f"{date.isoformat()}.html", day_name(date))] if there else []
