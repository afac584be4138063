"""Rules against tracks: each criterion, once a track, the same event however often."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from home.event_payloads import CatPayload, HumanPayload, WildlifePayload
from home.frame import Frame
from home.tracks import key_of
from ingest.record.host import Arrival
from ingest.watch.following import Followed
from ingest.watch.inbox import Shot
from ingest.watch.judging import Judge
from tests.conftest import HomeFactory

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)  # 13:00 in Berlin
CAMERAS = "  hall: {zones: {bed: [[0, 0], [1, 0], [1, 1]]}}\n  kitchen: {}"


def track(**changed: Any) -> Followed:
    known: dict[str, Any] = {
        "key": key_of("hall", 1, NOON), "camera": "hall", "number": 1, "kind": "cat", "entered_at": NOON, "began": 0.0,
        "seen": 0.0, "found": 0.0, "box": np.array([0.1, 0.1, 0.4, 0.4], np.float32), "score": 0.5, "best": 0.75, "hits": 9,
    }  # fmt: skip
    return Followed(**(known | changed))


def shot(seconds: float) -> Shot:
    arrival = Arrival(seconds, NOON.timestamp() + seconds, True)
    return Shot("hall", round(5 * seconds), Frame(0.0, True, 0, None, b""), arrival)


@pytest.fixture
def judge(home_factory: HomeFactory) -> Any:
    """`judge("zone: bed", names=True)`: a judge with that one rule."""

    def make(rule: str, names: bool = False) -> Judge:
        more = f"cats: {{miso: {{name: Miso}}}}\nrules:\n  it: {{{rule}}}\n"
        return Judge(home_factory(cameras=CAMERAS, more=more), names)

    return make


def fires(judge: Judge, own: Followed, seconds: float = 0.0) -> bool:
    return [event.rule for event in judge.events(own, shot(seconds), 12.0)] == ["it"]


@pytest.mark.parametrize(
    ("rule", "holds", "does_not"),
    [
        ("class: cat", {}, {"kind": "dog"}),
        ("class: cat", {}, {"present": False}),
        ("zone: bed", {"zones": frozenset({"bed"})}, {"zones": frozenset({"food_bowl"})}),
        ("cat: miso", {"cat": "miso"}, {"cat": "unknown"}),
        ("cameras: [hall]", {}, {"camera": "kitchen"}),
    ],
)
def test_a_rule_holds_for_what_it_names(judge: Any, rule: str, holds: dict[str, Any], does_not: dict[str, Any]) -> None:
    assert fires(judge(rule), track(**holds))
    assert not fires(judge(rule), track(**does_not))


@pytest.mark.parametrize(("hours", "holds"), [("12:30-13:30", True), ("12:00-13:00", False), ("22:00-13:01", True)])
def test_hours_are_local(judge: Any, hours: str, holds: bool) -> None:
    assert fires(judge(f'hours: ["{hours}"]'), track()) is holds


def test_behaviour_is_what_was_read(judge: Any) -> None:
    own, held = track(), judge("behaviour: eating")
    assert not fires(held, own)
    own.life.behaviour = "eating"
    assert fires(held, own, 0.2)


def test_a_stranger_is_who_was_looked_at_often_enough(judge: Any) -> None:
    own, held = track(), judge("cat: unknown", names=True)
    assert not fires(held, own, 5)  # nobody knows yet
    own.life.asked = 12
    assert fires(held, own, 6)


def test_a_duration_is_of_all_together_and_flicker_does_not_end_it(judge: Any) -> None:
    own, held, fired = track(), judge("zone: bed, duration_s: 10"), []
    for step in range(100):
        seconds = step / 5
        own.zones = frozenset() if 3 <= seconds < 4.4 else frozenset({"bed"})  # the box slips off for a moment
        fired += [seconds] if fires(held, own, seconds) else []
    assert fired == [10.0]
    own, held, fired = track(), judge("zone: bed, duration_s: 10"), []
    for step in range(100):
        seconds = step / 5
        own.zones = frozenset() if 3 <= seconds < 6 else frozenset({"bed"})  # it was away
        fired += [seconds] if fires(held, own, seconds) else []
    assert fired == [16.0]


def test_each_track_fires_a_rule_once_and_a_rerun_is_the_same_event(judge: Any) -> None:
    own = track()
    (event,) = judge("class: cat").events(own, shot(0), 12.0)
    assert not fires(judge("class: cat"), own, 50)
    (again,) = judge("class: cat").events(track(), shot(7), 3.0)
    assert again.event_id == event.event_id
    (other,) = judge("class: cat").events(track(key=key_of("hall", 2, NOON)), shot(0), 12.0)
    assert other.event_id != event.event_id
    assert (event.stream_id, event.track_id, event.frame_index, event.confidence) == ("hall", 1, 0, 0.5)
    assert event.bbox == pytest.approx((0.1, 0.1, 0.4, 0.4)) and event.timestamp_utc == NOON
    assert event.inference_latency_ms == 12.0 and event.gpu_enabled is False


def test_where_cats_have_names_an_event_waits_a_moment_for_one(judge: Any) -> None:
    own, held = track(), judge("class: cat", names=True)
    assert not fires(held, own, 0.6)
    own.cat = "miso"
    (event,) = held.events(own, shot(0.8), 12.0)
    assert event.payload == CatPayload(identity="miso")
    assert fires(judge("class: cat", names=True), track(), 1.0)


def test_each_kind_has_its_payload(judge: Any) -> None:
    (person,) = judge("class: person, risk: warn").events(track(kind="person"), shot(0), 1.0)
    assert person.payload == HumanPayload(risk_level="warn")
    (fox,) = judge("class: fox, risk: critical").events(track(kind="fox"), shot(0), 1.0)
    assert fox.payload == WildlifePayload(species="fox", species_confidence=0.75, threat_level="critical")
