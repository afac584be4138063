"""A simulated camera plays in real time, to a file and to whoever takes RTSP."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import pytest

from home.errors import FootageError, WrongUse
from simulate.camera import Camera
from simulate.footage import Encoder
from simulate.routine import Episode
from simulate.scenery import Scenery
from simulate.stream import play
from tests.ports import free_port

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SIZE = (160, 90)


def camera() -> Camera:
    diary = [Episode("miso", "sleeping", NOON, NOON + timedelta(seconds=60), "living-room", "bed", "curled")]
    return Scenery(2, cameras=1, size=SIZE).camera("living-room", diary)


class Clock:
    """Time that passes when it is waited for; a wait of number `stalls` takes 3 s more."""

    def __init__(self, stalls: int | None = None) -> None:
        self.now, self.waits, self._stalls = 0.0, 0, stalls

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.waits += 1
        self.now += seconds + (3 if self.waits == self._stalls else 0)


def test_a_file_gets_every_frame_at_its_time(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "live.ts"
    sent = play(camera(), f"file://{path}", Encoder(SIZE, 5), 4, NOON, clock, clock.pause)
    assert sent == 20
    assert clock.now == pytest.approx(19 / 5), "the last frame's time"
    with av.open(str(path)) as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert len(times) == 20
    assert times[-1] - times[0] == pytest.approx(3.8, abs=0.01)


def test_what_comes_too_late_is_left_out(tmp_path: Path) -> None:
    clock = Clock(stalls=5)
    sent = play(camera(), f"file://{tmp_path / 'live.ts'}", Encoder(SIZE, 5), 10, NOON, clock, clock.pause)
    assert 50 - 16 <= sent <= 50 - 14, "a stall of 3 s costs 15 frames of 50"


def test_rtsp_reaches_a_listener() -> None:
    url, seen = f"rtsp://127.0.0.1:{free_port()}/cat", list[int]()

    def listen() -> None:
        with av.open(url, options={"rtsp_flags": "listen", "listen_timeout": "20"}) as container:
            for packet in container.demux(video=0):
                seen.append(packet.size)
                if len(seen) == 10:
                    return

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    for _ in range(200):  # until it listens
        try:
            clock = Clock()
            play(camera(), url, Encoder(SIZE, 5), 8, NOON, clock, clock.pause)
            break
        except FootageError:
            if seen:
                break  # the listener had enough and went away
    listener.join(20)
    assert len(seen) == 10


def test_wrong_addresses_are_told_without_their_password() -> None:
    with pytest.raises(WrongUse, match="can be played to rtsp://"):
        play(camera(), "http://user:secret@nowhere/", Encoder(SIZE, 5), 1)
    with pytest.raises(FootageError, match="nobody takes the stream") as told:
        play(camera(), "rtsp://user:secret@127.0.0.1:9/cat", Encoder(SIZE, 5), 1)
    assert "secret" not in str(told.value)
