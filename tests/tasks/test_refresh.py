"""Cats that are named and bouts that are corrected later are found on past days, though their footage is gone."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from catml import app
from home.correcting import correct
from home.folder import Home
from home.tables import BOUTS
from tasks.bouts import bouts
from tasks.refresh import Changed, concerned, refresh
from tasks.report import report
from tests.tasks.lived import DATE, at
from tests.tasks.test_identify import enrol, home
from tests.tasks.test_report_reading import Gone

__all__ = ["home"]


@pytest.fixture
def past(home: Home) -> Home:
    """A night that knew no cat: its bouts and its page are there, its footage is not any more."""
    bouts(home, DATE)
    report(home, DATE)
    return home


def test_a_cat_that_is_known_later_is_found_on_past_days_without_footage(past: Home) -> None:
    before = past.data.read(f"reports/{DATE}.html").decode()
    assert set(past.tables.read(BOUTS, DATE)["cat"]) == {"unknown"} and "Miso: sleeping" not in before
    enrol(past)
    days, done = refresh(past)
    found = past.tables.read(BOUTS, DATE)
    assert days == [Changed(DATE, tracks=4, bouts=len(found) - 1, page=True)], "the stranger stays one"
    assert {"miso", "luna"} <= set(found["cat"])
    assert "Miso: sleeping" in past.data.read(f"reports/{DATE}.html").decode()
    assert [outcome.stage for outcome in done if not outcome.skipped] == [
        "identify",
        "bouts",
        "counts",
        "anomalies",
        "report",
        "tensorboard",
    ]
    page = past.data.read(f"reports/{DATE}.html")
    assert refresh(past)[0] == [Changed(DATE, 0, 0, False)] and past.data.read(f"reports/{DATE}.html") == page


def test_an_owners_word_is_on_the_page(past: Home) -> None:
    kept = correct(past, ["kitchen/2026-03-01/3"], {"behaviour": "grooming"}, at(20), by="Ann")
    far = DATE.replace(month=1)
    past.tables.write(BOUTS, BOUTS.empty(), far, fingerprint="old")
    assert concerned(past, [replace(kept[0], end=at(30))]) == [DATE], "its own days, and those beside them"
    assert concerned(past, [replace(kept[0], field="cat")]) == [far, DATE], "a cat is known by it on any day"
    days, _ = refresh(past, concerned(past, kept))
    assert days[0].page and days[0].bouts
    page = past.data.read(f"reports/{DATE}.html").decode()
    assert "Said by Ann" in page and ": grooming" in page


def test_a_page_that_has_gone_does_not_come_back_but_its_csv_is_right(
    past: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(past), "footage", Gone("data/footage", past.root))
    past.data.delete(f"reports/{DATE}.html")
    enrol(past)
    assert refresh(past)[0][0].page is False
    assert past.data.find(f"reports/{DATE}.html") is None
    assert b"miso" in past.data.read(f"reports/{DATE}.csv")


def test_the_commands(past: Home) -> None:
    (past.root / "params.yaml").write_text("pose:\n  model: pose/pose.onnx\n")
    enrol(past)

    def call(*words: str) -> str:
        ran = CliRunner().invoke(app, [*words, "--home", str(past.root)], catch_exceptions=False)
        assert ran.exit_code == 0, ran.output
        return ran.stdout

    later = call("cats", "name", "miso", "kitchen/2026-03-01/1", "--later")
    assert "catml refresh" in later and set(past.tables.read(BOUTS, DATE)["cat"]) == {"unknown"}
    assert json.loads(call("refresh", "--json"))["days"][0]["tracks"] == 4
    told = call("correct", "hall", "2026-03-01T12:15", "--behaviour", "grooming")
    assert "1 past day read again, without footage; 1 changed." in told and "written again" in told
    assert "grooming" in set(past.tables.read(BOUTS, DATE)["behaviour"])
    call("corrections", "--withdraw", "2")
    assert "grooming" not in set(past.tables.read(BOUTS, DATE)["behaviour"])
