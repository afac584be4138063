"""What is told and when, without any clock, network or database."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from home.event_payloads import HumanPayload, WildlifePayload
from home.events import Event
from home.snoozes import Snooze
from ingest.alerts.deciding import is_quiet
from tests.ingest.alerts.made import AT, BERLIN, Run, after, offline, seen, settings, unusual

ROOMS = ("kitchen", "hall", "living-room")
# Thirty events in ten minutes, ten in each of three rooms.
WANDER = [seen(number / 3, ROOMS[number // 10]) for number in range(30)]


def test_a_wander_through_three_rooms_is_one_alert_told_at_once() -> None:
    run = Run(settings())
    told = run.play(WANDER, after(60))
    assert [(at, each.phase) for at, each in told] == [(AT, "begin")], "the first event tells, the others belong to it"
    assert len(run.alerts) == 1 and len(run.alerts[0].sightings) == 30
    assert list(dict.fromkeys(each.camera for each in run.alerts[0].sightings)) == list(ROOMS)
    assert run.alerts[0].last_at == WANDER[-1].timestamp_utc


def test_a_rule_that_is_told_grouped_tells_all_of_it_once() -> None:
    run = Run(settings(rules={"counter": {"tell": "grouped"}}))
    told = run.play(WANDER, after(60))
    assert [at for at, _ in told] == [after(10)]
    assert len(told[0][1].alert.sightings) == 30
    urgent = Run(settings(rules={"counter": {"tell": "grouped", "severity": "urgent"}}))
    assert urgent.play(WANDER, after(60))[0][0] == AT, "what is urgent does not wait for more"


def test_each_cat_and_rule_has_its_own_group_and_each_cooldown_too() -> None:
    run = Run(settings(group_minutes=5, cooldown_minutes=30))
    run.step(AT, seen(0), seen(0, cat="tofu"), seen(0, rule="bin"))
    assert len(run.told) == 3
    assert not run.step(after(12), seen(12)) and run.alerts[-1].reason == "cooldown"
    assert len(run.step(after(31), seen(31))) == 1


def test_what_goes_on_beyond_the_cooldown_is_told() -> None:
    run = Run(settings(group_minutes=10, cooldown_minutes=30))
    told = run.play([seen(minute) for minute in (0, 15, 20, 25, 29, 33)], after(40))
    assert [at for at, _ in told] == [AT, after(33)]


def test_an_event_that_comes_again_changes_its_alert_and_tells_nothing() -> None:
    run = Run(settings())
    first = seen(0, cat="unknown")
    run.step(AT, first)
    known = first.model_copy(update={"payload": first.payload.model_copy(update={"identity": "miso"})})
    assert not run.step(after(1), known, known)
    assert [(each.subject, len(each.sightings)) for each in run.alerts] == [("miso", 1)]


def test_a_cat_that_is_told_on_one_camera_and_not_on_the_next_is_one_alert() -> None:
    run = Run(settings())
    run.step(AT, seen(0, cat="unknown"), seen(1, "hall", cat="miso"), seen(2, "living-room", cat="unknown"))
    assert [(each.subject, len(each.sightings)) for each in run.alerts] == [("miso", 3)]
    run.step(after(3), seen(3, "hall", cat="tofu"), seen(4, "hall", cat="tofu"), seen(4, cat="miso"))
    assert [(each.subject, len(each.sightings)) for each in run.alerts] == [("miso", 4), ("tofu", 2)]


@pytest.mark.parametrize(
    ("hours", "quiet", "loud"),
    [
        ("22:00-07:00", ["21:00", "22:30", "05:59"], ["20:59", "06:00", "12:00"]),
        ("13:00-14:00", ["12:00", "12:59"], ["11:59", "13:00", "23:00"]),
    ],
)
def test_quiet_hours_also_over_midnight(hours: str, quiet: list[str], loud: list[str]) -> None:
    for moments, right in ((quiet, True), (loud, False)):
        for text in moments:  # UTC; Berlin is an hour ahead in March
            at = dt.datetime.fromisoformat(f"2026-03-02T{text}:00+00:00")
            assert is_quiet(settings(quiet_hours=hours), at, BERLIN) is right, text


@pytest.mark.parametrize("date", [dt.date(2026, 3, 29), dt.date(2026, 10, 25)])
def test_quiet_hours_end_by_the_clock_on_the_wall_when_it_is_changed(date: dt.date) -> None:
    run = Run(settings(quiet_hours="22:00-07:00"))
    midnight = dt.datetime.combine(date, dt.time(), BERLIN).astimezone(dt.UTC)
    event = seen(0).model_copy(update={"timestamp_utc": midnight})
    told = run.play([event], midnight + dt.timedelta(hours=12), every_s=300)
    assert [at.astimezone(BERLIN).strftime("%H:%M") for at, _ in told] == ["07:00"]
    assert told[0][0] - midnight == dt.timedelta(hours=6 if date.month == 3 else 8)


def test_what_is_urgent_is_told_at_night_and_what_was_held_in_the_morning_once() -> None:
    run = Run(settings(quiet_hours="22:00-07:00", cooldown_minutes=60))
    night = 600  # 23:00 in Berlin
    run.step(after(night), seen(night))
    run.step(after(night + 20), seen(night + 20))
    run.step(after(night + 90), seen(night + 90))
    assert not run.told and [each.reason for each in run.alerts] == ["quiet hours", "cooldown", "quiet hours"]
    assert len(run.step(after(night + 91), unusual("urgent"))) == 1
    morning = dt.datetime(2026, 3, 3, 6, 0, tzinfo=dt.UTC)
    assert len(run.step(morning)) == 2 and not run.step(morning + dt.timedelta(minutes=1))


def test_a_snooze_silences_what_happens_and_puts_off_what_lasts() -> None:
    hold = [Snooze("cat", "miso", after(60), AT), Snooze("rule", "camera_offline", after(60), AT)]
    run = Run(settings(), hold)
    run.step(after(1), seen(1), seen(1, cat="tofu"), offline(1), offline(2, camera="hall"))
    assert [each.alert.subject for _, each in run.told] == ["tofu"]
    run.step(after(30), offline(2, 30, camera="hall"))
    told = run.step(after(60))
    assert [each.alert.subject for each in told] == ["kitchen"], "miso is silent, the hall is back"
    everything = Run(settings(), [Snooze("all", "", after(5), AT)])
    assert not everything.step(after(1), seen(1), unusual("urgent"))
    assert len(everything.step(after(5))) == 1


def test_a_fault_is_told_and_its_end_is_told_once() -> None:
    run = Run(settings())
    assert [each.phase for each in run.step(AT, offline(0))] == ["begin"]
    assert not run.step(after(5), offline(0))
    assert [each.phase for each in run.step(after(9), offline(0, 9))] == ["end"]
    assert not run.step(after(10), offline(0, 9)) and run.alerts[0].reason == "ended"


def test_a_fault_that_comes_and_goes_is_told_once_and_again_if_it_stays() -> None:
    run = Run(settings(cooldown_minutes=30))
    events = []
    for start in range(0, 20, 2):
        events += [(start, offline(start)), (start + 1, offline(start, start + 1))]
    for minute, event in events:
        run.step(after(minute), event)
    assert [each.phase for _, each in run.told] == ["begin", "end"]
    run.step(after(25), offline(25))
    assert len(run.told) == 2
    assert [each.phase for each in run.step(after(30))] == ["begin"]


def test_a_fault_of_the_night_is_told_in_the_morning_in_one() -> None:
    run = Run(settings(quiet_hours="22:00-07:00"))
    run.step(after(600), offline(600))
    run.step(after(660), offline(600, 660))
    told = run.step(dt.datetime(2026, 3, 3, 6, 0, tzinfo=dt.UTC))
    assert [each.phase for each in told] == ["was"], "nobody watched while it lasted: it is not dropped"
    assert not run.step(dt.datetime(2026, 3, 3, 6, 1, tzinfo=dt.UTC))


def test_two_who_find_the_same_fault_make_one_alert() -> None:
    run = Run(settings())
    other = offline(1).model_copy(update={"event_id": seen(99).event_id})
    run.step(after(1), offline(0), other)
    assert len(run.told) == 1 and len(run.alerts) == 1
    assert not run.step(after(2), offline(0, 2)), "one of the two still says that it lasts"


def test_an_anomaly_that_gets_worse_is_told_again_and_one_taken_back_gives_the_all_clear_once() -> None:
    run = Run(settings())
    assert len(run.step(AT, unusual("notice"))) == 1
    assert not run.step(after(1), unusual("notice"))
    assert [each.alert.severity for each in run.step(after(2), unusual("urgent"))] == ["urgent"]
    gone = unusual("urgent", withdrawn_at=after(3))
    assert [each.phase for each in run.step(after(3), gone)] == ["end"]
    assert not run.step(after(4), gone) and run.alerts[0].reason == "taken back"
    untold = Run(settings(quiet_hours="00:00-23:59"))
    untold.step(AT, unusual("notice"))
    untold.step(after(1), unusual("notice", withdrawn_at=after(1)))
    assert not untold.told and untold.alerts[0].state == "over"
    never = Run(settings())
    assert not never.step(AT, gone) and not never.alerts, "what was never told is not taken back"


def test_as_usual_is_silent_only_for_rules_that_ask_for_it_and_only_where_a_forecast_says_so() -> None:
    chances = {"miso": 0.8, "tofu": 0.2}
    run = Run(
        settings(rules={"counter": {"unless_expected": True}}), chance=lambda cat, behaviour, at: chances.get(cat)
    )
    run.step(AT, seen(0), seen(0, cat="tofu"), seen(0, cat="mochi"), seen(0, rule="bin"))
    told = {(each.alert.subject, each.alert.rule) for _, each in run.told}
    assert told == {("mochi", "counter"), ("tofu", "counter"), ("miso", "bin")}
    assert next(each for each in run.alerts if each.state == "silenced").reason == "expected"


def test_people_and_wild_animals_count_by_how_much_they_matter() -> None:
    def human(number: int, risk: str) -> Event:
        return seen(number).model_copy(update={"rule": None, "payload": HumanPayload(risk_level=risk)})

    fox = WildlifePayload(species="fox", species_confidence=0.9)
    run = Run(settings())
    run.step(AT, human(0, "info"), seen(1, rule="").model_copy(update={"rule": None}))
    assert not run.alerts, "a cat that no rule asked for, a person who does nothing"
    run.step(after(2), human(2, "warn"), seen(2, camera="garden").model_copy(update={"rule": None, "payload": fox}))
    assert [(each.alert.category, each.alert.severity) for _, each in run.told] == [
        ("human", "warning"),
        ("wildlife", "notice"),
    ]
    assert [each.alert.severity for each in run.step(after(3), human(3, "critical"))] == ["urgent"], "it got worse"


def test_channels_take_what_they_ask_for() -> None:
    url = "json://127.0.0.1"
    run = Run(settings(channels={"a": {"url": url, "least": "warning", "categories": ["system"]}}))
    run.step(AT, seen(0), unusual("urgent"), offline(0))
    assert [each.alert.category for _, each in run.told] == ["system"]
    assert {each.reason for each in run.alerts} == {"", "no channel"}


def test_what_was_kept_while_nobody_told_is_told_late_but_not_days_late() -> None:
    run = Run(settings())
    day = 24 * 60
    told = run.step(after(2 * day), seen(0), seen(day + 60), offline(0))
    assert sorted(each.alert.category for each in told) == ["cat", "system"]
    assert sorted(each.reason for each in run.alerts) == ["", "", "too late"]


def test_a_clock_that_is_set_back_holds_nothing_back() -> None:
    run = Run(settings(rules={"counter": {"tell": "grouped"}}))
    run.step(AT, seen(0))
    assert len(run.step(AT - dt.timedelta(hours=3))) == 1
    back = Run(settings())
    back.step(AT, offline(0))
    assert len(back.step(AT - dt.timedelta(hours=3), offline(0, 5))) == 1


def test_reading_the_same_again_after_a_crash_changes_nothing() -> None:
    run = Run(settings())
    run.step(AT, *WANDER, offline(0), unusual())
    before = dict(run.book)
    assert not run.step(AT, *WANDER, offline(0), unusual())
    assert {key: replace(each, payload=None) for key, each in run.book.items()} == {
        key: replace(each, payload=None) for key, each in before.items()
    }
