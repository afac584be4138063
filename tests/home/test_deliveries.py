"""What waits for a target and what was set aside, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import pytest
import sqlalchemy as sa

from home.database import Database
from home.deliveries import Queue, acknowledged, aside, first, retry, set_aside, take_over
from home.event_payloads import CatPayload
from home.events import Event, keep, withdraw

AT = dt.datetime(2026, 3, 1, 7, tzinfo=dt.UTC)
NOW = AT + dt.timedelta(hours=1)


def seen(number: int, camera: str | None = "kitchen", behaviour: str = "eating") -> Event:
    payload = CatPayload(identity="miso", behaviour=behaviour)
    return Event(event_id=UUID(int=number), stream_id=camera, timestamp_utc=AT, payload=payload)


def taken(database: Database, *targets: str, limit: int = 200) -> list[Queue]:
    """What each has before it, after it took over all there is."""
    return list(take_over(database, dict.fromkeys(targets, lambda category, rule: True), limit).values())


def test_a_target_takes_over_what_it_is_to_hear_in_the_order_of_each_stream(database: Database) -> None:
    keep(database, [seen(9)])
    assert taken(database, "cabin", "shed") == [Queue(), Queue()]
    naps = seen(3).model_copy(update={"rule": "naps"})
    keep(database, [seen(1), seen(2, "hall"), naps, seen(4, None)])
    told = take_over(database, {"cabin": lambda category, rule: rule != "naps", "new": lambda category, rule: True})
    assert told == {"cabin": Queue(("", "hall", "kitchen"), 3), "new": Queue()}
    assert taken(database, "cabin") == [Queue(("", "hall", "kitchen"), 3)], "nothing is taken over twice"
    due = first(database, "cabin", "kitchen")
    assert due is not None and due.event == seen(1) and due.revision == due.seq
    acknowledged(database, "cabin", UUID(int=1), due.revision)
    assert first(database, "cabin", "kitchen") is None
    assert taken(database, "shed", limit=3) == [Queue(("hall", "kitchen"), 3, more=True)], "it has a place of its own"
    assert taken(database, "shed", limit=3) == [Queue(("", "hall", "kitchen"), 4)]


def test_what_changed_meanwhile_is_told_once_as_it_stands(database: Database) -> None:
    taken(database, "cabin")
    keep(database, [seen(1), seen(2)])
    keep(database, [seen(1, behaviour="playing")])
    withdraw(database, [UUID(int=1)], NOW)
    taken(database, "cabin")
    due = first(database, "cabin", "kitchen")
    assert due is not None and due.revision == due.seq + 3 and due.event.withdrawn_at == NOW
    acknowledged(database, "cabin", UUID(int=1), due.revision)
    due = first(database, "cabin", "kitchen")
    assert due is not None and due.event == seen(2)
    keep(database, [seen(2, behaviour="playing")])
    acknowledged(database, "cabin", UUID(int=2), due.revision)
    assert taken(database, "cabin") == [Queue(("kitchen",), 1)], "what came behind that revision is still to be told"


def test_a_crash_while_taking_over_takes_nothing_over(database: Database) -> None:
    taken(database, "cabin")
    keep(database, [seen(1), seen(2)])

    def crash(category: str, rule: str | None) -> bool:
        raise RuntimeError("the machine goes down")

    with pytest.raises(RuntimeError):
        take_over(database, {"cabin": crash})
    assert taken(database, "cabin") == [Queue(("kitchen",), 2)]


def test_what_is_set_aside_holds_up_nobody_and_may_wait_again(database: Database) -> None:
    taken(database, "cabin", "shed")
    keep(database, [seen(1), seen(2)])
    taken(database, "cabin", "shed")
    bad = first(database, "cabin", "kitchen")
    assert bad is not None
    set_aside(database, "cabin", bad.seq, "422: no such camera", NOW)
    following = first(database, "cabin", "kitchen")
    assert following is not None and following.event == seen(2)
    (told,) = aside(database)
    assert (told.target, told.seq, told.event_id, told.stream) == ("cabin", bad.seq, UUID(int=1), "kitchen")
    assert told.reason == "422: no such camera" and told.set_aside_at == NOW
    assert taken(database, "cabin", "shed") == [Queue(("kitchen",), 1, 1), Queue(("kitchen",), 2)]
    assert retry(database, [bad.seq + 1000]) == 0 and retry(database, [bad.seq]) == 1 and aside(database) == []
    assert first(database, "cabin", "kitchen") == bad, "in its old place"
    set_aside(database, "cabin", bad.seq, "no", NOW)
    assert retry(database) == 1


def test_an_event_that_cannot_be_read_here_is_set_aside_and_holds_up_nobody(database: Database) -> None:
    """A newer CatML has kept it, or the file was damaged."""
    taken(database, "cabin")
    keep(database, [seen(1), seen(2)])
    newer = sa.text('UPDATE events SET payload = \'{"category": "dog"}\' WHERE event_id = :id')
    database.write(lambda connection: connection.execute(newer, {"id": str(UUID(int=1))}))
    assert taken(database, "cabin") == [Queue(("kitchen",), 2)]
    due = first(database, "cabin", "kitchen")
    assert due is not None and due.event == seen(2)
    (told,) = aside(database)
    assert told.event_id == UUID(int=1) and "cannot be read here" in told.reason
