"""What `catml check` says of footage, disk and spool: measured where there is footage, by a stated assumption elsewhere."""

from __future__ import annotations

import datetime as dt
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from home.clock import UTC
from home.config import Camera
from home.folder import Home
from home.footage import ChunkName
from home.manifest import CameraManifest, Chunk, Manifest, manifest_key
from ingest import check_disk
from ingest.camera import Look, look
from ingest.check_disk import Rate, assumed, disk, rates, spool
from tests.clips import paint
from tests.conftest import HomeFactory

START = dt.datetime(2026, 3, 1, 7, tzinfo=UTC)
RECORDED = "  kitchen:\n    url: rtsp://127.0.0.1:1/live\n"
Usage = namedtuple("Usage", "total used free")


def footage(home: Home, seconds: float, size: int, codec: str = "h264", height: int = 480) -> None:
    """A day whose manifest has one chunk."""
    end = START + dt.timedelta(seconds=seconds)
    chunk = Chunk(ChunkName("kitchen", START).key, size, "0" * 32, START, end, codec, 640, height, 5.0)
    day = Manifest(START.date(), "Europe/Berlin", {"kitchen": CameraManifest([chunk])})
    home.data.write(manifest_key(START.date()), day.to_json())


def shown(codec: str, fps: float = 5.0, width: int = 640, height: int = 480) -> Look:
    return Look(np.zeros((height, width, 3), np.uint8), codec, fps)


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """GB that are free on every disk of 4,000 GB; put another number in its place."""
    left = [1000.0]
    monkeypatch.setattr(check_disk.shutil, "disk_usage", lambda path: Usage(4000e9, 0, left[0] * 1e9))
    return left


@pytest.mark.parametrize(
    ("gigabytes", "state", "words"),
    [(1, "fail", "1.0 GB free"), (100, "warn", "full in 12 days"), (1000, "ok", "1000 GB free")],
)
def test_disk(home_factory: HomeFactory, free: list[float], gigabytes: float, state: str, words: str) -> None:
    # 30 MB in 300 s are 100 kB/s, 8.64 GB a day: 100 GB are full in 11.6 days.
    free[0] = gigabytes
    home = home_factory(cameras=RECORDED)
    footage(home, 300, 30_000_000)
    found = disk(home, rates(home, ["kitchen"], {}))
    assert found.state == state and words in found.found and "kitchen 8.6" in found.found


@pytest.mark.parametrize(("gigabytes", "state"), [(69, "ok"), (68, "warn")])
def test_a_disk_that_retention_keeps_from_filling(
    home_factory: HomeFactory, free: list[float], gigabytes: float, state: str
) -> None:
    # 7 days and the one that is recorded are 69.1 GB at 8.64 GB a day; 0.5 GB are there.
    free[0] = gigabytes
    home = home_factory(cameras=RECORDED, more="retention:\n  days: 7\n")
    footage(home, 300, 30_000_000)
    old = home.root / "data" / "footage" / ChunkName("kitchen", START).key
    old.parent.mkdir(parents=True)
    with old.open("wb") as file:
        file.truncate(500_000_000)
    found = disk(home, rates(home, ["kitchen"], {}))
    assert found.state == state and "69 GB when all days of `retention` are there" in found.found


def test_without_footage_and_picture_two_megabits(home_factory: HomeFactory, free: list[float]) -> None:
    home = home_factory(cameras=RECORDED)
    found = disk(home, rates(home, ["kitchen"], {}))
    assert "kitchen about 21.6 (2 Mbit/s is assumed)" in found.found  # 250 kB/s for 86,400 s


@pytest.mark.parametrize(
    ("codec", "setting", "kilobytes", "words"),
    [  # 1600 x 1200 at 5 fps are 9.6 million pixels a second
        ("mjpeg", "copy", 996, "mjpeg as it comes"),  # "1 MB/s and more", at 0.83 bits a pixel
        ("mjpeg", "auto", 300, "mjpeg encoded to h264"),
        ("h264", "auto", 77, "h264 as it comes"),
        ("h264", "h264", 300, "h264 encoded to h264"),
        ("hevc", "auto", 48, "hevc as it comes"),
        ("mpeg4", "copy", 300, "mpeg4 encoded to h264"),  # what mp4 players may refuse is encoded whatever is set
    ],
)
def test_what_is_assumed_of_a_live_picture(codec: str, setting: str, kilobytes: float, words: str) -> None:
    camera = Camera(url="rtsp://cam/live", codec=setting)  # type: ignore[arg-type]
    rate = assumed(camera, shown(codec, 5.0, 1600, 1200))
    assert rate.bytes_per_s / 1000 == pytest.approx(kilobytes, rel=0.01)
    assert f"assumed for {words}, 1600 x 1200 at 5 fps" in rate.assumed


@pytest.mark.parametrize(("codec", "fps"), [("h264", 15), ("mjpeg", 5)])
@pytest.mark.parametrize("told", [0.0, 90000.0])  # what RTSP says that does not know
def test_a_frame_rate_that_cannot_be(codec: str, fps: float, told: float) -> None:
    camera = Camera(url="rtsp://cam/live")
    assert assumed(camera, shown(codec, told)) == assumed(camera, shown(codec, fps))


def test_the_picture_of_a_real_clip(tmp_path: Path, home_factory: HomeFactory) -> None:
    clip = paint(tmp_path / "clip.avi", 1, codec="mjpeg")
    home = home_factory(cameras=f"  kitchen:\n    url: file://{clip}\n")
    each = rates(home, ["kitchen"], {"kitchen": look(home.camera("kitchen"))})
    assert "mjpeg encoded to h264, 320 x 240 at 5 fps" in each["kitchen"].assumed


@pytest.mark.parametrize(
    ("codec", "height", "now", "measured"),
    [
        ("h264", 480, shown("h264"), True),
        ("h264", 480, shown("mjpeg"), True),  # encoded
        ("mjpeg", 480, shown("mjpeg"), False),  # was copied, is encoded now
        ("h264", 480, shown("hevc"), False),
        ("h264", 360, shown("h264"), False),  # the other stream
        ("mjpeg", 480, None, True),  # it does not answer
    ],
)
def test_footage_of_another_kind_is_no_measure(
    home_factory: HomeFactory, codec: str, height: int, now: Look | None, measured: bool
) -> None:
    home = home_factory(cameras=RECORDED)
    footage(home, 300, 30_000_000, codec, height)
    rate = rates(home, ["kitchen"], {"kitchen": now} if now else {})["kitchen"]
    assert (rate == Rate(100_000.0)) is measured


def test_manifests_that_cannot_be_read_are_no_measure(home_factory: HomeFactory) -> None:
    home = home_factory(cameras=RECORDED)
    home.data.write(manifest_key(START.date()), b"{")
    assert rates(home, ["kitchen"], {})["kitchen"].assumed


def on_s3(factory: HomeFactory, more: str = "") -> Home:
    return factory(cameras=RECORDED, more=f"store:\n  footage: s3://bucket\n{more}")


@pytest.mark.parametrize(
    ("settings", "state", "words"),
    [  # 250 kB/s are 0.9 GB an hour
        ("", "ok", "22 h 13 min of an outage of the store, then the oldest footage is dropped"),  # 20 GB
        ("  when_full: stop\n", "ok", "then nothing is recorded"),
        ("  spool_gb: 9\n", "warn", "data/spool: 10 h of an outage"),
        ("  spool_days: 0.25\n", "warn", "6 h of an outage"),
        ("  spool_gb: 2000\n", "warn", "its disk has room for 999.0 of 2000 GB"),  # one is left free
    ],
)
def test_spool(home_factory: HomeFactory, free: list[float], settings: str, state: str, words: str) -> None:
    home = on_s3(home_factory, f"recording:\n{settings}")
    [found] = spool(home, {"kitchen": Rate(250_000.0)})
    assert found.state == state and words in found.found


def test_what_a_spool_should_hold_is_told(home_factory: HomeFactory, free: list[float]) -> None:
    home = on_s3(home_factory, "recording:\n  spool_gb: 9\n")
    [found] = spool(home, {"kitchen": Rate(250_000.0)})
    assert found.right == "`recording.spool_gb: 12` in home.yaml is enough for 12 h"  # 10.8 GB, and one more


def test_footage_that_waits_in_the_spool(home_factory: HomeFactory, free: list[float]) -> None:
    home = on_s3(home_factory)
    waiting = home.root / "data" / "spool" / ChunkName("kitchen", START).key
    waiting.parent.mkdir(parents=True)
    with waiting.open("wb") as file:
        file.truncate(1_500_000_000)
    [found] = spool(home, {"kitchen": Rate(250_000.0)})
    assert "1.5 GB wait in it" in found.found


def test_a_small_spool_beside_its_store_is_enough(home_factory: HomeFactory, free: list[float]) -> None:
    home = home_factory(cameras=RECORDED, more="recording:\n  spool_gb: 1\n")
    [found] = spool(home, {"kitchen": Rate(250_000.0)})
    assert found.state == "ok"  # both are on one disk: the store is never away alone
    assert list(spool(home_factory(), {})) == []
