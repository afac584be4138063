"""As usual, expected and missing: what forecasts say of what could have been seen, and of nothing else."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import pandas as pd
import pytest

from home.event_payloads import CatPayload
from home.events import Event, keep
from home.folder import Home
from home.tables import EPISODES, FORECASTS, OBSERVED
from ingest.alerts.deciding import Told
from ingest.alerts.expected import came, missing, read_chances
from ingest.alerts.wording import Teller
from tests.conftest import HomeFactory
from tests.ingest.alerts.made import Run, settings

DAY = dt.date(2026, 3, 2)
MIDNIGHT = dt.datetime(2026, 3, 1, 23, 0, tzinfo=dt.UTC)  # in Berlin
NOW = MIDNIGHT + dt.timedelta(hours=27)


def at(hours: float) -> dt.datetime:
    """So many hours of the local day."""
    return MIDNIGHT + dt.timedelta(hours=hours)


def forecast(home: Home, abstained: bool = False, cat: str = "miso", made: float = 0) -> None:
    """The next meal about 06:30, 05:30 to 07:30; and its chance in two hours. `made` is a midnight."""
    said = {
        "cat": cat,
        "behaviour": "eating",
        "made_at": at(made),
        "model": "gaps",
        "skill": 0.1,
        "abstained": abstained,
    }
    hours = dict.fromkeys(("p10", "p25", "p50", "p75", "p90"), pd.NaT)
    when = dict(zip(hours, (at(made + each) for each in (5.5, 6, 6.5, 7, 7.5)), strict=True))
    rows = [
        said | (hours if abstained else when) | {"kind": "next_event", "ts": at(made), "probability": None},
        said | hours | {"kind": "hourly", "ts": at(made + 6), "probability": 0.75},
        said | hours | {"kind": "hourly", "ts": at(made + 30), "probability": 0.25},
    ]
    write(home, FORECASTS, rows, made)


def observed(home: Home, *spans: tuple[float, float], day: float = 0) -> None:
    """When a meal could have been seen, on the day of a midnight."""
    write(
        home,
        OBSERVED,
        [{"cat": "miso", "behaviour": "eating", "start": at(start), "end": at(end)} for start, end in spans],
        day,
    )


def meals(home: Home, *when: float, cat: str = "miso", behaviour: str = "eating") -> None:
    """What the night's work has seen."""
    rest = {"duration_s": 60.0, "sources": ["kitchen"], "bouts": []}
    rows = [
        {"cat": cat, "behaviour": behaviour, "start": at(each), "end": at(each + 0.02)} | rest for each in when
    ]  # fmt: skip
    write(home, EPISODES, rows, when[0] // 24 * 24)


def write(home: Home, table: object, rows: list[dict[str, object]], midnight: float = 0) -> None:
    """A partition of DAY, or of that of a later midnight."""
    empty = table.empty()  # type: ignore[attr-defined]
    frame = pd.DataFrame(rows, columns=list(empty.columns))
    times = [name for name in frame if str(empty[name].dtype).startswith("datetime")]
    for name in times:
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    home.tables.write(table, frame, DAY + dt.timedelta(hours=midnight))  # type: ignore[arg-type]


@pytest.fixture
def home(home_factory: HomeFactory) -> Home:
    """A home with a cat."""
    return home_factory(more="cats:\n  miso: {name: Miso}\n")


def test_what_could_be_seen_all_the_time_and_was_not_is_missing(home: Home) -> None:
    forecast(home)
    observed(home, (0, 4), (4.2, 23))  # twelve minutes without a camera break nothing
    (alert,) = missing(home, NOW)
    assert (alert.subject, alert.severity, alert.began_at) == ("miso", "warning", at(7.5))
    assert missing(home, NOW)[0].id == alert.id
    english, german = (Teller(home.config, language, NOW).content(Told(alert, "begin")) for language in ("en", "de"))
    assert english.title == "Miso: Eating was expected and not seen"
    assert english.lines == (
        "It was expected about 2 March, 06:30 (2 March, 05:30 to 2 March, 07:30, four times out of five).",
        "It could have been seen all that time, and was not, until 2 March, 23:00.",
    )
    assert german.title == "Miso: Fressen erwartet und nicht gesehen" and "diagnosis" in english.note


@pytest.mark.parametrize("why", ["not observed", "hole", "seen", "seen later", "a cat that nobody could tell", "live"])
def test_nothing_is_missing_that_nobody_could_have_seen_or_that_somebody_did(home: Home, why: str) -> None:
    forecast(home)
    spans = {"not observed": [], "hole": [(0.0, 4.0), (4.5, 24.0)]}
    observed(home, *spans.get(why, [(0.0, 24.0)]))
    if why == "seen":
        meals(home, 5.0)
    elif why == "seen later":
        meals(home, 12.0)
    elif why == "a cat that nobody could tell":
        meals(home, 6.0, cat="unknown")
    elif why == "live":
        payload = CatPayload(identity="miso", behaviour="eating")
        keep(home.database, [Event(event_id=UUID(int=1), timestamp_utc=at(6), payload=payload)])
    assert missing(home, NOW) == []


def test_who_abstains_says_nothing_and_what_is_old_is_no_news(home: Home) -> None:
    forecast(home, abstained=True)
    observed(home, (0, 24))
    assert missing(home, NOW) == []
    assert read_chances(home, NOW)("miso", "eating", at(6)) is None
    forecast(home)
    assert missing(home, at(7)) == [], "it is not over yet"
    assert len(missing(home, at(7.6))) == 1
    assert missing(home, at(7.5 + 49)) == []


def test_what_every_night_goes_on_expecting_is_missing_once(home: Home) -> None:
    """Three nights in a row expect a breakfast that does not come; then one comes, and the next is missing."""
    for made in (0, 24, 48):
        forecast(home, made=made)
        observed(home, (made, made + 24), day=made)
    (first,) = missing(home, NOW)
    assert first.began_at == at(7.5)
    assert [alert.id for alert in missing(home, at(24 + 20))] == [first.id], "yesterday's, for which it is still waited"
    assert missing(home, at(48 + 20)) == [], "it was told of three days ago"
    meals(home, 24 + 12)
    (second,) = missing(home, at(48 + 20))
    assert second.began_at == at(48 + 7.5) and second.id != first.id


def test_what_comes_after_all_ends_it(home: Home) -> None:
    forecast(home)
    observed(home, (0, 24))
    meals(home, 9.0, behaviour="playing")
    (alert,) = missing(home, NOW)
    run = Run(settings())
    run.book[alert.id] = alert
    assert [each.phase for each in run.step(NOW)] == ["begin"]
    told = run.book[alert.id]
    assert came(home, told, NOW) == told
    payload = CatPayload(identity="miso", behaviour="eating")
    keep(home.database, [Event(event_id=UUID(int=1), timestamp_utc=NOW, payload=payload)])
    run.book[alert.id] = came(home, told, NOW + dt.timedelta(hours=1))
    (over,) = run.step(NOW + dt.timedelta(hours=1))
    content = Teller(home.config, "en", NOW).content(over)
    assert over.phase == "end" and content.title == "Miso: Eating seen after all"
    assert content.lines == ("It was seen at 03:00.",)


def test_the_chance_of_an_hour_and_of_the_same_hour_of_later_days(home: Home) -> None:
    forecast(home)
    chance = read_chances(home, NOW)
    assert chance("miso", "eating", at(6.9)) == 0.75, "of the hour that was forecast"
    assert chance("miso", "eating", at(6.1 + 72)) == 0.5, "of the hours that were forecast the mean"
    assert chance("miso", "eating", at(8)) is None and chance("tofu", "eating", at(6)) is None
