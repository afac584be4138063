"""The tracks of a camera: cooldown, animals that lie still, zones, and clocks that are set."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest

from home.watch_params import WatchParams
from ingest.record.host import Arrival
from ingest.watch.following import Followed, Following, Thumb
from models.detector.predict import Detections
from models.movement_map import COLUMNS, ROWS

BOX = (0.4, 0.4, 0.6, 0.6)
ZONES = {"bed": [(0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7)], "food_bowl": [(0.0, 0.0), (0.1, 0.0), (0.1, 0.1)]}
NOTHING = Thumb(b"", np.full((90, 160), 100, np.uint8))
EVERYWHERE = Thumb(bytes([255]) * (ROWS * COLUMNS), np.full((90, 160), 100, np.uint8))
UNCOVERED = Thumb(b"", np.full((90, 160), 110, np.uint8))  # a floor that was there before moves nowhere
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def at(seconds: float, set_by: float = 0.0) -> Arrival:
    """So long after noon; the clock on the wall may have been set."""
    return Arrival(100 + seconds, NOON.timestamp() + seconds + set_by, True)


def found(*boxes: tuple[float, ...], score: float = 0.8) -> Detections:
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.full(len(boxes), score, np.float32),
        np.array(["cat"] * len(boxes)),
    )


def following(**params: float) -> Following:
    return Following("hall", WatchParams.model_validate(params), ZONES)


def seen(
    who: Following, first: float, last: float, box: tuple[float, ...] = BOX, set_by: float = 0.0
) -> list[Followed]:
    """Found on every frame of five a second."""
    for step in range(round((last - first) * 5)):
        who.look(at(first + step / 5, set_by), found(box), None, EVERYWHERE)
    return who.tracks


def test_a_glimpse_is_no_track_and_a_visit_is_one_with_its_summary() -> None:
    who = following()
    who.look(at(0), found(BOX), None, NOTHING)
    who.look(at(0.2), found(BOX), None, NOTHING)
    assert who.tracks == []
    (track,) = seen(who, 0.4, 8)
    row = track.row("left")
    assert (row.entered_at, row.left_at) == (NOON, NOON + dt.timedelta(seconds=7.8))
    assert row.duration_s == pytest.approx(7.8) and row.zones == {"bed": 7.8}
    assert row.bbox == pytest.approx(BOX)


def test_lost_and_found_within_the_cooldown_is_the_same_track() -> None:
    who = following()
    (track,) = seen(who, 0, 4)
    for step in range(20, 65):  # it is not found for nine seconds, and its place looks otherwise
        who.look(at(step / 5), found(), None, UNCOVERED)
        assert who.ended(at(step / 5).monotonic) == []
    assert not track.present
    assert seen(who, 13, 14) == [track]
    for step in range(70, 130):
        who.look(at(step / 5), found(), None, UNCOVERED)
    assert who.ended(at(26).monotonic) == [track]
    (another,) = seen(who, 27, 28)
    assert another.number == track.number + 1 and another.key != track.key


def test_who_lies_where_nothing_moves_is_still_there_for_as_long_as_it_was_seen() -> None:
    who = following()
    (track,) = seen(who, 0, 60)
    for second in range(60, 115):  # the detector does not find it any more, and nothing moves
        who.still(at(second), NOTHING)
        assert who.ended(at(second).monotonic) == []
    assert track.present and track.row().duration_s == pytest.approx(114)
    who.still(at(115), UNCOVERED)  # it has got up, or somebody stands before it
    assert not track.present
    assert who.ended(at(126).monotonic) == [track]
    assert track.row("left").duration_s == pytest.approx(114)


def test_a_box_within_a_surer_one_counts_once_it_is_apart() -> None:
    who = following()
    tail = (0.42, 0.42, 0.47, 0.47)
    for step in range(10):
        both = Detections(np.array([BOX, tail], np.float32), np.array([0.8, 0.5], np.float32), np.array(["cat", "cat"]))
        who.look(at(step / 5), both, None, EVERYWHERE)
    assert [track.number for track in who.tracks] == [1]
    for step in range(10, 16):
        apart = Detections(
            np.array([BOX, (0.32, 0.42, 0.395, 0.5)], np.float32),
            np.array([0.8, 0.5], np.float32),
            np.array(["cat", "cat"]),
        )
        who.look(at(step / 5), apart, None, EVERYWHERE)
    assert len(who.tracks) == 2


@pytest.mark.parametrize("set_by", [3600.0, -3600.0])
def test_a_clock_that_is_set_leaves_a_track_its_length_and_its_order(set_by: float) -> None:
    who = following()
    seen(who, 0, 10)
    (track,) = seen(who, 10, 20, set_by=set_by)
    row = track.row("left")
    assert row.entered_at == NOON and row.duration_s == pytest.approx(19.8)
    assert row.left_at == NOON + dt.timedelta(seconds=19.8)


def test_what_another_watcher_followed_goes_on_under_its_number() -> None:
    before = following()
    (track,) = seen(before, 0, 10)
    who = following()
    who.resume([track.row()], {track.number: {"asleep"}}, at(14))
    (resumed,) = seen(who, 14.2, 16)
    assert (resumed.key, resumed.number, resumed.fired) == (track.key, track.number, {"asleep"})
    assert resumed.row().entered_at == NOON
    assert resumed.row().duration_s == pytest.approx(15.8, abs=0.05)
    assert [field.name for field in dataclasses.fields(resumed) if getattr(resumed, field.name) is None] == []


def test_all_end_when_nobody_looks_any_more() -> None:
    who = following()
    (track,) = seen(who, 0, 4)
    assert who.end_all() == [track] and who.tracks == []
    (another,) = seen(who, 5, 6)
    assert another.number == track.number + 1
