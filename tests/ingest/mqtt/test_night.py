"""What tables and events say of cats, and what of it Home Assistant is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pandas as pd
import pytest

from home.clock import Span, local_day
from home.coverage import record, tell_gaps
from home.event_payloads import CatPayload, SystemPayload
from home.events import Event, keep, withdraw
from home.folder import Home
from home.table import Table
from home.tables import ANIMALS, ANOMALIES, BOUTS, EPISODES, FORECASTS, MOMENTS
from ingest.mqtt import gathering
from ingest.mqtt.facts import Coverage, Facts, Oddity, Visit
from ingest.mqtt.gathering import Gatherer
from ingest.mqtt.heard import Heard
from ingest.mqtt.night import read_night
from ingest.mqtt.now import Now, Told
from tests.conftest import HomeFactory
from tests.ingest.mqtt.conftest import CAMERAS, CATS

DAY = dt.date(2026, 3, 3)
AT = dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def home(home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("CATML_TODAY", DAY.isoformat())
    overrides = {"behave.model": "models/behaviour/weights/behaviour.onnx"}
    return home_factory(cameras=CAMERAS, timezone="UTC", more=CATS, overrides=overrides)


def write(home: Home, table: Table, rows: list[dict[str, Any]], date: dt.date = DAY, **more: Any) -> None:
    """A partition of some rows; a column that is not said is nothing."""
    frame = pd.DataFrame([{name: row.get(name) for name in table.columns} for row in rows])
    times = {name: "datetime64[us, UTC]" for name, kind in table.columns.items() if str(kind).startswith("timestamp")}
    numbers = {name: "float64" for name, kind in table.columns.items() if str(kind) in ("double", "float")}
    frame = (
        frame.astype({name: kind for name, kind in {**times, **numbers}.items() if name in frame})
        if rows
        else table.empty()
    )
    home.tables.write(table, frame, date, **more)


def bout(cat: str, end: dt.datetime, camera: str) -> dict[str, Any]:
    texts = {"behaviour": "sleeping", "chunk": "", "bout_id": "b", "evidence": ""}
    plain = {"animal": 1, "continues_before": False, "continues_after": False, "cameras": [camera]}
    return {**texts, **plain, "cat": cat, "start": end - HOUR, "end": end, "camera": camera}


def episode(behaviour: str, start: dt.datetime, length: dt.timedelta, source: str) -> dict[str, Any]:
    whose = {"cat": "miso", "behaviour": behaviour, "sources": [source], "bouts": []}
    return {**whose, "start": start, "end": start + length, "duration_s": length.total_seconds()}


def told(home: Home, now: dt.datetime = AT, **facts: Any) -> dict[tuple[str, ...], Told]:
    """What is told where no camera shows anything."""
    return Now().tell(Facts(home, **facts), [], now)


def test_of_a_cat_that_no_table_knows_nothing_is_told(home: Home) -> None:
    states = told(home, cats=read_night(home))
    assert {each.state for each in states.values()} == {None}


def test_the_newest_of_each_table_is_told(home: Home) -> None:
    yesterday = DAY - dt.timedelta(days=1)
    write(home, BOUTS, [bout("miso", AT - 9 * HOUR, "hall"), bout("unknown", AT - HOUR, "hall")])
    write(home, BOUTS, [bout("miso", AT - 30 * HOUR, "kitchen"), bout("nori", AT - 28 * HOUR, "kitchen")], yesterday)
    meals = [
        episode("eating", AT - 5 * HOUR, dt.timedelta(), "feeder"),
        episode("eating", AT - 8 * HOUR, HOUR / 6, "kitchen"),
    ]
    write(home, EPISODES, [*meals, episode("playing", AT - HOUR, HOUR, "hall")])
    states = told(home, cats=read_night(home))
    assert states["cat", "miso", "last_seen"].state == "2026-03-03T03:00:00+00:00"
    assert states["cat", "miso", "last_seen_in"].state == "hall"
    assert states["cat", "nori", "last_seen_in"].state == "kitchen", "it was not seen today"
    assert states["cat", "miso", "last_meal"].state == "2026-03-03T07:00:00+00:00"
    assert states["cat", "miso", "last_meal"].attributes == {"end": None, "seen_by": ["feeder"]}
    assert states["cat", "nori", "last_meal"].state is None


@pytest.mark.parametrize(
    ("changed", "state", "why"),
    [
        ({}, "2026-03-03T13:00:00+00:00", None),
        ({"abstained": True, "p10": None, "p50": None, "p90": None}, None, "no forecast was surely better"),
        ({"p90": AT - HOUR / 60}, None, "is over"),
    ],
)
def test_the_next_visit_is_told_where_it_is_forecast(
    home: Home, changed: Mapping[str, Any], state: str | None, why: str | None
) -> None:
    row = {
        "cat": "miso", "behaviour": "using_litter_box", "made_at": local_day(DAY, home.zone).start, "kind": "next_event",
        "p10": AT - HOUR, "p50": AT + HOUR, "p90": AT + 3 * HOUR, "model": "profile", "skill": 0.123, "abstained": False,
    }  # fmt: skip
    write(home, FORECASTS, [{**row, **changed}, {**row, "behaviour": "eating"}])
    visit = told(home, cats=read_night(home))["cat", "miso", "next_litter_visit"]
    assert visit.state == state and (why is None or why in visit.attributes["why"])
    assert visit.attributes["made_at"] == "2026-03-03T00:00:00+00:00" and visit.attributes["skill"] == 0.12
    if state:
        assert (visit.attributes["earliest"], visit.attributes["latest"]) == (
            "2026-03-03T11:00:00+00:00", "2026-03-03T15:00:00+00:00",
        )  # fmt: skip
    # The visit has come: that forecast is of the past.
    write(home, EPISODES, [episode("using_litter_box", AT - HOUR, HOUR / 30, "hall")])
    assert told(home, cats=read_night(home))["cat", "miso", "next_litter_visit"].state is None


def test_an_interval_of_what_is_not_forecast_is_never_told(home: Home) -> None:
    made = Visit(None, None, None, AT, None)
    assert (
        "why"
        in told(home, cats={"miso": gathering.CatFacts(visit=made)})["cat", "miso", "next_litter_visit"].attributes
    )
    assert "no forecast yet" in told(home)["cat", "miso", "next_litter_visit"].attributes["why"]


def test_unusual_is_off_only_where_it_could_be_judged(home: Home) -> None:
    unusual = {"cat": "miso", "kind": "none", "of": "eating", "severity": "warning", "score": 8.0, "numbers": []}
    row = {**unusual, "sentence": "No meal for 14 h.", "evidence": [], "start": AT - HOUR, "end": AT, "raised": AT}
    lasting = [{"cat": "miso", "severity": "urgent", "sentence": "No visit.", "since": (AT - 40 * HOUR).isoformat()}]
    notes = {"judged": {"miso": ["eating"], "nori": ["eating"]}, "lasting": lasting}
    write(home, ANOMALIES, [row], notes=notes)
    states = told(home, cats=read_night(home))
    miso = states["cat", "miso", "unusual"]
    assert miso.state == "ON" and miso.attributes["all"] == ["No visit.", "No meal for 14 h."]
    assert miso.attributes["severity"] == "urgent"
    assert states["cat", "nori", "unusual"].state == "OFF"
    write(home, ANOMALIES, [], notes={"judged": {}, "lasting": []})
    assert told(home, cats=read_night(home))["cat", "nori", "unusual"].state is None


def test_a_judgement_of_long_ago_is_none_of_now(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, ANOMALIES, [], notes={"judged": {"miso": ["eating"]}, "lasting": []})
    assert read_night(home)["miso"].oddity == Oddity(DAY, (), ("eating",))
    monkeypatch.setenv("CATML_TODAY", (DAY + dt.timedelta(days=3)).isoformat())
    assert read_night(home)["miso"].oddity is None


def test_comfort_rests_on_enough_moments(home: Home) -> None:
    texts = {"chunk": "", "cat": "unknown", "behaviour": "other", "posture": "", "reasons": []}
    moments = [
        {**texts, "start": AT, "end": AT, "camera": "hall", "track_id": number % 2, "comfort": score}
        for number, score in enumerate([0.8, 0.2, 0.6, float("nan"), *[0.7] * 19, float("nan")])
    ]
    write(home, MOMENTS, moments, camera="hall")
    owners = [("miso", 0), ("nori", 1)]
    write(home, ANIMALS, [{"camera": "hall", "track_id": track, "cat": cat, "animal": 1} for cat, track in owners])
    states = told(home, cats=read_night(home))
    assert (
        states["cat", "miso", "comfort"].state == "0.70"
        and states["cat", "miso", "comfort"].attributes["moments"] == 12
    )
    # Of the odd ones two could not be read: of 12 moments there are 10.
    assert (
        states["cat", "nori", "comfort"].state == "0.65"
        and states["cat", "nori", "comfort"].attributes["moments"] == 10
    )
    write(home, MOMENTS, moments[:20], camera="hall")
    assert told(home, cats=read_night(home))["cat", "nori", "comfort"].state is None


def test_coverage_is_of_what_was_meant_to_be_recorded(home: Home) -> None:
    kitchen = {"recorded": 6 * 3600.0, "camera_down": 2 * 3600.0, "private": 4 * 3600.0}
    coverage = {"kitchen": Coverage(AT, kitchen), "hall": Coverage(AT - 24 * HOUR, {"recorded": 3600.0})}
    states = told(home, coverage=coverage)
    assert states["camera", "kitchen", "coverage"].state == "75.0"
    assert states["camera", "kitchen", "coverage"].attributes["camera_down_s"] == 7200
    assert states["camera", "hall", "coverage"].state is None, "that was yesterday"
    only_private = {"kitchen": Coverage(AT, {"private": 3600.0})}
    assert told(home, coverage=only_private)["camera", "kitchen", "coverage"].state is None
    assert not any("album" in path for path in states), "it only gets imports"


def test_a_recorder_knows_of_its_camera_without_a_watcher(home: Home) -> None:
    states = told(home, recording={"kitchen": True, "hall": False})
    assert [states["camera", camera, "online"].state for camera in ("kitchen", "hall")] == ["ON", "OFF"]
    assert states["camera", "kitchen", "zone", "food_bowl"].state is None, "it records; nobody looks"


def event(number: int, at: dt.datetime, behaviour: str = "", camera: str = "kitchen") -> Event:
    payload = CatPayload(identity="miso", behaviour=behaviour)
    return Event(event_id=UUID(int=number), stream_id=camera, timestamp_utc=at, payload=payload)


def test_events_are_followed_and_taken_back(home: Home) -> None:
    assert not Heard(home.database).catch_up(AT), "nobody has told of anything"
    keep(home.database, [event(1, AT - 3 * HOUR, "eating"), event(2, AT - 2 * HOUR, camera="hall")])
    heard = Heard(home.database)
    assert heard.catch_up(AT)
    assert heard.seen["miso"].camera == "hall" and heard.meals["miso"].start == AT - 3 * HOUR
    late = [event(4, AT - 5 * HOUR, "eating"), event(3, AT - HOUR, "eating")]
    keep(home.database, late)
    heard.catch_up(AT)
    assert heard.seen["miso"].at == heard.meals["miso"].start == AT - HOUR
    withdraw(home.database, [UUID(int=3)], AT)
    heard.catch_up(AT)
    assert heard.seen["miso"].at == AT - 2 * HOUR and heard.meals["miso"].start == AT - 3 * HOUR
    again = Heard(home.database)
    again.catch_up(AT)
    assert (again.seen, again.meals) == (heard.seen, heard.meals)


def test_a_fault_of_the_house_is_on_until_its_end(home: Home) -> None:
    fault = SystemPayload(
        kind="camera_offline", of="kitchen", severity="warning", sentence="The kitchen's camera is gone.", start=AT
    )
    heard = Heard(home.database)
    begun = Event(event_id=UUID(int=9), stream_id="kitchen", timestamp_utc=AT, payload=fault)
    keep(home.database, [begun])
    heard.catch_up(AT)
    there = told(home, faults=tuple(heard.faults.values()))["house", "fault"]
    assert there.state == "ON" and there.attributes["sentences"] == ["The kitchen's camera is gone."]
    keep(home.database, [begun.model_copy(update={"payload": fault.model_copy(update={"end": AT + HOUR})})])
    heard.catch_up(AT)
    assert told(home, faults=tuple(heard.faults.values()))["house", "fault"].state == "OFF"


def test_a_store_that_fails_leaves_what_is_known_of_the_past(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Today's coverage is nobody's guess then; it is told once, not at each look."""
    import threading

    for name in ("NIGHT_EVERY_S", "LEDGER_EVERY_S"):
        monkeypatch.setattr(gathering, name, 0.0)
    now = dt.datetime.now(dt.UTC)
    record(home.tables, "kitchen", [Span(now - HOUR, now)], home.zone)
    tell_gaps(home.tables, "hall", [(Span(now - HOUR, now), "camera_down")], home.zone)
    write(home, BOUTS, [bout("miso", AT, "hall")])
    gatherer = Gatherer(home, threading.Event())
    gatherer.look()
    assert gatherer.facts.coverage.keys() == {"kitchen", "hall"} and gatherer.facts.cats["miso"].seen is not None
    for path in (home.root / "data/tables").rglob("part.parquet"):
        path.write_bytes(b"damaged")
    for _ in range(3):
        gatherer.look()
    assert gatherer.facts.coverage == {} and gatherer.facts.cats["miso"].seen is not None
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2 and all("damaged" in each for each in said)
