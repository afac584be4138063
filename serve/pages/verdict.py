"""Where an owner says what something really was. It is kept at once, and can be taken back at once."""

from __future__ import annotations

import datetime as dt

from nicegui import ui

from home.correcting import correct
from home.corrections import Correction, Field, withdraw
from home.errors import CatMLError
from home.ethogram import BEHAVIOURS, UNKNOWN
from home.folder import Home
from home.look import mark_of
from serve.pages.frame import called, read
from serve.pages.saying import say, status

__all__ = ["told", "verdict"]

NO_ANIMAL = "no animal"


def verdict(home: Home, name: str, behaviour: str, cat: str) -> None:
    """Ask about a bout: right, or what it was and who.

    Args:
        home: the home.
        name: the bout's id.
        behaviour, cat: what the house took it for.
    """
    deeds = {each: mark_of(each).label for each in BEHAVIOURS} | {NO_ANIMAL: "No animal at all"}
    names = {key: each.name for key, each in home.config.cats.items()} | {UNKNOWN: "Cannot be told"}
    said = status()
    with ui.element("div").classes("row-of"):
        ui.button("That is right", on_click=lambda: _keep(home, said, name, {"behaviour": behaviour})).props("outline")
    with ui.element("div").classes("row-of"):
        deed = ui.select(deeds, value=behaviour, label="It was").props("outlined")
        whom = ui.select(names, value=cat if cat in names else UNKNOWN, label="The cat was").props("outlined")

        async def save() -> None:
            values: dict[Field, str] = {}
            if deed.value == NO_ANIMAL:
                values["not_an_animal"] = "true"
            else:
                values |= {"behaviour": deed.value} if deed.value != behaviour else {}
                values |= {"cat": whom.value} if whom.value != cat else {}
            if not values:
                return say(said, "Nothing was changed: choose what it was, or which cat.")
            return await _keep(home, said, name, values)

        ui.button("Put it right", on_click=save).props("unelevated color=primary")


async def _keep(home: Home, said: ui.element, name: str, values: dict[Field, str]) -> None:
    try:
        kept = await read(correct, home, [name], values, dt.datetime.now(dt.UTC), by="owner")
    except CatMLError as error:
        return say(said, str(error), wrong=True)
    words = " ".join(f"Kept: {told(home, each)}." for each in kept)
    return say(said, f"{words} The next night's work reads the day with it.", lambda: _back(home, said, kept))


async def _back(home: Home, said: ui.element, kept: list[Correction]) -> None:
    for each in kept:
        await read(withdraw, home.database, each.id, dt.datetime.now(dt.UTC))
    say(said, "Taken back: what the house said stands again.")


def told(home: Home, each: Correction) -> str:
    """A correction in words: what it was, and what it was taken for."""
    if each.field == "not_an_animal":
        return "it was no animal"
    if each.field == "cat":
        return "nobody can tell which cat it was" if each.value == UNKNOWN else f"it was {called(home, each.value)}"
    was = f", not {mark_of(each.was).label.lower()}" if each.was and each.was != each.value else ", as it was read"
    return f"it was {mark_of(each.value).label.lower()}{was}"
