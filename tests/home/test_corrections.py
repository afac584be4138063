"""Corrections and the database they are kept in, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from home.clock import Span
from home.corrections import Correction, add, corrections, withdraw
from home.database import Database
from home.errors import SchemaError, StoreDenied, StoreMissing, StoreUnreachable, TableError, WrongUse
from home.labels import WATCHED, Label, Taken, labels, observers, take
from home.marks import Mark, mark, marks
from tests.postgres_server import PASSWORD

AT = dt.datetime(2026, 3, 1, 7, 0, 0, 250_000, dt.UTC)
SAID = Correction(
    AT, "bout", "kitchen", AT, AT + dt.timedelta(minutes=3), 4, "behaviour", "eating", was="sleeping", note="naïve ‘é’"
)


def test_what_was_said_is_read_as_it_was_said(database: Database) -> None:
    other = replace(
        SAID, camera="hall", field="cat", value="miso", made_at=AT.astimezone(dt.timezone(dt.timedelta(hours=1)))
    )
    kept = add(database, [SAID, other])
    assert kept == [replace(SAID, id=1), replace(other, id=2)] == corrections(database)
    assert kept[1].made_at.utcoffset() == dt.timedelta(0)
    assert corrections(Database(database._address, database._root)) == kept, "another process reads the same"


def test_saying_it_twice_adds_nothing_until_it_is_withdrawn(database: Database) -> None:
    later = replace(SAID, made_at=AT + dt.timedelta(days=1), note="again", was="other")
    assert add(database, [SAID, later])[1].id == add(database, [later])[0].id == 1
    gone = withdraw(database, 1, AT)
    assert gone == replace(SAID, id=1, withdrawn_at=AT)
    assert withdraw(database, 1, AT + dt.timedelta(days=9)) == gone, "withdrawn once is withdrawn"
    assert corrections(database) == [] and corrections(database, withdrawn=True) == [gone]
    assert add(database, [later])[0].id == 2, "it may be said anew"
    with pytest.raises(WrongUse, match="no correction 7; the last one is 2"):
        withdraw(database, 7, AT)


def test_only_those_of_a_time(database: Database) -> None:
    add(database, [SAID])
    for minutes, found in ((-1, 0), (0, 1), (2, 1), (3, 0)):  # it holds until 3 minutes on, and no longer
        moment = AT + dt.timedelta(minutes=minutes)
        assert len(corrections(database, span=Span(moment, moment + dt.timedelta(seconds=60)))) == found


def test_all_are_kept_or_none(database: Database) -> None:
    with pytest.raises(sa.exc.StatementError):
        add(database, [SAID, replace(SAID, camera="hall", made_at="noon")])  # type: ignore[arg-type]
    assert corrections(database) == []


def test_labels_are_those_of_their_observer_and_of_their_last_taking(database: Database) -> None:
    watched = Label("kitchen", AT, AT + dt.timedelta(hours=1), "", WATCHED)
    eats = Label("kitchen", AT, AT + dt.timedelta(seconds=1), "miso", "eating")
    assert take(database, "ann", {"day": [eats, watched, eats]}, AT) == Taken(2, 0, 0)
    assert take(database, "ben", {"day": [watched]}, AT) == Taken(1, 0, 0)
    assert take(database, "ann", {"day": [watched], "other": [watched]}, AT) == Taken(1, 1, 1)
    assert labels(database, "ann") == [watched] and observers(database) == ["ann", "ben"]
    assert labels(database, "ann", Span(watched.end, watched.end + dt.timedelta(days=1))) == []


def test_marks_of_a_picture_stand_for_those_before(database: Database) -> None:
    first = Mark("miso", (0.1, 0.2, 0.3, 1 / 3), ((0.123456, 0.5, 2), (0.0, 0.0, 0)))
    second = Mark("", (0.5, 0.5, 1.0, 1.0))
    pictures = {("kitchen", AT): [first, second], ("hall", AT): []}
    assert mark(database, "ann", pictures, AT) == Taken(4, 0, 0)
    assert marks(database, "ann") == {("hall", AT): [], ("kitchen", AT): [first, second]}
    assert mark(database, "ann", {("kitchen", AT): [second]}, AT) == Taken(0, 2, 1)
    assert marks(database, "ann")["kitchen", AT] == [second] and marks(database, "ben") == {}


def test_two_who_write_at_once_both_keep_theirs_and_say_one_thing_once(tmp_path: Path) -> None:
    def write(number: int) -> None:
        own = Database("rows.sqlite", tmp_path)  # as a process of its own has it, migration included
        add(own, [SAID, replace(SAID, by=f"person {number}")])

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = corrections(Database("rows.sqlite", tmp_path))
    assert sorted(each.by for each in kept) == ["", "person 0", "person 1", "person 2", "person 3"]


def test_what_is_wrong_with_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "rows.sqlite").write_text("no database, but longer than its header would be: " * 20)
    with pytest.raises(TableError, match=r"rows\.sqlite: file is not a database; take it from a backup"):
        corrections(Database("rows.sqlite", tmp_path))
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreUnreachable, match="folder: unable to open database file"):
        corrections(Database("folder", tmp_path))
    newer = Database("newer.sqlite", tmp_path)
    add(newer, [SAID])
    with sqlite3.connect(tmp_path / "newer.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaError, match=r"written by a newer CatML .*update CatML"):
        corrections(Database("newer.sqlite", tmp_path))


def test_what_is_wrong_with_a_server_is_said_without_the_password(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CATML_TEST_PG", "wr0ng")
    with pytest.raises(StoreDenied, match="user and password must be right") as denied:
        corrections(Database(postgres, tmp_path))
    monkeypatch.setenv("CATML_TEST_PG", PASSWORD)
    with pytest.raises(StoreMissing, match="createdb"):
        corrections(Database(postgres.replace("/postgres", "/none"), tmp_path))
    with pytest.raises(StoreUnreachable, match="no database there"):
        corrections(Database("postgresql://catml:${CATML_TEST_PG}@127.0.0.1:1/catml", tmp_path))
    monkeypatch.delenv("CATML_TEST_PG")
    with pytest.raises(WrongUse, match=r"CATML_TEST_PG is not set; `store.database` in home.yaml needs it"):
        corrections(Database(postgres, tmp_path))
    assert "wr0ng" not in str(denied.value) and denied.value.__suppress_context__
