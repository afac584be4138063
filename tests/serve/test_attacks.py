"""What somebody could try: words that a database or a file system would take for its own, addresses, damaged files."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from bench.mutated import damaged, originals
from home.folder import Home
from home.telemetry import readings
from tests.serve.conftest import Asking, key_for, logged_in
from tests.serve.test_predict import Served, clip_of, noise, served  # noqa: F401

SQL = [
    "' OR '1'='1",
    "'; DROP TABLE telemetry; --",
    '" OR 1=1 --',
    "1) UNION SELECT digest FROM api_keys --",
    "%",
    "\\",
    "\0",
]
OUTSIDE = [
    "../home.yaml", "..%2f..%2fhome.yaml", "%2e%2e/%2e%2e/home.yaml", "....//home.yaml", "/etc/passwd", "..\\home.yaml",
    "kitchen/../../home.yaml", "%00", "~root", "file:///etc/passwd", "s3://other/bucket", "http://127.0.0.1:9/x",
]  # fmt: skip
SECRET = "rtsp://owner:hunter2@192.0.2.7/1"


@pytest.fixture
def telling(house: Home, asking: Asking) -> Home:
    """A home that knows two readings, and one camera whose address nobody may read."""
    text = (house.root / "home.yaml").read_text("utf-8")
    (house.root / "home.yaml").write_text(text.replace("kitchen: {}", f"kitchen: {{url: '{SECRET}'}}"), "utf-8")
    rows = [{"device": "scale", "ts": f"2026-03-01T07:0{n}:00Z", "weight": 4.0 + n} for n in range(2)]
    assert asking("write").post("/api/v1/telemetry", json=rows).status_code == 201
    return house


@pytest.mark.parametrize("words", SQL)
def test_words_of_sql_are_words(telling: Home, asking: Asking, words: str) -> None:
    client = asking("read", "write")
    for path, name in (
        ("telemetry", "device"), ("telemetry", "name"), ("telemetry", "cursor"), ("statistics", "device"), ("bouts", "cat"),
        ("bouts", "behaviour"), ("bouts", "cursor"), ("anomalies", "cat"), ("coverage", "camera"), ("moments", "camera"),
    ):  # fmt: skip
        answer = client.get(f"/api/v1/{path}", params={name: words})
        assert answer.status_code in (200, 422), (path, name)
        if answer.status_code == 200:
            told = answer.json()
            assert not told.get("items") and not told.get("readings"), (path, name)
    report = {"device": words, "ts": "2026-03-01T08:00:00Z", "cat": words, words: 1.5, "units": {words: words[:20]}}
    sent = client.post("/api/v1/telemetry", json=report)
    kept = {reading.device: reading for reading in readings(telling.database)}
    if sent.status_code == 201:
        assert (kept[words].cat, kept[words].name, kept[words].value) == (words, words, 1.5)
    assert len(kept) == (2 if sent.status_code == 201 else 1) and sent.status_code < 500
    assert client.post("/login", data={"name": words, "password": words}).status_code in (401, 422)
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer catml_{words!r}"}).status_code == 401


@pytest.mark.parametrize("place", OUTSIDE)
def test_no_path_leads_out_of_the_home(telling: Home, asking: Asking, place: str) -> None:
    client = asking("admin")
    logged_in(client, telling)
    chunk = "chunk-20260301-070000"
    for path in (
        f"/api/v1/evidence/{place}/{chunk}/1.0/still.jpg", f"/api/v1/evidence/kitchen/{place}/1.0/clip.mp4",
        f"/api/v1/reports/{place}", f"/media/chunk/kitchen/{place}", f"/media/still?at=1&chunk={place}", f"/{place}",
        f"/login/../{place}", f"/api/v1/bouts?cursor={place}", f"/health/{place}",
    ):  # fmt: skip
        for method in ("GET", "HEAD"):
            answer = client.request(method, path)
            assert answer.status_code in (400, 404, 422), (path, answer.status_code)
            assert "hunter2" not in answer.text and "root:" not in answer.text and str(telling.root) not in answer.text


class Trap:
    """A server that nobody should ask; `asked` has who did."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self._thread.start()

    def _wait(self) -> None:
        while True:
            try:
                taken, _ = self._socket.accept()
            except OSError:
                return
            with taken:
                self.asked.append(taken.recv(100))

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@pytest.fixture
def trap() -> Iterator[Trap]:
    made = Trap()
    yield made
    made.close()


def test_nothing_that_is_sent_makes_the_server_ask_anybody(
    served: Served,  # noqa: F811
    trap: Trap,
    tmp_path: Path,
) -> None:
    url = f"http://127.0.0.1:{trap.port}/secret"
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{url}\n#EXT-X-ENDLIST\n".encode()
    clip = clip_of(noise(), tmp_path / "clip.mov")
    # A track whose frames lie elsewhere: its data reference (ISO/IEC 14496-12, 8.7.2) is an address and not this file.
    at = clip.index(b"dref") - 4
    (size,) = struct.unpack(">I", clip[at : at + 4])
    address = url.encode() + b"\0"
    entry = struct.pack(">I4sI", 12 + len(address), b"url ", 0) + address
    elsewhere = clip[:at] + struct.pack(">I4sII", 16 + len(entry), b"dref", 0, 1) + entry + clip[at + size :]
    boxes = b"\0\0\0\x14ftypisom\0\0\0\0isom" + struct.pack(">I", len(playlist) + 8) + b"mdat" + playlist
    for name, data in (
        ("a.m3u8", playlist), ("a.mp4", playlist), ("a.mp4", boxes), ("a.mov", elsewhere), ("a.mp4", clip[:64] + playlist),
        ("a.svg", f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}"/></svg>'.encode()),
        ("a.mp4", f"ffconcat version 1.0\nfile {url}\n".encode()), ("a.jpg", b"\xff\xd8\xff\xe0" + playlist),
        ("a.webm", b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" + playlist), (url, b"x"),
        ("a.xml", f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "{url}">]><a>&b;</a>'.encode()),
    ):  # fmt: skip
        status, _ = served.send(data, name)
        assert status in (415, 422) or name == "a.mov"
    for form in ({"camera": url}, {"cat": url, "camera": url}, {"mode": url}, {"file": url}):
        assert served.client.post("/api/v1/predict", data=form).status_code == 422
    assert trap.asked == []
    with socket.create_connection(("127.0.0.1", trap.port)) as asking:  # it would have told
        asking.sendall(b"GET")
        asking.recv(1)
    assert trap.asked == [b"GET"]


def test_damaged_files_are_answered_and_never_with_a_fault(served: Served, tmp_path: Path) -> None:  # noqa: F811
    """Some of `make fuzz`'s: 35 files, five of each format, every kind of damage."""
    told: dict[int, int] = {}
    for file in islice(damaged(originals(tmp_path), 70, seed=1), 0, None, 2):
        status, tree = served.send(file.data, file.name)  # itself asserts that it is below 500
        told[status] = told.get(status, 0) + 1
        if status != 200:
            assert tree["type"].startswith("urn:catml:") and tree["status"] == status and "Traceback" not in str(tree)
    assert sum(told.values()) == 35 and set(told) == {200, 415, 422}
    assert served.send(next(iter(originals(tmp_path).values())))[0] == 200


def test_a_key_that_is_tried_for_many_is_sent_away(asking: Asking, house: Home) -> None:
    client, right = asking(), key_for(house, "read")
    answers = [client.get("/api/v1/me", headers={"X-API-Key": f"catml_{n}"}).status_code for n in range(130)]
    assert set(answers[:100]) == {401} and answers[-1] == 429
    assert client.get("/api/v1/me", headers={"X-API-Key": right}).status_code == 200  # who has one is let in
