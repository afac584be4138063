"""The same meal seen twice is one; two cats at one bowl stay two; what nobody could name is what another source could."""

from __future__ import annotations

import datetime as dt

import pytest

from home.clock import Span
from tasks.episodes import Episode, Piece, Tolerance, laid_together

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
USUAL = Tolerance(same_s=240.0, meal_s=600.0)


def at(second: float) -> dt.datetime:
    return NOON + dt.timedelta(seconds=second)


def filmed(
    cat: str, start: float, end: float, behaviour: str = "eating", *, name: str = "", animal: str = "1"
) -> Piece:
    seconds, name = end - start, name or f"{cat} {animal} {start}"
    return Piece(cat, behaviour, at(start), at(end), seconds, ("kitchen",), by_device=False, name=name, chain=animal)


def logged(cat: str, start: float, end: float, behaviour: str = "eating", device: str = "bowl") -> Piece:
    return Piece(cat, behaviour, at(start), at(end), end - start, (device,), by_device=True, chain=device)


def told(*pieces: Piece) -> list[tuple[str, float, float, tuple[str, ...]]]:
    found = laid_together(pieces, USUAL)
    assert found == laid_together(pieces[::-1], USUAL), "whatever order they come in"
    return [
        (
            each.cat,
            (each.span.start - NOON).total_seconds(),
            (each.span.end - NOON).total_seconds(),
            tuple(each.sources),
        )
        for each in found
    ]


def test_a_meal_that_camera_and_feeder_saw_is_one() -> None:
    assert told(filmed("miso", 0, 100), logged("miso", 30, 140)) == [("miso", 0, 140, ("bowl", "kitchen"))]
    assert told(filmed("miso", 0, 100), logged("miso", 1000, 1100)) == [("miso", 0, 100, ("kitchen",)), ("miso", 1000, 1100, ("bowl",))]  # fmt: skip


def test_no_second_is_counted_twice() -> None:
    [meal] = laid_together([filmed("miso", 0, 100), logged("miso", 30, 140), logged("miso", 300, 310)], USUAL)
    assert meal.seconds(meal.span) == 150
    assert meal.seconds(Span(at(120), at(305))) == 20 + 5
    halfseen = Piece("miso", "sleeping", at(0), at(100), 40.0, ("hall",), by_device=False, name="x")
    assert Episode([halfseen]).seconds(Span(at(0), at(50))) == 20


def test_visits_within_ten_minutes_are_one_meal_and_visits_to_the_box_are_not() -> None:
    assert len(told(logged("miso", 0, 60), logged("miso", 660, 700), logged("miso", 1301, 1400))) == 2
    box = "using_litter_box"
    assert len(told(logged("miso", 0, 0, box), logged("miso", 240, 240, box), logged("miso", 481, 481, box))) == 2
    assert len(told(filmed("miso", 0, 60, box), filmed("miso", 70, 90, box))) == 2, "bouts are told apart by `bouts`"


def test_a_bout_over_midnight_is_one() -> None:
    parts = [filmed("miso", 0, 60, "sleeping", name="a"), filmed("miso", 60, 90, "sleeping", name="a")]
    assert told(*parts) == [("miso", 0, 90, ("kitchen",))]
    parts = [filmed("unknown", 0, 60, "sleeping", name="a", animal="sunday 2"), filmed("unknown", 60, 90, "sleeping", name="a", animal="monday 1")]  # fmt: skip
    assert told(*parts) == [("unknown", 0, 90, ("kitchen",))]


@pytest.mark.parametrize("behaviour", ["eating", "using_litter_box"])
def test_what_a_camera_could_not_name_is_what_the_device_could(behaviour: str) -> None:
    assert told(filmed("unknown", 0, 100, behaviour), logged("miso", 30, 140, behaviour)) == [("miso", 0, 140, ("bowl", "kitchen"))]  # fmt: skip
    assert told(filmed("miso", 0, 100, behaviour), logged("unknown", 30, 140, behaviour)) == [("miso", 0, 140, ("bowl", "kitchen"))]  # fmt: skip
    assert told(filmed("unknown", 0, 100, behaviour), logged("unknown", 30, 140, behaviour)) == [("unknown", 0, 140, ("bowl", "kitchen"))]  # fmt: skip
    assert len(told(filmed("unknown", 0, 100, behaviour), logged("miso", 341, 400, behaviour))) == 2


def test_a_box_that_sees_and_then_weighs_tells_of_one_visit() -> None:
    box = "using_litter_box"
    seen, weighed = logged("unknown", 0, 0, box), logged("miso", 120, 120, box)
    assert told(seen, weighed) == [("miso", 0, 120, ("bowl",))]
    next_seen, next_weighed = logged("unknown", 180, 180, box), logged("tom", 240, 240, box)
    assert [each[0] for each in told(seen, weighed, next_seen, next_weighed)] == ["miso", "tom"]


def test_two_animals_that_a_camera_sees_at_once_stay_two() -> None:
    pair = filmed("unknown", 0, 100, animal="1"), filmed("unknown", 10, 110, animal="2")
    assert [each[0] for each in told(*pair, logged("miso", 0, 100))] == ["miso", "unknown"]
    assert [each[0] for each in told(filmed("miso", 0, 100), filmed("unknown", 10, 110, animal="2"))] == [
        "miso",
        "unknown",
    ]
    assert [each[0] for each in told(filmed("miso", 0, 100), logged("tom", 0, 100, device="toms"))] == ["miso", "tom"]


def test_another_behaviour_is_another_event() -> None:
    assert len(told(filmed("miso", 0, 100, "sleeping"), logged("miso", 0, 100))) == 2
