"""The drill leaves no behaviour out, and no habit in."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

from simulate.drill import WAYS, drill
from simulate.routine import BEHAVIOURS

START = dt.datetime(2026, 3, 1, 22, tzinfo=dt.UTC)


def test_every_cat_plays_every_way_once_without_a_gap() -> None:
    diary = drill(("miso", "tofu"), "living-room", START, 4)
    for cat in ("miso", "tofu"):
        own = [episode for episode in diary if episode.cat == cat]
        assert own[0].start == START and all(before.end == after.start for before, after in pairwise(own))
        ways = [(episode.behaviour, episode.subtype) for episode in own if episode.subtype != "walking"]
        assert sorted(map(str, ways)) == sorted(map(str, WAYS))
        assert all(20 <= episode.seconds <= 45 for episode in own if episode.subtype != "walking")
    assert {behaviour for behaviour, _ in WAYS} == set(BEHAVIOURS)


def test_order_is_of_the_cat_and_the_seed() -> None:
    def order(cat: str, seed: int) -> list[str | None]:
        return [e.subtype for e in drill(("miso", "tofu"), "living-room", START, seed) if e.cat == cat]

    assert order("miso", 4) == order("miso", 4)
    assert order("miso", 4) != order("tofu", 4)
    assert order("miso", 4) != order("miso", 5)
