"""Servers for tests of alerts, and a home whose alerts go to them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ingest.alerts.servers import Box, Hook


@pytest.fixture
def box() -> Iterator[Box]:
    """A mail server."""
    made = Box().start()
    yield made
    made.stop()


@pytest.fixture
def hook() -> Iterator[Hook]:
    """A webhook."""
    made = Hook()
    yield made
    made.stop()
