"""What was unusual on a day: from what was known then, with what it rests on; nothing where nobody watched."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import pandas as pd
import pytest

from home.clock import local_day
from home.event_payloads import AnomalyPayload
from home.events import Event, events
from home.folder import Home, open_home
from home.store import Store
from home.tables import ANOMALIES, COUNTS, OBSERVED
from tasks.anomalies import anomalies
from tasks.habits import habits
from tasks.stage import Outcome
from tests.conftest import HomeFactory
from tests.plain import plain
from tests.tasks.fed import FIRST, LAST, every_few_hours, lived

ILL = LAST - dt.timedelta(days=2)
"""The day on which it stops eating."""
YAML = "timezone: Asia/Kathmandu\ncameras:\n  kitchen: {}\ncats: {miso: {name: Miso}}\n"


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one cat that eats until it falls ill."""
    root = tmp_path_factory.mktemp("ill")
    (root / "home.yaml").write_text(YAML, "utf-8")
    plain(root)
    home = open_home(root)
    until = local_day(ILL, home.zone).start
    lived(home, [meal for meal in every_few_hours(np.random.default_rng(3)) if meal < until])
    return root


@pytest.fixture
def house(once: Path, tmp_path: Path) -> Home:
    """The same, for a test of its own."""
    return open_home(copytree(once, tmp_path / "home"))


def days_from(first: dt.date) -> list[dt.date]:
    return [first + dt.timedelta(days=number) for number in range((LAST - first).days)]


def test_a_cat_that_stops_eating_is_told_of_within_a_day(house: Home) -> None:
    before, after = days_from(ILL - dt.timedelta(days=14))[:14], days_from(ILL)
    allowed = house.config.alerts.false_alarms_per_month
    assert sum(anomalies(house, date).facts["unusual"] for date in before) <= allowed
    for date in after:
        anomalies(house, date)
    found = pd.concat([house.tables.read(ANOMALIES, date) for date in after])
    first = found.sort_values("raised").iloc[0]
    assert (first["cat"], first["of"]) == ("miso", "eating") and first["kind"] in ("none", "less", "less_often")
    assert first["raised"] <= local_day(ILL, house.zone).end
    assert (found["severity"] == "urgent").any() and (found["score"] > 0).all()
    for row in found.to_dict("records"):
        assert row["sentence"].endswith(".") and dict(row["numbers"])["observed_h"] > 0
        assert all(row["start"] <= pd.Timestamp(moment, tz="UTC") < row["raised"] for moment in row["evidence"])


def test_a_feeder_that_was_off_is_no_cat_that_did_not_eat(house: Home) -> None:
    for date in days_from(ILL):
        house.tables.write(OBSERVED, OBSERVED.empty(), date, fingerprint="off")
        house.tables.write(COUNTS, COUNTS.empty(), date, fingerprint="off")
    assert [anomalies(house, date).facts["unusual"] for date in days_from(ILL)] == [0, 0]


def test_twice_is_once_and_the_owners_allowance_counts(house: Home, home_factory: HomeFactory) -> None:
    date = ILL
    anomalies(house, date)
    told = house.tables.read(ANOMALIES, date)
    assert anomalies(house, date).skipped
    assert not anomalies(house, date, force=True).skipped
    pd.testing.assert_frame_equal(house.tables.read(ANOMALIES, date), told)
    more = home_factory(
        timezone="Asia/Kathmandu", more="cats: {miso: {name: Miso}}\nalerts: {false_alarms_per_month: 10}\n"
    )
    assert not anomalies(more, date).skipped


def test_a_day_that_nobody_counted_is_left(house: Home) -> None:
    assert anomalies(house, LAST + dt.timedelta(days=30)).skipped
    assert house.tables.dates(ANOMALIES) == []


def said(event: Event) -> AnomalyPayload:
    assert isinstance(event.payload, AnomalyPayload)
    return event.payload


def test_an_alarm_is_one_event_that_lasts_and_is_withdrawn_with_what_it_rested_on(house: Home) -> None:
    before = days_from(ILL - dt.timedelta(days=1))[0]
    anomalies(house, before)
    assert house.database.is_new, "where there is nothing to tell, nothing is opened"
    first, second = days_from(ILL)
    anomalies(house, first)
    told = events(house.database, category="anomaly")
    (alarm,) = [each for each in told if said(each).of == "eating"]
    assert said(alarm).cat == "miso" and said(alarm).known_until == local_day(first, house.zone).end
    anomalies(house, first, force=True)
    assert events(house.database) == told, "told twice it is one event"
    anomalies(house, second)
    notes = house.tables.notes(ANOMALIES, second)
    assert [(one["cat"], one["since"][:10]) for one in notes["lasting"]][:1] == [("miso", str(first))]
    later = {each.event_id: each for each in events(house.database)}
    assert said(later[alarm.event_id]).end == local_day(second, house.zone).end and set(later) >= {alarm.event_id}
    assert (
        said(later[alarm.event_id]).severity == "urgent" and later[alarm.event_id].timestamp_utc == alarm.timestamp_utc
    )
    anomalies(house, first, force=True)
    assert {each.event_id: each for each in events(house.database)} == later, "a later day knew more"
    # The meals come after all, with footage that was late.
    lived(house, every_few_hours(np.random.default_rng(3)))
    for date in (first, second):
        anomalies(house, date)
    assert events(house.database) == []
    gone = {each.event_id: each.withdrawn_at for each in events(house.database, withdrawn=True)}
    assert set(gone) == set(later) and all(gone.values())


@pytest.mark.parametrize("stage", [anomalies, habits])
def test_each_day_of_the_past_is_asked_once(
    house: Home, stage: Callable[[Home, dt.date], Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a store far away every question costs a round trip: the counts are listed once, and each of them opened once."""
    asked = Counter[str]()
    for name in ("list", "open", "read"):
        real = getattr(Store, name)

        def told(self: Store, key: str, *rest: object, real: Any = real, name: str = name) -> object:
            asked[f"{name} {key}"] += 1
            return real(self, key, *rest)

        monkeypatch.setattr(Store, name, told)
    assert not stage(house, ILL).skipped
    counts = {what: times for what, times in asked.items() if " counts/" in what}
    assert counts.pop("list counts/date=") == 1
    assert len(counts) >= (ILL - FIRST).days and set(counts.values()) == {1}
    assert all(times == 1 for what, times in asked.items() if what.startswith("read "))
