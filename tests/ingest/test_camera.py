"""A look at a camera: what it says when it works, and when it does not, and never a password."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from home.config import Camera
from home.errors import FootageError, WrongUse
from ingest.camera import look
from tests.clips import paint
from tests.ports import free_port

PASSWORD = "hunter2-of-the-camera"


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATML_TEST_PASSWORD", PASSWORD)


class Answers(BaseHTTPRequestHandler):
    """A camera's web server: the path says what it answers with."""

    def do_GET(self) -> None:
        status = int(self.path.strip("/"))
        self.send_response(status)
        page = b"<html>Welcome to your camera</html>" * 500
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def web() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_what_a_camera_shows(tmp_path: Path) -> None:
    clip = paint(tmp_path / "clip.mp4", 2, size=(320, 240))
    seen = look(Camera(url=f"file://{clip}"))
    assert str(seen) == "320 x 240, h264 at 5 fps"
    assert seen.picture.shape == (240, 320, 3) and 60 < seen.picture.mean() < 140  # the painted room's greys


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "refuses the user or the password"),
        (403, "refuses the user or the password"),
        (404, "has nothing at this path"),
        (500, "cannot be reached"),
        (200, "no video that can be read"),
    ],
)
def test_a_refusal_is_told_without_the_password(web: int, status: int, words: str) -> None:
    camera = Camera(url=f"http://me:${{CATML_TEST_PASSWORD}}@127.0.0.1:{web}/{status}")
    with pytest.raises(FootageError, match=words) as caught:
        look(camera, timeout_s=5)
    error = caught.value
    assert str(error).startswith(f"http://127.0.0.1:{web}/{status}: ")
    assert PASSWORD not in str(error) and error.__cause__ is None and error.__suppress_context__


def test_nobody_at_the_port() -> None:
    with pytest.raises(FootageError, match="nobody answers at this port"):
        look(Camera(url=f"rtsp://127.0.0.1:{free_port()}/live"), timeout_s=2)


def test_a_camera_that_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(FootageError, match="no answer within 1 s"):
            look(Camera(url=f"rtsp://127.0.0.1:{silent.getsockname()[1]}/live"), timeout_s=1)
    assert time.monotonic() - began < 10


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(FootageError, match="has nothing at this path"):
        look(Camera(url=f"file://{tmp_path}/none.mp4"))


def test_a_variable_that_is_not_set() -> None:
    with pytest.raises(WrongUse, match="CATML_TEST_NOT_SET is not set"):
        look(Camera(url="rtsp://me:${CATML_TEST_NOT_SET}@127.0.0.1/live"))
