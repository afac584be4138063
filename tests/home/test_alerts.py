"""Alerts, their messages and snoozes as rows, on SQLite and on a real PostgreSQL; how often a rule was right."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from uuid import UUID

import pytest

from home.alerts import Alert, Message, Sighting, alerts, find, forget, judge, keep, messages, recent, update_message
from home.corrections import Correction, add
from home.database import Database
from home.errors import WrongUse
from home.precision import precision, wilson
from home.snoozes import LONGEST, Snooze, end, length_of, snooze, snoozes, what_is_meant

AT = dt.datetime(2026, 3, 1, 7, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def alert(number: int, at: dt.datetime = AT, **more: object) -> Alert:
    """A cat was on the counter."""
    seen = Sighting(str(UUID(int=number)), at, "kitchen", "events/a.jpg")
    plain = {
        "category": "cat",
        "rule": "counter",
        "subject": "miso",
        "severity": "notice",
        "began_at": at,
        "last_at": at,
    }
    said = {"sightings": (seen,), "payload": {"behaviour": "eating"}}
    return Alert(UUID(int=number), **{**plain, **said, **more})  # type: ignore[arg-type]


def message(number: int, channel: str = "mail", **more: object) -> Message:
    """A message that waits."""
    made = AT + dt.timedelta(seconds=number)
    return replace(Message(UUID(int=number), channel, "counter", {"title": "Miso: größer"}, made), **more)  # type: ignore[arg-type]


def test_alerts_are_kept_as_they_are_and_change(database: Database) -> None:
    one, two = alert(1), alert(2, AT + HOUR, state="told", told_at=AT + HOUR, ended_at=AT + 2 * HOUR)
    keep(database, [one, two], [])
    assert alerts(database) == [two, one] and alerts(database, 1) == [two]
    judge(database, one.id, "wrong")
    keep(database, [replace(one, state="silenced", reason="cooldown")], [])
    found = find(database, str(one.id))
    assert (found.state, found.verdict) == ("silenced", "wrong"), "what people said stays"
    judge(database, one.id, "")
    assert find(database, str(one.id)).verdict == ""
    for name in ("0000", "nothing", "", "%"):
        with pytest.raises(WrongUse, match="catml alerts"):
            find(database, name)
    with pytest.raises(ValueError, match="right, wrong"):
        judge(database, one.id, "maybe")  # type: ignore[arg-type]


def test_what_something_can_still_be_said_of_is_remembered(database: Database) -> None:
    day = dt.timedelta(days=1)
    old = [
        alert(1, AT - 9 * day, state="told"),
        alert(2, AT - 9 * day),
        alert(3, AT - 9 * day, category="system", state="told"),
        alert(4, AT - 9 * day, category="system", state="told", ended_at=AT - 9 * day),
        alert(5, AT - 90 * day, category="anomaly", state="told"),
        alert(6, AT - HOUR, state="told"),
    ]
    keep(database, old, [])
    assert {each.id.int for each in recent(database, AT - 3 * day)} == {2, 3, 6}


def test_messages_wait_in_order_and_one_that_went_is_not_made_again(database: Database) -> None:
    keep(database, [], [message(2), message(1), message(3, "phone")])
    assert [each.id.int for each in messages(database, "mail")] == [1, 2]
    later = message(2, tries=4, next_at=AT + HOUR, error="away")
    update_message(database, later)
    update_message(database, message(1, state="sent", tries=2, sent_at=AT, error=""))
    keep(database, [], [message(1), message(2)])
    assert messages(database, "mail") == [replace(later, next_at=AT)], "somebody answers: the others need not wait"
    assert messages(database, "phone")[0].content == {"title": "Miso: größer"}
    forget(database, AT + HOUR)
    assert len(messages(database, "mail")) == 1, "what waits is never forgotten"
    keep(database, [], [message(1)])
    assert len(messages(database, "mail")) == 2, "what went is"


def test_snoozes(database: Database) -> None:
    one = snooze(database, Snooze("cat", "miso", AT + HOUR, AT, "ana"))
    longer = snooze(database, Snooze("cat", "miso", AT + 2 * HOUR, AT + HOUR / 2))
    assert one.id == longer.id and longer.until == AT + 2 * HOUR and longer.by == "ana"
    assert snooze(database, Snooze("cat", "miso", AT + HOUR, AT + HOUR / 2)).until == AT + 2 * HOUR
    other = snooze(database, Snooze("all", "", AT + HOUR, AT))
    assert snoozes(database, AT) == [other, longer] and snoozes(database, AT + 2 * HOUR) == []
    assert end(database, other.id, AT + HOUR / 2).until == AT + HOUR / 2
    assert snoozes(database, AT + HOUR / 2) == [longer]
    assert end(database, other.id, AT + 3 * HOUR).until == AT + HOUR / 2, "one that is over stays as it was"
    with pytest.raises(WrongUse, match="no snooze 99"):
        end(database, 99, AT)
    for until in (AT, AT - HOUR, AT + LONGEST + HOUR):
        with pytest.raises(WrongUse, match="30 days"):
            snooze(database, Snooze("all", "", until, AT))


def test_what_a_snooze_holds() -> None:
    cat, rule, all_ = (
        Snooze(what, name, AT + HOUR, AT) for what, name in (("cat", "miso"), ("rule", "bin"), ("all", ""))
    )  # type: ignore[arg-type]
    assert cat.holds("bin", "miso", AT) and not cat.holds("bin", "tofu", AT)
    assert rule.holds("bin", "tofu", AT) and not rule.holds("counter", "tofu", AT)
    assert all_.holds("counter", "", AT) and not all_.holds("counter", "", AT + HOUR)
    assert length_of("90 min") == length_of("90m") == 1.5 * HOUR and length_of("2d") == 48 * HOUR
    for text in ("", "2", "-1h", "0h", "soon"):
        with pytest.raises(WrongUse, match="30min, 2h or 1d"):
            length_of(text)
    cats = {"miso": "Miso", "tofu": "Herr Tofu"}
    assert what_is_meant("herr tofu", ["bin"], cats) == ("cat", "tofu")
    assert what_is_meant("bin", ["bin"], cats) == ("rule", "bin") and what_is_meant("all", [], {}) == ("all", "")
    with pytest.raises(WrongUse, match="all, bin, miso, tofu"):
        what_is_meant("Mochi", ["bin"], cats)


def test_how_often_a_rule_was_right_by_what_people_said(database: Database) -> None:
    assert precision(database, AT) == []
    times = [AT + number * HOUR for number in range(8)]
    keep(database, [alert(number + 1, at) for number, at in enumerate(times)], [])
    keep(database, [alert(50, AT - 2 * HOUR, rule="bin")], [])

    def said(at: dt.datetime, field: str, value: str, camera: str = "kitchen") -> Correction:
        span = (at - HOUR / 60, at + HOUR / 60)
        return Correction(at, "bout", camera, *span, 3, field, value)  # type: ignore[arg-type]

    add(database, [
        said(times[0], "behaviour", "eating"), said(times[1], "behaviour", "playing"),
        said(times[2], "cat", "tofu"), said(times[2], "behaviour", "eating"), said(times[3], "not_an_animal", "true"),
        said(times[4], "behaviour", "playing"), said(times[4], "behaviour", "eating"),
        said(times[5], "behaviour", "playing", "hall"), said(times[6], "behaviour", "playing"),
    ])  # fmt: skip
    judge(database, UUID(int=7), "right")
    judge(database, UUID(int=8), "wrong")
    counter = next(each for each in precision(database, AT + 9 * HOUR) if each.rule == "counter")
    assert (counter.alerts, counter.right, counter.wrong, counter.share) == (8, 3, 4, 3 / 7)
    assert counter.low is not None and counter.high is not None and counter.low < 3 / 7 < counter.high
    nothing = next(each for each in precision(database, AT + 9 * HOUR) if each.rule == "bin")
    assert (nothing.right, nothing.wrong, nothing.share, nothing.low) == (0, 0, None, None)
    assert precision(database, AT + dt.timedelta(days=200)) == []


@pytest.mark.parametrize(
    # As R's prop.test(right, of, correct=FALSE) has them.
    ("right", "of", "low", "high"),
    [(3, 10, 0.1078, 0.6032), (0, 5, 0.0, 0.4345), (5, 5, 0.5655, 1.0), (90, 100, 0.8256, 0.9448)],
)
def test_the_interval_of_a_share(right: int, of: int, low: float, high: float) -> None:
    assert wilson(right, of) == pytest.approx((low, high), abs=1e-4)
    with pytest.raises(ValueError, match="of one or more"):
        wilson(0, 0)
