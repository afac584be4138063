"""Try it: a photo or clip of one's own, looked at as the night would, and drawn. Nothing of it is kept."""

from __future__ import annotations

from pathlib import Path

from nicegui import ui
from starlette.requests import Request

from home.look import MARKS, POSTURES, mark_of
from serve.access import who
from serve.pages.frame import framed, home_of, show

SCRIPT = Path(__file__).with_name("trying.js")


@ui.page("/try", title="Try it · CatML", response_timeout=30)
async def page(request: Request) -> None:
    """The page."""
    home, asking = home_of(request), who(request)
    with framed(request, "Try it"):
        words = {name: mark_of(name).label for name in MARKS} | POSTURES
        show("trying.html", may=asking.may("predict"), csrf=asking.csrf, words=words, params=home.params.serve)
        ui.add_body_html(f"<script>{SCRIPT.read_text(encoding='utf-8')}</script>")
