"""One bout: its picture, its clip, what was read, and where an owner puts it right."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from nicegui import ui
from starlette.requests import Request

from home.clock import Span
from home.corrections import Correction, corrections, withdraw
from home.errors import WrongUse
from home.folder import Home
from home.look import clock_time, day_name
from home.tables import BOUTS
from serve.pages.frame import called, framed, home_of, may_change, read, show
from serve.pages.verdict import told, verdict

BEFORE_S = 3.0  # a clip begins a little before the frame that shows it best


@dataclass(frozen=True)
class Found:
    """A row of the bouts table, and what was said of it.

    Attributes:
        box: x1 y1 x2 y2 in percent of the picture; empty where the row has none.
    """

    row: Any
    date: dt.date
    when: str
    box: tuple[float, ...]
    said: list[Correction]


@ui.page("/bout", title="A bout · CatML", response_timeout=30)
async def page(request: Request, id: str = "", date: str = "") -> None:
    """The page."""
    home = home_of(request)
    found = await read(_found, home, id, date)
    with framed(request, ""):
        row = found.row
        show(
            "bout.html",
            home=home,
            found=found,
            row=row,
            who=called(home, row.cat),
            seen_by=[_camera(home, each) for each in row.cameras],
            begin=max(0.0, row.offset_s - BEFORE_S),
        )
        if not may_change(request):
            return
        ui.html("<h2>Is that right?</h2>", sanitize=False)
        for each in found.said:
            _said(home, each)
        verdict(home, row.bout_id, row.behaviour, row.cat)


def _camera(home: Home, camera: str) -> str:
    return (home.config.cameras[camera].name or camera) if camera in home.config.cameras else camera


def _said(home: Home, each: Correction) -> None:
    with ui.element("div").classes("tell") as line:
        ui.label(f"You said on {each.made_at.astimezone(home.zone):%Y-%m-%d %H:%M}: {told(home, each)}.")

        async def undo() -> None:
            await read(withdraw, home.database, each.id, dt.datetime.now(dt.UTC))
            line.delete()

        ui.button("Undo", on_click=undo).props("outline")


def _found(home: Home, name: str, date: str) -> Found:
    try:
        there = dt.date.fromisoformat(date)
    except ValueError:
        raise WrongUse(f"{date!r} is no date; follow a link of Today to a bout") from None
    rows = home.tables.read(BOUTS, there)
    rows = rows[rows["bout_id"] == name]
    if rows.empty:
        raise WrongUse(f"{there} has no bout {name!r}: the day may have been read again; Today has its bouts")
    row = next(rows.itertuples())
    span = Span(row.start.to_pydatetime(), row.end.to_pydatetime())
    box = np.array([row.x1, row.y1, row.x2, row.y2], np.float64)
    times = [clock_time(edge, home.zone, span.seconds < 120) for edge in (span.start, span.end)]
    return Found(
        row,
        there,
        f"{day_name(there)}, {times[0]} to {times[1]}",
        tuple(100 * box.clip(0, 1)) if np.isfinite(box).all() else (),
        [each for each in corrections(home.database, span=span) if each.camera == row.camera and each.what == "bout"],
    )
