"""home.yaml's right side: addresses with secrets from the environment, zones by kind, private hours."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from home.clock import local_day
from home.config import Camera, HomeConfig, StoreConfig
from home.errors import WrongUse

SQUARE = [[0, 0], [0.5, 0], [0.5, 0.5]]


def test_secrets_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    camera = Camera(url="rtsp://me:${CATML_TEST_PASSWORD}@cam:554/live?channel=${CATML_TEST_CHANNEL}")
    monkeypatch.setenv("CATML_TEST_PASSWORD", "p@ss/wo:rd")
    monkeypatch.setenv("CATML_TEST_CHANNEL", "1&2")
    # Before the @ a password must be percent-encoded, elsewhere a variable stands as it is.
    assert camera.address() == "rtsp://me:p%40ss%2Fwo%3Ard@cam:554/live?channel=1&2"
    assert camera.safe_address == "rtsp://cam:554/live"
    assert "p@ss" not in repr(camera)


def test_a_whole_address_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    camera = Camera(url="${CATML_TEST_URL}")
    monkeypatch.setenv("CATML_TEST_URL", "rtsp://me:secret@cam/live")
    assert camera.address() == "rtsp://me:secret@cam/live"
    assert "secret" not in camera.safe_address


def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CATML_TEST_PASSWORD", raising=False)
    with pytest.raises(WrongUse, match="CATML_TEST_PASSWORD is not set"):
        Camera(url="rtsp://me:${CATML_TEST_PASSWORD}@cam/live").address()


def test_without_a_url_there_is_no_address() -> None:
    with pytest.raises(WrongUse, match="only gets imports"):
        Camera().address()
    assert Camera().safe_address == "(imports only)"


@pytest.mark.parametrize(
    "address",
    [
        "data/rows.sqlite",
        "/srv/rows.db",
        "${DB}",
        "postgresql://me@nas/cats",
        "postgres://me:${P}@nas:5432/cats?sslmode=require",
    ],
)
def test_a_database_is_a_file_or_an_address_without_a_password(address: str) -> None:
    assert StoreConfig(database=address).database == address


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("postgresql://me:secret@nas/cats", "a password does not belong in a file"),
        ("postgresql://nas/cats?password=secret", "a password does not belong in a file"),
        ("mysql://nas/cats", "a database is a file on a disk of this machine"),
        ("postgresql://nas", "names its host and the database"),
        ("postgresql://nas:no/cats", "names its host and the database"),
        (" ", "a database is a file"),
    ],
)
def test_a_database_that_is_wrong_is_told(address: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        StoreConfig(database=address)


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://192.168.1.20:554/stream1",
        "rtsp://me@cam/live",
        "rtsp://[fe80::1]:554/live",
        "rtsp://me:${P}@${HOST}:${PORT}/live",
        "http://cam/mjpg?user=me&password=${P}",
        "file:///videos/kitchen.mp4",
    ],
)
def test_addresses_that_are_right(url: str) -> None:
    assert Camera(url=url).url == url


def test_zones_of_a_kind() -> None:
    camera = Camera(zones={"food_bowl": SQUARE, "food_bowl_2": SQUARE, "food_bowls": SQUARE, "bed": SQUARE})
    assert len(camera.zones_of("food_bowl")) == 2 and camera.zones_of("litter_box") == []


def test_private_hours_that_overlap_are_one() -> None:
    day = local_day(dt.date(2026, 3, 1), ZoneInfo("Europe/Berlin"))
    camera = Camera(private=["08:00-10:00", "09:00-12:00", "12:00-13:00"])
    [span] = camera.private_spans(day, ZoneInfo("Europe/Berlin"))
    assert span.seconds == 5 * 3600 and span.start.hour == 7


def test_the_stream_that_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATML_TEST_PASSWORD", "secret")
    both = {"url": "rtsp://cam/main", "sub_url": "rtsp://me:${CATML_TEST_PASSWORD}@cam/sub"}
    assert Camera(**both).address() == "rtsp://cam/main"
    sub = Camera(**both, record="sub")
    assert sub.address() == "rtsp://me:secret@cam/sub" and sub.safe_address == "rtsp://cam/sub"
    # A camera may have nothing but a second stream.
    assert Camera(sub_url="rtsp://cam/sub", record="sub").recorded_url == "rtsp://cam/sub"
    assert Camera(sub_url="rtsp://cam/sub").recorded_url is None


def test_cameras_that_are_recorded() -> None:
    cameras = {
        "hall": {"url": "rtsp://cam/live"},
        "kitchen": {"sub_url": "rtsp://cam/2", "record": "sub"},
        "yard": {"sub_url": "rtsp://cam/2"},
        "attic": None,
    }
    assert HomeConfig.model_validate({"timezone": "UTC", "cameras": cameras}).recorded_cameras == ["hall", "kitchen"]


@pytest.mark.parametrize(("of_all", "own", "days"), [(None, None, None), (90, None, 90), (90, 7, 7), (None, 7, 7)])
def test_how_long_footage_is_kept(of_all: int | None, own: int | None, days: int | None) -> None:
    tree = {"timezone": "UTC", "cameras": {"hall": {"retention_days": own}}, "retention": {"days": of_all}}
    assert HomeConfig.model_validate(tree).retention_days("hall") == days


def test_an_allowance_of_false_alarms_is_more_than_nothing() -> None:
    assert HomeConfig.model_validate({"timezone": "UTC", "alerts": None}).alerts.false_alarms_per_month == 1.0
    tree = {"timezone": "UTC", "alerts": {"false_alarms_per_month": 0.0}}
    with pytest.raises(ValueError, match="greater than 0"):
        HomeConfig.model_validate(tree)
