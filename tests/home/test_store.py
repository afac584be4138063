"""The store: one behaviour over a folder and over a real S3 server, and what happens when the server does not play along."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import os
import re
import socket
import subprocess
import sys
import threading
import time
import traceback
import tracemalloc
import uuid
from pathlib import Path
from typing import Any

import av
import pytest

import home.s3
import home.store
from home.errors import StoreDenied, StoreError, StoreMissing, StoreUnreachable
from home.store import Store, write_file
from tests.clips import paint
from tests.ports import free_port
from tests.s3_server import KEY, SECRET, S3Server


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """The same tests for both; each test has a bucket of its own."""
    if request.param == "folder":
        return Store("footage", tmp_path)
    server: S3Server = request.getfixturevalue("s3_server")
    return Store(f"{server.bucket(f'b{uuid.uuid4().hex}')}/of/home", tmp_path, server.endpoint)


def test_what_is_written_is_read(store: Store) -> None:
    store.write("a/b/c.bin", b"one")
    store.write("a/b/c.bin", b"two")
    assert store.read("a/b/c.bin") == b"two"
    assert store.find("a/b/c.bin").size == 3


def test_list_is_by_prefix_and_sorted(store: Store) -> None:
    keys = ["hall/chunk-20260301-2355.mp4", "hall/chunk-20260302-0000.mp4", "hall-2/chunk-20260301-0000.mp4", "top"]
    for key in reversed(keys):
        store.write(key, b"x")

    def listed(prefix: str) -> list[str]:
        return [entry.key for entry in store.list(prefix)]

    assert listed("hall/chunk-20260301") == keys[:1]
    assert listed("hall/") == keys[:2]
    assert listed("hall") == [keys[2], *keys[:2]]  # "-" sorts before "/"
    assert listed("") == [keys[2], *keys[:2], keys[3]]
    assert listed("cellar/") == [] and listed("hall/chunk-2025") == []


def test_listing_is_never_stale(store: Store) -> None:
    store.write("a/1", b"x")
    assert len(store.list("a/")) == 1
    other = Store(str(store.folder or store.url), Path(), store.endpoint_url)  # another process, so to say
    other.write("a/2", b"x")
    assert [entry.key for entry in store.list("a/")] == ["a/1", "a/2"]
    other.delete("a/1")
    assert [entry.key for entry in store.list("a/")] == ["a/2"]


def test_the_tag_changes_with_the_content(store: Store) -> None:
    store.write("a", b"one")
    before = store.find("a")
    assert store.find("a") == before == store.list("a")[0]
    time.sleep(0.01)
    store.write("a", b"two")
    assert store.find("a").tag != before.tag


def test_nothing_is_found_where_nothing_is(store: Store) -> None:
    store.write("folder/file", b"x")
    assert store.find("nothing") is None and store.find("folder/file/below") is None
    for read in (store.read, store.open):
        with pytest.raises(StoreMissing, match=r"nothing: no such object$"):
            read("nothing")


def test_when_it_was_written(store: Store) -> None:
    before = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=2)  # a server may keep whole seconds
    store.write("a.txt", b"now")
    assert before <= store.modified("a.txt") <= dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2)
    with pytest.raises(StoreMissing):
        store.modified("b.txt")


def test_delete(store: Store) -> None:
    store.write("a", b"x")
    store.delete("a")
    store.delete("a")
    assert store.find("a") is None


@pytest.mark.parametrize("size", [0, 1, 60 * 1024 * 1024], ids=["empty", "one byte", "an hour"])
def test_put_and_checksum(store: Store, tmp_path: Path, size: int) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(os.urandom(1024) * (size // 1024) + b"x" * (size % 1024))
    store.put("kitchen/clip.mp4", path)
    entry = store.find("kitchen/clip.mp4")
    assert entry.size == size
    assert store.checksum(entry) == hashlib.md5(path.read_bytes()).hexdigest()
    assert [found.key for found in store.list("")] == ["kitchen/clip.mp4"]


def test_an_upload_takes_no_memory(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    store.write("warm-up", b"x")
    tracemalloc.start()
    try:
        store.put("clip", path)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_checksum_is_of_the_content_where_the_tag_is_none(store: Store) -> None:
    store.write("a", b"content")
    odd = home.store.Entry("a", 7, "d41d8cd98f00b204e9800998ecf8427e-2")
    assert store.checksum(odd) == hashlib.md5(b"content").hexdigest()


def test_what_arrived_broken_is_refused_and_removed(
    s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(f"{s3_server.bucket('broken')}/x", tmp_path, s3_server.endpoint)
    path = tmp_path / "clip"
    path.write_bytes(b"a" * 1_000_000)
    store.write("warm-up", b"x")
    upload = home.store.put_file

    def spoilt(opened: Any, local: Path, target: str) -> None:
        upload(opened, local, target)
        (s3_server.folder / target).write_bytes(b"b" * 1_000_000)  # the server's disk turns bits

    monkeypatch.setattr(home.store, "put_file", spoilt)
    with pytest.raises(StoreError, match="differs from what was sent; try again"):
        store.put("clip", path)
    assert store.find("clip") is None


def test_media_is_read_in_place(store: Store, tmp_path: Path) -> None:
    clip = paint(tmp_path / "clip.mp4", 60)
    store.put("kitchen/clip.mp4", clip)
    source = store.open("kitchen/clip.mp4")
    with av.open(source) as container:
        container.seek(45_000_000)
        frame = next(container.decode(video=0))
    assert frame.width == 320 and 39 <= frame.time <= 46  # the keyframe at or before second 45; one in 5 s


@pytest.mark.parametrize("key", ["/etc/passwd", "../outside", "a/../../outside"])
def test_keys_stay_below_the_store(store: Store, key: str) -> None:
    for operation in (store.read, store.find, store.delete, store.open, store.list):
        with pytest.raises(StoreError, match="is not a key below"):
            operation(key)
    with pytest.raises(StoreError, match="is not a key below"):
        store.write(key, b"x")


def test_repr_shows_where_but_no_key(store: Store) -> None:
    assert repr(store) == f"Store({store.url!r})"


# A folder.


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    store = Store("data", tmp_path)
    store.write("t/part", b"0" * 100_000)
    stop, lengths = threading.Event(), set()

    def read() -> None:
        while not stop.is_set():
            lengths.add(len(store.read("t/part")))

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(30):
        store.write("t/part", bytes([n]) * 100_000)
    stop.set()
    reader.join()
    assert lengths == {100_000}


def test_what_a_killed_writer_left_is_not_listed_and_is_cleared(tmp_path: Path) -> None:
    store = Store("data", tmp_path)
    code = "import os, signal, sys; os.kill(os.getpid(), signal.SIGKILL)"
    dead = subprocess.Popen([sys.executable, "-c", code])
    dead.wait()
    (tmp_path / "data").mkdir()
    left = tmp_path / "data" / f".tmp-part-{dead.pid}-1"
    living = tmp_path / "data" / f".tmp-part-{os.getppid()}-1"
    other = tmp_path / "data" / f".tmp-part-two-{dead.pid}-1"
    for path in (left, living, other):
        path.write_bytes(b"half")
    assert store.list("") == []
    store.write("part", b"whole")
    assert not left.exists() and living.exists() and other.exists()
    assert [entry.key for entry in store.list("")] == ["part"]


def test_an_odd_name_is_only_a_name(tmp_path: Path) -> None:
    store = Store("data", tmp_path)
    store.write("a[b]*?.txt", b"x")
    assert store.read("a[b]*?.txt") == b"x"


def test_a_failed_write_leaves_the_old_one(tmp_path: Path) -> None:
    store = Store("data", tmp_path)
    store.write("clip", b"old")
    with pytest.raises(StoreError):
        store.put("clip", tmp_path / "not there")
    assert store.read("clip") == b"old" and [path.name for path in (tmp_path / "data").iterdir()] == ["clip"]


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("/dev/full is missing on this system")
    store = Store("data", tmp_path)
    with (
        pytest.raises(StoreError, match=r"No space left on device; check the disk"),
        home.s3.translated(store, "a"),
    ):
        Path("/dev/full").write_bytes(b"x")


def test_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "data" / "part").mkdir(parents=True)
    with pytest.raises(StoreError, match=r"data/part: .*directory"):
        Store("data", tmp_path).write("part", b"x")


def test_addresses_of_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert Store("data/footage", tmp_path).folder == tmp_path / "data/footage"
    assert Store(f"file://{tmp_path}/x", Path("/elsewhere")).folder == tmp_path / "x"
    assert Store("~/cats", Path("/elsewhere")).folder == tmp_path / "me/cats"


def test_write_file_makes_its_folder(tmp_path: Path) -> None:
    write_file(tmp_path / "a" / "b", b"x")
    assert (tmp_path / "a" / "b").read_bytes() == b"x"


# A server that does not play along.

OPERATIONS = {
    "list": lambda store, path: store.list("a/"),
    "find": lambda store, path: store.find("a"),
    "read": lambda store, path: store.read("a"),
    "open": lambda store, path: store.open("a"),
    "write": lambda store, path: store.write("a", b"x"),
    "put": lambda store, path: store.put("a", path),
    "delete": lambda store, path: store.delete("a"),
}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small"
    path.write_bytes(b"x" * 1000)
    return path


def without_secrets(error: BaseException, *secrets: str) -> str:
    """The whole traceback, causes and local values included; it must hold no secret."""
    lines = traceback.TracebackException.from_exception(error, capture_locals=False).format()
    text = "".join(lines) + repr(error) + str(error)
    assert not [secret for secret in secrets if secret in text]
    return text


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("wrong", ["secret", "key", "none"])
def test_wrong_keys(
    operation: str,
    wrong: str,
    s3_server: S3Server,
    small: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    if wrong == "secret":
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-secret-of-mine")
    elif wrong == "key":
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "someoneelse")
    else:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    store = Store(s3_server.bucket("denied"), small.parent, s3_server.endpoint)
    with pytest.raises(StoreDenied, match="AWS_ACCESS_KEY_ID") as caught:
        OPERATIONS[operation](store, small)
    without_secrets(caught.value, SECRET, "wrong-secret-of-mine")
    assert SECRET not in caplog.text and "wrong-secret-of-mine" not in caplog.text
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("operation", ["list", "read", "open", "write", "put"])
def test_missing_bucket(operation: str, s3_server: S3Server, small: Path) -> None:
    store = Store("s3://no-such-bucket/home", small.parent, s3_server.endpoint)
    with pytest.raises(StoreMissing, match="no such bucket; make 'no-such-bucket' on the S3 server"):
        OPERATIONS[operation](store, small)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_server_is_told_in_seconds(operation: str, small: Path, s3_keys: None) -> None:
    endpoint = f"http://127.0.0.1:{free_port()}"
    store = Store("s3://footage", small.parent, endpoint)
    began = time.monotonic()
    with pytest.raises(StoreUnreachable, match=re.escape(endpoint)) as caught:
        OPERATIONS[operation](store, small)
    assert time.monotonic() - began < 15
    without_secrets(caught.value, SECRET)


def test_a_server_that_never_answers_is_given_up(small: Path, s3_keys: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home.s3, "ANSWER_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = Store("s3://footage", small.parent, f"http://127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()
        with pytest.raises(StoreUnreachable, match="no answer"):
            store.read("a")
        # Four tries and the pauses between them: with the 15 s of real life, a minute.
        assert time.monotonic() - began < 10


def test_killed_in_the_middle_of_an_upload(own_s3_server: S3Server, tmp_path: Path) -> None:
    store = Store(own_s3_server.bucket("footage"), tmp_path, own_s3_server.endpoint)
    film = tmp_path / "film.mp4"
    with film.open("wb") as file:
        for _ in range(160):
            file.write(os.urandom(65536) * 16)  # 160 MiB: the upload takes long enough to be hit
    errors: list[BaseException] = []

    def upload() -> None:
        try:
            store.put("kitchen/chunk-20260301-070000.mp4", film)
        except BaseException as error:
            errors.append(error)

    uploading = threading.Thread(target=upload)
    uploading.start()
    half = own_s3_server.folder / "footage"
    until = time.monotonic() + 30
    while time.monotonic() < until and sum(p.stat().st_size for p in half.rglob("*") if p.is_file()) < 1_000_000:
        time.sleep(0.002)
    own_s3_server.kill()
    uploading.join(90)
    [error] = errors
    assert isinstance(error, StoreUnreachable), error
    without_secrets(error, SECRET)
    own_s3_server.start()
    assert store.find("kitchen/chunk-20260301-070000.mp4") is None
    assert not [entry for entry in store.list("kitchen/") if entry.key.endswith(".mp4")]
    store.put("kitchen/chunk-20260301-070000.mp4", film)
    assert store.find("kitchen/chunk-20260301-070000.mp4").size == film.stat().st_size


def test_killed_while_a_film_is_read(own_s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is down is no broken film: the reader must see a StoreError, not one of FFmpeg's."""
    store = Store(own_s3_server.bucket("footage"), tmp_path, own_s3_server.endpoint)
    monkeypatch.setattr(home.store, "READ_BLOCK", 65536)  # a short clip is many reads then
    clip = paint(tmp_path / "clip.mp4", 20)
    assert clip.stat().st_size > 3 * home.store.READ_BLOCK
    store.put("clip.mp4", clip)
    source = store.open("clip.mp4")
    with pytest.raises(StoreUnreachable), av.open(source) as container:
        own_s3_server.kill()
        for _ in container.decode(video=0):
            pass
