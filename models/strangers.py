"""Cats of other homes, one coat each, and how much one cat differs from itself: against both the cats of a home are known."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from home.errors import ModelError
from home.store import write_file

__all__ = ["FILE", "Strangers", "read_strangers", "within"]

Array = NDArray[np.float64]

FILE = "strangers.npz"
"""Beside the pose network that read the coats."""


@dataclass(frozen=True)
class Strangers:
    """What the coats of a home are held against; coats are NaN where a picture has no colour.

    Attributes:
        coats: of other cats, one each `float32 [S,D]`.
        kinds: where they are from, a number for photos, for drawings … `[S]`: those of each are kept out alike.
        in_grey: which numbers a picture without colour has `bool [D]`.
        within: covariance of the coats of one cat by day `[D,D]`.
        within_grey: of those numbers, by day and night `[G,G]`.
    """

    coats: NDArray[np.float32]
    kinds: NDArray[np.int64]
    in_grey: NDArray[np.bool_]
    within: Array
    within_grey: Array

    def write(self, path: Path) -> None:
        """Write as `.npz`; the same strangers, the same bytes."""
        content = io.BytesIO()
        np.savez(content, **vars(self))
        write_file(path, content.getvalue())


def read_strangers(path: Path) -> Strangers:
    """What `Strangers.write` wrote.

    Raises:
        ModelError: the file is missing, or is something else.
    """
    try:
        with np.load(path) as kept:
            return Strangers(*(kept[name] for name in Strangers.__annotations__))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{str(path)!r}: no coats of strangers ({error}), against which cats are known; export the pose network again"
        ) from error


def within(coats: NDArray[np.float32], cats: NDArray[np.int64]) -> Array:
    """Covariance of coats `[N,D]` around the mean of their cat `[N]`: pooled, each cat but for its mean."""
    found, count = np.zeros((coats.shape[1],) * 2), 0
    for cat in np.unique(cats):
        own = coats[cats == cat].astype(float)
        away = own - own.mean(axis=0)
        found, count = found + away.T @ away, count + len(own) - 1
    return found / max(count, 1)
