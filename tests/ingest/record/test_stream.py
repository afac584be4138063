"""A source that reconnects, against real servers: GStreamer's RTSP, HTTP, and sockets that do wrong things."""

from __future__ import annotations

import contextlib
import http.server
import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import pytest

from ingest.record.backoff import FIRST_S, MOST_S, Backoff
from ingest.record.events import Event, Lost, Opened, Received
from ingest.record.stream import Stream
from tests.faults.source import Source, why_no_source
from tests.ingest.film import film

needs_source = pytest.mark.skipif(bool(why_no_source()), reason=why_no_source() or "")
SMALL = {"size": (160, 120), "fps": 10, "keyframe_s": 1.0}
SECRET = "Tr0ub4dor-3"
QUICK = (2.0, 2.0)  # time-outs, s


@contextlib.contextmanager
def reading(address: str, timeout: tuple[float, float] = QUICK, sound: bool = False) -> Iterator[Stream]:
    stream = Stream(address, sound, timeout)
    try:
        yield stream
    finally:
        stream.close()


def events(stream: Stream, enough: Callable[[list[Event]], bool], within_s: float = 12) -> list[Event]:
    """What happens until it is enough."""
    found: list[Event] = []
    until = time.monotonic() + within_s
    while not enough(found):
        assert time.monotonic() < until, f"not within {within_s} s: {[type(event).__name__ for event in found][-5:]}"
        time.sleep(0.02)
        for event in stream.news():
            found.append(event)
            if enough(found):
                break
    return found


def frames(count: int) -> Callable[[list[Event]], bool]:
    return lambda found: sum(isinstance(event, Received) for event in found) >= count


def first_loss(address: str, timeout: tuple[float, float] = QUICK) -> Lost:
    with reading(address, timeout) as stream:
        found = events(stream, bool)
    assert isinstance(found[0], Lost)
    return found[0]


@pytest.fixture
def port() -> Iterator[socket.socket]:
    """A port at which the kernel answers, but nobody reads."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@needs_source
def test_it_connects_within_two_seconds_and_goes_on_after_the_camera_was_gone(tmp_path: Path) -> None:
    # FFmpeg's own probing would take 5 s. A camera that is back must be seen within 15 s, its own start included.
    with Source(tmp_path, **SMALL) as source, reading(source.url) as stream:
        began = time.monotonic()
        found = events(stream, frames(5))
        assert time.monotonic() - began < 2
        opened = found[0]
        assert isinstance(opened, Opened) and (opened.shape.codec, opened.shape.width) == ("h264", 160)
        source.kill()
        lost = events(stream, lambda found: bool(found) and isinstance(found[-1], Lost))[-1]
        assert isinstance(lost, Lost) and lost.reason == "camera_down"
        source.start()
        back = events(stream, frames(5), within_s=15)
        assert any(isinstance(event, Opened) for event in back)


@needs_source
def test_stamps_rise_and_arrivals_are_those_of_the_first_bytes(tmp_path: Path) -> None:
    # FFmpeg's parser gives a frame out when the next one begins, 0.25 s later here; MJPEG has no parser. Only a machine that
    # stands still for as long finds a frame that lies there and was not waited for.
    slow = SMALL | {"fps": 4}
    for codec in ("h264", "mjpeg"):
        with Source(tmp_path / codec, codec=codec, **slow) as source, reading(source.url) as stream:
            received = [event for event in events(stream, frames(14)) if isinstance(event, Received)]
            sent = [frame.monotonic for frame in source.sent()]
        assert all(a.dts < b.dts for a, b in itertools.pairwise(received))
        late = [
            min(r.arrival.monotonic - moment for moment in sent if moment < r.arrival.monotonic) for r in received[9:]
        ]
        assert min(late) < 0.05, codec
        assert all(event.arrival.waited for event in received[9:])


@needs_source
def test_what_a_camera_refuses_is_told_without_its_password(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with Source(tmp_path, user="me", password=SECRET, **SMALL) as source:
        wrong = source.url.replace(SECRET, f"{SECRET}-wrong")
        refused, missing = first_loss(wrong), first_loss(source.url.replace("/live", "/none"))
        with reading(source.url) as stream:
            assert isinstance(events(stream, frames(3))[0], Opened)
    assert refused.reason == "auth_failed" and missing.reason == "not_found"
    out, err = capfd.readouterr()
    assert SECRET not in f"{refused} {missing} {out} {err}"


@needs_source
def test_a_silent_camera_is_stalled(tmp_path: Path) -> None:
    with Source(tmp_path, **SMALL) as source, reading(source.url, (2.0, 1.0)) as stream:
        events(stream, frames(5))
        source.stop()
        found = events(stream, lambda found: len([event for event in found if isinstance(event, Lost)]) == 2)
        # First the stream that stood, then a connection that is taken, by the kernel, and not answered.
        assert [event.reason for event in found if isinstance(event, Lost)] == ["stalled", "stalled"]
        source.cont()
        events(stream, frames(3), within_s=15)


def test_nobody_there(port: socket.socket) -> None:
    number = port.getsockname()[1]
    assert first_loss(f"rtsp://127.0.0.1:{number}/live", (1.0, 1.0)).reason == "stalled"
    port.close()
    assert first_loss(f"rtsp://127.0.0.1:{number}/live").reason == "camera_down"
    assert first_loss("rtsp://no-such-camera.invalid/live").reason == "camera_down"


def test_a_close_does_not_wait_for_a_silent_camera(port: socket.socket) -> None:
    stream = Stream(f"rtsp://127.0.0.1:{port.getsockname()[1]}/live", timeout=(30.0, 30.0))
    port.accept()  # it waits for an answer now
    began = time.monotonic()
    stream.close()
    assert time.monotonic() - began < 1


class _Pictures(http.server.BaseHTTPRequestHandler):
    """An ESP32-CAM's web page: JPEGs one after the other, 10 a second."""

    jpeg = b""

    def do_GET(self) -> None:
        if self.path != "/stream":
            self.send_error(401 if self.path == "/locked" else 404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace;boundary=picture")
        self.end_headers()
        head = f"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: {len(self.jpeg)}\r\n\r\n".encode()
        with contextlib.suppress(OSError):
            while True:
                self.wfile.write(head + self.jpeg + b"\r\n")
                time.sleep(0.1)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def web_camera() -> Iterator[str]:
    encoder = av.CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 64, 48, "yuvj420p", Fraction(1, 10)
    frame = av.VideoFrame(64, 48, "yuvj420p")
    frame.pts = 0
    _Pictures.jpeg = b"".join(bytes(packet) for packet in encoder.encode(frame))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Pictures)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_pictures_over_http_get_the_time_they_come_at(web_camera: str) -> None:
    # FFmpeg counts 25 a second, whatever comes; here 10 do.
    with reading(f"{web_camera}/stream") as stream:
        found = events(stream, frames(15))
    opened, received = found[0], [event for event in found if isinstance(event, Received)]
    assert isinstance(opened, Opened) and (opened.shape.codec, opened.shape.height) == ("mjpeg", 48)
    passed = float((received[-1].pts - received[4].pts) * opened.shape.time_base)
    assert 0.8 < passed < 2.0  # counted as 25 a second they would take 0.4
    assert all(event.key for event in received)
    assert first_loss(f"{web_camera}/locked").reason == "auth_failed"
    assert first_loss(f"{web_camera}/nothing").reason == "not_found"


def test_a_file_is_played_at_its_own_speed_and_again(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", 10, fps=10)
    with reading(f"file://{path}") as stream:
        began = time.monotonic()
        found = events(stream, lambda found: sum(isinstance(event, Opened) for event in found) == 2)
        took = time.monotonic() - began
    assert sum(isinstance(event, Received) for event in found) == 10
    assert 0.9 < took < 3  # 0.9 s from the first frame to the last, and the pause
    assert first_loss(f"file://{tmp_path}/none.mp4").reason == "not_found"


def test_sound_comes_along_if_it_is_wanted(tmp_path: Path) -> None:
    path = film(tmp_path / "loud.mp4", 5, fps=10, audio=True)
    for wanted in (True, False):
        with reading(f"file://{path}", sound=wanted) as stream:
            found = events(stream, lambda found: any(isinstance(event, Lost) for event in found))
        assert isinstance(found[0], Opened) and (found[0].sound is not None) == wanted
        assert any(isinstance(event, Received) and event.sound for event in found) == wanted


def test_back_off_grows_to_its_cap_and_begins_anew_after_a_good_session() -> None:
    backoff = Backoff()
    waits = [backoff.after("camera_down", 0.0, recorded=False) for _ in range(8)]
    assert waits[0] <= FIRST_S and all(0.6 * MOST_S <= wait <= MOST_S for wait in waits[4:])
    assert len(set(waits[4:])) > 1  # jitter
    # An attempt that timed out has waited already.
    assert backoff.after("stalled", 5.0, recorded=False) <= FIRST_S
    assert backoff.after("camera_down", 1.0, recorded=True) > FIRST_S  # a camera that flaps
    assert backoff.after("camera_down", 60.0, recorded=True) <= FIRST_S
    locked = Backoff()
    assert 30 < [locked.after("auth_failed", 0.0, recorded=False) for _ in range(9)][-1] <= 60
