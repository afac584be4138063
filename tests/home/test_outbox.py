"""The outbox, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from home.database import Database
from home.deliveries import aside, still_before, take_over
from home.deliveries import clear_within as clear_deliveries
from home.event_payloads import CatPayload, SystemPayload
from home.events import Event, keep, withdraw
from home.outbox import KEPT, LONGEST, advance, clear_within, entries, last, missed, position

AT = dt.datetime(2026, 3, 1, 7, 0, 0, tzinfo=dt.UTC)


def seen(number: int, behaviour: str = "eating") -> Event:
    """A cat was seen."""
    payload = CatPayload(identity="miso", behaviour=behaviour)
    return Event(event_id=UUID(int=number), stream_id="kitchen", timestamp_utc=AT, rule="meals", payload=payload)


def test_who_begins_hears_what_comes_from_then_on(database: Database) -> None:
    keep(database, [seen(1)])
    start = position(database, "mail")
    assert entries(database, start) == []
    keep(database, [seen(2), seen(3)])
    told = entries(database, start)
    assert [each.event for each in told] == [seen(2), seen(3)] and told[0].seq < told[1].seq
    advance(database, "mail", told[0].seq)
    assert [each.event for each in entries(database, position(database, "mail"))] == [seen(3)]
    advance(database, "mail", start)
    assert position(database, "mail") == told[0].seq, "never backwards"
    assert position(database, "mqtt") == told[1].seq, "each reader has a place of its own"


def test_changes_are_told_with_what_stands_now_and_nothing_twice(database: Database) -> None:
    start = position(database, "mail")
    keep(database, [seen(1)])
    assert keep(database, [seen(1)]) == 0 and len(entries(database, start)) == 1
    keep(database, [seen(1, "playing")])
    withdraw(database, [UUID(int=1), UUID(int=8)], AT)
    withdraw(database, [UUID(int=1)], AT)
    gone = seen(1, "playing").model_copy(update={"withdrawn_at": AT})
    assert [each.event for each in entries(database, start)] == [gone] * 3
    assert len(entries(database, start, limit=2)) == 2


def test_what_is_not_kept_is_not_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    start = position(database, "mail")

    def crash(connection: object, ids: object) -> None:
        raise RuntimeError("the machine goes down")

    with monkeypatch.context() as patch:
        patch.setattr("home.events._announce", crash)
        with pytest.raises(RuntimeError):
            keep(database, [seen(1)])
    assert entries(database, start) == [] and keep(database, [seen(1)]) == 1


def test_many_who_keep_at_once_leave_one_order_without_holes(database: Database) -> None:
    start = position(database, "mail")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: keep(database, [seen(number % 10)]), range(20)))
    told = entries(database, start)
    assert sorted(each.event.event_id.int for each in told) == list(range(10))


def test_a_fault_that_is_over_ends_after_it_began() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        SystemPayload(
            kind="camera_offline", of="kitchen", severity="warning", sentence="No picture.", start=AT,
            end=AT - dt.timedelta(minutes=1),
        )  # fmt: skip


def test_what_all_have_had_goes_and_what_waits_for_a_target_stays(database: Database) -> None:
    def clear(age: dt.timedelta) -> tuple[int, int, dict[str, int]]:
        now = dt.datetime.now(dt.UTC) + age + dt.timedelta(minutes=1)
        return database.write(lambda c: (*clear_deliveries(c, now, ["cabin"]), clear_within(c, now, still_before())))

    wanted = {"cabin": lambda category, rule: True}
    position(database, "mail")
    take_over(database, wanted)
    keep(database, [seen(1), seen(2)])
    advance(database, "mail", 1)
    take_over(database, wanted)
    assert clear(KEPT) == (0, 0, {}) and [each.seq for each in entries(database, 0)] == [1, 2], "cabin waits for both"
    assert clear(LONGEST) == (2, 0, {}) and len(aside(database)) == 2
    assert clear(2 * LONGEST + KEPT) == (0, 2, {"mail": 1}) and missed(database) == {"mail": 1}
    assert entries(database, 0) == [] and last(database) == 0
    keep(database, [seen(3)])
    assert [each.seq for each in entries(database, position(database, "mail"))] == [3], "numbers go on"
