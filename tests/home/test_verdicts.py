"""Verdicts: the last one counts, one that is taken back is gone, and nothing is learned from them."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import pandas as pd

from home.alerts import Alert, Sighting, keep
from home.corrections import corrections
from home.database import Database
from home.findings import judged_findings
from home.folder import Home
from home.precision import precision
from home.tables import ANOMALIES
from home.verdicts import Verdict, finding_name, judge, unjudge, verdicts
from tests.conftest import HomeFactory

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def test_the_last_word_counts_and_may_be_taken_back(database: Database) -> None:
    one, other = finding_name("miso", "less_often", "eating", NOW), finding_name("tofu", "less_often", "eating", NOW)
    assert one != other and len(one) == 16
    assert not verdicts(database, "finding")
    judge(database, Verdict("finding", one, True, NOW, "owner"))
    judge(database, Verdict("finding", one, True, NOW + dt.timedelta(minutes=1), "guest"))  # nothing new
    judge(database, Verdict("event", one, False, NOW))
    assert verdicts(database, "finding") == {one: Verdict("finding", one, True, NOW, "owner")}
    judge(database, Verdict("finding", one, False, NOW + dt.timedelta(minutes=2), "owner"))
    assert not verdicts(database, "finding")[one].right
    unjudge(database, "finding", one, NOW + dt.timedelta(minutes=3))
    unjudge(database, "finding", other, NOW)
    assert not verdicts(database, "finding") and list(verdicts(database, "event")) == [one]
    assert not corrections(database)


def test_what_is_said_of_events_counts_for_the_rule_that_made_them(database: Database) -> None:
    for number, events in enumerate((("a", "b"), ("c",), ("d",)), 1):
        sightings = tuple(Sighting(name, NOW) for name in events)
        told = Alert(UUID(int=number), "cat", "counter", "miso", "notice", NOW, NOW, sightings=sightings)
        keep(database, [told], [])
    for name, right in (("a", True), ("b", False), ("c", True)):
        judge(database, Verdict("event", name, right, NOW))
    (rule,) = precision(database, NOW + dt.timedelta(hours=1))
    assert (rule.rule, rule.alerts, rule.right, rule.wrong) == ("counter", 3, 1, 1)


def test_what_is_said_of_findings_counts_for_their_kind_and_once(home_factory: HomeFactory) -> None:
    home = home_factory()
    rows = [("miso", "less_often", NOW), ("miso", "less_often", NOW + dt.timedelta(hours=2)), ("tofu", "gap", NOW)]
    row = {"of": "eating", "severity": "warning", "score": 9.0, "sentence": "Less.", "numbers": {}, "evidence": []}
    table = pd.DataFrame(
        [{**row, "cat": cat, "kind": kind, "start": at, "end": at, "raised": at} for cat, kind, at in rows]
    )
    home.tables.write(
        ANOMALIES, table.astype({name: "datetime64[us, UTC]" for name in ("start", "end", "raised")}), NOW.date()
    )
    said = {"kind": "less_often", "of": "eating", "known_until": (NOW + dt.timedelta(hours=1)).isoformat()}
    keep(home.database, [Alert(UUID(int=1), "anomaly", "anomaly", "miso", "warning", NOW, NOW, payload=said)], [])
    later = NOW + dt.timedelta(hours=3)
    assert judged_findings(home, later, 90) == [] and counts(home, later) == {"anomaly less_often": (1, 0, 0)}
    for (cat, kind, at), right in zip(rows, (True, False, False), strict=True):
        judge(home.database, Verdict("finding", finding_name(cat, kind, "eating", at), right, NOW))
    told = {"anomaly gap": (0, 0, 1), "anomaly less_often": (1, 1, 1)}
    assert counts(home, later) == told, "one is that of the alert, two are of nothing that was told"
    assert counts(home, NOW + dt.timedelta(days=200)) == {}


def counts(home: Home, now: dt.datetime) -> dict[str, tuple[int, int, int]]:
    found = precision(home.database, now, findings=judged_findings(home, now, 90))
    return {each.rule: (each.alerts, each.right, each.wrong) for each in found}
