"""Events, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from home.clock import Span
from home.database import Database
from home.event_payloads import AnomalyPayload
from home.events import Event, events, keep, withdraw

AT = dt.datetime(2026, 3, 1, 7, 0, 0, 250_000, dt.UTC)
HOUR = dt.timedelta(hours=1)
ALARM = AnomalyPayload(
    cat="miso", kind="none", of="eating", severity="warning", score=9.25, sentence="No meal for 14 h: “naïve”.",
    numbers={"seen": 50_400.0}, evidence=(AT - 14 * HOUR,), start=AT - 14 * HOUR, end=AT + HOUR, known_until=AT + HOUR,
)  # fmt: skip
FIRST = Event(event_id=UUID(int=1), timestamp_utc=AT, payload=ALARM)
SEEN: dict[str, Any] = {
    "event_id": str(UUID(int=2)), "stream_id": "kitchen", "track_id": 4, "timestamp_utc": "2026-03-01T09:00:00+01:00",
    "frame_index": 12, "bbox": [0.1, 0.2, 0.3, 0.4], "confidence": 0.9, "inference_latency_ms": 31.5, "gpu_enabled": False,
    "payload": {"category": "cat", "identity": "miso", "behaviour": "eating", "posture": "relaxed", "comfort": 0.7},
    "media": ["events/2.jpg"],
}  # fmt: skip


def test_what_is_kept_is_read_as_it_was(database: Database) -> None:
    seen = Event.model_validate(SEEN)
    assert keep(database, [seen, FIRST]) == 2
    assert events(database) == [FIRST, seen] and seen.timestamp_utc == AT.replace(hour=8, microsecond=0)
    assert events(database, category="cat") == [seen]
    assert events(database, span=Span(AT, AT + dt.timedelta(minutes=59))) == [FIRST]
    assert events(database, span=Span(AT - HOUR, AT)) == []


def test_the_same_event_twice_is_one_and_says_what_was_said_last(database: Database) -> None:
    assert keep(database, [FIRST]) == 1 and keep(database, [FIRST, FIRST]) == 0
    risen = FIRST.model_copy(update={"payload": ALARM.model_copy(update={"severity": "urgent"})})
    assert keep(database, [risen]) == 1 and events(database) == [risen]


def test_withdrawn_it_stays_and_may_stand_again(database: Database) -> None:
    keep(database, [FIRST])
    assert withdraw(database, [FIRST.event_id, UUID(int=9)], AT) == 1
    assert withdraw(database, [FIRST.event_id], AT + HOUR) == 0, "withdrawn once is withdrawn"
    assert events(database) == []
    assert events(database, withdrawn=True) == [FIRST.model_copy(update={"withdrawn_at": AT})]
    assert keep(database, [FIRST]) == 1 and events(database) == [FIRST]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"bbox": [0.3, 0.2, 0.1, 0.4]}, "x1 < x2 and y1 < y2 would be right"),
        ({"timestamp_utc": "2026-03-01T09:00:00"}, "timezone"),
        ({"payload": {"category": "dog"}}, "'cat', 'human', 'wildlife', 'anomaly', 'system'"),
        ({"payload": {"category": "cat", "identity": "miso", "behaviour": "dreaming"}}, "no behaviour 'dreaming'"),
        ({"payload": {"category": "human", "risk_level": "high"}}, "'info', 'warn' or 'critical'"),
        ({"payload": {"category": "wildlife", "species": "fox"}}, "species_confidence"),
        ({"payload": {**ALARM.model_dump(), "end": AT - 20 * HOUR}}, "before it starts"),
        ({"payload": {**ALARM.model_dump(), "score": float("nan")}}, "finite"),
    ],
)
def test_each_category_is_validated_by_its_own_model(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Event.model_validate({**SEEN, **change})


def test_what_is_there_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    database = Database("rows.sqlite", tmp_path)
    keep(database, [FIRST])
    before = (tmp_path / "rows.sqlite").read_bytes()
    assert keep(database, [FIRST]) == 0
    assert (tmp_path / "rows.sqlite").read_bytes() == before
