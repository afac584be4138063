"""Right or wrong on the page Events: of what is unusual itself and of what was seen live; shown at once, and taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from home.corrections import corrections
from home.event_payloads import CatPayload
from home.events import Event, keep, withdraw
from home.tables import ANOMALIES
from home.verdicts import verdicts
from serve.paging import Partitions
from tests.serve.pages.conftest import Looking, Served
from tests.serve.pages.simulated import DATE

ID = UUID("7f0c6a5e-5d0f-5c39-9d8e-000000000001")


@pytest.fixture
def seen(served: Served) -> Iterator[UUID]:
    """Miso at the bowl, a minute ago."""
    now = dt.datetime.now(dt.UTC)
    payload = CatPayload(identity="miso", behaviour="eating")
    keep(
        served.home.database, [Event(event_id=ID, stream_id="kitchen", timestamp_utc=now, rule="bowl", payload=payload)]
    )
    yield ID
    withdraw(served.home.database, [ID], now)


def test_an_anomaly_itself_is_judged_and_nothing_is_learned_of_behaviour(owner: Looking, served: Served) -> None:
    page = owner.open("/events")
    page.get_by_role("button", name="Wrong: Miso: 3 meals in 23 h").click()
    page.get_by_text("You said: wrong.").wait_for()
    (said,) = verdicts(served.home.database, "finding").values()
    assert not said.right and not corrections(served.home.database)
    page = owner.open("/events")
    page.get_by_text("You said: wrong.").wait_for()
    page.get_by_role("button", name="Undo the verdict: Miso: 3 meals in 23 h").click()
    page.get_by_role("button", name="Right: Miso: 3 meals in 23 h").wait_for()
    assert not verdicts(served.home.database, "finding")


def test_what_was_seen_live_is_judged(
    owner: Looking, served: Served, seen: UUID, windows: Callable[..., Looking]
) -> None:
    page = owner.open("/events")
    row = page.locator(".seen-row")
    assert "Miso, eating (Kitchen)" in row.inner_text() and "rule bowl" in row.inner_text()
    page.get_by_role("button", name="Right: Miso, eating (Kitchen)").click()
    page.get_by_text("You said: right.").wait_for()
    assert verdicts(served.home.database, "event")[str(seen)].right
    guest = windows("guest").open("/events")
    guest.get_by_text("You said: right.").wait_for()
    assert not guest.get_by_role("button").count()
    page.get_by_role("button", name="Undo the verdict: Miso, eating").click()
    page.get_by_role("button", name="Right: Miso, eating").wait_for()
    assert not verdicts(served.home.database, "event")


def test_notes_are_read_once_until_their_night_is_written_again(served: Served) -> None:
    home = served.home
    partitions, notes, rows = Partitions(home), home.tables.notes(ANOMALIES, DATE), home.tables.read(ANOMALIES, DATE)
    first = partitions.notes(ANOMALIES, DATE)
    assert first == notes and partitions.notes(ANOMALIES, DATE) is first
    home.tables.write(ANOMALIES, rows, DATE, fingerprint="simulated", notes=notes | {"unusual": 2})
    assert partitions.notes(ANOMALIES, DATE)["unusual"] == 2
    home.tables.write(ANOMALIES, rows, DATE, fingerprint="simulated", notes=notes)
