"""What a table promises: its columns, its partitions, and how an older one is brought up to date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd
import pyarrow as pa

from home.errors import TableError

__all__ = ["TIME", "Table"]

TIME = pa.timestamp("us", tz="UTC")


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
