"""Rows are read beside whoever writes, on SQLite and PostgreSQL, and what only reads cannot write."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from home.database import MIGRATIONS, Database
from home.deliveries import first, take_over
from home.errors import StoreUnreachable
from home.event_payloads import CatPayload
from home.events import Event, events, keep, kept_within
from home.outbox import advance, entries, missed, position
from home.snoozes import snoozes
from home.tracks import tracks

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
PATIENT_S = 20.0


def event() -> Event:
    return Event(event_id=uuid4(), stream_id="kitchen", timestamp_utc=NOW, payload=CatPayload(identity="miso"))


@contextmanager
def writing(database: Database, new: Event) -> Iterator[None]:
    """A process beside us that keeps an event and is not done with it."""
    begun, done = threading.Event(), threading.Event()

    def work(connection: sa.Connection) -> None:
        kept_within(connection, [new])
        begun.set()
        assert done.wait(PATIENT_S)

    other = Database(database._address, database._root)
    thread = threading.Thread(target=other.write, args=(work,))
    thread.start()
    assert begun.wait(PATIENT_S)
    try:
        yield
        assert thread.is_alive(), "who read waited for it"
    finally:
        done.set()
        thread.join(PATIENT_S)


def poll(database: Database) -> list[object]:
    """What programs ask twice a second."""
    seen = take_over(database, {"cabin": lambda category, rule: True})
    found = [events(database), entries(database, 0), tracks(database), snoozes(database, NOW)]
    return [position(database, "alerts"), seen, first(database, "cabin", "kitchen"), *found]


def test_who_reads_goes_on_while_somebody_writes(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would wait for as long as PATIENCE_S says, and fail then; on PostgreSQL until the writer gives up."""
    if "://" not in database._address:
        monkeypatch.setattr("home.database.PATIENCE_S", 0.2)
    kept = event()
    keep(database, [kept])
    before = poll(database)  # readers are known from now on
    with writing(database, event()):
        assert poll(database) == before, "as it was before what is not done yet"
        assert poll(Database(database._address, database._root)) == before, "a program that is started meanwhile too"
    assert len(events(database)) == 2 and [entry.seq for entry in entries(database, 1)] == [2]


def test_what_reads_cannot_write(database: Database) -> None:
    keep(database, [event()])
    with pytest.raises((sa.exc.DBAPIError, StoreUnreachable)):
        database.read(lambda connection: kept_within(connection, [event()]))
    assert len(events(database)) == 1


def test_all_of_a_look_is_of_one_moment(database: Database) -> None:
    keep(database, [event()])
    count = sa.text("SELECT count(*) FROM events")

    def work(connection: sa.Connection) -> tuple[int, int]:
        before = connection.execute(count).scalar_one()
        other = threading.Thread(target=keep, args=(Database(database._address, database._root), [event()]))
        other.start()
        other.join(PATIENT_S)
        return before, connection.execute(count).scalar_one()

    assert database.read(work) == (1, 1)
    assert len(events(database)) == 2


def test_a_first_look_makes_todays_tables(tmp_path: Path) -> None:
    fresh = Database("data/rows.sqlite", tmp_path)
    assert fresh.is_new and events(fresh) == []
    with sqlite3.connect(tmp_path / "data/rows.sqlite") as connection:
        newest = max(path.stem[1:5] for path in MIGRATIONS.glob("versions/v*.py"))
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (newest,)
        connection.execute("UPDATE alembic_version SET version_num = '0011'")
        connection.execute("ALTER TABLE readers DROP COLUMN missed")
    older = Database("data/rows.sqlite", tmp_path)
    assert missed(older) == {}


def test_a_file_that_is_gone_is_not_made_anew_by_those_who_knew_it(tmp_path: Path) -> None:
    known = Database("data/rows.sqlite", tmp_path)
    keep(known, [event()])
    away = known._file.rename(tmp_path / "away.sqlite")  # type: ignore[union-attr]
    for work in (lambda: events(known), lambda: keep(known, [event()]), lambda: advance(known, "alerts", 1)):
        with pytest.raises(StoreUnreachable):
            work()
    assert known.is_new, "nothing was made in its place"
    away.rename(known._file)  # type: ignore[arg-type]
    assert len(events(known)) == 1
