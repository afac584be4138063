"""The one who looks, without a camera: frames that cannot be seen, and what it leaves."""

from __future__ import annotations

import time

import pytest

from home.frame import Frame
from home.live import picture
from home.tracks import tracks
from ingest.record.host import Arrival
from ingest.watch.eyes import load_eyes
from ingest.watch.inbox import Shot
from ingest.watch.watcher import Watcher
from tests.conftest import HomeFactory
from tests.ingest.watch.film import CAMERA, VISIT, shots


def test_a_damaged_frame_is_told_once_and_the_next_ones_are_seen(
    home_factory: HomeFactory, caplog: pytest.LogCaptureFixture
) -> None:
    home = home_factory(cameras=f"  {CAMERA}: {{url: 'file:///no/such/film.mp4'}}", more="rules:\n  there: {}\n")
    watcher = Watcher(home, [CAMERA], load_eyes(home))
    first = Arrival(time.monotonic(), time.time(), True)
    film = [shot for shot in shots(VISIT[0] + 3, first) if shot.index >= (VISIT[0] - 1) * 5]
    damaged = [Shot(CAMERA, number, Frame(0.0, True, 0, None, b"\xff\xd8 no"), first) for number in range(2)]
    coming = iter([*damaged, *film])

    def stop() -> bool:
        """Brings the next frame, until there is none."""
        shot = next(coming, None)
        if shot is not None:
            watcher._inbox.put(shot)
        return shot is None

    watcher.run(stop)
    assert caplog.text.count("a frame that cannot be seen") == 1
    (row,) = tracks(home.database)
    assert row.ended == "stopped" and row.camera == CAMERA and row.duration_s > 2
    assert picture(home.root, CAMERA) is None  # of nobody who looks
