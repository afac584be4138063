"""Frames of a real RTSP camera: to so many a second, again after it was gone, and none in private hours."""

from __future__ import annotations

import datetime as dt
import itertools
import socket
import time
from pathlib import Path

import pytest

from home.config import Camera
from home.folder import Home
from ingest.record.schedule import PrivateHours
from ingest.watch.inbox import Inbox, Shot
from ingest.watch.source import Eye, Pace
from tests.conftest import HomeFactory
from tests.faults.source import Source, why_no_source
from tests.waiting import until

needs_source = pytest.mark.skipif(bool(why_no_source()), reason=why_no_source() or "")


def test_a_pace_takes_so_many_frames_whatever_the_camera_sends() -> None:
    for sent, wanted in ((30, 5), (25, 5), (5, 5), (5, 15), (12, 5)):
        pace = Pace(wanted)
        taken = sum(pace.takes(100 + number / sent) for number in range(60 * sent))
        assert taken == pytest.approx(60 * min(sent, wanted), rel=0.02), (sent, wanted)


def test_frames_that_come_with_jitter_are_all_taken() -> None:
    pace, early_and_late = Pace(5), (0.0, 0.03, -0.03, 0.02, -0.04)
    assert all(pace.takes(100 + number / 5 + early_and_late[number % 5]) for number in range(500))


def eye(home: Home, address: str, private: list[str] | None = None) -> tuple[Eye, Inbox]:
    inbox = Inbox(["hall"])
    hours = PrivateHours(Camera(private=private or []), home.zone)
    opened = Eye("hall", address, hours, 5, inbox)
    opened.open()
    return opened, inbox


def brought(inbox: Inbox, count: int) -> list[Shot]:
    shots: list[Shot] = []
    while len(shots) < count:
        shot = inbox.take(20)
        assert shot is not None
        shots.append(shot)
    return shots


@needs_source
@pytest.mark.parametrize("codec", ["h264", "mjpeg"])
def test_a_camera_of_25_frames_a_second_gives_5_whole_ones_and_comes_back(
    home_factory: HomeFactory, tmp_path: Path, codec: str, caplog: pytest.LogCaptureFixture
) -> None:
    with Source(tmp_path, codec=codec, fps=25, keyframe_s=1.0, user="me", password="Hunter2") as source:
        opened, inbox = eye(home_factory(), source.url)
        try:
            shots = brought(inbox, 10)
            steps = [b.arrival.monotonic - a.arrival.monotonic for a, b in itertools.pairwise(shots)]
            assert sum(steps) / len(steps) == pytest.approx(0.2, rel=0.3)
            assert [shot.index for shot in shots] == sorted({shot.index for shot in shots})
            assert shots[-1].frame.rgb().shape == (240, 320, 3) and shots[-1].frame.grey(160).shape == (120, 160)
            assert opened.connected
            source.kill()
            until(lambda: "no frames" in caplog.text)
            assert not opened.connected
            source.start()
            inbox.forget("hall")
            begin = time.monotonic()
            (shot,) = brought(inbox, 1)
            assert shot.arrival.monotonic > begin - 1 and "Hunter2" not in caplog.text
        finally:
            opened.close(10)


def test_in_private_hours_nothing_is_connected_to(home_factory: HomeFactory) -> None:
    home = home_factory()
    now = dt.datetime.now(home.zone)
    around = f"{now - dt.timedelta(hours=1):%H:%M}-{now + dt.timedelta(hours=1):%H:%M}"
    for private, connects in (([around], False), ([], True)):
        with socket.create_server(("127.0.0.1", 0)) as camera:
            camera.settimeout(2)
            opened, inbox = eye(home, f"rtsp://127.0.0.1:{camera.getsockname()[1]}/live", private)
            came = True
            try:
                camera.accept()[0].close()
            except TimeoutError:
                came = False
            opened.close()
        assert (came, opened.private_now) == (connects, not connects)
        assert opened.frames == 0 and inbox.counts("hall") == (0, 0, 0)
