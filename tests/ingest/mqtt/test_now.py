"""From moment to moment: what is told of a cat that is in view, and of one that is not any more."""

from __future__ import annotations

import datetime as dt

import pytest

from home.folder import Home
from home.live import LiveCamera, LiveTrack
from ingest.mqtt.facts import CatFacts, Facts, Meal, Sighting
from ingest.mqtt.meals import Meals
from ingest.mqtt.now import Now
from tests.conftest import HomeFactory
from tests.ingest.mqtt.conftest import CAMERAS, CATS

AT = dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC)
S = dt.timedelta(seconds=1)
MISO = ("cat", "miso")


@pytest.fixture
def home(home_factory: HomeFactory) -> Home:
    return home_factory(cameras=CAMERAS, timezone="UTC", more=CATS)


def view(camera: str, now: dt.datetime, *tracks: LiveTrack) -> LiveCamera:
    return LiveCamera(camera=camera, at=now, written_at=now, online=True, tracks=tracks)


def track(
    cat: str | None = "miso",
    behaviour: str = "",
    bbox: tuple[float, float, float, float] = (0.4, 0.1, 0.5, 0.3),
    kind: str = "cat",
    confidence: float = 0.8,
) -> LiveTrack:
    return LiveTrack(track_id=1, kind=kind, bbox=bbox, confidence=confidence, cat=cat, behaviour=behaviour, since=AT)


def test_a_cat_that_stays_in_view_is_told_once_a_minute_and_at_its_last_moment(home: Home) -> None:
    now, facts = Now(), Facts(home)
    seen: list[str] = []
    for second in range(130):
        at = AT + second * S
        seen.append(str(now.tell(facts, [view("kitchen", at, track())], at)[*MISO, "last_seen"].state))
    assert sorted(set(seen)) == [f"2026-03-03T12:0{minute}:00+00:00" for minute in range(3)]
    gone = AT + 130 * S
    told = now.tell(facts, [view("kitchen", gone)], gone)
    assert told[*MISO, "last_seen"].state == "2026-03-03T12:02:09+00:00"
    assert told[*MISO, "last_seen_in"].attributes["in_view"] is False


def test_two_cameras_that_see_a_cat_do_not_take_turns(home: Home) -> None:
    now, facts, places = Now(), Facts(home), set()
    for second in range(6):
        at = AT + second * S
        sure = 0.9 if second % 2 else 0.5
        views = [view("hall", at, track(confidence=0.7)), view("kitchen", at, track(confidence=sure))]
        places.add(now.tell(facts, views, at)[*MISO, "last_seen_in"].state)
    assert places == {"hall"}
    at = AT + 6 * S
    assert now.tell(facts, [view("kitchen", at, track())], at)[*MISO, "last_seen_in"].state == "kitchen"


def test_what_the_night_saw_later_is_newer(home: Home) -> None:
    now = Now()
    now.tell(Facts(home), [view("kitchen", AT, track())], AT)
    facts = Facts(home, {"miso": CatFacts(seen=Sighting(AT + 600 * S, "hall", "night"))})
    told = now.tell(facts, [], AT + 3600 * S)
    assert told[*MISO, "last_seen"].attributes == {
        "camera": "hall", "room": None, "in_view": False, "source": "night",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "bbox", "inside"),
    [
        # The bowl of the kitchen is x 0.1 to 0.3, y 0.6 to 0.9; the hall's litter box x 0.5 to 0.9, y 0.5 to 0.9.
        ("food_bowl", (0.15, 0.3, 0.4, 0.85), True),
        ("food_bowl", (0.5, 0.1, 0.7, 0.3), False),
        ("litter_box", (0.6, 0.4, 0.8, 0.85), True),
        ("litter_box", (0.55, 0.1, 0.85, 0.6), False),  # behind it: its feet stand elsewhere
    ],
)
def test_a_cat_is_in_a_zone_as_the_night_has_it(
    home: Home, zone: str, bbox: tuple[float, float, float, float], inside: bool
) -> None:
    camera = {"food_bowl": "kitchen", "litter_box": "hall"}[zone]
    for cat, name in (("miso", "Miso"), (None, "unknown")):
        told = Now().tell(Facts(home), [view(camera, AT, track(cat, bbox=bbox))], AT)["camera", camera, "zone", zone]
        assert told.state == ("ON" if inside else "OFF") and told.attributes["cats"] == ([name] if inside else [])
    person = Now().tell(Facts(home), [view(camera, AT, track(None, bbox=bbox, kind="person"))], AT)
    assert person["camera", camera, "zone", zone].state == "OFF"


def test_in_private_hours_nobody_knows(home_factory: HomeFactory) -> None:
    """Nothing is connected to then: that is no fault of the camera, and no empty bowl."""
    cameras = CAMERAS.replace("    room: kitchen\n", "    room: kitchen\n    private: ['11:30-12:00']\n")
    home = home_factory(cameras=cameras, timezone="UTC", more=CATS)
    facts = Facts(home, recording={"kitchen": True, "hall": True})
    away = LiveCamera(camera="kitchen", at=AT, written_at=AT - S, online=False)
    told = Now().tell(facts, [away], AT - S)
    assert told["camera", "kitchen", "online"].state is None and told["camera", "hall", "online"].state == "ON"
    assert told["camera", "kitchen", "zone", "food_bowl"].attributes["why"] == "private hours"
    told = Now().tell(facts, [view("kitchen", AT)], AT)
    assert told["camera", "kitchen", "online"].state == "ON"
    assert told["camera", "kitchen", "zone", "food_bowl"].state == "OFF"


def test_a_meal_is_eaten_for_a_while_and_ends(home: Home) -> None:
    now, facts = Now(), Facts(home)

    def told(second: int, eats: bool) -> dict[str, object]:
        at = AT + second * S
        found = now.tell(facts, [view("kitchen", at, track(behaviour="eating" if eats else ""))], at)[
            *MISO, "last_meal"
        ]
        return {"state": found.state, **found.attributes}

    assert told(0, True) == told(2, True) == {"state": None}, "it may only pass the bowl"
    begun = {"state": "2026-03-03T12:00:00+00:00", "end": None, "seen_by": ["Kitchen"]}
    assert told(9, True) == told(20, False) == told(25, True) == begun, "a short break is no end"
    assert told(80, False) == {**begun, "end": "2026-03-03T12:00:25+00:00"}
    # What the camera's event says of the same meal is that meal; what a feeder says later is another one.
    same = Facts(home, {"miso": CatFacts(meal=Meal(AT + 10 * S, None, ("kitchen",)))})
    assert now.tell(same, [], AT + 90 * S)[*MISO, "last_meal"].state == "2026-03-03T12:00:00+00:00"
    other = Facts(home, {"miso": CatFacts(meal=Meal(AT + 60 * S, None, ("feeder",)))})
    assert now.tell(other, [], AT + 90 * S)[*MISO, "last_meal"].state == "2026-03-03T12:01:00+00:00"


def test_a_clock_that_is_set_back_ends_a_meal() -> None:
    meals = Meals()
    for second in (0, 10):
        meals.look("miso", AT + second * S, "kitchen", 8, 30)
    meal = meals.look("miso", AT - 3600 * S, "kitchen", 8, 30)
    assert meal == Meal(AT, AT + 10 * S, ("kitchen",))
