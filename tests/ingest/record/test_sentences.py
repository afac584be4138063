"""What a person reads at a terminal, for every line that recorders, the uploader and the supervisor write."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ingest.record.sentences import is_trouble, sentence

HALL = {"camera": "hall", "address": "rtsp://h/x"}


@pytest.mark.parametrize(
    ("line", "read", "trouble"),
    [
        (HALL | {"state": "connecting", "before": "", "reason": "recorder_down"}, "connecting to rtsp://h/x", False),
        (
            HALL | {"state": "connecting", "reason": "camera_down", "detail": "ConnectionRefusedError"},
            "the camera does not answer (ConnectionRefusedError); trying again",
            True,
        ),
        (
            HALL | {"state": "connecting", "reason": "auth_failed"},
            "the camera refuses user or password; trying again",
            True,
        ),
        (
            HALL | {"state": "waiting", "before": "connecting", "reason": "recorder_down"},
            "connected; recording begins with the next keyframe",
            False,
        ),
        (
            HALL | {"state": "waiting", "before": "recording", "reason": "stalled"},
            "the camera sends nothing; waiting for it",
            True,
        ),
        (HALL | {"state": "recording", "before": "waiting", "reason": ""}, "recording", False),
        (HALL | {"state": "private", "reason": ""}, "private hours: nothing is recorded", False),
        (HALL | {"state": "spool_full", "reason": "spool_full"}, "not recorded: no room in the spool", True),
        (HALL | {"state": "stopped", "detail": "ConnectionRefusedError"}, "stopped", False),
        (HALL | {"state": "recording", "message": "a part stays unfinished"}, "a part stays unfinished", True),
        (
            HALL | {"event": "ended", "how": "signal SIGKILL", "then": "started again in 0.0 s"},
            "its process ended (signal SIGKILL), started again in 0.0 s",
            True,
        ),
        (HALL | {"state": "recording", "left_out": 3}, "recording (3 lines left out before this one)", False),
    ],
)
def test_of_a_camera(line: dict[str, Any], read: str, trouble: bool) -> None:
    told = {"time": "2026-03-01T09:00:00.000000Z", **line}
    assert sentence(told, ZoneInfo("Europe/Berlin")) == f"10:00:00 hall: {read}"
    assert is_trouble(told) == trouble


@pytest.mark.parametrize(
    ("line", "read", "trouble"),
    [
        (
            {"process": "uploader", "state": "failing", "reason": "is `store.endpoint_url` right?"},
            "09:00:00 uploader: uploads fail, and are tried again: is `store.endpoint_url` right?",
            True,
        ),
        (
            {"process": "uploader", "state": "recovered", "reason": "the store takes chunks again"},
            "09:00:00 uploader: the store takes chunks again",
            False,
        ),
        ({"process": "supervisor", "note": "Ctrl-C stops."}, "Ctrl-C stops.", False),
        ({"process": "supervisor", "warning": "no metrics"}, "warning: no metrics", True),
        ({"message": "Traceback (most recent call last):"}, "Traceback (most recent call last):", True),
    ],
)
def test_of_the_others(line: dict[str, Any], read: str, trouble: bool) -> None:
    told = {"time": "2026-03-01T09:00:00.000000Z", **line}
    assert sentence(told, ZoneInfo("UTC")) == read
    assert is_trouble(told) == trouble
