"""What tests of rows begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from home.database import Database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """An empty database of rows, on SQLite and on a real PostgreSQL."""
    if request.param == "sqlite":
        return Database("data/rows.sqlite", tmp_path)
    return Database(request.getfixturevalue("postgres"), tmp_path)
