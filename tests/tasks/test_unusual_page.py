"""What the day page says of the unusual: its sentence with what it rests on; "Nothing unusual" only of what was watched and known."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from home.clock import Span, local_day
from home.folder import Home
from home.tables import ANOMALIES
from tasks.report import report
from tasks.telling import tell_day
from tests.conftest import HomeFactory
from tests.tasks.test_report import CAMERAS, CATS, DATE, Page, at, bout, page_of, write_day

BEFORE = DATE - dt.timedelta(days=1)
ALL = ["eating", "using_litter_box", "night"]


@pytest.fixture
def home(home_factory: HomeFactory) -> Home:
    home = home_factory(cameras=CAMERAS, more=CATS)
    for date in (BEFORE, DATE):
        meals = [
            bout("eating", at(8, date=date), at(8, 5, date=date)),
            bout("eating", at(9, date=date), at(9, 5, date=date)),
        ]
        day = local_day(date, home.zone)
        write_day(home, meals, [Span(day.start, day.end)], (("miso", 1), ("tofu", 1)), date)
    return home


def told(home: Home, rows: list[tuple[str, str, str, list[dt.datetime]]], **notes: Any) -> Page:
    """The page of a day of which stage `anomalies` has found these: cat, severity, sentence, evidence."""
    found = [
        [cat, "more_often", "eating", at(0), at(20), at(20), severity, 9.0, sentence, [("seen", 9.0)], evidence]
        for cat, severity, sentence, evidence in rows
    ]
    times = dict.fromkeys(("start", "end", "raised"), "datetime64[us, UTC]")
    frame = pd.DataFrame(found, columns=list(ANOMALIES.columns)).astype(times)
    home.tables.write(
        ANOMALIES, frame, DATE, fingerprint=f"{rows}{notes}", notes={"judged": {}, "lasting": [], **notes}
    )
    assert not report(home, DATE).skipped, "what is said of the unusual is part of the page"
    return page_of(home)


def test_the_sentence_and_what_it_rests_on(home: Home) -> None:
    report(home, BEFORE)
    evidence = [at(8, date=BEFORE), at(8), at(9)]
    page = told(home, [("miso", "urgent", "9 meals in 12 h; usual would be 3.", evidence)])
    assert "Look at Miso now: 9 meals in 12 h; usual would be 3." in page.opening
    assert "It rests on Monday 9 March 2026 , 08:00 , 09:00 ." in page.opening
    places = [link for link in page.links if link.startswith("#bout-eating") or link.endswith(".html")]
    assert places[0] == "2026-03-09.html" and all(link[1:] in page.ids for link in places[1:]) and len(places) >= 3
    assert "an indicator, not a diagnosis" in page.text(".honest")
    assert report(home, DATE).skipped
    assert "Look at Miso now" in " ".join(tell_day(home, DATE).sentences)


def test_worst_first_and_what_lasts_is_not_nothing(home: Home) -> None:
    lasting = [
        {"cat": "tofu", "severity": "warning", "sentence": "Up 5 times at night.", "since": "2026-03-08T23:00:00Z"}
    ]
    rows: list[tuple[str, str, str, list[dt.datetime]]] = [
        ("miso", severity, f"{severity}.", []) for severity in ("notice", "urgent")
    ]
    page = told(home, rows, lasting=lasting, judged={"miso": ALL, "tofu": ALL})
    words = page.opening
    assert words.index("Look at Miso now: urgent.") < words.index(
        "Unusual for Tofu, since Monday 9 March 2026: up 5 times"
    )
    assert words.index("Unusual for Tofu") < words.index("A little unusual for Miso: notice.")
    assert "Nothing unusual" not in words


def test_nothing_unusual_only_of_what_was_judged(home: Home) -> None:
    assert told(home, [], judged={"miso": ALL, "tofu": ALL}).opening.endswith("Nothing unusual.")
    assert told(home, [], judged={"miso": ["eating"], "tofu": []}).opening.endswith(
        "Nothing unusual about meals for Miso."
    )
    assert told(home, [], judged={"miso": ALL, "tofu": ["eating", "night"]}).opening.endswith(
        "Nothing unusual for Miso. Nothing unusual about meals and nights for Tofu."
    )
    assert "unusual" not in told(home, []).opening.casefold()
