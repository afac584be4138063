"""Faults of the house as events: one from its begin to its end."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from home.database import Database
from home.errors import StoreUnreachable, WrongUse
from home.event_payloads import SystemPayload
from home.events import events
from home.faults import begin, end, fault_id, lasting
from home.flow_faults import told_if_it_fails
from home.folder import Home
from tests.conftest import HomeFactory

AT = dt.datetime(2026, 3, 1, 7, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """An empty one; `test_events` has events on PostgreSQL too."""
    return Database("data/rows.sqlite", tmp_path)


def faults(database: Database) -> list[SystemPayload]:
    """All that were kept."""
    return [each.payload for each in events(database, category="system") if isinstance(each.payload, SystemPayload)]


def test_a_fault_is_one_event_until_its_end_and_the_next_is_another(database: Database) -> None:
    assert begin(database, "disk_nearly_full", "disk", "warning", "5 GB free.", AT)
    assert not begin(database, "disk_nearly_full", "disk", "warning", "4 GB free.", AT + HOUR)
    assert not begin(database, "disk_nearly_full", "disk", "urgent", "1 GB free.", AT + HOUR)
    assert [(each.severity, each.sentence, each.start) for each in faults(database)] == [("urgent", "1 GB free.", AT)]
    assert lasting(database, AT + HOUR)[0].event_id == fault_id("disk_nearly_full", "disk", AT)
    assert end(database, "disk_nearly_full", "disk", AT + 2 * HOUR)
    assert not end(database, "disk_nearly_full", "disk", AT + 3 * HOUR)
    assert faults(database)[0].end == AT + 2 * HOUR and lasting(database, AT + 2 * HOUR) == []
    assert begin(database, "disk_nearly_full", "disk", "warning", "5 GB free.", AT + 3 * HOUR)
    assert len(faults(database)) == 2


def test_faults_of_others_go_on_and_a_clock_that_was_set_ends_none_before_it_began(database: Database) -> None:
    for camera in ("kitchen", "hall"):
        begin(database, "camera_offline", camera, "warning", "No picture.", AT)
    assert end(database, "camera_offline", "hall", AT - HOUR)
    assert {each.of: each.end for each in faults(database)} == {"kitchen": None, "hall": AT}
    assert {each.stream_id for each in events(database)} == {"kitchen", "hall"}


def failing(home: Home, error: Exception) -> None:
    """A job that ends with an error."""
    with pytest.raises(type(error)), told_if_it_fails(home, "nightly"):
        raise error


def test_a_job_that_fails_is_a_fault_until_it_succeeds(home_factory: HomeFactory) -> None:
    home = home_factory()
    with told_if_it_fails(home, "nightly"):
        pass
    assert home.database.is_new, "a job that succeeds leaves no file behind"
    failing(home, WrongUse("no camera 'attic'"))
    assert home.database.is_new, "a wrong option is no fault of the house"
    failing(home, StoreUnreachable("s3://me:hunter2@nas: no answer"))
    failing(home, RuntimeError("again"))
    with told_if_it_fails(home, "weekly"):
        pass
    (fault,) = faults(home.database)
    assert fault.end is None and (fault.kind, fault.of, fault.severity) == ("flow_failed", "nightly", "warning")
    assert "no answer" in fault.sentence and "hunter2" not in fault.sentence and "catml nightly" in fault.sentence
    with told_if_it_fails(home, "nightly"):
        pass
    assert faults(home.database)[0].end is not None
    with told_if_it_fails(home, "nightly") as parts:
        parts.append("detect kitchen: damaged")
    assert "damaged" in faults(home.database)[-1].sentence


def test_rows_that_cannot_be_written_do_not_hide_why_a_job_failed(
    home_factory: HomeFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    home = home_factory()
    (home.root / "data").mkdir(exist_ok=True)
    (home.root / "data" / "rows.sqlite").write_bytes(b"no database at all, only words" * 40)
    failing(home, RuntimeError("the real reason"))
    with told_if_it_fails(home, "nightly"):
        pass
    assert capsys.readouterr().err.count("could not be kept") == 2
