"""What an unusual finding rests on: its events with their links and, where there is footage, a few pictures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from home.clock import local_date
from home.errors import StoreMissing
from home.folder import Home
from home.speech.speech import Speech
from tasks.day_page.pictures import WHOLE, Album, Picture, Still, near
from tasks.month_report.found import found
from tasks.month_report.links import Links, Place
from tasks.month_report.numbers import Alarm, Event
from tasks.report import FOLDER as DAYS

__all__ = ["Shown", "shown_alarms"]

MOST_EVENTS, MOST_PICTURES, ALL_PICTURES = (
    12,
    3,
    12,
)  # of a finding, of a finding, of a report; a page that a phone opens


@dataclass(frozen=True)
class Shown:
    """A finding on the page.

    Attributes:
        who: name of the cat.
        events: words and link of what it rests on; `more` are left out.
        pictures: each with its caption and link.
        missing: why there is no picture though a camera saw it; empty otherwise.
    """

    alarm: Alarm
    who: str
    when: str
    sentence: str
    events: list[tuple[str, str]]
    more: int
    pictures: list[tuple[Picture, str, str]]
    missing: str


class _Albums:
    """The pictures of day pages, each page read once."""

    def __init__(self, home: Home) -> None:
        self._home, self._of = home, dict[dt.date, Album]()

    def find(self, date: dt.date, place: Place) -> Picture:
        """A picture: of the footage, else one that the page of the day kept."""
        if date not in self._of:
            try:
                page = self._home.data.read(f"{DAYS}/{date.isoformat()}.html").decode(errors="replace")
            except StoreMissing:
                page = ""
            self._of[date] = Album(self._home.footage, page)
        width = self._home.params.report.picture_width
        views = [near(place.box), WHOLE] if place.box else [WHOLE]
        pictures = [self._of[date].find(Still(place.chunk, place.offset_s, width, view)) for view in views]
        return next((picture for picture in pictures if not picture.missing), pictures[0])


def shown_alarms(
    home: Home, alarms: dict[str, list[Alarm]], events: Mapping[str, Sequence[Event]], links: Links, speech: Speech
) -> list[Shown]:
    """The findings of a report in order of time.

    Args:
        home: whose.
        alarms: by cat.
        events: of the month, by cat.
        links: of the month.
        speech: language and zone.
    """
    albums, room, shown = _Albums(home), ALL_PICTURES, list[Shown]()
    found_ = sorted(((alarm, cat) for cat, own in alarms.items() for alarm in own), key=lambda each: each[0].raised)
    for alarm, cat in found_:
        own = {event.start: event for event in events.get(cat, ())}
        told = [(speech.moment(moment), _link(own.get(moment), links, home)) for moment in alarm.evidence]
        pictures, missing = list[tuple[Picture, str, str]](), ""
        for moment in alarm.evidence:
            event = own.get(moment)
            place = next((at for bout in event.bouts if (at := links.place(event, bout))), None) if event else None
            if event is None or place is None or len(pictures) == min(MOST_PICTURES, room):
                continue
            picture = albums.find(local_date(moment, home.zone), place)
            if picture.missing:
                missing = speech.say("no_footage", speech.say("not_kept"))
            else:
                pictures.append((picture, speech.moment(moment), _link(event, links, home)))
        room -= len(pictures)
        shown.append(
            Shown(
                alarm=alarm,
                who=home.config.cats[cat].name,
                when=speech.moment(alarm.raised),
                sentence=found(alarm, speech),
                events=told[-MOST_EVENTS:],
                more=max(0, len(told) - MOST_EVENTS),
                pictures=pictures,
                missing="" if pictures else missing,
            )
        )
    return shown


def _link(event: Event | None, links: Links, home: Home) -> str:
    """To the bout of an event, else to its line in the report; empty for one of a month before."""
    if event is None:
        return ""
    return links.event(event) or f"#e-{local_date(event.start, home.zone)}-{event.behaviour}"
