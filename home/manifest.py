"""A day's manifest: which chunks it was read from, with size, checksum and span. It goes into Git."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any

from home.clock import Span, iso
from home.errors import StoreMissing, TableError
from home.store import Store
from home.tables import fingerprint_of

MANIFEST_VERSION = 1


@dataclass(frozen=True)
class Chunk:
    """One chunk that holds frames of the day.

    Attributes:
        key: key in the footage store.
        size: bytes.
        md5: checksum of the content, 32 hex digits.
        start, end: UTC, exact: first frame, and last frame plus its duration.
        codec: FFmpeg's name, e.g. `h264`.
        width, height: pixels as coded, before rotation.
        fps: average frames per second.
    """

    key: str
    size: int
    md5: str
    start: dt.datetime
    end: dt.datetime
    codec: str
    width: int
    height: int
    fps: float

    @property
    def span(self) -> Span:
        """The time the chunk covers."""
        return Span(self.start, self.end)


@dataclass(frozen=True)
class Rejected:
    """A chunk that cannot be used, and why."""

    key: str
    reason: str


@dataclass(frozen=True)
class CameraManifest:
    """The chunks of one camera on one day, in order of time."""

    chunks: list[Chunk] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        """Changes when a chunk comes, goes or changes."""
        return fingerprint_of(chunks=[(chunk.key, chunk.size, chunk.md5) for chunk in self.chunks])


@dataclass(frozen=True)
class Manifest:
    """All footage of one local day, by camera."""

    date: dt.date
    timezone: str
    cameras: dict[str, CameraManifest]

    def chunks(self, camera: str) -> list[Chunk]:
        """The usable chunks of a camera; none if it has none."""
        return self.cameras.get(camera, CameraManifest()).chunks

    def to_json(self) -> bytes:
        """The file's bytes: sorted and indented, so that Git shows what changed."""
        tree: dict[str, Any] = {
            "schema_version": MANIFEST_VERSION,
            "date": self.date.isoformat(),
            "timezone": self.timezone,
            "cameras": {camera: asdict(content) for camera, content in sorted(self.cameras.items())},
        }
        return (json.dumps(tree, indent=1, sort_keys=True, default=iso) + "\n").encode()


def manifest_key(date: dt.date) -> str:
    """The key in the home's own data folder."""
    return f"manifests/{date.isoformat()}.json"


def read_manifest(data: Store, date: dt.date) -> Manifest:
    """The manifest of a date; an empty one if the stage has not met any footage.

    Raises:
        TableError: if the file is damaged or of another version.
    """
    try:
        raw = data.read(manifest_key(date))
    except StoreMissing:
        return Manifest(date, "UTC", {})
    try:
        tree = json.loads(raw)
        if tree["schema_version"] != MANIFEST_VERSION:
            raise KeyError("schema_version")
        cameras = {
            camera: CameraManifest(
                [chunk_of(row) for row in content["chunks"]], [Rejected(**row) for row in content["rejected"]]
            )
            for camera, content in tree["cameras"].items()
        }
        return Manifest(date, tree["timezone"], cameras)
    except (ValueError, KeyError, TypeError) as error:
        right = f"delete it and run `catml nightly --date {date}`"
        raise TableError(
            f"data/{manifest_key(date)}: not a manifest of version {MANIFEST_VERSION} ({error}); {right}"
        ) from error


def manifest_dates(data: Store) -> list[dt.date]:
    """Every date that has a manifest, sorted; files with other names are passed over."""
    names = (re.fullmatch(r"manifests/(\d{4}-\d\d-\d\d)\.json", entry.key) for entry in data.list("manifests/"))
    return sorted(dt.date.fromisoformat(name[1]) for name in names if name)


def chunk_of(row: dict[str, Any]) -> Chunk:
    """A chunk from its row in the file, times as ISO 8601."""
    times = {name: dt.datetime.fromisoformat(row[name]).astimezone(dt.UTC) for name in ("start", "end")}
    return Chunk(**{**row, **times})
