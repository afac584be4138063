"""Cameras that send nothing, and frames that come too fast: told once, and again when it is over."""

from __future__ import annotations

import datetime as dt

from home.event_payloads import SystemPayload
from home.events import Event
from home.watch_params import WatchParams
from ingest.watch.health import Health, open_faults, words

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
PARAMS = WatchParams(offline_after_s=30, slow_after_s=60)


def faults(
    health: Health, seconds: range, last: float | None, taken: int = 0, dropped: float = 0.0
) -> list[SystemPayload]:
    """What is told in these seconds; `last`: s since the last frame, None for the one of each second."""
    told: list[Event] = []
    for now in seconds:
        frame = float(now) if last is None else last
        came = taken * now
        told += health.look(now, NOON + dt.timedelta(seconds=now), frame, came, round(dropped * came))
    return [event.payload for event in told if isinstance(event.payload, SystemPayload)]


def test_a_camera_that_is_gone_is_told_once_and_so_is_its_return() -> None:
    health = Health("hall", PARAMS, 0.0)
    assert faults(health, range(100), None) == []
    (gone,) = faults(health, range(100, 400), 99.0)
    assert (gone.kind, gone.of, gone.end) == ("camera_offline", "hall", None)
    assert gone.start == NOON + dt.timedelta(seconds=99) and not health.online
    (back,) = faults(health, range(400, 500), None)
    assert back.start == gone.start and back.end == NOON + dt.timedelta(seconds=400) and health.online


def test_one_that_never_sent_anything_is_gone_since_frames_were_expected() -> None:
    health = Health("hall", PARAMS, 50.0)
    told = [event for now in range(50, 90) for event in health.look(now, NOON, None, 0, 0)]
    assert len(told) == 1 and told[0].event_id.version == 5 and "relay" in words(told[0])


def test_private_hours_are_no_fault_and_frames_are_expected_after_them() -> None:
    health = Health("hall", PARAMS, 0.0)
    for now in range(3600):
        health.unwanted(now)
    assert faults(health, range(3600, 3629), 0.0) == []
    assert len(faults(health, range(3629, 3700), 0.0)) == 1


def test_a_fault_that_another_watcher_told_of_is_ended_by_this_one() -> None:
    health = Health("hall", PARAMS, 0.0)
    told = [event for now in range(60) for event in health.look(now, NOON, None, 0, 0)]
    known = open_faults(told, "hall")
    assert len(known) == 1 and open_faults(told, "kitchen") == []
    another = Health("hall", PARAMS, 100.0, known)
    (over,) = [event for now in range(101, 110) for event in another.look(now, NOON, float(now), 5 * now, 0)]
    assert over.event_id == told[0].event_id and open_faults([over], "hall") == []


def test_drops_that_persist_are_told_once_and_so_is_their_end() -> None:
    health = Health("hall", PARAMS, 0.0)
    assert faults(health, range(300), None, taken=5, dropped=0.4) == []
    health = Health("hall", PARAMS, 0.0)
    (slow,) = faults(health, range(300), None, taken=5, dropped=0.7)
    assert slow.kind == "stream_slow" and slow.end is None
    counts = 5 * 300, round(0.7 * 5 * 300)
    told = [
        event
        for now in range(300, 330)
        for event in health.look(now, NOON, float(now), counts[0] + 5 * (now - 300), counts[1])
    ]
    assert [event.payload.end is not None for event in told if isinstance(event.payload, SystemPayload)] == [True]
