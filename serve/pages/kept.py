"""Of Recordings: the timelapse of a day, and the footage that is held whatever its age."""

from __future__ import annotations

import datetime as dt

from nicegui import ui
from starlette.requests import Request

from home.errors import CatMLError, redacted
from home.folder import Home
from home.holds import Hold, add_hold, read_holds, release
from home.look import clock_time, counted, day_name
from serve.pages.frame import home_of, may_change, outer, read, template
from serve.pages.saying import say, status
from serve.problems import Problem
from serve.timelapse import Timelapse, Timelapses

__all__ = ["held", "timelapse"]

EVERY_S = 1.0  # while one is being made


async def timelapse(request: Request, camera: str, date: dt.date) -> None:
    """The day in seconds: made when somebody asks, kept, and played."""
    home, change = home_of(request), may_change(request)
    making: Timelapses = outer(request).state.timelapses
    ui.html("<h2>The day in seconds</h2>", sanitize=False)
    place = status()
    first = await read(making.look, home, camera, date)

    def draw(found: Timelapse) -> None:
        timer.active = found.state == "making"
        place.clear()
        with place:
            ui.html(template("timelapse.html", found=found, change=change), sanitize=False)
            if change and found.state in ("none", "failed"):
                again = "Make it" if found.state == "none" else "Try again"
                ui.button(again, on_click=begin).props("outline")

    async def begin() -> None:
        try:
            draw(await read(making.make, home, camera, date))
        except (Problem, CatMLError) as error:
            with place:
                ui.html(template("said.html", words=redacted(str(error)), wrong=True), sanitize=False)

    async def tick() -> None:
        draw(await read(making.look, home, camera, date))

    timer = ui.timer(EVERY_S, tick, active=False)
    draw(first)


async def held(request: Request, camera: str, date: dt.date, time: str) -> None:
    """Hold a time of this day, and let go what is held."""
    home, change = home_of(request), may_change(request)
    ui.html(template("held.html", change=change), sanitize=False)
    said = status()
    listing = ui.element("div")
    if change:
        start, end = _around(time)
        with ui.element("div").classes("row-of"):
            begin = ui.input("From", value=start).props("outlined maxlength=8").classes("short")
            stop = ui.input("To", value=end).props("outlined maxlength=8").classes("short")
            note = ui.input("What for").props("outlined maxlength=200")

            async def hold() -> None:
                first, last = (f"{date}T{_two(each.value)}" for each in (begin, stop))
                try:
                    kept = await read(add_hold, home, camera, first, last, note.value.strip(), dt.datetime.now(dt.UTC))
                except CatMLError as error:
                    return say(said, str(error).replace("START", "From").replace("END", "To"), wrong=True)
                await draw()

                async def undo() -> None:
                    await let_go(kept, told=False)
                    say(said, "Taken back.")

                return say(said, f"Held until it is released: {_words(home, kept)}.", undo)

            ui.button("Hold this footage", on_click=hold).props("unelevated color=primary")

    async def let_go(each: Hold, told: bool = True) -> None:
        try:
            await read(release, home, each.id)
        except CatMLError as error:
            return say(said, str(error), wrong=True)
        await draw()

        async def undo() -> None:
            await read(
                add_hold,
                home,
                each.camera,
                each.start.isoformat(),
                each.end.isoformat(),
                each.note,
                dt.datetime.now(dt.UTC),
            )
            await draw()
            say(said, f"Held again: {_words(home, each)}.")

        if told:
            say(said, f"Let go: {_words(home, each)} is treated by its age again.", undo)
        return None

    async def draw() -> None:
        try:
            found = await read(read_holds, home)
        except CatMLError as error:
            return say(said, str(error), wrong=True)
        listing.clear()
        with listing:
            if not found:
                ui.html(f"<p>Nothing is held. {_age(home, camera)}</p>", sanitize=False)
            for each in sorted(found, key=lambda one: one.start, reverse=True):
                with ui.element("div").classes("row-of held-row"):
                    ui.label(_words(home, each))
                    if change:
                        ui.button("Let go", on_click=lambda each=each: let_go(each)).props("outline")
        return None

    await draw()


def _age(home: Home, camera: str) -> str:
    days = home.config.retention_days(camera) if camera in home.config.cameras else None
    return (
        f"Footage of this camera is deleted after {counted(days, 'day')}."
        if days
        else "Footage of this camera is never deleted."
    )


def _words(home: Home, each: Hold) -> str:
    name = home.config.cameras[each.camera].name or each.camera if each.camera in home.config.cameras else each.camera
    begin, end = (edge.astimezone(home.zone) for edge in (each.start, each.end))
    until = (
        clock_time(each.end, home.zone)
        if begin.date() == end.date()
        else f"{day_name(end.date())}, {clock_time(each.end, home.zone)}"
    )
    note = f" ({each.note})" if each.note else ""
    return f"{name}, {day_name(begin.date())}, {clock_time(each.start, home.zone)} to {until}{note}"


def _around(time: str) -> tuple[str, str]:
    """What is proposed: from the minute that is played, five minutes."""
    if not time:
        return "", ""
    try:
        begin = dt.time.fromisoformat(_two(time)[:5])
    except ValueError:
        return "", ""
    end = min(begin.hour * 60 + begin.minute + 5, 24 * 60 - 1)
    return f"{begin:%H:%M}", f"{end // 60:02d}:{end % 60:02d}"


def _two(time: str) -> str:
    """`7:05` as `07:05`."""
    hour, colon, rest = (time or "").strip().partition(":")
    return f"{hour.rjust(2, '0')}{colon}{rest}"
