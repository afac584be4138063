"""The digest: once a day, at the local time a channel says, what the cats did on the day before."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from uuid import uuid5
from zoneinfo import ZoneInfo

from home.alerts import Alert, Message, alerts
from home.clock import local_date, local_day
from home.day import german, sentences
from home.day.reading import read_day
from home.folder import Home
from home.speech.found import found_in_words
from home.speech.speech import Speech
from home.tables import ANOMALIES
from ingest.alerts.deciding import Told
from ingest.alerts.joining import OURS
from ingest.alerts.wording import Content, Teller

__all__ = ["digest", "due", "due_at"]

LATE = dt.timedelta(hours=12)  # one that is later than this is left out: the next one is near
_MOST_ALERTS = 8


def due_at(date: dt.date, clock: str, zone: ZoneInfo) -> dt.datetime:
    """When a digest that stands for a local time goes out on a local date, UTC.

    Where the clocks skip that time it is as much later as they skip; where they run it twice, it is the first one.
    """
    return dt.datetime.combine(date, dt.time.fromisoformat(clock), zone).astimezone(dt.UTC)


def due(clock: str, zone: ZoneInfo, now: dt.datetime) -> dt.date | None:
    """The local date that a digest is to tell of now; None where none is due. Whether it went out already, its message says."""
    today = local_date(now, zone)
    for date in (today, today - dt.timedelta(days=1)):
        if dt.timedelta() <= now - due_at(date, clock, zone) < LATE:
            return date - dt.timedelta(days=1)
    return None


def digest(home: Home, channel: str, date: dt.date, now: dt.datetime) -> Message:
    """The message that tells a local day on a channel: the same one however often it is asked for.

    Raises:
        StoreError, TableError: if the day cannot be read.
    """
    settings = home.config.alerts.channels[channel]
    teller = Teller(home.config, settings.language or home.config.language, now)
    name = uuid5(OURS, f"digest/{channel}/{date.isoformat()}")
    return Message(name, channel, "digest", asdict(_content(home, teller, date)), now)


def _content(home: Home, teller: Teller, date: dt.date) -> Content:
    day, base = read_day(home, date), home.config.alerts.url
    words = sentences if teller.speech.language == "en" else german
    unusual = _unusual(home, teller.speech, date, [one.sentence for one in day.unusual])
    sections = {
        "section_cats": words.opening(day),
        "section_unusual": unusual,
        "section_watched": [*words.in_sight(day), *words.could_not_be_seen(day)],
        "section_alerts": _told(home, teller, date),
    }
    parts = [{"title": teller.say(key), "lines": lines, "link": ""} for key, lines in sections.items() if lines]
    return Content(
        teller.say("digest", teller.speech.day(date)),
        tone="digest",
        note=teller.say("indicator") if unusual else "",
        link=f"{base}/?date={date.isoformat()}" if base else "",
        link_words=teller.say("open"),
        parts=tuple(parts),
        language=teller.speech.language,
        foot=teller.say("sent_by"),
    )


def _unusual(home: Home, speech: Speech, date: dt.date, english: list[str]) -> list[str]:
    """What was unusual; in German from the numbers of the findings, nothing of what could not be judged."""
    if speech.language == "en":
        return english
    notes, names = home.tables.notes(ANOMALIES, date), home.config.cats
    rows = home.tables.read(ANOMALIES, date).sort_values(["raised", "cat", "of", "kind"], kind="stable")
    found = [
        f"{names[row.cat].name}: {found_in_words(speech, row.kind, row.of, dict(row.numbers))}"
        for row in rows.itertuples()
        if row.cat in names
    ]
    judged = any(notes.get("judged", {}).values())
    return found or ([speech.say("nothing_unusual")] if judged and not notes.get("lasting") else [])


def _told(home: Home, teller: Teller, date: dt.date) -> list[str]:
    """The alerts of the day, each in a line; those that a setting silenced are none."""
    if home.database.is_new:
        return [teller.say("no_alerts")]
    span = local_day(date, home.zone)
    mine = [each for each in alerts(home.database, 500, span.start) if each.began_at in span and _counts(each)]
    lines = [_line(teller, each) for each in reversed(mine)]
    more = len(lines) - _MOST_ALERTS
    if more > 0:
        lines = [*lines[:_MOST_ALERTS], teller.counted("more_alerts", more)]
    return lines or [teller.say("no_alerts")]


def _counts(alert: Alert) -> bool:
    return alert.told_at is not None or alert.state == "waiting"


def _line(teller: Teller, alert: Alert) -> str:
    first = next(iter(teller.lines(Told(alert, "begin"))), "")
    return f"{teller.speech.clock(alert.began_at)}: {teller.title(alert, over=False)}. {first}".strip()
