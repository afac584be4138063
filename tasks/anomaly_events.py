"""What is unusual as events: an alarm is one event from when it is raised to its end, however often it is told.

An alarm that lasts over days, or comes to pass a limit, is the same event that says more; one that is gone once people have
corrected what it rested on, or footage came late, is withdrawn.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from uuid import UUID, uuid5

from home.clock import Span, iso
from home.event_payloads import AnomalyPayload
from home.events import Event, events, keep, withdraw
from home.folder import Home
from models.habits.alarms import FAMILIES
from models.habits.unusual import SEVERITIES, Finding

__all__ = ["event_of", "tell_events"]

_OURS = UUID("7f0c6a5e-5d0f-5c39-9d8e-0a5f7be0c1d4")
"""The namespace of these events (RFC 9562, version 5): the same alarm of the same cat has the same id everywhere."""


def tell_events(home: Home, day: Span, found: Iterable[tuple[str, Finding]]) -> int:
    """Write what a local day tells of alarms.

    Those raised on it are new, those that reach into it say how they are now, and those that it told of before and does not
    find any more are withdrawn. What a later day has told is left: it knew more.

    Args:
        home: the home.
        day: the local day.
        found: cats and what was unusual for them, of this day and the days before, as it was known when the day ended.

    Returns:
        How many events are new, say something else or are withdrawn.

    Raises:
        StoreError, TableError: if the database cannot be reached, or is damaged.
    """
    now, raised = dict[UUID, Event](), dict[UUID, float]()
    for cat, one in found:
        event = event_of(cat, one, day.end)
        other = now.get(event.event_id)
        # Of an alarm that was told twice, what is worse: it came later.
        if other is None or _rank(event) >= _rank(other):
            now[event.event_id], raised[event.event_id] = event, one.raised
    if not now and home.database.is_new:
        return 0
    there = {each.event_id: each for each in events(home.database, category="anomaly", withdrawn=True)}
    told = [
        event
        for key, event in now.items()
        if _payload(event).end > day.start
        and (_known(there[key]) <= day.end if key in there else raised[key] > day.start.timestamp())
    ]
    gone = [key for key, each in there.items() if _known(each) == day.end and key not in now]
    return keep(home.database, told) + withdraw(home.database, gone, dt.datetime.now(dt.UTC))


def event_of(cat: str, found: Finding, known_until: dt.datetime) -> Event:
    """The event of a finding. Its id is that of the alarm: of the cat, what it is of, and when it was first raised."""
    since = _moment(found.since)
    name = "/".join([cat, found.of, FAMILIES.get(found.kind, found.kind), iso(since)])
    payload = AnomalyPayload(
        cat=cat, kind=found.kind, of=found.of, severity=found.severity, score=found.score, sentence=found.sentence,
        numbers=dict(found.numbers), evidence=tuple(_moment(each) for each in found.evidence),
        start=_moment(found.start), end=_moment(found.end), known_until=known_until,
    )  # fmt: skip
    return Event(event_id=uuid5(_OURS, name), timestamp_utc=since, payload=payload)


def _payload(event: Event) -> AnomalyPayload:
    assert isinstance(event.payload, AnomalyPayload)
    return event.payload


def _known(event: Event) -> dt.datetime:
    return _payload(event).known_until


def _rank(event: Event) -> int:
    return SEVERITIES.index(_payload(event).severity)


def _moment(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(round(seconds, 6), dt.UTC)
