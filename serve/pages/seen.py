"""Of Events: what was seen live, and whether it was right to tell it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from nicegui import ui

from home.clock import Span
from home.errors import CatMLError, redacted
from home.event_pages import event_of
from home.event_payloads import AnomalyPayload, CatPayload, HumanPayload, SystemPayload, WildlifePayload
from home.events import Event, events
from home.folder import Home
from home.look import MARKS, clock_time, day_name, mark_of
from home.media import PATH, media_type
from home.verdicts import Of, Verdict, judge, unjudge
from serve.pages.frame import called, read

__all__ = ["LIVE_DAYS", "MOST", "Seen", "one", "recent", "verdict"]

LIVE_DAYS, MOST = 7, 40


@dataclass(frozen=True)
class Seen:
    """An event in words.

    Attributes:
        name: its id.
        words: what happened.
        when: local time.
        about: the behaviour whose mark it has; empty for none.
        rule: of home.yaml that made it one; empty for none.
        camera, date, time: where its footage is; an empty camera for none.
        picture: path of its picture in the API; empty for none.
    """

    name: str
    words: str
    when: str
    about: str
    rule: str
    camera: str
    date: dt.date
    time: str
    picture: str = ""


def one(home: Home, name: str) -> Seen | None:
    """The event of that id, which an alert leads to; None where there is none, or where it stands among the findings."""
    try:
        event = event_of(home.database, UUID(name))
    except ValueError:
        return None
    return None if event is None or isinstance(event.payload, AnomalyPayload) else _seen(home, event)


def recent(home: Home) -> list[Seen]:
    """The events of the last days but what is unusual, which stands above them; newest first.

    Raises:
        StoreError, TableError: rows cannot be read.
    """
    if home.database.is_new:
        return []
    now = dt.datetime.now(dt.UTC)
    found = events(home.database, span=Span(now - dt.timedelta(days=LIVE_DAYS), now + dt.timedelta(minutes=1)))
    return [_seen(home, each) for each in reversed(found) if not isinstance(each.payload, AnomalyPayload)]


def _seen(home: Home, event: Event) -> Seen:
    local = event.timestamp_utc.astimezone(home.zone)
    camera = event.stream_id if event.stream_id in home.config.cameras else ""
    behaviour = event.payload.behaviour if isinstance(event.payload, CatPayload) else ""
    return Seen(
        str(event.event_id), _words(home, event), f"{day_name(local.date())}, {clock_time(local, home.zone)}",
        behaviour if behaviour in MARKS else "", event.rule or "", camera or "", local.date(), f"{local:%H:%M:%S}",
        next((f"{PATH}{key}" for key in event.media if media_type(key) is not None), ""),
    )  # fmt: skip


def _words(home: Home, event: Event) -> str:
    payload, place = event.payload, _place(home, event)
    if isinstance(payload, CatPayload):
        doing = f", {mark_of(payload.behaviour).label.lower()}" if payload.behaviour else ""
        return f"{called(home, payload.identity)}{doing}{place}"
    if isinstance(payload, HumanPayload):
        return f"A person{f', {payload.pose_label}' if payload.pose_label else ''}{place}"
    if isinstance(payload, WildlifePayload):
        return f"{payload.species.replace('_', ' ').capitalize()}{place}"
    return payload.sentence if isinstance(payload, SystemPayload) else ""


def _place(home: Home, event: Event) -> str:
    camera = event.stream_id or ""
    name = home.config.cameras[camera].name or camera if camera in home.config.cameras else camera
    return f" ({name})" if name else ""


def verdict(home: Home, of: Of, name: str, said: Verdict | None, about: str, change: bool) -> None:
    """Right or wrong, shown at once, with a way back; who may only read sees what was said.

    Args:
        home: the home.
        of, name: the thing, as `home.verdicts` calls it.
        said: what was said of it.
        about: the thing in words, for who hears the page.
        change: whether who looks may say it.
    """
    place = ui.element("div").classes("row-of verdict").props('role=status aria-live="polite"')

    async def keep(right: bool) -> None:
        now = dt.datetime.now(dt.UTC)
        try:
            await read(judge, home.database, Verdict(of, name, right, now, "owner"))
        except CatMLError as error:
            return _failed(place, error)
        return draw(right)

    async def back() -> None:
        try:
            await read(unjudge, home.database, of, name, dt.datetime.now(dt.UTC))
        except CatMLError as error:
            return _failed(place, error)
        return draw(None)

    def draw(right: bool | None) -> None:
        place.clear()
        with place:
            if right is not None:
                ui.label(f"You said: {'right' if right else 'wrong'}.").classes("said")
                if change:
                    ui.button("Undo", on_click=back).props(f'outline aria-label="Undo the verdict: {_plain(about)}"')
            elif change:
                ui.label("Was it right to tell this?").classes("said")
                for word, value in (("Right", True), ("Wrong", False)):
                    ui.button(word, on_click=lambda value=value: keep(value)).props(
                        f'outline aria-label="{word}: {_plain(about)}"'
                    )

    draw(said.right if said else None)


def _plain(words: str) -> str:
    """Words that fit into quotes."""
    return words.replace('"', "'").replace("\\", "")


def _failed(place: ui.element, error: CatMLError) -> None:
    with place:
        ui.label(redacted(str(error)))
