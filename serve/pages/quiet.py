"""Of Events: no alerts for a while."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from nicegui import ui
from starlette.requests import Request

from home.alert_settings import HOUSE_RULES
from home.errors import CatMLError
from home.folder import Home
from home.look import clock_time, day_name
from home.snoozes import Snooze, end, snooze, snoozes
from serve.pages.frame import called, home_of, may_change, read, template
from serve.pages.saying import say, status

__all__ = ["quiet"]

LENGTHS = {"1 h": dt.timedelta(hours=1), "8 h": dt.timedelta(hours=8), "1 day": dt.timedelta(days=1)}


async def quiet(request: Request, names: Iterable[str]) -> None:
    """No alerts for a while: of everything, of one rule, or of one cat.

    Args:
        request: whose page.
        names: of the rules of home.yaml.
    """
    home, allowed = home_of(request), may_change(request)
    ui.html(template("quiet.html", change=allowed), sanitize=False)
    said = status()
    listing = ui.element("div")

    async def draw() -> None:
        try:
            held = await read(snoozes, home.database, dt.datetime.now(dt.UTC))
        except CatMLError as error:
            return say(said, str(error), wrong=True)
        listing.clear()
        with listing:
            if not held:
                ui.html("<p>Nothing is snoozed.</p>", sanitize=False)
            for each in held:
                with ui.element("div").classes("row-of held-row"):
                    ui.label(_snoozed(home, each))
                    if allowed:
                        ui.button("End it now", on_click=lambda each=each: stop(each)).props("outline")
        return None

    async def begin() -> None:
        what, _, name = str(about.value).partition(":")
        now = dt.datetime.now(dt.UTC)
        try:
            kept = await read(snooze, home.database, Snooze(what, name, now + LENGTHS[length.value], now, "owner"))  # type: ignore[arg-type]
        except CatMLError as error:
            return say(said, str(error), wrong=True)
        await draw()
        return say(said, [f"Snoozed: {_snoozed(home, kept)}."], lambda: stop(kept))

    async def stop(each: Snooze) -> None:
        try:
            await read(end, home.database, each.id, dt.datetime.now(dt.UTC))
        except CatMLError as error:
            return say(said, str(error), wrong=True)
        await draw()
        return say(said, [f"Told again: {_about(home, each)}."])

    if allowed:
        chosen = {"all:": "Everything"} | {f"cat:{key}": each.name for key, each in home.config.cats.items()}
        chosen |= {f"rule:{name}": f"Rule {name}" for name in names}
        chosen |= {f"rule:{name}": name.replace("_", " ").capitalize() for name in HOUSE_RULES}
        with ui.element("div").classes("row-of"):
            about = ui.select(chosen, value="all:", label="Snooze").props("outlined")
            length = ui.select(list(LENGTHS), value="1 h", label="For").props("outlined").classes("short")
            ui.button("Snooze", on_click=begin).props("outline")
    await draw()


def _about(home: Home, each: Snooze) -> str:
    if each.what == "all":
        return "everything"
    return f"rule {each.name}" if each.what == "rule" else called(home, each.name)


def _snoozed(home: Home, each: Snooze) -> str:
    local = each.until.astimezone(home.zone)
    day = "" if local.date() == dt.datetime.now(home.zone).date() else f"{day_name(local.date())}, "
    words = _about(home, each)
    return f"{words[0].upper()}{words[1:]} until {day}{clock_time(each.until, home.zone)}"
