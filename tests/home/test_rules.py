"""Rules of home.yaml: hours by the clock on the wall, and zones by kind. Wrong ones are in test_wrong_files.py."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from home.rules import in_hours, matches
from tests.conftest import HomeFactory

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("hours", "utc", "holds"),
    [
        ([], "2026-06-01T12:00", True),
        (["22:00-06:30"], "2026-06-01T20:00", True),  # 22:00 in summer
        (["22:00-06:30"], "2026-06-01T04:29", True),
        (["22:00-06:30"], "2026-06-01T04:30", False),  # an end is not in it
        (["22:00-06:30"], "2026-12-01T20:30", False),  # 21:30 in winter
        (["08:00-09:00", "12:00-13:00"], "2026-12-01T11:59", True),
        (["08:00-09:00", "12:00-13:00"], "2026-12-01T12:00", False),
    ],
)
def test_hours_are_those_of_the_wall(hours: list[str], utc: str, holds: bool) -> None:
    assert in_hours(hours, dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC), BERLIN) is holds


def test_a_zone_is_itself_or_a_kind() -> None:
    assert matches("food_bowl", "food_bowl") and matches("food_bowl", "food_bowl_2")
    assert matches("food_bowl_2", "food_bowl_2")
    assert not matches("food_bowl_2", "food_bowl") and not matches("bed", "bedside")


def test_a_rule_is_read_as_it_is_written(home_factory: HomeFactory) -> None:
    rules = "rules:\n  any: {}\n  asleep: {class: cat, cameras: [kitchen], behaviour: sleeping, duration_s: 60, cat: unknown}\n"
    home = home_factory(more=rules)
    rule = home.config.rules["asleep"]
    assert (rule.kind, rule.cameras, rule.behaviour, rule.duration_s, rule.cat) == (
        "cat", ["kitchen"], "sleeping", 60, "unknown",
    )  # fmt: skip
    assert home.config.rules["any"].kind == "cat"
