"""Tracks as rows: the last word of each, and what a killed watcher leaves; on SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt
from typing import Any

from home.clock import Span
from home.database import Database
from home.tracks import TrackRow, close_open, keep_tracks, key_of, last_number, tracks

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def track(number: int = 1, camera: str = "hall", seconds: float = 20.0, **changed: Any) -> TrackRow:
    entered = NOON + dt.timedelta(minutes=number)
    known: dict[str, Any] = {
        "key": key_of(camera, number, entered), "camera": camera, "track_id": number, "kind": "cat",
        "entered_at": entered, "seen_at": entered + dt.timedelta(seconds=seconds), "duration_s": seconds, "cat": "miso",
        "confidence": 0.75, "bbox": (0.1, 0.2, 0.3, 0.4), "behaviours": {"eating": 12.5}, "zones": {"food_bowl": 11.0},
    }  # fmt: skip
    return TrackRow.model_validate(known | changed)


def test_a_track_that_is_kept_again_is_the_same_track(database: Database) -> None:
    keep_tracks(database, [track(), track(2)])
    ended = track(seconds=90, left_at=NOON + dt.timedelta(seconds=150), ended="left", behaviours={})
    keep_tracks(database, [ended])
    keep_tracks(database, [ended])
    assert tracks(database) == [ended, track(2)]
    assert tracks(database, only_open=True) == [track(2)]


def test_they_are_found_by_camera_and_time(database: Database) -> None:
    keep_tracks(database, [track(1), track(2), track(3, camera="kitchen")])
    assert [row.track_id for row in tracks(database, camera="hall")] == [1, 2]
    begin = NOON + dt.timedelta(minutes=1)
    assert [row.track_id for row in tracks(database, span=Span(begin, begin + dt.timedelta(minutes=1)))] == [1]
    at_its_end = Span(begin + dt.timedelta(seconds=20), begin + dt.timedelta(seconds=30))
    assert [row.track_id for row in tracks(database, span=at_its_end)] == [1]
    assert (last_number(database, "hall"), last_number(database, "kitchen"), last_number(database, "attic")) == (
        2,
        3,
        0,
    )


def test_what_a_killed_watcher_left_goes_on_or_is_closed_with_what_was_known(database: Database) -> None:
    old, fresh = track(1), track(2)
    stopped = track(3, left_at=track(3).seen_at, ended="stopped")
    left = track(4, left_at=track(4).seen_at, ended="left")
    elsewhere = track(1, camera="kitchen")
    keep_tracks(database, [old, fresh, stopped, left, elsewhere])
    going = close_open(database, ["hall"], fresh.seen_at - dt.timedelta(seconds=10))
    assert going == [fresh, stopped]
    closed = track(1, left_at=old.seen_at, ended="killed")
    assert tracks(database, camera="hall") == [closed, fresh, stopped, left]
    assert tracks(database, camera="kitchen") == [elsewhere]  # whose watcher may be at work
    assert close_open(database, ["hall"], fresh.seen_at - dt.timedelta(seconds=10)) == [fresh, stopped]
