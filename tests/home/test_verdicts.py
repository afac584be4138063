"""Verdicts: the last one counts, one that is taken back is gone, and nothing is learned from them."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from home.alerts import Alert, Sighting, keep
from home.corrections import corrections
from home.database import Database
from home.precision import precision
from home.verdicts import Verdict, finding_name, judge, unjudge, verdicts

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
