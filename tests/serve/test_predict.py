"""What is sent to `predict`: photos and clips that are read, and files that are not what they seem."""

from __future__ import annotations

import base64
import datetime as dt
import io
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from starlette.testclient import TestClient

from home.ethogram import BEHAVIOURS
from home.folder import Home, open_home, today
from home.tables import REMEMBERED
from models.behaviour.body import Moments
from models.behaviour.evidence import evidence
from models.detector.any_shape import found_in
from models.remembered import NUMBERS
from serve.app import create_app
from simulate.close_ups import close_ups
from tests.clips import paint, walking
from tests.serve.conftest import key_for

PREDICT = "/api/v1/predict"


@dataclass(frozen=True)
class Served:
    """A home that is served with the networks that ship, and a client that may send pictures."""

    home: Home
    client: TestClient

    def send(self, data: bytes, name: str = "photo.jpg", **form: str) -> tuple[int, dict]:
        """Send a file; status and answer."""
        sent = self.client.post(PREDICT, files={"file": (name, data)}, data=form)
        assert sent.status_code < 500, sent.text
        return sent.status_code, sent.json()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("home")
    zones = "zones: {food_bowl: [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]}"
    (root / "home.yaml").write_text(
        f"timezone: UTC\ncats: {{miso: {{name: Miso}}}}\ncameras:\n  kitchen: {{{zones}}}\n", "utf-8"
    )
    # Small limits, so that small files go beyond them.
    limits = {
        "upload_mb": "3",
        "photo_megapixels": "2",
        "clip_megapixels": "0.3",
        "clip_seconds": "4",
        "clip_frames": "60",
    }
    home = open_home(
        root, {f"serve.{name}": value for name, value in limits.items()} | {"detect.runtime": "onnxruntime"}
    )
    with TestClient(create_app(home)) as client:
        client.headers["Authorization"] = f"Bearer {key_for(home, 'predict')}"
        yield Served(home, client)


@lru_cache(maxsize=1)
def cat() -> np.ndarray:
    """A drawn cat that the detector finds, RGB."""
    return next(close_ups(0, 480))[0]


def encoded(picture: np.ndarray, kind: str = "JPEG", **options: object) -> bytes:
    """A picture as a file."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, kind, **options)
    return out.getvalue()


def noise(width: int = 64, height: int = 48) -> np.ndarray:
    """A small picture without a cat."""
    return np.random.default_rng(0).integers(0, 255, (height, width, 3)).astype(np.uint8)


def clip_of(picture: np.ndarray, path: Path, seconds: float = 2.4, codec: str = "libx264", **options: str) -> bytes:
    """A clip in which nothing moves but the noise; the file's name says its format."""
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=5)
        stream.width, stream.height, stream.pix_fmt = picture.shape[1], picture.shape[0], "yuv420p"
        for _ in range(round(seconds * 5)):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path.read_bytes()


def png_header(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG that says it has so many pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", data or zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


def zipped() -> bytes:
    """A ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("page.html", "<script>alert(1)</script>")
    return out.getvalue()


# What is read.


def test_a_photo_says_what_its_cat_does(served: Served) -> None:
    status, told = served.send(encoded(cat()), annotated="true")
    assert status == 200 and told["kind"] == "photo" and (told["width"], told["height"]) == (480, 360)
    (animal,) = told["animals"]
    assert set(animal["probabilities"]) == set(BEHAVIOURS) and sum(animal["probabilities"].values()) == pytest.approx(
        1, abs=1e-3
    )
    assert animal["behavior"] in BEHAVIOURS and animal["confidence"] == max(animal["probabilities"].values())
    told_of = {name for name, share in animal["probabilities"].items() if share}
    assert told_of <= {"sleeping", "eating", "using_litter_box", "other"}, "no photo was labelled with another"
    assert animal["comfort_score"] is animal["anomaly_flag"] is animal["pose"] is None
    assert any("no movement is seen" in reason for reason in animal["reasons"])
    assert any(
        "sleeping, eating, using the litter box and something else can be told" in why for why in animal["reasons"]
    )
    assert len(animal["keypoints"]) == 20 and animal["keypoints"][2]["name"] == "nose"
    box = animal["box"]
    assert 0 <= box["x1"] < box["x2"] <= 1 and 0 <= box["y1"] < box["y2"] <= 1
    assert (
        set(told["models"]) == {"detector", "pose", "behaviour", "photo"}
        and len(told["models"]["pose"]["fingerprint"]) == 64
    )
    steps = told["milliseconds"]
    assert {"wait", "decode", "detect", "pose", "behaviour", "draw", "total"} == set(steps)
    assert steps["total"] >= sum(ms for name, ms in steps.items() if name != "total") * 0.99
    drawn = np.asarray(Image.open(io.BytesIO(base64.b64decode(told["annotated"]["data"]))))
    changed = np.abs(drawn.astype(int) - cat()).max(axis=2) > 60
    x, y = round((box["x1"] + box["x2"]) / 2 * 480), round(box["y2"] * 360)
    assert drawn.shape == (360, 480, 3) and changed[y - 2 : y + 3, x].any() and changed.mean() < 0.2


def test_the_same_photo_is_the_same_however_it_is_packed(served: Served) -> None:
    box = served.send(encoded(cat(), "PNG"))[1]["animals"][0]["box"]
    turned = np.ascontiguousarray(np.rot90(cat(), 1))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by 90 degrees
    transparent = np.dstack([cat(), np.full(cat().shape[:2], 255, np.uint8)])
    for data, kind in (
        (encoded(cat(), "WEBP", lossless=True), "WebP"),
        (encoded(transparent, "PNG"), "PNG"),
        (encoded(turned, "JPEG", quality=98, exif=exif), "JPEG"),
    ):
        status, told = served.send(data, "anything.bin")
        assert status == 200 and told["format"] == kind and (told["width"], told["height"]) == (480, 360)
        assert told["animals"][0]["box"] == pytest.approx(box, abs=0.03)


def test_heic_is_read_where_its_library_is(served: Served) -> None:
    heif = pytest.importorskip("pillow_heif", reason="pip install 'catml[heic]'")
    out = io.BytesIO()
    heif.from_pillow(Image.fromarray(cat())).save(out, quality=90)
    status, told = served.send(out.getvalue(), "IMG_0001.HEIC")
    assert status == 200 and told["format"] == "HEIC" and len(told["animals"]) == 1


def test_a_room_without_a_cat_holds_none(served: Served) -> None:
    assert served.send(encoded(noise()))[1]["animals"] == []


def test_accurate_looks_twice(served: Served) -> None:
    fast, accurate = (served.send(encoded(cat()), mode=mode)[1] for mode in ("fast", "accurate"))
    assert fast["mode"] == "fast" and accurate["mode"] == "accurate"
    assert fast["models"]["detector"]["fingerprint"] != accurate["models"]["detector"]["fingerprint"]


@pytest.mark.parametrize(
    ("suffix", "codec", "kind"), [("mp4", "libx264", "MP4"), ("mov", "libx264", "MOV"), ("webm", "libvpx", "WebM")]
)
def test_a_clip_is_looked_at_throughout(served: Served, tmp_path: Path, suffix: str, codec: str, kind: str) -> None:
    status, told = served.send(clip_of(cat(), tmp_path / f"clip.{suffix}", codec=codec), annotated="true")
    assert status == 200 and told["format"] == kind and told["kind"] == "clip" and told["frames"] == 12
    (animal,) = told["animals"]
    assert animal["moments"] == 2 and (animal["from_s"], animal["to_s"]) == (0.0, 2.2)
    assert not any("a photo" in reason for reason in animal["reasons"]) and not told["damaged"]
    drawn = np.asarray(Image.open(io.BytesIO(base64.b64decode(told["annotated"]["data"]))))
    assert (np.abs(drawn.astype(int) - cat()).max(axis=2) > 60).any()


def test_the_place_counts_as_evidence(served: Served) -> None:
    anywhere, at_the_bowl = (
        served.send(encoded(cat()), **form)[1]["animals"][0]["probabilities"]["eating"]
        for form in ({}, {"camera": "kitchen"})
    )
    assert at_the_bowl != anywhere
    status, told = served.send(encoded(cat()), camera="cellar")
    assert status == 422 and "no camera 'cellar'" in told["detail"]


def remembered(served: Served, numbers: np.ndarray, behaviour: str, days: int = 3, each: int = 120) -> None:
    """Miso's days before: moments that were read like this one, give or take a little."""
    rng = np.random.default_rng(0)
    network = served.client.app.state.looker.readers("fast").poses.weights[:16]  # type: ignore[attr-defined]
    for number in range(1, days + 1):
        date = today(served.home) - dt.timedelta(days=number)
        own = (numbers + rng.normal(0, 0.1, (each, len(numbers)))).astype(np.float32)
        rows = pd.DataFrame({
            "start": [dt.datetime.combine(date, dt.time(8), dt.UTC) + dt.timedelta(minutes=n) for n in range(each)],
            "camera": "kitchen", "track_id": 1, "cat": "miso", "behaviour": behaviour, "seen": 0.9, "confidence": 0.9,
            "numbers": list(own), "look": [[]] * each,
        })  # fmt: skip
        notes = {"eyes": "the same", "network": network}
        served.home.tables.write(REMEMBERED, rows[list(REMEMBERED.columns)], date, "kitchen", "made", notes)


def test_a_cat_with_a_past_is_compared_with_it(served: Served) -> None:
    def asked() -> dict:
        return served.send(encoded(cat(), "PNG"), camera="kitchen", cat="Miso")[1]["animals"][0]

    assert served.send(encoded(cat()), cat="miso")[0] == 422
    first = asked()
    assert first["anomaly_flag"] is None and any("not compared with a past" in why for why in first["reasons"])
    readers, behaviour = served.client.app.state.looker.readers("fast"), first["behavior"]  # type: ignore[attr-defined]
    found = found_in(readers.detector, cat(), 0.3)
    read = readers.poses.read(cat(), found.boxes)
    own = evidence(
        Moments(np.zeros(1), np.zeros(1, np.int64), found.boxes.astype(float), 480 / 360, read.keypoints.astype(float))
    )
    known = own.known[0, : len(NUMBERS)] if own.names[: len(NUMBERS)] == NUMBERS else None
    assert known is not None
    usual = np.where(known, own.values[0, : len(NUMBERS)], np.nan)
    for shift, flag in ((0.0, False), (3.0, True)):
        remembered(served, usual + shift, behaviour)
        told = asked()
        assert told["anomaly_flag"] is flag and (told["anomaly_score"] > 0.95) is flag


# What is refused, and how.


@pytest.mark.parametrize(
    ("data", "status", "kind"),
    [
        (b"", 422, "empty"),
        (b"just some words", 415, "unknown-format"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1:9/x"/></svg>', 415, "unknown-format"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n", 415, "unknown-format"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", 415, "unknown-format"),
        (b"GIF89a" + b"\0" * 40, 415, "unknown-format"),
        (zipped(), 415, "unknown-format"),
        (png_header(10_000, 10_000), 422, "too-many-pixels"),
        (png_header(2**31 - 1, 2**31 - 1), 422, "too-many-pixels"),
        (png_header(64, 64, b"not deflated at all"), 422, "damaged"),
        (encoded(noise())[:-200], 422, "damaged"),
        (encoded(noise(), "PNG")[:-30], 422, "damaged"),
        (encoded(noise(), "WEBP")[:-30], 422, "damaged"),
        (encoded(noise()) + zipped(), 422, "polyglot"),
        (encoded(noise(), "PNG") + zipped(), 422, "polyglot"),
        (encoded(noise(), comment=b"%PDF-1.7"), 422, "polyglot"),
        (encoded(noise()) + b"<script>alert(1)</script>", 422, "polyglot"),
        (encoded(noise(1600, 1400)), 422, "too-many-pixels"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0\0\0\x08mdat", 422, "damaged"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0\0\0\x00junk" + b"#EXTM3U", 422, "polyglot"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\x7f\xff\xff\xffmdat", 422, "damaged"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" + b"\xff" * 64, 422, "damaged"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska", 415, "unknown-format"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", 422, "damaged"),
    ],
)  # fmt: skip
def test_what_is_not_what_it_seems_is_refused(served: Served, data: bytes, status: int, kind: str) -> None:
    for name in ("photo.jpg", "clip.mp4"):
        got, told = served.send(data, name)
        assert (got, told["type"]) == (status, f"urn:catml:{kind}"), told
        assert told["title"] and "Traceback" not in str(told) and "/" not in told["detail"].replace("image/", "")


def test_clips_beyond_their_limits_are_refused(served: Served, tmp_path: Path) -> None:
    small = noise(64, 48)
    for name, data, kind in (
        ("long", clip_of(small, tmp_path / "long.mp4", 6.0), "too-long"),
        ("frames", paint(tmp_path / "fast.mp4", 3.5, place=walking, fps=30, size=(64, 48)).read_bytes(), "too-many-frames"),
        ("pixels", clip_of(noise(800, 600), tmp_path / "wide.mp4", 0.4), "too-many-pixels"),
        ("codec", clip_of(small, tmp_path / "old.mp4", codec="mpeg2video"), "unknown-format"),
    ):  # fmt: skip
        status, told = served.send(data, f"{name}.mp4")
        assert told["type"] == f"urn:catml:{kind}" and status == (415 if name == "codec" else 422), told


def test_a_clip_says_that_some_of_it_was_not_seen(served: Served, tmp_path: Path) -> None:
    whole = bytearray(clip_of(noise(128, 96), tmp_path / "clip.mp4", 3.0))
    begins = whole.index(b"mdat") + 4
    middle = begins + (whole.index(b"moov") - begins) // 2
    whole[middle : middle + 4000] = b"\xff" * 4000
    status, told = served.send(bytes(whole), "clip.mp4")
    assert status == 200 and told["damaged"] and told["frames"] < 15


def test_too_many_bytes_are_refused_while_they_come(served: Served) -> None:
    status, told = served.send(b"\xff\xd8\xff" + b"\0" * 4_100_000)
    assert status == 413 and told["title"] == "This is too large"
    asked: list[int] = []

    def endless() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for number in range(1000):
            asked.append(number)
            yield b"\0" * 100_000

    headers = {"Content-Type": "multipart/form-data; boundary=x", "Transfer-Encoding": "chunked"}
    assert served.client.post(PREDICT, content=endless(), headers=headers).status_code == 413


@pytest.mark.parametrize("form", [{"mode": "best"}, {"annotated": "perhaps"}])
def test_a_wrong_form_is_told(served: Served, form: dict[str, str]) -> None:
    status, told = served.send(encoded(noise()), **form)
    assert status == 422 and told["errors"][0]["where"] == f"body.{next(iter(form))}"


def test_no_file_is_told(served: Served) -> None:
    sent = served.client.post(PREDICT, data={"mode": "fast"})
    assert sent.status_code == 422 and sent.json()["errors"][0]["where"] == "body.file"


def test_a_decoder_that_is_killed_comes_again(served: Served) -> None:
    served.send(encoded(noise()))
    for process in list(served.client.app.state.looker._photos._all):  # type: ignore[attr-defined]
        os.kill(process._program.pid, 9)
        process._program.wait()  # one that dies under a file cannot be told from one that the file has killed
    assert served.send(encoded(noise()))[0] == 200


@pytest.mark.parametrize("missing", ["pose.model", "behave.model"])
def test_a_home_that_reads_no_behaviour_says_so(tmp_path: Path, missing: str) -> None:
    (tmp_path / "home.yaml").write_text("timezone: UTC\ncameras: {}\n", "utf-8")
    home = open_home(tmp_path, {missing: "''"})
    with TestClient(create_app(home), "http://cats.test", headers={"X-API-Key": key_for(home, "predict")}) as client:
        sent = client.post(PREDICT, files={"file": ("a.jpg", encoded(noise()))})
    assert sent.status_code == 503 and sent.json()["type"] == "urn:catml:no-model"
