"""Two cats become one, and two again: names that people gave and photos, nothing lost on either way."""

from __future__ import annotations

import datetime as dt

from home.corrections import Correction, add, corrections
from home.folder import Home
from home.gallery import keep, photo_of, photos
from home.merging import edit_of, merge, unmerge
from tests.conftest import HomeFactory

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
BOX = (0.1, 0.1, 0.9, 0.9)


def named(cat: str, minute: int, field: str = "cat") -> Correction:
    """A track of which somebody said whose it is."""
    start = NOW + dt.timedelta(minutes=minute)
    return Correction(
        NOW, "bout", "kitchen", start, start + dt.timedelta(seconds=50), minute, field, cat, "unknown", "owner"
    )  # type: ignore[arg-type]


def known(home: Home) -> tuple[list[tuple[int, str, str]], dict[str, list[bytes]]]:
    """What is known of both: whose each track is, and the photos of each."""
    said = sorted((each.track_id, each.field, each.value) for each in corrections(home.database))
    return said, {cat: [home.data.read(each.key) for each in photos(home.data, cat)] for cat in ("miso", "mimi")}


def test_what_is_known_of_one_is_known_of_the_other_and_given_back(home_factory: HomeFactory) -> None:
    home = home_factory(more="cats:\n  miso: {name: Miso}\n  mimi: {name: Mimi}\n")
    add(home.database, [named("miso", 1), named("mimi", 2), named("mimi", 3), named("sleeping", 3, "behaviour")])
    for cat, contents in (("miso", (b"a", b"both")), ("mimi", (b"b", b"both"))):
        for content in contents:
            assert keep(home.data, photo_of(cat, "x.jpg", content, (4, 3), BOX, 0.9, "d"), content)
    before = known(home)
    done = merge(home, "mimi", "miso", NOW)
    said, kept = known(home)
    assert said == [(1, "cat", "miso"), (2, "cat", "miso"), (3, "behaviour", "sleeping"), (3, "cat", "miso")]
    assert sorted(kept["miso"]) == [b"a", b"b", b"both"] and kept["mimi"] == []
    assert merge(home, "mimi", "miso", NOW).photos == ()  # again: nothing is left to do
    assert known(home) == (said, kept)
    unmerge(home, done, NOW + dt.timedelta(minutes=1))
    assert known(home) == before


def test_rules_name_the_one_that_stays() -> None:
    tree = {"cats": {"miso": {}, "mimi": {}}, "rules": {"bowl": {"cat": "mimi", "zone": "food_bowl"}, "any": {}}}
    edit_of(tree, "mimi", "miso")
    assert tree == {"cats": {"miso": {}}, "rules": {"bowl": {"cat": "miso", "zone": "food_bowl"}, "any": {}}}
