"""Faults that nobody else finds: a disk that fills, cameras that only a recorder asks."""

from __future__ import annotations

import datetime as dt
import json
from collections import namedtuple
from pathlib import Path

import pytest

from home.clock import iso
from home.event_payloads import SystemPayload
from home.events import events
from home.folder import Home
from home.live import LiveCamera, show
from ingest.alerts.house import HouseLook
from tests.conftest import HomeFactory

AT = dt.datetime(2026, 3, 1, 7, 0, tzinfo=dt.UTC)
Usage = namedtuple("Usage", "total used free")


def after(seconds: float) -> dt.datetime:
    """A moment, seconds after AT."""
    return AT + dt.timedelta(seconds=seconds)


def faults(home: Home) -> list[tuple[str, str, str, bool]]:
    """Kind, whose, severity, and whether it is over."""
    if home.database.is_new:
        return []
    said = [each.payload for each in events(home.database, category="system")]
    return [
        (each.kind, each.of, each.severity, each.end is not None) for each in said if isinstance(each, SystemPayload)
    ]


def recorder(home: Home, state: str, reason: str, now: dt.datetime, camera: str = "kitchen") -> None:
    """What the recorder of a camera says of itself."""
    folder = home.root / home.config.recording.spool / camera
    folder.mkdir(parents=True, exist_ok=True)
    said = {"camera": camera, "pid": 1, "began": iso(AT), "state": state, "reason": reason, "updated": iso(now)}
    (folder / "state.json").write_text(json.dumps(said))


@pytest.fixture
def home(home_factory: HomeFactory) -> Home:
    """A home with a camera that is recorded."""
    return home_factory(cameras="  kitchen: {url: rtsp://127.0.0.1/one, name: Kitchen}\n")


@pytest.fixture(autouse=True)
def free(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """GB that are free on every disk, whatever this machine has."""
    left = {"gb": 900.0}
    monkeypatch.setattr("shutil.disk_usage", lambda path: Usage(10**12, 0, int(left["gb"] * 1e9)))
    return left


def test_a_disk_that_fills_and_has_room_again(home: Home, free: dict[str, float]) -> None:
    look = HouseLook(home)
    for hour, gb, wanted in ((0, 900.0, []), (1, 100.0, []), (2, 1.0, [False]), (3, 900.0, [True])):
        free["gb"] = gb
        look.look(after(3600 * hour))
        look.look(after(3600 * hour + 60))
        assert [over for *_, over in faults(home)] == wanted, f"{gb} GB; what a day takes is a guess so far"
    assert faults(home)[0][:3] == ("disk_nearly_full", "disk", "urgent")


def test_a_camera_that_only_a_recorder_asks(home: Home) -> None:
    look = HouseLook(home)
    recorder(home, "connecting", "camera_down", AT)
    look.look(AT)
    recorder(home, "waiting", "camera_down", after(50))
    look.look(after(50))
    assert faults(home) == [], "it may be back in a minute"
    recorder(home, "connecting", "camera_down", after(60))
    look.look(after(60))
    assert faults(home) == [("camera_offline", "kitchen", "warning", False)]
    look.look(after(200))
    assert faults(home)[0][3] is False, "the recorder is gone: nothing is known of the camera"
    recorder(home, "recording", "", after(300))
    look.look(after(300))
    assert faults(home) == [("camera_offline", "kitchen", "warning", True)]


def test_a_camera_that_is_watched_is_left_to_its_watcher(home: Home) -> None:
    look = HouseLook(home)
    for second in (0, 70, 140):
        recorder(home, "connecting", "camera_down", after(second))
        show(home.root, LiveCamera(camera="kitchen", written_at=after(second), online=False))
        look.look(after(second))
    assert faults(home) == []
    for second in (200, 270):
        recorder(home, "connecting", "camera_down", after(second))
        look.look(after(second))
    assert faults(home) == [("camera_offline", "kitchen", "warning", False)], "its watcher is gone"
    show(home.root, LiveCamera(camera="kitchen", written_at=after(280), online=True))
    look.look(after(280))
    assert faults(home)[0][3] is True


def test_nobody_who_records_is_no_fault(home: Home, tmp_path: Path) -> None:
    look = HouseLook(home)
    look.look(AT)
    recorder(home, "private", "", after(10))
    look.look(after(10))
    (home.root / home.config.recording.spool / "kitchen" / "state.json").write_text("{half a fi")
    look.look(after(20))
    assert faults(home) == []
