"""Every table: its schema, its partitions, and how they are read and written.

A partition is one Parquet object, `<table>/date=YYYY-MM-DD[/camera=ID]/part.parquet`. Its metadata hold the schema's
version and the fingerprint of all it was made from, so that a partition whose inputs, parameters and model have not
changed is skipped. Same input, same bytes.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from home.errors import SchemaError, TableError
from home.store import Store

TIME = pa.timestamp("us", tz="UTC")
_VERSION = b"catml.schema_version"
_FINGERPRINT = b"catml.fingerprint"
_NOTES = b"catml.notes"


@dataclass(frozen=True)
class Table:
    """A table's contract.

    Attributes:
        name: folder under `store.tables`.
        version: raised whenever columns change their names or meaning.
        columns: name to Arrow type, in order.
        by_camera: partitioned by `date=/camera=` rather than by `date=`.
        rebuild: the command that writes it again, told when a partition is too old.
        migrations: from an older version to the next: a function on the frame.
    """

    name: str
    version: int
    columns: dict[str, pa.DataType]
    by_camera: bool
    rebuild: str
    migrations: dict[int, Callable[[pd.DataFrame], pd.DataFrame]] = field(default_factory=dict)

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema."""
        return pa.schema(list(self.columns.items()))

    def key(self, date: dt.date, camera: str | None = None) -> str:
        """The key of a partition.

        Raises:
            TableError: if a camera is missing or one too many.
        """
        if self.by_camera != (camera is not None):
            need = "date and camera" if self.by_camera else "date only"
            raise TableError(f"table {self.name} is partitioned by {need}; camera={camera!r} was given")
        middle = f"/camera={camera}" if camera else ""
        return f"{self.name}/date={date.isoformat()}{middle}/part.parquet"

    def empty(self) -> pd.DataFrame:
        """A frame with the right columns and no row."""
        return self.schema.empty_table().to_pandas()


COVERAGE = Table(
    "coverage",
    1,
    {"camera": pa.string(), "start": TIME, "end": TIME, "state": pa.string(), "reason": pa.string()},
    by_camera=True,
    rebuild="catml import, or the recorder",
)
FRAMES = Table(
    "frames",
    1,
    {
        "ts": TIME,
        "camera": pa.string(),
        "chunk": pa.string(),
        "offset_s": pa.float64(),
        "keyframe": pa.bool_(),
        "movement": pa.float32(),
        "kept": pa.bool_(),
    },
    by_camera=True,
    rebuild="catml nightly --date DATE",
)
DETECTIONS = Table(
    "detections",
    1,
    {
        "ts": TIME,
        "camera": pa.string(),
        "chunk": pa.string(),
        "offset_s": pa.float64(),
        "burst": pa.bool_(),
        "track_id": pa.int64(),
        "class": pa.string(),
        "confidence": pa.float32(),
        "x1": pa.float32(),
        "y1": pa.float32(),
        "x2": pa.float32(),
        "y2": pa.float32(),
        "cat": pa.string(),
        "cat_confidence": pa.float32(),
    },
    by_camera=True,
    rebuild="catml nightly --date DATE",
)
BOUTS = Table(
    "bouts",
    1,
    {
        "cat": pa.string(),
        "animal": pa.int32(),
        "behaviour": pa.string(),
        "start": TIME,
        "end": TIME,
        "duration_s": pa.float64(),
        "confidence": pa.float32(),
        "cameras": pa.list_(pa.string()),
        "chunk": pa.string(),
        "offset_s": pa.float64(),
        "continues_before": pa.bool_(),
        "continues_after": pa.bool_(),
        "bout_id": pa.string(),
        "evidence": pa.string(),
        "camera": pa.string(),
        "x1": pa.float32(),
        "y1": pa.float32(),
        "x2": pa.float32(),
        "y2": pa.float32(),
    },
    by_camera=False,
    rebuild="catml nightly --date DATE",
)
BUDGET = Table(
    "budget",
    1,
    {
        "cat": pa.string(),
        "animal": pa.int32(),
        "behaviour": pa.string(),
        "seconds": pa.float64(),
        "bouts": pa.int32(),
        "observed_s": pa.float64(),
    },
    by_camera=False,
    rebuild="catml nightly --date DATE",
)
FIXTURES = Table(
    "fixtures",
    1,
    {
        "camera": pa.string(),
        "first": TIME,
        "last": TIME,
        "share": pa.float32(),
        "hours": pa.int32(),
        "x1": pa.float32(),
        "y1": pa.float32(),
        "x2": pa.float32(),
        "y2": pa.float32(),
    },
    by_camera=False,
    rebuild="catml nightly --date DATE",
)
DELETIONS = Table(
    "deletions",
    1,
    {
        "camera": pa.string(),
        "chunk": pa.string(),
        "start": TIME,
        "end": TIME,
        "bytes": pa.int64(),
        "md5": pa.string(),
        "reason": pa.string(),
        "deleted_at": TIME,
        "state": pa.string(),
    },
    by_camera=True,
    rebuild="catml retention --delete",
)
TABLES = {table.name: table for table in (COVERAGE, FRAMES, DETECTIONS, BOUTS, BUDGET, FIXTURES, DELETIONS)}


class Tables:
    """The tables of one home.

    Args:
        store: the store they are kept in.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    def write(
        self,
        table: Table,
        frame: pd.DataFrame,
        date: dt.date,
        camera: str | None = None,
        fingerprint: str = "",
        notes: dict[str, Any] | None = None,
    ) -> None:
        """Write one partition whole.

        Args:
            table: the contract the frame must keep.
            frame: the rows; columns beyond the contract are refused, missing ones too.
            date: local date.
            camera: id of the camera, for tables that are partitioned by it.
            fingerprint: what it was made from (`fingerprint_of`).
            notes: small facts about the run that go with the partition (counts, warnings); no times of the run.

        Raises:
            TableError: if the frame does not fit the contract.
            StoreError: if the store cannot take it.
        """
        wrong = set(frame.columns) ^ set(table.columns)
        if wrong:
            raise TableError(
                f"table {table.name}: columns {sorted(wrong)} are missing or too many; it has {list(table.columns)}"
            )
        try:
            arrow = pa.Table.from_pandas(frame[list(table.columns)], schema=table.schema, preserve_index=False)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise TableError(f"table {table.name}: {error}") from error
        metadata = {
            _VERSION: str(table.version).encode(),
            _FINGERPRINT: fingerprint.encode(),
            _NOTES: json.dumps(notes or {}, sort_keys=True).encode(),
        }
        sink = io.BytesIO()
        pq.write_table(arrow.replace_schema_metadata(metadata), sink, compression="zstd")
        self.store.write(table.key(date, camera), sink.getvalue())

    def read(self, table: Table, date: dt.date, camera: str | None = None) -> pd.DataFrame:
        """One partition; an absent one is an empty frame.

        Raises:
            SchemaError: if the partition is of a newer schema, or of an older one without a migration.
            TableError: if it is damaged.
        """
        key = table.key(date, camera)
        if self.store.find(key) is None:
            return table.empty()
        with _readable(table, key):
            arrow = pq.read_table(io.BytesIO(self.store.read(key)))
        version = int((arrow.schema.metadata or {}).get(_VERSION, b"0"))
        return _migrated(table, key, arrow.replace_schema_metadata(None).to_pandas(), version)

    def fingerprint(self, table: Table, date: dt.date, camera: str | None = None) -> str | None:
        """What a partition was made from, or None if there is none or its schema is not today's."""
        metadata = self._metadata(table, date, camera)
        if metadata is None or int(metadata.get(_VERSION, b"0")) != table.version:
            return None
        return metadata.get(_FINGERPRINT, b"").decode()

    def notes(self, table: Table, date: dt.date, camera: str | None = None) -> dict[str, Any]:
        """The small facts that were written with a partition; empty if there is none."""
        metadata = self._metadata(table, date, camera) or {}
        return dict(json.loads(metadata.get(_NOTES, b"{}")))

    def dates(self, table: Table) -> list[dt.date]:
        """Every date that has a partition, sorted."""
        keys = [entry.key for entry in self.store.list(f"{table.name}/date=")]
        return sorted({dt.date.fromisoformat(key.split("date=")[1].split("/")[0]) for key in keys})

    def cameras(self, table: Table, date: dt.date) -> list[str]:
        """Every camera that has a partition of a date, sorted."""
        keys = [entry.key for entry in self.store.list(f"{table.name}/date={date.isoformat()}/camera=")]
        return sorted({key.split("camera=")[1].split("/")[0] for key in keys})

    def _metadata(self, table: Table, date: dt.date, camera: str | None) -> dict[bytes, bytes] | None:
        key = table.key(date, camera)
        if self.store.find(key) is None:
            return None
        opened = self.store.open(key)
        try:
            with _readable(table, key):
                return dict(pq.read_metadata(opened).metadata or {})
        finally:
            if not isinstance(opened, str):
                opened.close()


@contextlib.contextmanager
def _readable(table: Table, key: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowInvalid, OSError) as error:  # Arrow's own I/O errors are OSErrors
        reason = str(error).split(": ")[-1].split(". ")[0]
        raise TableError(f"{key}: damaged ({reason}); delete it and run {table.rebuild}") from error


def _migrated(table: Table, key: str, frame: pd.DataFrame, version: int) -> pd.DataFrame:
    if version > table.version:
        raise SchemaError(
            f"{key}: written by a newer CatML (schema {version}, this one knows {table.version}); update CatML"
        )
    while version < table.version:
        if version not in table.migrations:
            raise SchemaError(
                f"{key}: schema {version} is too old (now {table.version}); rebuild it with `{table.rebuild}`"
            )
        frame = table.migrations[version](frame)
        version += 1
    if list(frame.columns) != list(table.columns):
        raise SchemaError(
            f"{key}: has columns {list(frame.columns)}, should have {list(table.columns)}; rebuild it with `{table.rebuild}`"
        )
    return frame


def fingerprint_of(**parts: Any) -> str:
    """One SHA-256 over named parts that JSON can hold (inputs, parameters, model): equal parts, equal fingerprint."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
