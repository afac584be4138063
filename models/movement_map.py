"""Where it moves: which parts of a picture, small enough to be kept with every sample of a day.

`models.motion` judges every pixel of a thumbnail; a map keeps how much of each of 24 by 32 cells moved. That tells
an animal that stirs from one that sleeps while another walks past, without any picture being decoded for it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["COLUMNS", "ROWS", "moved_around", "movement_map"]

ROWS, COLUMNS = 24, 32
"""Cells of five by five pixels where a thumbnail is 160 wide: half a cat that is a twelfth of the picture."""


def movement_map(moved: NDArray[np.uint8]) -> bytes:
    """How much of each cell moved.

    Args:
        moved: 255 where a pixel moved, else 0, `[h,w]` (`Background.moved`).

    Returns:
        `ROWS * COLUMNS` bytes, row by row from the top left corner, 255 for a cell all of which moved; empty where nothing did.
    """
    if not moved.any():
        return b""
    return np.asarray(cv2.resize(moved, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA), np.uint8).tobytes()


def moved_around(told: bytes, boxes: NDArray[np.float32], margin: float) -> NDArray[np.float32]:
    """How much of the surroundings of each box moved.

    Args:
        told: what `movement_map` gave.
        boxes: `float32 [N,4]` x1 y1 x2 y2 in 0..1.
        margin: by how much of its own width and height a box is widened on each side.

    Returns:
        `float32 [N]`, the area that moved as a share of the box, 0 or more. All 0 for an empty map.

    Raises:
        ValueError: the map is of another size.
    """
    if not told:
        return np.zeros(len(boxes), np.float32)
    if len(told) != ROWS * COLUMNS:
        raise ValueError(f"a movement map has {ROWS * COLUMNS} bytes, got {len(told)}")
    cells = np.frombuffer(told, np.uint8).reshape(ROWS, COLUMNS) / np.float32(255 * ROWS * COLUMNS)
    sides = boxes[:, 2:] - boxes[:, :2]
    low, high = boxes[:, :2] - margin * sides, boxes[:, 2:] + margin * sides
    across = _covered(low[:, 0], high[:, 0], COLUMNS)
    down = _covered(low[:, 1], high[:, 1], ROWS)
    area = np.einsum("nr,rc,nc->n", down, cells, across)
    return np.asarray(area / np.maximum(np.prod(sides, axis=1), 1e-9), np.float32)


def _covered(low: NDArray[np.float32], high: NDArray[np.float32], cells: int) -> NDArray[np.float32]:
    """How much of each of the cells of a side a span covers, `[N,cells]` in 0..1."""
    edges = np.arange(cells + 1, dtype=np.float32) / cells
    shared = np.minimum(high[:, None], edges[None, 1:]) - np.maximum(low[:, None], edges[None, :-1])
    return np.clip(shared * cells, 0, 1)
