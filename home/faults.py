"""Faults of the house as events: one event from when a fault begins to its end, whoever finds it."""

from __future__ import annotations

import datetime as dt
from typing import Literal
from uuid import UUID, uuid5

from home.clock import Span
from home.database import Database
from home.event_payloads import SystemPayload
from home.events import Event, events, keep

__all__ = ["begin", "end", "fault_id", "lasting"]

_OURS = UUID("7f7c1a52-22f1-57d0-9b6f-5d7b9b3f1c0a")
"""The namespace of these events (RFC 9562, version 5), the watcher's: whoever finds a fault first, it is the same event."""
Kind = Literal["camera_offline", "disk_nearly_full", "flow_failed", "stream_slow"]
_KNOWN = dt.timedelta(days=60)  # a fault that began longer ago is told as a new one


def fault_id(kind: Kind, of: str, start: dt.datetime) -> UUID:
    """The id of a fault: the same for what is wrong, whose it is, and when it began."""
    return uuid5(_OURS, f"{of} {kind} {start.astimezone(dt.UTC).isoformat()}")


def lasting(database: Database, now: dt.datetime) -> list[Event]:
    """The faults that are not over, oldest first.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    if database.is_new:
        return []
    return [
        event
        for event in events(database, category="system", span=Span(now - _KNOWN, now + _KNOWN))
        if isinstance(event.payload, SystemPayload) and event.payload.end is None
    ]


def begin(
    database: Database,
    kind: Kind,
    of: str,
    severity: Literal["notice", "warning", "urgent"],
    sentence: str,
    now: dt.datetime,
) -> bool:
    """Keep a fault; one of its kind that lasts goes on, and says so where it got worse or better.

    Returns:
        Whether it is new.

    Raises:
        StoreError, TableError: as `Database.write`.
    """
    old = _of(lasting(database, now), kind, of)
    start = old[0].timestamp_utc if old else now
    if old and isinstance(old[0].payload, SystemPayload) and old[0].payload.severity == severity:
        return False
    payload = SystemPayload(kind=kind, of=of, severity=severity, sentence=sentence, start=start)
    name = old[0].event_id if old else fault_id(kind, of, start)
    camera = of if kind in ("camera_offline", "stream_slow") else None
    keep(database, [Event(event_id=name, stream_id=camera, timestamp_utc=start, payload=payload)])
    return not old


def end(database: Database, kind: Kind, of: str, now: dt.datetime) -> bool:
    """Let a fault be over; one that is none changes nothing, and writes nothing.

    Returns:
        Whether there was one.

    Raises:
        StoreError, TableError: as `Database.write`.
    """
    old = _of(lasting(database, now), kind, of)
    done = [each.model_copy(update={"payload": _ended(each.payload, now)}) for each in old]
    return bool(keep(database, done)) if done else False


def _of(found: list[Event], kind: Kind, of: str) -> list[Event]:
    return [
        each
        for each in found
        if isinstance(each.payload, SystemPayload) and (each.payload.kind, each.payload.of) == (kind, of)
    ]


def _ended(payload: object, now: dt.datetime) -> SystemPayload:
    assert isinstance(payload, SystemPayload)
    return payload.model_copy(update={"end": max(now, payload.start)})
