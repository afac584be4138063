"""The bad network itself: what it passes on arrives whole, what it breaks is broken as said."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from home.errors import StoreError, StoreUnreachable
from home.store import Store, md5_of
from tests.faults.proxy import Proxy, cut_uploads, errors, slow, well
from tests.s3_server import S3Server


@pytest.fixture
def road(s3_server: S3Server) -> Iterator[Proxy]:
    with Proxy(s3_server.port) as proxy:
        yield proxy


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film"
    path.write_bytes(os.urandom(300_000))
    return path


def test_objects_pass_whole(road: Proxy, s3_server: S3Server, film: Path) -> None:
    store = Store(s3_server.bucket("road"), Path("/"), road.endpoint)
    store.put("hall/whole", film)
    assert [entry.key for entry in store.list("hall/")] == ["hall/whole"]
    assert store.read("hall/whole") == film.read_bytes()
    assert md5_of(s3_server.folder / "road/hall/whole") == md5_of(film)
    assert any(asked.is_upload and asked.length >= 300_000 for asked in road.asked)


def test_a_cut_upload_leaves_nothing_behind_that_looks_whole(road: Proxy, s3_server: S3Server, film: Path) -> None:
    store = Store(s3_server.bucket("cut"), Path("/"), road.endpoint)
    road.fate = cut_uploads(100)
    with pytest.raises(StoreUnreachable):
        store.put("hall/cut", film)
    road.fate = well
    found = store.find("hall/cut")
    assert found is None or found.size < 300_000


def test_an_upload_that_is_cut_once_is_sent_again_whole(road: Proxy, s3_server: S3Server, film: Path) -> None:
    store = Store(s3_server.bucket("once"), Path("/"), road.endpoint)
    road.fate = cut_uploads(1)
    store.put("hall/once", film)
    assert md5_of(s3_server.folder / "once/hall/once") == md5_of(film)
    assert len([asked for asked in road.asked if asked.is_upload]) == 2


def test_errors_and_nobody_at_the_port(road: Proxy, s3_server: S3Server) -> None:
    store = Store(s3_server.bucket("errors"), Path("/"), road.endpoint)
    road.fate = errors(1.0)
    with pytest.raises(StoreError):
        store.read("hall/none")
    road.down()
    with pytest.raises(StoreUnreachable):
        store.list("hall/")
    road.up()
    road.fate = well
    assert store.list("hall/") == []


def test_a_slow_one_is_slow(road: Proxy, s3_server: S3Server, film: Path) -> None:
    store = Store(s3_server.bucket("slow"), Path("/"), road.endpoint)
    road.fate = slow(0.1, 300_000)  # a body of 300 kB takes a second
    began = time.monotonic()
    store.put("hall/slow", film)
    assert time.monotonic() - began > 1
