"""What people said becomes moments to learn from: of the right animal, once each, and some held out for ever."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from home.clock import UTC
from home.correcting import correct
from home.corrections import Correction, add
from home.folder import Home
from home.labels import Label, take
from tasks.corrected import COLUMNS, labelled
from tests.tasks.lived import BOWL, Stay, at, lived

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """In the kitchen one cat as tracks 1 and 2, then two at once; one in the hall over midnight."""
    stays = [
        Stay("kitchen", 1, at(6), at(6.5), "sleeping"),
        Stay("kitchen", 2, at(6.5), at(7), "sleeping"),
        Stay("kitchen", 3, at(8), at(8.5), "sleeping", cat="luna"),
        Stay("kitchen", 4, at(8), at(8.5), "eating", BOWL),
        Stay("hall", 1, at(22.5), at(23.5), "other"),
    ]
    return lived(tmp_path, stays)


def told(rows: pd.DataFrame) -> dict[tuple[str, int, str], int]:
    """How many moments of each track are said to be what."""
    return {(c, int(t), v): len(part) for (c, t, v), part in rows.groupby(["camera", "track_id", "value"])}


def test_nothing_said_is_an_empty_frame_of_the_same_columns(home: Home) -> None:
    assert list(labelled(home).columns) == list(COLUMNS) and labelled(home).empty


def test_a_track_a_moment_and_a_bout_over_midnight(home: Home) -> None:
    correct(home, ["kitchen/2026-03-01/1"], {"behaviour": "grooming"}, NOW, by="ann")
    correct(home, ["kitchen", "2026-03-01T07:40", "2026-03-01T07:50"], {"behaviour": "playing"}, NOW)
    correct(home, ["hall", "2026-03-02T00:10"], {"behaviour": "hunting"}, NOW)
    rows = labelled(home)
    assert told(rows) == {("kitchen", 1, "grooming"): 30, ("kitchen", 2, "playing"): 10, ("hall", 1, "hunting"): 60}
    first = rows[rows["camera"] == "kitchen"].iloc[0]
    assert (first["start"], first["end"] - first["start"]) == (at(6), pd.Timedelta(seconds=5))
    assert (first["chunk"], first["by"], first["was"]) == ("kitchen/chunk-20260301-060000.mp4", "ann", "")
    assert set(rows.loc[rows["camera"] == "hall", "was"]) == {"other"}


def test_another_cat_that_passes_within_a_bout_is_not_meant(tmp_path: Path) -> None:
    stays = [
        Stay("kitchen", 1, at(6), at(6) + 10 * MINUTE, "sleeping", cat="miso"),
        Stay("kitchen", 2, at(6) + 10 * MINUTE, at(6) + 12 * MINUTE, "other", cat="luna"),
        Stay("kitchen", 3, at(6) + 12 * MINUTE, at(6.5), "sleeping", cat="miso"),
    ]
    home = lived(tmp_path, stays)
    take(home.database, "ann", {"all": [Label("kitchen", at(6), at(6.5), "miso", "grooming")]}, NOW)
    assert told(labelled(home)) == {("kitchen", 1, "grooming"): 10, ("kitchen", 3, "grooming"): 18}
    said = Correction(NOW, "bout", "kitchen", at(6), at(6.5), 1, "behaviour", "playing")
    add(home.database, [said])
    assert told(labelled(home)) == {("kitchen", 1, "playing"): 10, ("kitchen", 3, "playing"): 18}


def test_of_two_at_once_only_the_one_that_was_meant(home: Home) -> None:
    correct(home, ["000000000003"], {"behaviour": "hunting"}, NOW)  # the bout at the bowl
    assert told(labelled(home)) == {("kitchen", 4, "hunting"): 30}


def test_the_later_word_counts_and_what_is_no_animal_is_left_out(home: Home) -> None:
    for behaviour in ("grooming", "playing"):
        correct(home, ["kitchen/2026-03-01/1"], {"behaviour": behaviour}, NOW)
    assert told(labelled(home)) == {("kitchen", 1, "playing"): 30}
    correct(home, ["kitchen", "2026-03-01T07:00", "2026-03-01T07:10"], {"not_an_animal": "true"}, NOW)
    assert told(labelled(home)) == {("kitchen", 1, "playing"): 20}
    assert told(labelled(home, "not_an_animal")) == {("kitchen", 1, "true"): 10}
    assert labelled(home, "cat").empty and labelled(home, "posture").empty


def test_labels_of_observers_where_it_is_sure_whom_they_mean(home: Home) -> None:
    rows = [
        Label("kitchen", at(6), at(6) + 10 * MINUTE, "", "grooming"),  # one animal only
        Label("kitchen", at(8), at(8) + 10 * MINUTE, "luna", "playing"),  # of two, the one known to be Luna
        Label("kitchen", at(8), at(8) + 10 * MINUTE, "miso", "hunting"),  # the other may be Miso, or not
        Label("kitchen", at(8.25), at(8.25) + MINUTE, "", "scratching"),  # either
    ]
    take(home.database, "ann", {"all": rows}, NOW)
    assert told(labelled(home)) == {("kitchen", 1, "grooming"): 10, ("kitchen", 3, "playing"): 10}
    take(home.database, "ben", {"all": [Label("kitchen", at(6) + 5 * MINUTE, at(7), "", "sleeping")]}, NOW)
    found = told(labelled(home))
    assert found["kitchen", 1, "grooming"] == 5, "of what they disagree on nobody is believed"
    assert found["kitchen", 1, "sleeping"] == 20 and found["kitchen", 2, "sleeping"] == 30
    correct(home, ["kitchen/2026-03-01/1"], {"behaviour": "other"}, NOW)
    assert ("kitchen", 1, "grooming") not in told(labelled(home)), "a correction counts more than a label"


def test_what_is_held_out_is_held_out_together_and_for_ever(tmp_path: Path) -> None:
    hours = [Stay("kitchen", n + 1, at(n / 2), at(n / 2) + 10 * MINUTE, "other") for n in range(40)]
    home = lived(tmp_path, hours)
    for stay in hours[:20]:
        correct(home, [f"kitchen/2026-03-01/{stay.track}"], {"behaviour": "playing"}, NOW)
    early = labelled(home, held_out=0.3)
    by_track = early.groupby("track_id")["held_out"].agg(["min", "max"])
    assert (by_track["min"] == by_track["max"]).all()
    assert 1 <= by_track["max"].sum() <= 12, "about 6 of 20: the odds of another number are 1 in 500"
    for stay in hours[20:]:
        correct(home, [f"kitchen/2026-03-01/{stay.track}"], {"behaviour": "playing"}, NOW)
    late = labelled(home, held_out=0.3).set_index(["start", "track_id"])["held_out"]
    before = early.set_index(["start", "track_id"])["held_out"]
    assert (late.loc[before.index] == before).all()
    day = labelled(home, held_out=0.3, together="day")
    assert set(day["group"]) == {"2026-03-01"} and day["held_out"].nunique() == 1
    assert not labelled(home, held_out=0).held_out.any() and labelled(home, held_out=1).held_out.all()
