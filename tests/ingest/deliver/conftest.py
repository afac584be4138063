"""Homes that pass events on, and events."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from home.event_payloads import CatPayload
from home.events import Event
from home.folder import Home
from ingest.deliver import program
from tests.conftest import HomeFactory

AT = dt.datetime(2026, 3, 1, 7, tzinfo=dt.UTC)
Telling = Callable[..., Home]


def seen(number: int, camera: str | None = "kitchen", behaviour: str = "eating", **more: Any) -> Event:
    """A cat was seen."""
    payload = CatPayload(identity="miso", behaviour=behaviour)
    told = {"timestamp_utc": AT} | more
    return Event(event_id=UUID(int=number), stream_id=camera, payload=payload, **told)


@pytest.fixture
def telling(home_factory: HomeFactory) -> Telling:
    """`telling(cabin="url: http://…, pictures: true")` is a home with this target; it hears what comes from then on.

    It waits half a second for an answer unless the text says another `timeout_s`.
    """

    def make(folder: str = "home", more: str = "", **targets: str) -> Home:
        lines = "".join(
            f"  {name}: {{{text}, longest_wait_s: 0.2{'' if 'timeout_s' in text else ', timeout_s: 0.5'}}}\n"
            for name, text in targets.items()
        )
        home = home_factory(more=f"deliver:\n{lines}{more}", folder=folder)
        program.once(home, threading.Event())
        return home

    return make


@contextlib.contextmanager
def running(home: Home) -> Iterator[None]:
    """Delivery at work, in a thread of the test."""
    stop = threading.Event()
    thread = threading.Thread(target=program.run, args=(home, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive(), "it does not end"
