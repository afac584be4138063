"""Of Cats: photos by which each is known, and two that are one animal."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from nicegui import ui
from starlette.requests import Request

from home.errors import CatMLError
from home.folder import Home
from home.merging import edit_of, merge, unmerge
from serve.access import who
from serve.again import Again
from serve.pages.frame import home_of, outer, read, template
from serve.pages.home_file import change, checked, edited, text_of
from serve.pages.saying import say, status

__all__ = ["enrolling", "merging"]

SCRIPT = Path(__file__).with_name("enrolling.js")


def enrolling(request: Request) -> None:
    """Photos are dropped here; each is checked and kept at once, and may be taken back."""
    home = home_of(request)
    cats = {key: each.name for key, each in home.config.cats.items()}
    words = template("enrolling.html", cats=cats, csrf=who(request).csrf, params=home.params.serve)
    ui.html(words, sanitize=False)
    ui.add_body_html(f"<script>{SCRIPT.read_text(encoding='utf-8')}</script>")


def merging(request: Request) -> None:
    """Two cats that are one: what is known of the one becomes known of the other."""
    app, cats = outer(request), {key: each.name for key, each in home_of(request).config.cats.items()}
    ui.html(template("merging.html"), sanitize=False)
    said = status()
    with ui.element("div").classes("row-of"):
        gone = ui.select(cats, label="This cat").props("outlined")
        into = ui.select(cats, label="is really").props("outlined")

        async def together() -> None:
            if not gone.value or not into.value or gone.value == into.value:
                return say(said, "Choose two cats: the one that goes, and the one that it really is.", wrong=True)
            names = f"{cats[gone.value]} is {cats[into.value]}"
            try:
                was, text, done = await read(_merged, app, gone.value, into.value)
            except CatMLError as error:
                return say(said, f"Not done: {error}", wrong=True)

            async def undo() -> None:
                try:
                    await read(_taken_back, app, was, text, done)
                except CatMLError as error:
                    return say(said, str(error), wrong=True)
                return say(said, f"Taken back: they are two cats again. {_again(app)}", on="/cats")

            return say(said, f"{names} from now on. {_again(app)}", undo, on="/cats")

        ui.button("They are one", on_click=together).props("outline")


def _merged(app: Any, gone: str, into: str) -> tuple[str, str, Any]:
    """Do it: home.yaml is checked first and written last, so that what stops in between can be done again."""
    home: Home = app.state.home
    was = text_of(home)
    text = edited(was, lambda tree: edit_of(tree, gone, into))
    checked(text)
    done = merge(home, gone, into, dt.datetime.now(dt.UTC))
    change(app, was, text)
    return was, text, done


def _taken_back(app: Any, was: str, text: str, done: Any) -> None:
    change(app, text, was)
    unmerge(app.state.home, done, dt.datetime.now(dt.UTC))


def _again(app: Any) -> str:
    """Tell past days anew, in words."""
    again: Again = app.state.again
    return again.begin(app.state.home).words
