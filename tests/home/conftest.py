"""What tests of rows begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from home.database import Database
from tests.postgres_server import PASSWORD, PostgresServer, why_not


@pytest.fixture(scope="session")
def _server() -> Iterator[PostgresServer]:
    if why_not():
        pytest.skip(why_not())
    server = PostgresServer().start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """An empty database of rows, on SQLite and on a real PostgreSQL."""
    if request.param == "sqlite":
        return Database("data/rows.sqlite", tmp_path)
    monkeypatch.setenv("CATML_TEST_PG", PASSWORD)
    clean = Database(request.getfixturevalue("_server").address, tmp_path)
    clean.write(
        lambda connection: connection.execute(
            sa.text(
                "TRUNCATE verdicts, alerts, alert_messages, snoozes, corrections, deliveries, events, idempotency, labels, marks, outbox, readers, telemetry, tracks, users, sessions, api_keys RESTART IDENTITY"
            )
        )
    )
    return clean
