"""What was not recorded is known: every second of every camera is recorded or a gap with its reason."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

from home.clock import UTC, Span
from home.coverage import REASONS
from simulate.outages import covered, missing, outages
from simulate.routine import Episode
from simulate.tally import daily

CAMERAS = ("living-room", "utility-room", "bedroom")
YEAR = Span(dt.datetime(2026, 1, 1, tzinfo=UTC), dt.datetime(2027, 1, 1, tzinfo=UTC))


def at(hour: float) -> dt.datetime:
    return dt.datetime(2026, 3, 1, tzinfo=UTC) + dt.timedelta(hours=hour)


def test_every_second_of_every_camera_is_recorded_or_a_gap() -> None:
    found = outages(CAMERAS, YEAR, 1)
    rows = covered(CAMERAS, YEAR, found)
    for camera in CAMERAS:
        own = [row for row in rows if row[0] == camera]
        assert (own[0][1], own[-1][2]) == (YEAR.start, YEAR.end)
        assert all(before[2] == after[1] for before, after in pairwise(own))
        assert {state for _, _, _, state, _ in own} == {"recorded", "gap"}
        gone = sum((end - start).total_seconds() for _, start, end, state, _ in own if state == "gap")
        assert 0.001 < gone / YEAR.seconds < 0.05, "minutes to an hour a day"
    reasons = {reason for _, _, _, state, reason in rows if state == "gap"}
    assert reasons == {"camera_down", "stalled", "recorder_down"} <= set(REASONS)
    assert {reason for _, _, _, state, reason in rows if state == "recorded"} == {""}


def test_the_recorder_takes_all_cameras_with_it() -> None:
    found = outages(CAMERAS, YEAR, 1)
    by_camera = [[o.span for o in found if (o.camera, o.reason) == (c, "recorder_down")] for c in CAMERAS]
    assert by_camera[0] == by_camera[1] == by_camera[2] and 4 <= len(by_camera[0]) <= 25
    own = [{o.span for o in found if (o.camera, o.reason) == (c, "camera_down")} for c in CAMERAS]
    assert not own[0] & own[1], "the cameras' own have nothing to do with each other"


def test_a_longer_time_adds_outages_and_the_seed_decides() -> None:
    month = Span(YEAR.start, YEAR.start + dt.timedelta(days=30, minutes=7))
    short, long = (set(outages(CAMERAS, whole, 1)) for whole in (month, YEAR))
    for outage in short - long:
        assert outage.span.end == month.end, "only what is going on at the end is cut there"
    assert {o for o in long if o.span.end < month.end} == {o for o in short if o.span.end < month.end}
    assert outages(CAMERAS, YEAR, 2) != outages(CAMERAS, YEAR, 1) == outages(CAMERAS, YEAR, 1)


def test_what_there_is_footage_of_was_recorded() -> None:
    found = outages(CAMERAS[:1], YEAR, 1)
    longest = max(found, key=lambda outage: outage.span.seconds).span
    middle = Span(longest.start + dt.timedelta(seconds=10), longest.end - dt.timedelta(seconds=10))
    rows = covered(CAMERAS[:1], YEAR, found, [middle])
    assert [row[3] for row in rows if row[1] == middle.start] == ["recorded"]
    before, after = (sum(s.seconds for s in missing(found, r)[CAMERAS[0]]) for r in ((), (middle,)))
    assert before - after == middle.seconds


def test_counts_tell_what_was_done_in_sight_and_seen_apart() -> None:
    diary = [
        Episode("miso", "sleeping", at(0), at(10), None),
        Episode("miso", "eating", at(10), at(11), "kitchen"),
        Episode("miso", "sleeping", at(11), at(20), "kitchen"),
        Episode("miso", "sleeping", at(20), at(23), "hall"),
        Episode("miso", "eating", at(23), at(25), "kitchen"),
    ]
    gaps = {"kitchen": [Span(at(9), at(15)), Span(at(19), at(30))]}
    rows = {(r.behaviour, r.span.start): r for r in daily(diary, Span(at(0), at(25)), ZoneInfo("UTC"), gaps)}
    slept, ate = rows["sleeping", at(0)], rows["eating", at(0)]
    assert [s / 3600 for s in (slept.seconds, slept.in_sight_s, slept.seen_s)] == [22, 12, 7]
    assert (slept.bouts, slept.seen_bouts) == (2, 1), "from one camera to the next it is one sleep"
    assert (ate.bouts, ate.seen_bouts, ate.seconds, ate.seen_s) == (2, 0, 2 * 3600, 0)
    assert rows["eating", at(24)].seconds == 3600 and rows["eating", at(24)].bouts == 0, "begun the day before"
    assert rows["playing", at(0)].seconds == 0
