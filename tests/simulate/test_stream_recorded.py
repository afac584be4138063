"""The recorder records a simulated camera as it would a real one: pushed to a relay, pulled from there."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np
import pytest

from simulate.camera import Camera
from simulate.footage import Encoder
from simulate.routine import Episode
from simulate.scenery import Scenery
from simulate.stream import play
from tests.faults import source
from tests.faults.house import a_house

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SIZE, FPS, FRAMES = (320, 180), 5, 15
RELAY = Path(source.__file__).with_name("rtsp_relay.py")


class EndedError(Exception):
    """Nobody wants the stream any more."""


@pytest.fixture
def relay() -> Iterator[int]:
    with subprocess.Popen([source.SYSTEM_PYTHON, str(RELAY)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["port"]
        finally:
            process.kill()


def asleep() -> Camera:
    """A room in which a cat sleeps for an hour: every frame looks like the first, but for grain and breath."""
    diary = [Episode("miso", "sleeping", NOON, NOON + timedelta(hours=1), "living-room", "bed", "curled")]
    return Scenery(2, cameras=1, size=SIZE, people=False).camera("living-room", diary)


@pytest.mark.skipif(bool(source.why_no_source()), reason=source.why_no_source() or "")
def test_the_recorder_records_a_simulated_camera(tmp_path: Path, relay: int) -> None:
    ended, camera = threading.Event(), asleep()
    first = camera.frame(NOON).yuv[: SIZE[1]].astype(int)

    def pause(seconds: float) -> None:
        if ended.wait(seconds):
            raise EndedError

    def push() -> None:
        with contextlib.suppress(EndedError):
            play(camera, f"rtsp://127.0.0.1:{relay}/in", Encoder(SIZE, FPS, 1), None, NOON, pause=pause)

    pushing = threading.Thread(target=push)
    pushing.start()
    try:
        with a_house(tmp_path, {"hall": source.Source(tmp_path / "relay", port=relay)}) as house:
            house.recorder()
            house.until(lambda: house.state().get("frames", 0) >= FRAMES, 150)
            house.end()
            chunks = house.finished()
    finally:
        ended.set()
        pushing.join(20)
    shown = list[np.ndarray]()
    for chunk in chunks:
        with av.open(str(chunk)) as container:
            assert container.streams.video[0].codec_context.name == "h264"
            shown += [frame.to_ndarray()[: SIZE[1]].astype(int) for frame in container.decode(video=0)]
    assert len(shown) >= FRAMES
    assert all(picture.shape == first.shape for picture in shown)
    alike = [np.corrcoef(picture.ravel(), first.ravel())[0, 1] for picture in shown]
    assert min(alike) > 0.98, "the same room but for grain, clouds and H.264"
