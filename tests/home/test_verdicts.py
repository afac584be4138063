"""Verdicts: the last one counts, one that is taken back is gone, and nothing is learned from them."""

from __future__ import annotations

import datetime as dt

from home.corrections import corrections
from home.database import Database
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
