"""Files that are damaged on purpose, through `predict`: no answer of 500 or more, none that never comes, no growth.

    python -m bench.mutated [--files 10000] [--seed 0] [--callers 2]

A server of its own on a port of this machine gets drawn photos and clips that were cut short, overwritten, doubled, renamed, put
into each other, or whose headers promise sizes that are not there. Prints what was answered by kind of damage, the longest
answers, and the memory of server and decoders after a tenth of the files and at the end. Ends with 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import collections
import datetime as dt
import io
import os
import random
import struct
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import av
import httpx
import psutil
import uvicorn
from PIL import Image

from home.folder import open_home
from home.users import ApiKey, add_key
from serve.app import create_app
from serve.looker import Looker
from serve.secrets_kept import digest, new_key
from serve.server import listen
from simulate.close_ups import close_ups

HANG_S = 60.0
"""An answer that takes longer is a hang: a photo gets 10 s of CPU, a clip 60, and these clips are seconds long."""
GROWTH = 1.15
"""Of memory between a tenth of the files and the end: our choice, above what allocators come and go by."""


@dataclass(frozen=True)
class Damaged:
    """A file and what was done to it."""

    kind: str
    name: str
    data: bytes


def originals(folder: Path) -> dict[str, bytes]:
    """One whole file of each format, by its suffix."""
    picture = next(close_ups(0, 320))[0]
    found: dict[str, bytes] = {}
    for suffix, kind in (("jpg", "JPEG"), ("png", "PNG"), ("webp", "WEBP")):
        out = io.BytesIO()
        Image.fromarray(picture).save(out, kind)
        found[suffix] = out.getvalue()
    try:
        import pillow_heif

        out = io.BytesIO()
        pillow_heif.from_pillow(Image.fromarray(picture)).save(out, quality=80)
        found["heic"] = out.getvalue()
    except ImportError:
        pass
    for suffix, codec in (("mp4", "libx264"), ("mov", "libx264"), ("webm", "libvpx")):
        path = folder / f"clip.{suffix}"
        with av.open(str(path), "w") as container:
            stream = container.add_stream(codec, rate=5)
            stream.height, stream.width, stream.pix_fmt = *picture.shape[:2], "yuv420p"
            for _ in range(7):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            container.mux(stream.encode(None))
        found[suffix] = path.read_bytes()
    return found


def damaged(whole: dict[str, bytes], count: int, seed: int) -> Iterator[Damaged]:
    """So many damaged files, every kind of damage in turn; same seed, same files."""
    rng = random.Random(seed)
    suffixes = list(whole)
    for number in range(count):
        suffix = suffixes[number % len(suffixes)]
        kind = list(_DAMAGES)[(number // len(suffixes)) % len(_DAMAGES)]
        data = _DAMAGES[kind](whole[suffix], whole, rng)
        name = f"file.{rng.choice(suffixes)}" if kind == "renamed" else f"file.{suffix}"
        yield Damaged(kind, name, data)


def _cut(data: bytes, _: dict[str, bytes], rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _overwritten(data: bytes, _: dict[str, bytes], rng: random.Random) -> bytes:
    made = bytearray(data)
    for _number in range(rng.choice((1, 3, 10, 100))):
        made[rng.randrange(len(made))] = rng.randrange(256)
    return bytes(made)


def _header(data: bytes, _: dict[str, bytes], rng: random.Random) -> bytes:
    """Sizes in the first kilobyte, where headers are, or the last, where some clips keep theirs."""
    made = bytearray(data)
    begin = 0 if rng.random() < 0.6 else max(0, len(made) - 1024)
    at = begin + rng.randrange(min(1020, len(made) - 4))
    size = rng.choice((0, 1, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, rng.randrange(2**32)))
    struct.pack_into(rng.choice((">I", "<I")), made, at, size)
    return bytes(made)


def _huge(data: bytes, whole: dict[str, bytes], rng: random.Random) -> bytes:
    """Pixels, or boxes, of a size that is not there."""
    size = rng.choice((2**14, 2**16 - 1, 2**24, 2**31 - 1, 2**32 - 1))
    if data.startswith(b"\x89PNG"):
        return data[:16] + struct.pack(">II", size, size) + data[24:]
    if data.startswith(b"\xff\xd8"):
        at = data.index(b"\xff\xc0") + 5
        return data[:at] + struct.pack(">HH", size & 0xFFFF, size & 0xFFFF) + data[at + 4 :]
    if data.startswith(b"RIFF"):
        return data[:4] + struct.pack("<I", size) + data[8:]
    for box in rng.sample((b"tkhd", b"avc1", b"stsz", b"stco", b"stts", b"mdat", b"moov", b"ispe", b"iloc"), 9):
        if (at := data.find(box)) > 0:
            at += rng.choice((-4, 4, 8, 12, 16, 24, 28, 32))
            return data[:at] + struct.pack(">I", size) + data[at + 4 :]
    at = rng.randrange(len(data) - 8)
    return data[:at] + b"\x01" + struct.pack(">Q", size)[1:] + data[at + 8 :]


def _doubled(data: bytes, _: dict[str, bytes], rng: random.Random) -> bytes:
    begin, end = sorted(rng.randrange(len(data)) for _number in range(2))
    return data[:end] + data[begin:end] * rng.choice((1, 2, 50)) + data[end:]


def _left_out(data: bytes, _: dict[str, bytes], rng: random.Random) -> bytes:
    begin = rng.randrange(len(data))
    return data[:begin] + data[begin + rng.choice((1, 4, 100, 5000)) :]


def _renamed(data: bytes, whole: dict[str, bytes], rng: random.Random) -> bytes:
    """As it is, or behind the first bytes of another format."""
    other = whole[rng.choice(list(whole))]
    return data if rng.random() < 0.3 else other[: rng.choice((4, 12, 40, 300))] + data


def _nested(data: bytes, whole: dict[str, bytes], rng: random.Random) -> bytes:
    other = whole[rng.choice(list(whole))]
    way = rng.randrange(5)
    if way == 0:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("photo.jpg", data)
        return out.getvalue()
    if way == 1:
        return data + other
    if way == 2:
        return struct.pack(">I", len(data) + 8) + b"free" + data + other
    if way == 3:
        middle = rng.randrange(len(data))
        return data[:middle] + other + data[middle:]
    playlist = b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/secret.ts\nfile:///etc/passwd\n"
    return rng.choice(
        (playlist + data, data[:64] + playlist, struct.pack(">I", len(playlist) + 8) + b"mdat" + playlist)
    )


def _noise(data: bytes, _: dict[str, bytes], rng: random.Random) -> bytes:
    return data[: rng.choice((0, 4, 16, 64))] + rng.randbytes(rng.choice((0, 1, 100, 20_000)))


def _mixed(data: bytes, whole: dict[str, bytes], rng: random.Random) -> bytes:
    for work in rng.sample((_overwritten, _header, _huge, _doubled, _left_out, _cut), 3):
        if len(data) > 1100:
            data = work(data, whole, rng)
    return data


_DAMAGES: dict[str, Callable[[bytes, dict[str, bytes], random.Random], bytes]] = {
    "cut short": _cut,
    "overwritten": _overwritten,
    "header": _header,
    "huge": _huge,
    "doubled": _doubled,
    "left out": _left_out,
    "renamed": _renamed,
    "nested": _nested,
    "noise": _noise,
    "mixed": _mixed,
}


def main() -> int:
    """`python -m bench.mutated`."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--files", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--callers", type=int, default=2, help="that send at once")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "home.yaml").write_text("timezone: UTC\ncameras: {}\n", encoding="utf-8")
        limits = {"serve.requests_per_minute": "1000000", "detect.runtime": "onnxruntime"}
        home, key = open_home(root, limits), new_key()
        add_key(home.database, ApiKey("bench", digest(key), ("predict",), dt.datetime.now(dt.UTC)))
        app, listener = create_app(home), listen("127.0.0.1", 0)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, proxy_headers=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            looker: Looker = app.state.looker
            looker.warm(print)
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1/predict"
            files = damaged(originals(root), options.files, options.seed)
            return _tell(url, key, files, options.files, options.callers)
        finally:
            server.should_exit = True
            thread.join(30)


def _tell(url: str, key: str, files: Iterator[Damaged], count: int, callers: int) -> int:
    answers: collections.Counter[tuple[str, int]] = collections.Counter()
    longest: list[tuple[float, str]] = []
    early, done, lock = 0, 0, threading.Lock()
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=HANG_S) as client:

        def send(file: Damaged) -> None:
            nonlocal early, done
            begun = perf_counter()
            try:
                status = client.post(url, files={"file": (file.name, file.data)}).status_code
            except httpx.TimeoutException:
                status = 0
            with lock:
                answers[file.kind, status] += 1
                longest.append((perf_counter() - begun, f"{file.kind}, {file.name}, {len(file.data)} bytes: {status}"))
                longest.sort(reverse=True)
                del longest[5:]
                done += 1
                if done == max(1, count // 10):
                    early = _memory()

        with ThreadPoolExecutor(callers) as pool:
            for _ in pool.map(send, files):
                pass
    late = _memory()
    statuses = sorted({status for _, status in answers})
    print(f"{done} files, {callers} callers; answers by damage (0: none within {HANG_S:g} s)")
    print(f"  {'':12} " + " ".join(f"{status:>6}" for status in statuses))
    for kind in _DAMAGES:
        print(f"  {kind:12} " + " ".join(f"{answers[kind, status]:6}" for status in statuses))
    print("  longest: " + "; ".join(f"{seconds:.1f} s ({what})" for seconds, what in longest))
    print(f"  memory of server and decoders: {early / 1e6:.0f} MB after a tenth, {late / 1e6:.0f} MB at the end")
    bad = sum(number for (_, status), number in answers.items() if status == 0 or status >= 500)
    missed = [f"{bad} answers of 500 and more, or none"] if bad else []
    missed += [f"memory grew {late / early:.2f} times"] if late > GROWTH * early else []
    print("missed: " + "; ".join(missed) if missed else "no 5xx, no hang, no growth")
    return 1 if missed else 0


def _memory() -> int:
    """Bytes that this process and its decoders hold."""
    own = psutil.Process(os.getpid())
    return sum(each.memory_info().rss for each in [own, *own.children(recursive=True)] if each.is_running())


if __name__ == "__main__":
    raise SystemExit(main())
