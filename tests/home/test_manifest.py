"""Manifests: what is written is read, the same bytes, and damage is told."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from home.clock import UTC
from home.errors import TableError
from home.manifest import CameraManifest, Chunk, Manifest, Rejected, manifest_dates, manifest_key, read_manifest
from home.store import Store

DAY = dt.date(2026, 3, 1)


def chunk(minute: int = 0, md5: str = "0" * 32) -> Chunk:
    start = dt.datetime(2026, 3, 1, 7, minute, 0, 123456, tzinfo=UTC)
    end = start + dt.timedelta(seconds=299.8)
    return Chunk(f"hall/chunk-20260301-07{minute:02d}00.mp4", 1_000_000, md5, start, end, "h264", 1280, 960, 5.0)


@pytest.fixture
def data(tmp_path: Path) -> Store:
    return Store("data", tmp_path)


@pytest.fixture
def manifest() -> Manifest:
    hall = CameraManifest([chunk(0), chunk(5)], [Rejected("hall/chunk-20260301-071000.mp4", "holds no frame")])
    return Manifest(DAY, "Europe/Berlin", {"kitchen": CameraManifest(), "hall": hall})


def test_what_is_written_is_read(data: Store, manifest: Manifest) -> None:
    data.write(manifest_key(DAY), manifest.to_json())
    read = read_manifest(data, DAY)
    assert read == manifest and read.to_json() == manifest.to_json()
    assert read.chunks("hall")[0].span.seconds == 299.8 and read.chunks("cellar") == []


def test_the_file_is_for_git_and_people(manifest: Manifest) -> None:
    text = manifest.to_json().decode()
    assert text.endswith("}\n") and '"start": "2026-03-01T07:00:00.123456Z"' in text
    assert list(json.loads(text)) == ["cameras", "date", "schema_version", "timezone"]
    again = Manifest(DAY, "Europe/Berlin", dict(reversed(manifest.cameras.items())))
    assert again.to_json() == manifest.to_json()  # the order of home.yaml is no content


def test_no_file_is_no_footage(data: Store) -> None:
    assert read_manifest(data, DAY).cameras == {} and manifest_dates(data) == []


def test_dates(data: Store, manifest: Manifest) -> None:
    for date in (DAY, DAY - dt.timedelta(days=2)):
        data.write(manifest_key(date), manifest.to_json())
    for foreign in ("manifests/notes.txt", "manifests/2026-03-01.json~", "manifests/old/2026-03-01.json"):
        data.write(foreign, b"")
    assert manifest_dates(data) == [dt.date(2026, 2, 27), DAY]


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b'{"schema_version": 99}', b'{"schema_version": 1, "cameras": {"hall": {}}}', b"\xff\xfe"],
)
def test_damage_is_told_with_its_remedy(data: Store, damage: bytes) -> None:
    data.write(manifest_key(DAY), damage)
    with pytest.raises(TableError, match=r"data/manifests/2026-03-01\.json: .*delete it and run `catml nightly --date"):
        read_manifest(data, DAY)


def test_the_fingerprint_is_of_chunks_only(manifest: Manifest) -> None:
    hall = manifest.cameras["hall"]
    assert hall.fingerprint == CameraManifest(hall.chunks, []).fingerprint
    others = [CameraManifest([chunk(0)]), CameraManifest([chunk(0), chunk(5, "1" * 32)]), CameraManifest()]
    assert len({hall.fingerprint, *(other.fingerprint for other in others)}) == 4
