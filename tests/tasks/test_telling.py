"""What a night says at its end."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from home.clock import UTC, Span
from home.coverage import record
from home.folder import Home
from home.manifest import CameraManifest, Chunk, Manifest, manifest_key
from home.tables import BUDGET
from home.terminal import Terminal
from tasks.telling import nothing_found, tell_day, tell_days, with_footage
from tests.conftest import HomeFactory

DAY = dt.date(2026, 3, 1)
START = dt.datetime(2026, 3, 1, 7, tzinfo=UTC)
END = START + dt.timedelta(hours=2)


@pytest.fixture
def lived_in(home_factory: HomeFactory) -> Home:
    """Two hours of footage, in which Miso slept for one and ate twice."""
    home = home_factory(more="cats:\n  miso:\n    name: Miso\n")
    record(home.tables, "kitchen", [Span(START, END)], home.zone)
    chunk = Chunk("kitchen/chunk-20260301-070000.mp4", 1, "0" * 32, START, END, "h264", 640, 480, 5.0)
    manifest = Manifest(DAY, "Europe/Berlin", {"kitchen": CameraManifest([chunk])})
    home.data.write(manifest_key(DAY), manifest.to_json())
    shares = [
        ("sleeping", 3600.0, 1, 7200.0),
        ("eating", 600.0, 2, 7200.0),
        ("unseen", 3000.0, 0, 0.0),
        ("gap", 79200.0, 0, 0.0),
    ]
    rows = pd.DataFrame([("miso", 1, *share) for share in shares], columns=list(BUDGET.columns))
    home.tables.write(BUDGET, rows.astype({"animal": "int32", "bouts": "int32"}), DAY, fingerprint="x")
    return home


def test_a_day_in_words_and_rows(lived_in: Home) -> None:
    told = tell_day(lived_in, DAY)
    assert told.sentences[0] == "Miso slept 1 h and ate twice."
    assert told.rows[:2] == [("Miso", "Sleeping", "1 h", "1", "2 h"), ("Miso", "Eating", "10 min", "2", "2 h")]
    assert all(len(row) == len(told.columns) for row in told.rows) and told.page == ""
    lived_in.data.write("reports/2026-03-01.html", b"x")
    assert tell_day(lived_in, DAY).page == "data/reports/2026-03-01.html"


def test_the_newest_day_with_footage_is_told(lived_in: Home, capsys: pytest.CaptureFixture[str]) -> None:
    week = [DAY + dt.timedelta(days=n) for n in range(-3, 4)]
    assert with_footage(lived_in, week) == [DAY]
    told = tell_days(Terminal(), lived_in, week)
    assert told["date"] == DAY and "Sunday 1 March 2026: Miso slept 1 h and ate twice." in capsys.readouterr().out


def test_no_footage_points_to_where_there_is_some(lived_in: Home, home_factory: HomeFactory) -> None:
    later = [dt.date(2026, 5, 1), dt.date(2026, 5, 2)]
    said = (
        "There is no footage of 2026-05-01 to 2026-05-02. The newest is of 2026-03-01: catml nightly --date 2026-03-01"
    )
    assert nothing_found(lived_in, later) == said
    assert "nor of any other day" in nothing_found(home_factory(folder="empty"), later)
