"""Settings: home.yaml, checked before it is kept, and the zones of a camera drawn on its picture."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from nicegui import events, ui
from starlette.requests import Request

from home.ethogram import NEEDS_ZONE
from home.folder import Home
from home.tables import BOUTS, FRAMES
from serve.access import who
from serve.pages.frame import framed, home_of, outer, read, show
from serve.pages.home_file import edited, text_of
from serve.pages.saying import keep, say, status

KINDS = (*sorted(NEEDS_ZONE.values()), "bed", "scratching_post")


@dataclass(frozen=True)
class Snapshot:
    """A frame of a camera to draw on: its address, empty if there is none."""

    address: str
    camera: str


@ui.page("/settings", title="Settings · CatML", response_timeout=30)
async def page(request: Request, camera: str = "") -> None:
    """The page."""
    home, app = home_of(request), outer(request)
    changed: list[Callable[[], None]] = []  # what shows home.yaml, each part in its way
    with framed(request, "Settings"):
        if not who(request).may("admin"):
            show("settings.html", home=home, camera="", picture=None, allowed=False)
            return
        camera = camera if camera in home.config.cameras else next(iter(home.config.cameras), "")
        picture = await read(_snapshot, home, camera) if camera else None
        show("settings.html", home=home, camera=camera, picture=picture, allowed=True)
        if picture and picture.address:
            _zones(app, picture, changed)
        await _editor(app, changed)


def _snapshot(home: Home, camera: str) -> Snapshot:
    """The frame of the last thing that was seen on it, else of its last sample."""
    for date in reversed(home.tables.dates(BOUTS)[-14:]):
        rows = home.tables.read(BOUTS, date)
        rows = rows[rows["camera"] == camera]
        if len(rows):
            return Snapshot(_still(rows.iloc[-1]["chunk"], float(rows.iloc[-1]["offset_s"])), camera)
    for date in reversed(home.tables.dates(FRAMES)[-14:]):
        frames = home.tables.read(FRAMES, date, camera)
        if len(frames):
            return Snapshot(_still(frames.iloc[-1]["chunk"], float(frames.iloc[-1]["offset_s"])), camera)
    return Snapshot("", camera)


def _still(chunk: str, offset_s: float) -> str:
    return f"/media/still?chunk={quote(chunk, safe='')}&at={offset_s:.3f}&width=960"


class Drawing:
    """The corners that are being set, and the picture they are set on.

    Args:
        app: whose home it is.
        picture: to draw on.
    """

    def __init__(self, app: FastAPI, picture: Snapshot) -> None:
        self._app, self._camera = app, picture.camera
        self.corners: list[tuple[float, float]] = []
        self.image = ui.interactive_image(picture.address, on_mouse=self._clicked, events=["click"], cross="#000")
        self.image.classes("drawn-on").on("loaded", self._loaded)
        self._size = (1.0, 1.0)

    @property
    def zones(self) -> dict[str, Any]:
        """Those of the camera, as home.yaml has them now."""
        return dict(self._app.state.home.config.cameras[self._camera].zones)

    def _loaded(self, event: events.GenericEventArguments) -> None:
        self._size = float(event.args["width"]), float(event.args["height"])
        words = json.dumps(f"A frame of {self._camera}, to draw zones on")  # NiceGUI's picture has no text of its own
        ui.run_javascript(f"getHtmlElement({self.image.id}).querySelector('img').alt = {words}")
        self.draw()

    def _clicked(self, event: events.MouseEventArguments) -> None:
        width, height = self._size
        self.corners.append((min(1.0, max(0.0, event.image_x / width)), min(1.0, max(0.0, event.image_y / height))))
        self.draw()

    def draw(self) -> None:
        """Put the zones, and the corners so far, over the picture."""
        parts = [self._polygon(corners, name, "#E69F00") for name, corners in self.zones.items()]
        if self.corners:
            parts.append(self._polygon(self.corners, "", "#56B4E9"))
        self.image.content = "".join(parts)

    def _polygon(self, corners: Any, name: str, colour: str) -> str:
        width, height = self._size
        places = [(x * width, y * height) for x, y in corners]
        points, unit = " ".join(f"{x:.1f},{y:.1f}" for x, y in places), width / 320
        dots = "".join(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{2 * unit:.1f}" fill="{colour}" stroke="#000"/>' for x, y in places
        )
        x, y = places[0]
        words = (
            f'<text x="{x + 4 * unit:.1f}" y="{y - 4 * unit:.1f}" font-size="{10 * unit:.1f}" fill="#fff" stroke="#000" '
            f'stroke-width="{2 * unit:.1f}" paint-order="stroke">{name}</text>' if name else ""
        )  # fmt: skip
        lines = "".join(
            f'<polygon points="{points}" fill="none" stroke="{stroke}" stroke-width="{wide * unit:.1f}"/>'
            for stroke, wide in (("#000", 3), (colour, 1.5))
        )
        return lines + dots + words


def _zones(app: FastAPI, picture: Snapshot, changed: list[Callable[[], None]]) -> None:
    drawing = Drawing(app, picture)
    said = status()

    async def keep_zone(name: str, corners: list[list[float]] | None, words: str) -> None:
        def edit(tree: Any) -> None:
            camera = tree["cameras"][picture.camera]
            if camera is None:
                camera = tree["cameras"][picture.camera] = {}
            if not camera.get("zones"):
                camera["zones"] = {}
            if corners is None:
                camera["zones"].pop(name, None)
            else:
                camera["zones"][name] = corners

        drawn, drawing.corners = drawing.corners, []
        if not await keep(app, said, lambda was: edited(was, edit), words, lambda: _all(changed)):
            drawing.corners = drawn
            drawing.draw()

    def again() -> None:
        drawing.draw()
        removing.set_options(list(drawing.zones), value=next(iter(drawing.zones), None))

    async def save() -> None:
        name = (kind.value or "").strip()
        if len(drawing.corners) < 3:
            return say(said, ["A zone has three corners or more: click them on the picture, one after the other."])
        corners = [[round(x, 3), round(y, 3)] for x, y in drawing.corners]
        return await keep_zone(name, corners, f"The zone {name} is kept.")

    def undo_corner() -> None:
        drawing.corners = drawing.corners[:-1]
        drawing.draw()

    async def remove() -> None:
        if removing.value:
            await keep_zone(removing.value, None, f"The zone {removing.value} is gone.")

    with ui.element("div").classes("row-of"):
        kind = ui.select(
            list(KINDS), value=KINDS[0], label="Name of the zone", with_input=True, new_value_mode="add"
        ).props("outlined")
        ui.button("Save the zone", on_click=save).props("unelevated color=primary")
        ui.button("Take the last corner back", on_click=undo_corner).props("outline")
    with ui.element("div").classes("row-of"):
        removing = ui.select(list(drawing.zones), value=next(iter(drawing.zones), None), label="Remove a zone").props(
            "outlined"
        )
        ui.button("Remove it", on_click=remove).props("outline")
    changed.append(again)


async def _editor(app: FastAPI, changed: list[Callable[[], None]]) -> None:
    ui.html(
        "<h2>home.yaml</h2><p class='note'>All that an owner says, as text. It is checked before it is kept; recorders read it when they start anew.</p>",
        sanitize=False,
    )
    shown = await read(text_of, app.state.home)
    text = ui.textarea("home.yaml", value=shown).props("outlined autogrow spellcheck=false").classes("yaml")
    said = status()

    async def save() -> None:
        written = text.value

        def kept() -> None:
            nonlocal shown
            shown = written
            _all(changed)

        await keep(app, said, lambda _: written, "home.yaml is kept.", kept, seen=shown)

    def again() -> None:
        """What somebody is still writing is left alone; to keep it is refused then, because the file is another one."""
        nonlocal shown
        if text.value == shown:
            shown = text.value = text_of(app.state.home)

    with ui.element("div").classes("row-of"):
        ui.button("Check and keep", on_click=save).props("unelevated color=primary")
    changed.append(again)


def _all(changed: list[Callable[[], None]]) -> None:
    for draw in changed:
        draw()
