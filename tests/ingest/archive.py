"""A home whose nights have been done: chunks of past days, their manifests, and the tables that the night leaves.

The chunks are a few bytes long: to housekeeping footage is a name, a size and what the tables say of it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import multiprocessing
import os
import time
from collections.abc import Iterable, Sequence
from multiprocessing.context import ForkServerContext
from pathlib import Path

from home.clock import UTC, local_dates
from home.coverage import record
from home.folder import Home
from home.footage import ChunkName
from home.manifest import CameraManifest, Chunk, Manifest, manifest_key, read_manifest
from home.tables import BOUTS, DELETIONS, DETECTIONS, FRAMES
from tests.s3_server import FORGETS_S

TODAY = dt.date(2026, 3, 31)
LENGTH = dt.timedelta(minutes=5)


def day(back: int, hour: int = 12) -> dt.datetime:
    """A UTC hour, so many days before TODAY."""
    return dt.datetime.combine(TODAY - dt.timedelta(days=back), dt.time(hour), UTC)


def chunk(camera: str, start: dt.datetime, length: dt.timedelta = LENGTH) -> Chunk:
    """A chunk as a manifest has it; its content is its key."""
    key = ChunkName(camera, start.replace(microsecond=0)).key
    content = key.encode()
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return Chunk(key, len(content), md5, start, start + length, "h264", 640, 480, 5.0)


def shelve(home: Home, chunks: Iterable[Chunk]) -> None:
    """Put chunks into the store, as old as what they show."""
    for each in chunks:
        home.footage.write(each.key, each.key.encode())
        set_age(home, each.key, each.end)
    if home.footage.is_remote:
        time.sleep(2 * FORGETS_S)  # the server looks again at what was changed beside it


def set_age(home: Home, key: str, moment: dt.datetime) -> None:
    """Since when the store has an object."""
    os.utime(path_of(home, key), (moment.timestamp(), moment.timestamp()))


def path_of(home: Home, key: str) -> Path:
    """Where an object of the footage store lies on this disk, behind the S3 server if there is one."""
    return (home.footage.folder or home.root / "server" / home.footage.base) / key


def nights(home: Home, chunks: Sequence[Chunk]) -> None:
    """What the nights leave of these chunks: ledger, manifests, tables."""
    by_day: dict[dt.date, dict[str, list[Chunk]]] = {}
    for each in chunks:
        for date in local_dates(each.span, home.zone):
            by_day.setdefault(date, {}).setdefault(each.key.split("/")[0], []).append(each)
    for date, cameras in by_day.items():
        old = read_manifest(home.data, date).cameras
        content = {camera: CameraManifest(sorted(found, key=lambda c: c.start)) for camera, found in cameras.items()}
        home.data.write(manifest_key(date), Manifest(date, home.config.timezone, {**old, **content}).to_json())
        for camera, found in cameras.items():
            tables(home, date, camera, round(sum(c.span.seconds for c in found), 1))
            record(home.tables, camera, [c.span for c in found], home.zone)


def tables(home: Home, date: dt.date, camera: str, footage_s: float) -> None:
    """The partitions of a camera's day, with no animal in them."""
    home.tables.write(FRAMES, FRAMES.empty(), date, camera, "frames", {"footage_s": footage_s})
    home.tables.write(DETECTIONS, DETECTIONS.empty(), date, camera, "detections")
    home.tables.write(BOUTS, BOUTS.empty(), date, None, "bouts")


def archive(home: Home, days: Iterable[int], cameras: Sequence[str] = ("kitchen",), a_day: int = 2) -> list[Chunk]:
    """Some chunks at noon of each of these days before TODAY, read by their nights; in order of camera and time."""
    chunks = [
        chunk(camera, day(back) + number * LENGTH)
        for camera in cameras
        for back in sorted(days, reverse=True)
        for number in range(a_day)
    ]
    shelve(home, chunks)
    nights(home, chunks)
    return chunks


def left(home: Home, camera: str = "kitchen") -> list[str]:
    """Keys that the store has."""
    return [entry.key for entry in home.footage.list(f"{camera}/")]


def ledger(home: Home, camera: str = "kitchen") -> list[tuple[str, str]]:
    """Every chunk that the ledger of deletions names, with its state, in order of time."""
    rows = [
        (row.start, row.chunk, row.state)
        for date in home.tables.dates(DELETIONS)
        for row in home.tables.read(DELETIONS, date, camera).itertuples()
    ]
    return [(key, state) for _, key, state in sorted(rows)]


def processes() -> ForkServerContext:
    """Processes that are forked from one that has imported all there is to import."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["ingest.retention", "pyarrow.parquet", "tests.ingest.archive"])
    return context
