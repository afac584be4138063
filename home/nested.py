"""Arrays in the cells of a table: a column of lists from one array and back, without an object for every number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["array_of", "column_of"]


def column_of(array: NDArray[np.float32]) -> pd.Series:
    """An array `[N,K,D]` as a column of N lists of K lists of D numbers."""
    lists = pa.array(np.ascontiguousarray(array, np.float32).reshape(-1))
    for depth in range(array.ndim - 1, 0, -1):
        count = int(np.prod(array.shape[:depth]))
        edges = np.arange(count + 1, dtype=np.int32) * array.shape[depth]
        lists = pa.ListArray.from_arrays(pa.array(edges), lists)
    return pd.Series(lists, dtype=pd.ArrowDtype(lists.type))


def array_of(column: pd.Series, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """A column of N nested lists, all of one shape, as an array `[N, *shape]`.

    Raises:
        ValueError: if they are of another shape.
    """
    kind = pa.float32()
    for _ in shape:
        kind = pa.list_(kind)
    values = pa.Array.from_pandas(column, type=kind)
    values = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    for _ in shape:
        values = values.flatten()
    numbers = values.to_numpy(zero_copy_only=False)
    if numbers.size != len(column) * int(np.prod(shape)):
        raise ValueError(f"{len(column)} cells hold {numbers.size} numbers, expected {list(shape)} each")
    return np.asarray(numbers, np.float32).reshape(len(column), *shape)
