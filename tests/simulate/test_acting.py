"""Episodes become movement: in the right place, in the right order, the same whenever asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from simulate.acting import Actor
from simulate.cat import Stance
from simulate.furnish import furnished_room
from simulate.pose import PERIODS, STILL, canonical
from simulate.room import PLACES, Room
from simulate.routine import Episode
from simulate.staging import SCENES
from simulate.toys import struck

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ROOM = furnished_room(np.random.default_rng(3), (*PLACES, "window"))


def doing(behaviour: str, start: float, end: float, subtype: str | None = None) -> Episode:
    at = [NOON + timedelta(seconds=s) for s in (start, end)]
    return Episode("miso", behaviour, at[0], at[1], "den", None, subtype)


def postures(*episodes: Episode, until: float, room: Room = ROOM) -> list[str]:
    """Each posture as it comes."""
    actor = Actor(episodes, "den", room, 1)
    shown = [actor.stance(NOON + timedelta(seconds=s)) for s in np.arange(0, until, 0.1)]
    names = [stance.posture for stance in shown if stance]
    return [name for k, name in enumerate(names) if k == 0 or names[k - 1] != name]


@pytest.mark.parametrize(("behaviour", "subtype"), SCENES)
@pytest.mark.parametrize("seconds", [3, 40])
def test_every_behaviour_fills_its_episode(behaviour: str, subtype: str | None, seconds: float) -> None:
    actor = Actor([doing(behaviour, 0, seconds, subtype)], "den", ROOM, 1)
    shown = [actor.stance(NOON + timedelta(seconds=s)) for s in np.arange(0, seconds, 0.2)]
    places = np.array([stance.at for stance in shown if stance])
    assert len(places) == len(shown)
    assert actor.stance(NOON + timedelta(seconds=seconds)) is None
    assert (places[:, 0] > 0).all() and (places[:, 0] < ROOM.width).all(), "inside the room"


def test_the_litter_box_is_dug_used_and_covered() -> None:
    assert postures(doing("using_litter_box", 0, 60, "urinating"), until=60) == ["dig", "squat", "dig"]


def test_a_hunt_stalks_then_rushes_then_pounces() -> None:
    hunt = postures(doing("hunting", 0, 60), until=60)
    first = hunt.index("rush")
    assert set(hunt[:first]) == {"stalk", "lurk"}
    assert hunt[first : first + 2] == ["rush", "pounce"]


def test_play_ends_its_pounces_at_the_toy() -> None:
    assert {"bat", "lurk", "rush", "pounce"} <= set(postures(doing("playing", 0, 40, "toy"), until=40))
    actor = Actor([doing("playing", 0, 40, "toy")], "den", ROOM, 1)
    last = actor.stance(NOON + timedelta(seconds=39.9))
    assert last is not None and last.posture == "bat"
    assert np.hypot(*np.subtract(last.at, ROOM.places["toy"])[:2]) == pytest.approx(0.235, abs=0.01)


def test_the_way_leads_from_one_place_to_the_next_without_a_jump() -> None:
    episodes = [doing("eating", 0, 20), doing("other", 20, 28, "walking"), doing("other", 28, 60, "window")]
    actor = Actor(episodes, "den", ROOM, 1)
    ways = np.array([s.at for t in np.arange(0, 60, 0.1) if (s := actor.stance(NOON + timedelta(seconds=float(t))))])
    steps = np.linalg.norm(np.diff(ways, axis=0), axis=1)
    assert steps.max() < 0.3, "3 m/s is a leap"
    assert ways[:, 2].max() == pytest.approx(ROOM.places["window"][2], abs=0.15)


def test_a_moment_depends_on_nothing_asked_before() -> None:
    """Whether a diary was played from its beginning, or has other episodes far away, changes no stance."""
    episodes = [doing("hunting", 0, 30), doing("other", 30, 36, "walking"), doing("grooming", 36, 80)]
    whole, alone = Actor(episodes, "den", ROOM, 1), Actor(episodes[1:], "den", ROOM, 1)
    for second in range(80):
        whole.stance(NOON + timedelta(seconds=second))
    at = NOON + timedelta(seconds=50.2)
    assert whole.stance(at) == alone.stance(at)


def test_another_camera_sees_nothing() -> None:
    assert Actor([doing("eating", 0, 20)], "attic", ROOM, 1).stance(NOON + timedelta(seconds=5)) is None


@pytest.mark.parametrize("posture", STILL)
def test_an_hour_of_rest_is_a_few_pictures(posture: str) -> None:
    times = {canonical(posture, t) for t in np.arange(0, 3600, 0.2).round(1)}
    assert len(times) <= 26
    assert all(0 <= t <= PERIODS[posture] for t in times)


def test_a_toy_that_is_batted_goes_from_paw_to_paw() -> None:
    """It slides to the right of the cat while the left paw strikes, and back; what a cat bats at elsewhere is none."""
    toy, reach = ROOM.places["toy"], 0.235
    at = (toy[0] - reach, toy[1], 0.0)
    ways = [struck(Stance("bat", t, at, 0.0), ROOM) for t in np.arange(0, 4, 0.2)]
    aside = np.array([way.at[1] - toy[1] for way in ways if way])
    assert len(aside) == 20
    assert aside[0] > 0.05 and aside.min() < -0.05, "left is +y of a cat that faces +x"
    assert np.abs(np.diff(aside)).max() < 0.06, "it slides"
    assert struck(Stance("bat", 0.4, (at[0] - 1, at[1], 0.0), 0.0), ROOM) is None
    assert struck(Stance("walk", 0.4, at, 0.0), ROOM) is None
