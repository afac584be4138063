"""Requests that are asked twice, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from home.database import Database
from home.idempotency import DAYS, KeyReused, once

NOW = dt.datetime(2026, 3, 1, 7, tzinfo=dt.UTC)


def test_a_request_is_done_once_by_its_key(database: Database) -> None:
    done: list[str] = []

    def work(connection: sa.Connection) -> str:
        done.append("done")
        return f"result {len(done)}"

    assert once(database, "key 1", "a", "body", work, NOW) == "result 1"
    assert once(database, "key 1", "a", "body", work, NOW) == "result 1" and len(done) == 1
    with pytest.raises(KeyReused, match="another body before"):
        once(database, "key 1", "a", "another body", work, NOW)
    assert once(database, "key 2", "a", "another body", work, NOW) == "result 2", "another one's key"
    later = NOW + dt.timedelta(days=DAYS, seconds=1)
    once(database, "key 1", "b", "body", work, later)
    assert once(database, "key 1", "a", "another body", work, later) == "result 4", "forgotten"


def test_work_that_fails_is_not_done(database: Database) -> None:
    def fails(connection: sa.Connection) -> str:
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        once(database, "key 1", "a", "body", fails, NOW)
    assert once(database, "key 1", "a", "body", lambda connection: "done", NOW) == "done"


def test_many_at_once_do_it_once(database: Database) -> None:
    done: list[int] = []
    database.write(lambda connection: None)

    def work(connection: sa.Connection) -> str:
        done.append(1)
        return "done"

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: once(database, "key 1", "a", "body", work, NOW), range(16)))
    assert told == ["done"] * 16 and done == [1]
