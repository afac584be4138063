"""Live: what each camera sees now, drawn over its picture, a few times a second while somebody looks."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from nicegui import ui
from starlette.requests import Request

from home.look import MARKS, css_name, mark_of
from serve.live import live_now
from serve.pages.frame import framed, home_of, read, show

SCRIPT = Path(__file__).with_name("live.js")
RUNS = ("watched", "offline")  # of a camera whose watcher runs


@ui.page("/live", title="Live · CatML", response_timeout=30)
async def page(request: Request, camera: str = "") -> None:
    """The page; `camera` is the one that is shown large."""
    home = home_of(request)
    now = await read(live_now, home, dt.datetime.now(dt.UTC))
    alone = camera if camera in home.config.cameras else ""
    marks = {name: (css_name(name), mark_of(name).letter) for name in MARKS}
    views = [view for view in now.cameras if not alone or view.camera == alone]
    with framed(request, "Live"):
        runs = any(view.state in RUNS for view in now.cameras)
        show("live.html", now=now, views=views, alone=alone, marks=marks, runs=runs)
        ui.add_body_html(f"<script>{SCRIPT.read_text(encoding='utf-8')}</script>")
