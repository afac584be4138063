"""What an owner says decides over what was read, by rules or by moments, and goes when it is taken back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from home.correcting import correct
from home.corrections import withdraw
from home.folder import Home
from home.tables import ANIMALS, BOUTS, BUDGET
from tasks.bouts import bouts
from tests.tasks.story import BED, BOWL, DATE, Story, at
from tests.tasks.test_bouts_by_moments import found, read

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
CATS = "cats:\n  miso: {name: Miso}\n  luna: {name: Luna}\n"


@pytest.fixture
def evening(tmp_path: Path) -> Home:
    """A cat at the bowl for 6 min, then one that lies in its place for one hour, with a look a minute."""
    story = Story(tmp_path, extra=CATS).recorded("kitchen", at(18), at(20))
    story.cat("kitchen", 1, at(18), at(18.1), BOWL, 5, moving=True)
    return story.cat("kitchen", 2, at(18.2), at(19.2), BED, 60, moving=False).told()


def rows(home: Home) -> pd.DataFrame:
    bouts(home, DATE)
    return home.tables.read(BOUTS, DATE)


def test_a_corrected_bout_is_what_its_owner_says_and_no_longer_once_that_is_taken_back(evening: Home) -> None:
    home = read(evening, lambda ts: "playing" if ts < at(18.15) else "sleeping", times=1000)
    before = rows(home)
    (kept,) = correct(home, ["kitchen", "2026-03-01T18:03"], {"behaviour": "grooming"}, NOW, by="Ann")
    told = rows(home)
    first = told.iloc[0]
    assert [name for name, *_ in found(home)] == ["grooming", "sleeping"]
    assert first["evidence"] == "said by Ann, not playing; 72 of 72 moments on kitchen" and first["confidence"] == 1
    assert (first["start"], first["end"]) == (before.iloc[0]["start"], before.iloc[0]["end"]), "no slivers at its ends"
    assert "playing" not in set(home.tables.read(BUDGET, DATE).query("seconds > 0")["behaviour"])
    withdraw(home.database, kept.id, NOW)
    pd.testing.assert_frame_equal(rows(home), before)


def test_by_rules_too_even_what_no_rule_knows_and_a_single_look(evening: Home) -> None:
    assert [name for name, *_ in found(evening)] == ["eating", "sleeping"]
    correct(evening, ["kitchen", "2026-03-01T18:30"], {"behaviour": "grooming"}, NOW)
    correct(evening, ["kitchen", "2026-03-01T18:03:00", "2026-03-01T18:03:05"], {"behaviour": "playing"}, NOW)
    told = rows(evening)
    assert [name for name, *_ in found(evening)] == ["eating", "playing", "eating", "grooming"]
    assert told["evidence"].iloc[-1] == "said by its owner, not sleeping; 60 of 60 moments on kitchen"
    budget = evening.tables.read(BUDGET, DATE).set_index("behaviour")["seconds"]
    assert budget["playing"] == 5 and budget["grooming"] > 3000 and budget.sum() == 24 * 3600
    assert "hunting" not in budget.index, "what the rules cannot see and nobody said is not told as unseen"


def test_what_is_no_animal_has_no_bout(evening: Home) -> None:
    assert set(evening.tables.read(ANIMALS, DATE)["track_id"]) == set()
    correct(evening, ["kitchen", "2026-03-01T18:00", "2026-03-01T18:10"], {"not_an_animal": "true"}, NOW, track=1)
    assert [name for name, *_ in found(evening)] == ["sleeping"]
    assert evening.tables.read(ANIMALS, DATE)["track_id"].tolist() == [2]


def test_a_named_track_has_its_name_without_any_network(evening: Home) -> None:
    correct(evening, ["kitchen/2026-03-01/2"], {"cat": "luna"}, NOW)
    told = rows(evening)
    assert dict(zip(told["behaviour"], told["cat"], strict=True))["sleeping"] == "luna"
    owners = evening.tables.read(ANIMALS, DATE).set_index("track_id")["cat"]
    assert owners[2] == "luna"
    assert bouts(evening, DATE).skipped, "nothing new was said"
