"""What all pages share: how they are laid out, who looks at them, and how their words become HTML."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from urllib.parse import quote

import pandas as pd
from anyio.to_thread import run_sync
from fastapi import FastAPI
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from nicegui import ui
from starlette.requests import Request

from home import look
from home.day import drawing, sentences
from home.ethogram import UNKNOWN
from home.folder import Home, moment_now, today
from serve.access import Who, who
from serve.times import FIRST, LAST

__all__ = [
    "PAGES",
    "called",
    "chosen",
    "due",
    "framed",
    "home_of",
    "may_change",
    "missing",
    "outer",
    "read",
    "show",
    "template",
]

HERE = Path(__file__).parent
STYLE = Path(drawing.__file__).parent / "day.css"
PAGES = {
    "Today": "/",
    "Live": "/live",
    "Cats": "/cats",
    "Habits": "/habits",
    "Recordings": "/recordings",
    "Events": "/events",
    "Try it": "/try",
    "Models": "/models",
    "Settings": "/settings",
}
Given = ParamSpec("Given")
Found = TypeVar("Found")


def outer(request: Request) -> FastAPI:
    """The application that the pages are mounted on."""
    found: FastAPI = request.scope["state"]["outer"]
    return found


def home_of(request: Request) -> Home:
    """The home that is shown."""
    home: Home = outer(request).state.home
    return home


def may_change(request: Request) -> bool:
    """Whether who looks may change anything; a guest may only read."""
    return who(request).may("write")


async def read(function: Callable[Given, Found], *given: Given.args, **named: Given.kwargs) -> Found:
    """Run what reads tables or rows beside the event loop: other pages go on meanwhile."""
    return await run_sync(lambda: function(*given, **named))


@contextmanager
def framed(request: Request | None, page: str) -> Iterator[None]:
    """A page's frame: style, hatches, the way to the other pages; what is made inside is its content.

    Args:
        request: whose; None where it is not known.
        page: its name in PAGES, empty for one that is none of them.
    """
    ui.add_head_html(f"<style>{_style()}</style>")
    found: Who | None = who(request) if request else None
    words = template("frame.html", pages=PAGES, page=page, who=found)
    ui.html(words, sanitize=False)
    with ui.element("div").classes("sheet").props("id=content tabindex=-1"):
        yield


def show(name: str, **filled: Any) -> None:
    """Put a filled template on the page."""
    ui.html(template(name, **filled), sanitize=False)


def template(name: str, **filled: Any) -> str:
    """A template of this folder, filled."""
    return _environment().get_template(name).render(**filled)


def missing() -> str:
    """The page of an address that is none."""
    return template("missing.html", style=Markup(_style()), pages=PAGES)


def called(home: Home, cat: str) -> str:
    """The name of a cat."""
    return (
        home.config.cats[cat].name if cat in home.config.cats else "A cat nobody could tell" if cat == UNKNOWN else cat
    )


def chosen(text: str, dates: list[dt.date]) -> dt.date | None:
    """The date that an address asks for, if it is one of our times; else the last one there is."""
    try:
        asked = dt.date.fromisoformat(text)
    except ValueError:
        asked = None
    if asked is not None and FIRST <= asked.year <= LAST:
        return asked
    return dates[-1] if dates else None


def due(home: Home, found: Any) -> tuple[str, bool]:
    """When a forecast's next event is to come, from its row's p10, p50 and p90, and whether all of that time is over: it is not
    known then what came, before the night's work has looked at the day."""
    low, middle, high = (pd.Timestamp(found[name]).to_pydatetime() for name in ("p10", "p50", "p90"))
    day = look.near_day(middle.astimezone(home.zone).date(), today(home))
    over = high < moment_now(home)
    words = f"{day}, {look.about(middle, low, high, home.zone)}"
    return f"{words}. That time is over; the next night's work tells what came" if over else words, over


def _address(path: str, **query: object) -> str:
    """A path with its query."""
    pairs = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in query.items())
    return f"{path}?{pairs}" if pairs else path


@cache
def _style() -> str:
    marks = "".join(
        f".on-{name}{{--fill:var(--{name});--ink:var(--{name}-ink)}}" for name in map(look.css_name, look.MARKS)
    )
    # Quasar calls its own frame `main`; of a page of ours it is this.
    shared = re.sub(r"^main\{", ".sheet{", STYLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return look.css_variables() + marks + shared + (HERE / "pages.css").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    words = (
        look.duration, look.times, look.counted, look.listed, look.sureness, look.footage_offset, look.day_name,
        look.mark_of, look.clock_time, look.css_name, sentences.as_sentence, sentences.unbroken, drawing.drawn_as,
    )  # fmt: skip
    environment.filters.update({function.__name__: function for function in words})
    environment.globals.update(swatch=drawing.swatch, patterns=drawing.patterns, address=_address)
    return environment
