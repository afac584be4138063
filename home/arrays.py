"""Records of arrays as one `.npz`: a dataclass whose fields are arrays, the first of them the names of the columns."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from home.store import write_file

__all__ = ["read_arrays", "write_arrays"]

Record = TypeVar("Record")


def write_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    """Write arrays by name, compressed; same arrays, same bytes. The folder is made where it is missing."""
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, content.getvalue())


def read_arrays(path: Path, kind: Callable[..., Record]) -> Record:
    """A dataclass `kind` whose first field is a tuple of `names`, and all others arrays."""
    with np.load(path) as kept:
        names, *rest = (kept[field.name] for field in fields(kind))  # type: ignore[arg-type]
        return kind(tuple(names.tolist()), *rest)
