"""The ledger of what was deleted: a row for every chunk, in the partition of the local date on which it begins.

A chunk is written down as `deleting` before it goes, and as `deleted` once the store no longer has it. A run that was
killed in between leaves `deleting`: decided, and maybe gone. `settle` looks and says which. The coverage of that time
stays: it was recorded, and looked at.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import pandas as pd

from home.errors import SchemaError, TableError
from home.footage import ChunkName
from home.manifest import Chunk
from home.partitions import Tables
from home.store import Store
from home.tables import DELETIONS

_DAY = dt.timedelta(days=1)


def write_ahead(
    tables: Tables, camera: str, date: dt.date, chunks: list[Chunk], reason: str, moment: dt.datetime
) -> None:
    """Write down that chunks are about to go. Who deletes one has called this first.

    Args:
        tables: the home's tables.
        camera: id of the camera.
        date: the local date on which all of these chunks begin.
        chunks: as the manifest has them.
        reason: why, e.g. `older than 90 days`.
        moment: now, UTC.

    Raises:
        TableError, StoreError: if the ledger cannot be read or written; then nothing may be deleted.
    """
    old, keys = _read(tables, camera, date), [chunk.key for chunk in chunks]
    # Decided before, by a run that was killed: once is enough.
    old = old[(old["state"] != "deleting") | ~old["chunk"].isin(keys)]
    rows = [(camera, c.key, c.start, c.end, c.size, c.md5, reason, moment, "deleting") for c in chunks]
    new = pd.DataFrame(rows, columns=list(DELETIONS.columns))
    new = new.astype({name: "datetime64[us, UTC]" for name in ("start", "end", "deleted_at")})
    _write(tables, camera, date, pd.concat([old, new]) if len(old) else new)


def settle(tables: Tables, footage: Store, camera: str, date: dt.date) -> list[str]:
    """Look which of the chunks that were to go are gone: these are `deleted`; the others stayed, and lose their row.

    Returns:
        The keys that were to go and are gone, in order of time.

    Raises:
        TableError, StoreError: if the ledger or the footage cannot be looked at; `deleting` stays.
    """
    rows = _read(tables, camera, date)
    undecided = rows["state"] == "deleting"
    if not undecided.any():
        return []
    keys = sorted(rows.loc[undecided, "chunk"])
    there = _present(footage, keys)
    rows.loc[undecided & ~rows["chunk"].isin(there), "state"] = "deleted"
    _write(tables, camera, date, rows[rows["state"] == "deleted"])
    return [key for key in keys if key not in there]


def gone(tables: Tables, footage: Store, camera: str, date: dt.date, keys: Collection[str]) -> set[str]:
    """Which chunks of a local day the ledger names and the store no longer has.

    Args:
        tables: the home's tables.
        footage: the footage store.
        camera: id of the camera.
        date: the local day; a chunk that began the evening before is the ledger's of that date.
        keys: the chunks that are asked for.

    Raises:
        TableError, StoreError: if the ledger or the footage cannot be looked at.
    """
    named = {str(key) for day in (date - _DAY, date) for key in _read(tables, camera, day)["chunk"]} & set(keys)
    return named - _present(footage, named)


def _present(footage: Store, keys: Collection[str]) -> set[str]:
    """Those of the keys that the store has: one listing for every UTC date they are named after."""
    names = [name for name in map(ChunkName.parse, keys) if name]
    prefixes = {f"{name.camera}/chunk-{name.start:%Y%m%d}" for name in names}
    return {entry.key for prefix in sorted(prefixes) for entry in footage.list(prefix)} & set(keys)


def _read(tables: Tables, camera: str, date: dt.date) -> pd.DataFrame:
    try:
        return tables.read(DELETIONS, date, camera)
    except SchemaError:
        raise
    except TableError as error:
        found = str(error).partition("; ")[0]
        right = "it is the only record of what was deleted: put it back from DVC or a backup"
        raise TableError(f"{found}; {right}") from error


def _write(tables: Tables, camera: str, date: dt.date, rows: pd.DataFrame) -> None:
    ordered = rows.sort_values(["start", "chunk", "deleted_at"], kind="stable").reset_index(drop=True)
    tables.write(DELETIONS, ordered, date, camera)
