"""The ESP32-CAM's own server, built for this machine: what FFmpeg reads from it is the picture that went in.

The sketch around it (camera, Wi-Fi, watchdog) needs the board and is not run here.
"""

from __future__ import annotations

import base64
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from home.folder import PROJECT
from home.frame import Picture

FIRMWARE = PROJECT / "firmware" / "esp32cam"
UXGA = (1200, 1600)
# 5 a second on the camera. Pictures carry an exact clock of their own here, so that tests need not wait for real ones.
FRAME_MS = 20
TICKS = 90 * FRAME_MS  # RTP's clock for JPEG runs at 90 kHz
DEADLINE_S = 10.0

pytestmark = pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++: apt-get install g++")

Serve = Callable[..., int]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server with files in place of the lens. Address and undefined-behaviour checks end it at any misstep."""
    built = tmp_path_factory.mktemp("firmware") / "serve"
    checks = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]
    sources = [FIRMWARE / name for name in ("jpeg_rtp.cpp", "rtsp_server.cpp", "host/serve.cpp")]
    subprocess.run(["g++", "-std=c++17", "-O1", *warnings, *checks, "-o", built, *sources], check=True, timeout=120)
    return built


@pytest.fixture
def serve(program: Path, tmp_path: Path) -> Iterator[Serve]:
    """`serve(jpegs, user="", password="")` starts the server and returns its port; a crash of it fails the test."""
    running: list[subprocess.Popen[str]] = []

    def start(jpegs: list[bytes], user: str = "", password: str = "", frame_ms: int = FRAME_MS) -> int:
        files = [tmp_path / f"{number}.jpg" for number in range(len(jpegs))]
        for file, jpeg in zip(files, jpegs, strict=True):
            file.write_bytes(jpeg)
        command = [program, "0", "/live", str(frame_ms), user, password, *files]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        assert running[-1].stdout is not None
        return int(running[-1].stdout.readline())

    yield start
    for process in running:
        crashed = process.poll()
        process.kill()
        _, errors = process.communicate()
        assert crashed is None, errors


def room(number: int, size: tuple[int, int] = UXGA) -> Picture:
    """A picture of a number, with noise and gradients, so that its JPEG is as large as a camera's."""
    generator = np.random.default_rng(number)
    rows, columns = np.mgrid[: size[0], : size[1]]
    plain = np.stack([rows * 200 / size[0], columns * 200 / size[1], (rows + columns) % 256], axis=-1)
    picture = np.clip(plain + generator.normal(20, 12, plain.shape), 0, 255).astype(np.uint8)
    cv2.putText(picture, str(number), (size[1] // 3, size[0] // 2), cv2.FONT_HERSHEY_SIMPLEX, 8, (255, 255, 255), 20)
    return picture


def as_jpeg(picture: Picture, *options: int, sampling: int = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422) -> bytes:
    """As the OV2640 packs it: 4:2:2, the standard's own Huffman tables."""
    settings = [cv2.IMWRITE_JPEG_QUALITY, 80, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling, *options]
    written, jpeg = cv2.imencode(".jpg", picture, settings)
    assert written
    return jpeg.tobytes()


def planes(frame: av.VideoFrame) -> list[bytes]:
    return [bytes(plane) for plane in frame.planes]


def decoded(jpeg: bytes) -> list[bytes]:
    """The file's planes as the same decoder reads them without a network between."""
    packet = av.Packet(jpeg)
    (frame,) = av.CodecContext.create("mjpeg", "r").decode(packet)
    return planes(frame)


def read(port: int, frames: int, login: str = "", path: str = "/live") -> list[av.VideoFrame]:
    """What FFmpeg gets over RTSP and TCP."""
    address = f"rtsp://{login}127.0.0.1:{port}{path}"
    with av.open(address, options={"rtsp_transport": "tcp"}, timeout=(DEADLINE_S, DEADLINE_S)) as container:
        # One thread: with several, decoding a picture waits for later ones.
        container.streams.video[0].codec_context.thread_count = 1
        pictures = container.decode(video=0)
        return [next(pictures) for _ in range(frames)]


def talk(port: int, *requests: bytes, until: bytes = b"\r\n\r\n") -> bytes:
    """What the server answers to raw bytes, until that is in it, or it is silent for a second, or it hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S) as connection:
        for request in requests:
            connection.sendall(request)
        connection.settimeout(1.0)
        answer = b""
        try:
            while until not in answer and (part := connection.recv(65_536)):
                answer += part
        except (TimeoutError, ConnectionError):
            pass
    return answer


def request(method: str, port: int, *headers: str, path: str = "/live") -> bytes:
    lines = [f"{method} rtsp://127.0.0.1:{port}{path} RTSP/1.0", "CSeq: 7", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


TRANSPORT = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"


@pytest.mark.parametrize(
    ("sampling", "restart", "size"),
    [
        (cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422, 0, UXGA),  # what the camera sends
        (cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420, 0, (480, 640)),
        (cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422, 4, (768, 1024)),
    ],
    ids=["UXGA 4:2:2", "VGA 4:2:0", "XGA 4:2:2 with restart markers"],
)
def test_each_picture_arrives_as_it_was(serve: Serve, sampling: int, restart: int, size: tuple[int, int]) -> None:
    options = (cv2.IMWRITE_JPEG_RST_INTERVAL, restart) if restart else ()
    jpegs = [as_jpeg(room(number, size), *options, sampling=sampling) for number in range(3)]
    if size == UXGA:
        assert all(150_000 < len(jpeg) < 900_000 for jpeg in jpegs)  # more than a hundred packets each
    frames = read(serve(jpegs), 6)
    assert [(frame.height, frame.width) for frame in frames] == [size] * 6
    sent = [decoded(jpeg) for jpeg in jpegs]
    # Bit by bit the same, in order, none missing: the server begins with its first picture as the reader says PLAY.
    assert [sent.index(planes(frame)) for frame in frames] == [0, 1, 2, 0, 1, 2]
    times = [frame.pts for frame in frames]
    assert np.diff([time for time in times if time is not None]).tolist() == [TICKS] * 5


def test_pictures_that_cannot_be_sent_are_left_out(serve: Serve) -> None:
    small = (240, 320)
    good = as_jpeg(room(1, small))
    cut_off = good[: good.index(b"\xff\xda")]  # no picture after its header
    bad = [
        b"",
        b"\xff\xd8\xff",
        good[2:],
        cut_off,
        as_jpeg(room(2, small), cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
        as_jpeg(room(3, small), cv2.IMWRITE_JPEG_OPTIMIZE, 1),  # Huffman tables of its own
        as_jpeg(room(4, small), sampling=cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444),
        as_jpeg(room(5, (236, 317))),  # no whole number of blocks
        as_jpeg(room(6, (64, 2048))),  # wider than RFC 2435 can say
    ]
    # What the camera's buffer holds after the end marker is not sent along.
    frames = read(serve([*bad, good + b"\x00" * 333], frame_ms=5), 2)
    assert [planes(frame) for frame in frames] == [decoded(good)] * 2
    assert frames[1].pts is not None and frames[0].pts is not None
    assert frames[1].pts - frames[0].pts == 5 * 90 * (len(bad) + 1)


def test_no_input_makes_the_header_reader_stumble(serve: Serve) -> None:
    """200 damaged files; the address checker the program is built with ends it if one byte outside is touched."""
    whole, last = as_jpeg(room(1, (64, 64))), as_jpeg(room(2, (64, 64)))
    generator = np.random.default_rng(0)
    damaged = []
    for _ in range(200):
        file = bytearray(whole[: generator.integers(1, len(whole))])
        for at in generator.integers(0, min(len(file), 640), 4):
            file[at] = generator.integers(0, 256)
        damaged.append(bytes(file))
    # Each is tried in turn, 1000 in a second; then comes the last, which nothing stands in the way of.
    scan = last[last.index(b"\xff\xda") + 14 :][:500]
    assert scan in talk(serve([*damaged, last], frame_ms=1), *play(0), until=scan)


def play(port: int) -> list[bytes]:
    return [request("SETUP", port, TRANSPORT, path="/live/track"), request("PLAY", port)]


def test_only_who_knows_the_password_may_watch(serve: Serve) -> None:
    port = serve([as_jpeg(room(1, (240, 320)))], "catml", "pass-4-cats")
    assert len(read(port, 1, login="catml:pass-4-cats@")) == 1
    for login in ("", "catml:wrong@", "catml:pass-4-cat@", "other:pass-4-cats@"):
        with pytest.raises(av.error.HTTPUnauthorizedError):
            read(port, 1, login=login)
    longer = base64.b64encode(b"catml:pass-4-cats-and-more").decode()
    assert b"401" in talk(port, request("DESCRIBE", port, f"Authorization: Basic {longer}"))
    setup, start = play(port)
    assert b"401" in talk(port, setup) and b"401" in talk(port, start)


def test_what_it_does_not_offer_is_refused(serve: Serve) -> None:
    port = serve([as_jpeg(room(1, (240, 320)))])
    with pytest.raises(av.error.HTTPNotFoundError):
        read(port, 1, path="/live2")
    assert b"461" in talk(port, request("SETUP", port, "Transport: RTP/AVP;unicast;client_port=5000-5001"))
    assert b"455" in talk(port, request("PLAY", port))
    assert b"501" in talk(port, request("ANNOUNCE", port))
    described = talk(port, request("DESCRIBE", port), until=b"track\r\n").decode()
    assert re.search(r"^CSeq: 7\r$", described, re.MULTILINE) and "m=video 0 RTP/AVP 26" in described
    assert int(re.findall(r"Content-Length: (\d+)", described)[0]) == len(described.partition("\r\n\r\n")[2])


def test_one_reader_at_a_time_and_then_the_next(serve: Serve) -> None:
    port = serve([as_jpeg(room(1, (240, 320)))])
    with av.open(f"rtsp://127.0.0.1:{port}/live", options={"rtsp_transport": "tcp"}, timeout=(5, 5)) as first:
        next(first.demux(video=0))
        assert talk(port, request("OPTIONS", port)) == b""  # hung up on
        next(first.demux(video=0))
    assert len(read(port, 1)) == 1


def test_a_reader_that_takes_nothing_is_let_go(serve: Serve) -> None:
    port = serve([as_jpeg(room(1))])
    with socket.socket() as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.connect(("127.0.0.1", port))
        stuck.sendall(b"".join(play(port)))
        # It is given 5 s to take what waits; a recorder that comes back after its machine lost power finds the door open.
        until = time.monotonic() + 3 * DEADLINE_S
        while not talk(port, request("OPTIONS", port)):
            assert time.monotonic() < until
            time.sleep(0.2)


@pytest.mark.parametrize(
    "noise",
    [
        b"\x00" * 5000,
        b"GET / HTTP/1.1\r\n\r\n" * 3,
        b"$" * 4000,
        b"DESCRIBE\r\n\r\nSETUP \r\n\r\n :// \r\nCSeq\r\nTransport:\r\n\r\n",
        b"SETUP rtsp://h/live/x RTSP/1.0\r\nTransport: interleaved=9;RTP/AVP/TCP\r\nContent-Length: 99999999999999999\r\n\r\n",
        b"DESCRIBE rtsp://h/live RTSP/1.0\r\n" + b"X: y\r\n" * 400 + b"\r\n",
        b"DESCRIBE rtsp://" + b"h" * 1500 + b"/live RTSP/1.0\r\nCSeq: 1\r\n\r\n",
    ],
)
def test_noise_on_the_line(serve: Serve, noise: bytes) -> None:
    port = serve([as_jpeg(room(1, (240, 320)))])
    talk(port, noise)
    assert len(read(port, 1)) == 1


def test_reports_of_a_reader_are_passed_over(serve: Serve) -> None:
    """A receiver's RTCP comes over the same connection, cut anywhere, and requests come after it."""
    port = serve([as_jpeg(room(1, (64, 64)))], frame_ms=500)
    report = b"$\x01\x00\x20" + bytes(range(32))
    stream = b"".join([*play(port), report * 3, request("GET_PARAMETER", port), report, request("TEARDOWN", port)])
    answer = talk(port, *(stream[at : at + 7] for at in range(0, len(stream), 7)), until=b"\0" * 999)
    assert answer.count(b"RTSP/1.0 200 OK") == 4


def test_settings_with_passwords_stay_out_of_git() -> None:
    assert "settings.h" in (FIRMWARE / ".gitignore").read_text().split()
    example, sketch = (FIRMWARE / "settings.example.h").read_text(), (FIRMWARE / "esp32cam.ino").read_text()
    for name in re.findall(r"^#define (\w+)", example, re.MULTILINE):
        assert re.search(rf"\b{name}\b", sketch), f"{name} is set but not used"
    assert "FRAMESIZE_UXGA" in example and "JPEG_QUALITY 10" in example and "FRAMES_PER_SECOND 5" in example
