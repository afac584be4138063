"""What is found gets written: late if it must be, once, and its picture first."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path
from uuid import uuid4

import pytest

from home.event_payloads import CatPayload
from home.events import Event, events
from home.folder import Home
from home.old_pictures import forget_seen
from home.outbox import entries
from home.tracks import tracks
from ingest.watch.clerk import Clerk, key_of
from tests.conftest import HomeFactory
from tests.home.test_tracks import track
from tests.waiting import until

NOW = dt.datetime.now(dt.UTC)


def event(when: dt.datetime = NOW) -> Event:
    return Event(event_id=uuid4(), stream_id="hall", timestamp_utc=when, payload=CatPayload(identity="miso"), rule="it")


@pytest.fixture
def home(home_factory: HomeFactory) -> Home:
    return home_factory()


def test_an_event_is_a_row_with_its_picture_and_its_track_once(home: Home) -> None:
    clerk, made = Clerk(home), event()
    for _ in range(2):
        clerk.event(made, b"jpeg")
        clerk.tracks([track()])
    assert clerk.close()
    (kept,) = events(home.database)
    assert kept.event_id == made.event_id and home.data.read(kept.media[0]) == b"jpeg"
    assert kept.media == (f"events/{NOW:%Y-%m-%d}/{made.event_id}.jpg",)
    assert len(entries(home.database, 0)) == 1 and tracks(home.database) == [track()]


def test_a_database_that_is_locked_for_long_gets_everything_later(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("home.database.PATIENCE_S", 0.1)
    assert events(home.database) == []
    other = sqlite3.connect(home.root / "data" / "rows.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    clerk, made = Clerk(home), [event() for _ in range(20)]
    for each in made:
        clerk.event(each)
        clerk.tracks([track()])
    until(lambda: "wait, to be written later" in caplog.text)
    other.execute("ROLLBACK")
    other.close()
    assert clerk.close()
    assert {each.event_id for each in events(home.database)} == {each.event_id for each in made}
    assert clerk.lost == 0 and len(entries(home.database, 0)) == 20


def test_what_cannot_be_a_row_holds_up_nothing_else(home: Home) -> None:
    clerk, good = Clerk(home), event()
    wrong = good.model_copy(update={"event_id": uuid4(), "rule": object()})  # nothing a database takes
    clerk.event(wrong)
    clerk.event(good)
    assert clerk.close()
    assert [each.event_id for each in events(home.database)] == [good.event_id] and clerk.lost == 1


def test_old_pictures_go_and_events_stay(home: Home) -> None:
    old, new = event(NOW - dt.timedelta(days=home.params.watch.keep_days + 2)), event()
    clerk = Clerk(home)
    clerk.event(old, b"jpeg")
    clerk.event(new, b"jpeg")
    assert clerk.close()
    assert home.data.find(key_of(old)) is None
    assert Path(home.root / "data" / key_of(new)).read_bytes() == b"jpeg"
    assert len(events(home.database)) == 2
    assert forget_seen(home, NOW.date()) == 0
    assert forget_seen(home, NOW.date() + dt.timedelta(days=1)) == 1
