"""What waits for a target and what was set aside, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from home.database import Database
from home.deliveries import acknowledged, aside, first, queues, retry, set_aside, streams, take_over
from home.event_payloads import CatPayload
from home.events import Event, keep, withdraw

AT = dt.datetime(2026, 3, 1, 7, tzinfo=dt.UTC)
NOW = AT + dt.timedelta(hours=1)


def seen(number: int, camera: str | None = "kitchen", behaviour: str = "eating") -> Event:
    payload = CatPayload(identity="miso", behaviour=behaviour)
    return Event(event_id=UUID(int=number), stream_id=camera, timestamp_utc=AT, payload=payload)


def begun(database: Database, *targets: str) -> None:
    for target in targets:
        assert take_over(database, target, lambda event: True) == 0


def test_a_target_takes_over_what_it_is_to_hear_in_the_order_of_each_stream(database: Database) -> None:
    keep(database, [seen(9)])
    begun(database, "cabin", "shed")
    keep(database, [seen(1), seen(2, "hall"), seen(3), seen(4, None)])
    assert take_over(database, "cabin", lambda event: event.event_id.int != 3) == 4
    assert take_over(database, "cabin", lambda event: True) == 0
    assert streams(database, "cabin") == ["", "hall", "kitchen"] and streams(database, "shed") == []
    due = first(database, "cabin", "kitchen")
    assert due is not None and due.event == seen(1) and due.revision == due.seq
    acknowledged(database, "cabin", UUID(int=1), due.revision)
    assert first(database, "cabin", "kitchen") is None
    assert take_over(database, "shed", lambda event: True, limit=3) == 3, "the other one has a place of its own"
    assert queues(database, ["cabin", "new"])["cabin"].waiting == 2 and queues(database, ["new"])["new"].oldest is None


def test_what_changed_meanwhile_is_told_once_as_it_stands(database: Database) -> None:
    begun(database, "cabin")
    keep(database, [seen(1), seen(2)])
    keep(database, [seen(1, behaviour="playing")])
    withdraw(database, [UUID(int=1)], NOW)
    take_over(database, "cabin", lambda event: True)
    due = first(database, "cabin", "kitchen")
    assert due is not None and due.revision == due.seq + 3 and due.event.withdrawn_at == NOW
    acknowledged(database, "cabin", UUID(int=1), due.revision)
    due = first(database, "cabin", "kitchen")
    assert due is not None and due.event == seen(2)
    keep(database, [seen(2, behaviour="playing")])
    acknowledged(database, "cabin", UUID(int=2), due.revision)
    take_over(database, "cabin", lambda event: True)
    assert first(database, "cabin", "kitchen") is not None, "what came behind that revision is still to be told"


def test_what_is_taken_over_twice_waits_once(database: Database) -> None:
    from home.deliveries import _add
    from home.outbox import entries, position

    start = position(database, "a test")
    begun(database, "cabin")
    keep(database, [seen(1)])
    take_over(database, "cabin", lambda event: True)
    _add(database, "cabin", entries(database, start))  # killed before it was noted that it is taken over
    assert queues(database, ["cabin"])["cabin"].waiting == 1


def test_what_is_set_aside_holds_up_nobody_and_may_wait_again(database: Database) -> None:
    begun(database, "cabin", "shed")
    keep(database, [seen(1), seen(2)])
    for target in ("cabin", "shed"):
        take_over(database, target, lambda event: True)
    bad = first(database, "cabin", "kitchen")
    assert bad is not None
    set_aside(database, "cabin", bad.seq, "422: no such camera", NOW)
    following = first(database, "cabin", "kitchen")
    assert following is not None and following.event == seen(2)
    (told,) = aside(database)
    assert (told.target, told.seq, told.event_id, told.stream) == ("cabin", bad.seq, UUID(int=1), "kitchen")
    assert told.reason == "422: no such camera" and told.set_aside_at == NOW
    counts = queues(database, ["cabin"])["cabin"]
    assert (counts.waiting, counts.aside) == (1, 1) and counts.oldest is not None and counts.oldest.tzinfo is not None
    assert retry(database, [bad.seq + 1000]) == 0 and retry(database, [bad.seq]) == 1 and aside(database) == []
    assert first(database, "cabin", "kitchen") == bad, "in its old place"
    set_aside(database, "cabin", bad.seq, "no", NOW)
    assert retry(database) == 1
