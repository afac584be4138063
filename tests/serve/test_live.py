"""What cameras see now, over the API: only what is of now, and nothing in private hours."""

from __future__ import annotations

import datetime as dt
import os
from zoneinfo import ZoneInfo

import pytest

from home.config import HomeConfig
from home.folder import Home
from home.live import LiveCamera, LiveTrack, show
from serve.live import LATE_S, LiveNow, live_now
from tests.serve.conftest import Asking

NOW = dt.datetime(2026, 3, 1, 19, 0, tzinfo=dt.UTC)  # 20:00 in Berlin
JPEG = b"\xff\xd8 a picture \xff\xd9"
ALWAYS = ["00:00-12:00", "12:00-00:00"]


def seen(now: dt.datetime, camera: str = "kitchen", **more: object) -> LiveCamera:
    """A camera with Miso, a cat that nobody can tell, and a person."""
    box = (0.1, 0.2, 0.4, 0.6)
    since = now - dt.timedelta(minutes=3)
    tracks = (
        LiveTrack(track_id=1, kind="cat", bbox=box, confidence=0.9, cat="miso", behaviour="eating", since=since),
        LiveTrack(track_id=2, kind="cat", bbox=box, confidence=0.6, since=since),
        LiveTrack(track_id=3, kind="person", bbox=box, confidence=0.8, since=since),
    )
    state = {
        "camera": camera,
        "at": now,
        "written_at": now,
        "online": True,
        "fps": 5.0,
        "latency_ms": 84.0,
        "tracks": tracks,
    }
    return LiveCamera.model_validate(state | more)


def test_who_is_in_sight_is_told_in_words(house: Home) -> None:
    show(house.root, seen(NOW), JPEG)
    told = live_now(house, NOW)
    (view,) = told.cameras
    assert [each.words for each in view.animals] == ["Miso, eating", "A cat", "A person"]
    assert told.sentence == "Miso is eating (kitchen), a cat is in sight (kitchen) and a person is in sight (kitchen)."
    assert view.words == "Miso, eating for 3 min, a cat for 3 min and a person for 3 min"
    assert (view.state, view.fps, view.picture) == ("watched", 5.0, "/api/v1/live/kitchen.jpg")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"online": False, "at": NOW - dt.timedelta(minutes=5)}, "No pictures come since 19:55:00"),
        ({"online": False, "at": NOW - dt.timedelta(days=2)}, "No pictures come since Friday 27 February 2026, 20:00"),
        ({"online": False, "at": None}, "No pictures have come yet"),
        (
            {"written_at": NOW - dt.timedelta(seconds=LATE_S + 1)},
            "Its watcher has said nothing since 19:59:49: catml watch",
        ),
    ],
)
def test_a_camera_that_is_not_seen_says_since_when_and_shows_nobody(
    house: Home, state: dict[str, object], words: str
) -> None:
    show(house.root, seen(NOW, **state), JPEG)
    (view,) = live_now(house, NOW).cameras
    assert (view.words, view.animals, view.fps, view.picture) == (words, [], None, None)


def test_private_hours_show_nothing(house: Home, asking: Asking) -> None:
    show(house.root, seen(dt.datetime.now(dt.UTC)), JPEG)
    client = asking("read")
    assert client.get("/api/v1/live/kitchen.jpg").content == JPEG
    for hours, said in ((["19:00-23:30"], "Private hours until 23:30"), (ALWAYS, "Private hours")):
        config = house.config.model_dump() | {"cameras": {"kitchen": {"private": hours}}}
        object.__setattr__(house, "config", HomeConfig.model_validate(config))
        (view,) = live_now(house, NOW).cameras
        assert (view.state, view.words, view.animals, view.at) == ("private", said, [], None)
    refused = client.get("/api/v1/live/kitchen.jpg")
    assert (refused.status_code, refused.json()["type"]) == (404, "urn:catml:private")


def test_an_old_picture_is_none(house: Home, asking: Asking) -> None:
    now = dt.datetime.now(dt.UTC)
    show(house.root, seen(now), JPEG)
    old = now.timestamp() - LATE_S - 6
    os.utime(house.root / "data/live/kitchen.jpg", (old, old))
    client = asking("read")
    assert client.get("/api/v1/live/kitchen.jpg").json()["type"] == "urn:catml:not-live"
    for wrong in ("cellar", "..%2f..%2fkitchen", "kitchen.json"):
        assert client.get(f"/api/v1/live/{wrong}.jpg").status_code == 404
    assert asking().get("/api/v1/live/kitchen.jpg").status_code == 401
    assert asking("predict").get("/api/v1/live").status_code == 403


def test_nobody_watches_and_the_answer_is_typed(house: Home, asking: Asking) -> None:
    told = LiveNow.model_validate(asking("read").get("/api/v1/live").json())
    assert (told.sentence, told.cameras[0].state) == ("Nobody watches now.", "unwatched")
    show(house.root, seen(dt.datetime.now(dt.UTC), camera="gone"))
    assert [each.camera for each in live_now(house, NOW).cameras] == ["kitchen"]
    assert house.zone == ZoneInfo("Europe/Berlin")
