"""The tables of a home, read and written by partition.

A partition is one Parquet object, `<table>/date=YYYY-MM-DD[/camera=ID]/part.parquet`. Its metadata hold the schema's
version and the fingerprint of all it was made from, so that a partition whose inputs, parameters and model have not
changed is skipped. Same input, same bytes.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from home.errors import SchemaError, TableError
from home.store import Store
from home.table import Table

_VERSION = b"catml.schema_version"
_FINGERPRINT = b"catml.fingerprint"
_NOTES = b"catml.notes"


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
        if frame.empty:  # columns without a value have no type of their own
            frame = table.empty()
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
            # Not `read_table`: a thread of Arrow's that still holds its Python file when the program ends aborts it.
            arrow = pq.ParquetFile(pa.BufferReader(self.store.read(key))).read(use_threads=False)
        version = int((arrow.schema.metadata or {}).get(_VERSION, b"0"))
        return _migrated(table, key, arrow.replace_schema_metadata(None).to_pandas(use_threads=False), version)

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

    def last(self, table: Table, until: dt.date) -> dt.date | None:
        """The newest date that has a partition, up to one and with it; None if there is none."""
        return max((date for date in self.dates(table) if date <= until), default=None)

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
