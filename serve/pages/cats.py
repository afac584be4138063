"""Cats: who lives here, how each is called, and the animals that nobody has named yet."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

import pandas as pd
from nicegui import ui
from starlette.requests import Request

from home.clock import Span
from home.correcting import correct
from home.corrections import corrections, withdraw
from home.errors import CatMLError, redacted
from home.ethogram import UNKNOWN
from home.folder import Home
from home.gallery import photos
from home.look import clock_time, counted, day_name, listed
from home.tables import BOUTS
from serve.pages.frame import framed, home_of, may_change, outer, read, show, template
from serve.pages.home_file import edited
from serve.pages.saying import keep, status
from serve.pages.together import enrolling, merging

DAYS = 7  # of which animals without a name are shown
MOST = 12
LOOKED_FOR = 5 * MOST  # of the longest: whose footage is gone can be told by nobody


@dataclass(frozen=True)
class Known:
    """A cat of the home.

    Attributes:
        seen: when it was last seen, in words; empty if it was not.
        row: that bout; None if there is none.
        date: its local date.
    """

    id: str
    name: str
    photos: int
    seen: str
    row: Any
    date: dt.date | None


@ui.page("/cats", title="Cats · CatML", response_timeout=30)
async def page(request: Request) -> None:
    """The page."""
    home = home_of(request)
    known, strangers, later = await read(_filled, home)
    with framed(request, "Cats"):
        show("cats.html", opening=_opening(known, strangers, later), known=known, change=may_change(request))
        if strangers:
            show("strangers.html", days=DAYS, more=later)
            with ui.element("div").classes("gallery"):
                for date, row in strangers:
                    _stranger(home, date, row, may_change(request))
        if may_change(request):
            _names(request, home, known)
            if known:
                enrolling(request)
            if len(known) > 1:
                merging(request)


def _opening(known: list[Known], strangers: list[tuple[dt.date, Any]], later: int) -> list[str]:
    if not known:
        return ["No cat has a name yet."]
    who = f"{listed(each.name for each in known)} {'lives' if len(known) == 1 else 'live'} here."
    left = len(strangers) + later
    some = f"{counted(left, 'bout')} of the last days {'is' if left == 1 else 'are'} of a cat that nobody could tell."
    return [who, *([some] if left else [])]


def _filled(home: Home) -> tuple[list[Known], list[tuple[dt.date, Any]], int]:
    dates = home.tables.dates(BOUTS)[::-1][:DAYS]
    days = [(date, home.tables.read(BOUTS, date)) for date in dates]
    known = [_known(home, cat, days) for cat in home.config.cats]
    found = [(date, row) for date, rows in days for row in rows[rows["cat"] == UNKNOWN].itertuples()]
    if found:
        span = Span(
            min(row.start for _, row in found).to_pydatetime(), max(row.end for _, row in found).to_pydatetime()
        )
        said = {
            (each.camera, each.start)
            for each in corrections(home.database, span=span) if each.field in ("cat", "not_an_animal")
        }  # fmt: skip
        found = [(date, row) for date, row in found if (row.camera, row.start.to_pydatetime()) not in said]
    found.sort(key=lambda pair: -pair[1].duration_s)
    there = [pair for pair in found[:LOOKED_FOR] if home.footage.find(pair[1].chunk) is not None][:MOST]
    return known, there, len(found) - len(there)


def _known(home: Home, cat: str, days: list[tuple[dt.date, pd.DataFrame]]) -> Known:
    name, kept = home.config.cats[cat].name, len(photos(home.data, cat))
    for date, rows in days:
        mine = rows[rows["cat"] == cat]
        if len(mine):
            last = mine["end"].max().to_pydatetime()
            row = next(mine.sort_values("confidence").tail(1).itertuples())
            day = day_name(last.astimezone(home.zone).date())
            return Known(cat, name, kept, f"{day}, {clock_time(last, home.zone)}", row, date)
    return Known(cat, name, kept, "", None, None)


def _names(request: Request, home: Home, known: list[Known]) -> None:
    """Rename a cat, or add one."""
    ui.html(template("names.html", any=bool(known)), sanitize=False)
    said = status()

    async def save(words: str, edit: Any) -> None:
        await keep(outer(request), said, lambda was: edited(was, edit), words, on="/cats")

    for each in known:
        with ui.element("div").classes("row-of"):
            field = ui.input(f"Name of {each.name}", value=each.name).props("outlined maxlength=60")

            async def rename(cat: str = each.id, field: ui.input = field, old: str = each.name) -> None:
                new = field.value.strip()

                def edit(tree: Any) -> None:
                    if not tree["cats"].get(cat):
                        tree["cats"][cat] = {}
                    tree["cats"][cat]["name"] = new

                await save(f"{old} is called {new} now.", edit)

            ui.button("Rename", on_click=rename).props("outline")
    with ui.element("div").classes("row-of"):
        new = ui.input("Name of a new cat").props("outlined maxlength=60")

        async def add() -> None:
            name = new.value.strip()

            def edit(tree: Any) -> None:
                if not tree.get("cats"):
                    tree["cats"] = {}
                tree["cats"][_id(name, list(tree["cats"]))] = {"name": name}

            await save(f"{name} lives here now.", edit)

        ui.button("Add", on_click=add).props("outline")


def _id(name: str, taken: list[str]) -> str:
    """An id for a new cat, from its name."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_") or "cat"
    plain = plain if plain[0].isalpha() else f"cat_{plain}"
    return next(each for each in (plain, *(f"{plain}_{n}" for n in range(2, 1000))) if each not in taken)


def _stranger(home: Home, date: dt.date, row: Any, change: bool) -> None:
    """A card of an animal without a name, with a button for each cat it may be."""
    when = f"{day_name(date)}, {clock_time(row.start.to_pydatetime(), home.zone)}"
    with ui.element("article").classes("card"):
        ui.html(template("stranger.html", row=row, date=date, when=when), sanitize=False)
        if not change:
            return
        with ui.element("div").classes("about").props('role=status aria-live="polite"') as place:
            _ask(home, row, place)


def _ask(home: Home, row: Any, place: ui.element) -> None:
    place.clear()

    async def name(cat: str, called: str) -> None:
        try:
            kept = await read(correct, home, [row.bout_id], {"cat": cat}, dt.datetime.now(dt.UTC), by="owner")
        except CatMLError as error:
            place.clear()
            with place:
                ui.label(redacted(str(error)))
            return
        place.clear()

        async def undo() -> None:
            for each in kept:
                await read(withdraw, home.database, each.id, dt.datetime.now(dt.UTC))
            _ask(home, row, place)

        with place:
            ui.label(f"Kept: this is {called}. The next night's work learns from it.")
            ui.button("Undo", on_click=undo).props("outline")

    with place, ui.element("div").classes("row-of"):
        for cat, settings in home.config.cats.items():
            ui.button(f"{settings.name}", on_click=lambda cat=cat, called=settings.name: name(cat, called)).props(
                "outline"
            )
