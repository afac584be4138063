"""Where the parts of a cat are: keypoints as groups, weighted by how surely each was read.

Lengths are in *body sizes*: the root of the box's area. It hardly changes with how a cat turns or bends, can be had of
every detection, and takes out how near the cat is. y points down, as in pictures; `x` is stretched by the picture's shape,
so that a length is the same along both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["SEEN", "Body", "Moments", "body_size", "on_square"]

Array = NDArray[np.float64]

# In the order of Animal-Pose (Cao et al., ICCV 2019).
EYES, NOSE, EARS = (0, 1), (2,), (3, 4)
FORE_ELBOWS, STIFLES, WRISTS, HOCKS = (5, 6), (7, 8), (9, 10), (11, 12)
FOREPAWS, HINDPAWS = (13, 14), (15, 16)
THROAT, WITHERS, RUMP = (17,), (18,), (19,)
HEAD, FACE = (*EYES, *NOSE, *EARS), (*EYES, *NOSE)
TORSO = (*THROAT, *WITHERS, *RUMP)
FORELEGS, HINDLEGS = (*FORE_ELBOWS, *WRISTS, *FOREPAWS), (*STIFLES, *HOCKS, *HINDPAWS)
POINTS = 20

SEEN = 0.3
"""Confidence from which a point tells where something is; our choice. Points above half of it still count in means."""


@dataclass(frozen=True)
class Moments:
    """N moments of one camera, ordered by track, then by time. What is missing is None, or NaN row by row.

    Attributes:
        ts: seconds `[N]`.
        track: number of the animal `[N]`; moments of one number are neighbours in time.
        boxes: `[N,4]` x1 y1 x2 y2 in 0..1.
        aspect: width of the picture over its height: one, or `[N]`.
        keypoints: `[N,20,3]` x y in 0..1, confidence 0..1.
        burst_s: seconds of F more frames after the sample `[N,F]`.
        burst_boxes: `[N,F,4]`.
        burst_keypoints: `[N,F,20,3]`.
        stirring: share of the samples around in which anything in the picture moved, 0..1 `[N]`.
        looks: what the animal looks like `[N,D]`.
    """

    ts: Array
    track: NDArray[np.int64]
    boxes: Array
    aspect: Array | float = 1.0
    keypoints: Array | None = None
    burst_s: Array | None = None
    burst_boxes: Array | None = None
    burst_keypoints: Array | None = None
    stirring: Array | None = None
    looks: Array | None = None

    def __len__(self) -> int:
        return len(self.ts)


def on_square(points: Array, aspect: Array | float) -> Array:
    """Points or boxes `[N,…,2 or 4]` in 0..1 in heights of the picture, so that lengths are alike along both axes."""
    stretch = np.ones(points.shape[-1])
    stretched = np.asarray(aspect, float).reshape(-1, *[1] * (points.ndim - 1))
    return np.asarray(points * np.where(np.arange(len(stretch)) % 2 == 0, stretched, 1.0), float)


def body_size(boxes: Array) -> Array:
    """Root of the area of boxes `[…,4]` on the square, `[…]`."""
    return np.asarray(np.sqrt(np.maximum(np.prod(boxes[..., 2:] - boxes[..., :2], axis=-1), 1e-12)))


class Body:
    """N cats by their keypoints, in body sizes from the upper left corner of each box.

    Args:
        keypoints: `[N,20,3]` x y on the square, confidence; NaN where not read.
        boxes: `[N,4]` on the square.
    """

    def __init__(self, keypoints: Array, boxes: Array) -> None:
        size = body_size(boxes)[:, None]
        self.sides = (boxes[:, 2:] - boxes[:, :2]) / size
        self._points = (keypoints[..., :2] - boxes[:, None, :2]) / size[..., None]
        finite = np.asarray(np.isfinite(keypoints).all(axis=-1))
        read = finite & (keypoints[..., 2] >= SEEN / 2)
        self._posed = finite.any(axis=1)
        self.weights = np.where(read, keypoints[..., 2], 0.0)
        self._points = np.where(read[..., None], self._points, 0.0)

    def at(self, part: Sequence[int]) -> Array:
        """Mean place of the points of a part, weighted, `[N,2]`; NaN where none is surely seen."""
        weights, points = self.weights[:, part], self._points[:, part]
        total = weights.sum(axis=1)
        place = (points * weights[..., None]).sum(axis=1) / np.maximum(total, 1e-9)[:, None]
        return np.where((weights.max(axis=1) >= SEEN)[:, None], place, np.nan)

    def each(self, part: Sequence[int]) -> Array:
        """Places of the points of a part one by one `[N,P,2]`; NaN where not surely seen."""
        seen = self.weights[:, part] >= SEEN
        return np.where(seen[..., None], self._points[:, part], np.nan)

    def shown(self, part: Sequence[int]) -> Array:
        """Mean confidence of a part, 0..1 `[N]`; NaN where no pose was read at all."""
        return np.where(self._posed, self.weights[:, part].mean(axis=1), np.nan)


def length(vector: Array) -> Array:
    """Euclidean length `[…]` of vectors `[…,2]`."""
    return np.asarray(np.sqrt((vector * vector).sum(axis=-1)))


def direction(vector: Array) -> Array:
    """Vectors `[…,2]` of length 1."""
    return np.asarray(vector / np.maximum(length(vector), 1e-6)[..., None])


def lowest(values: Array) -> Array:
    """The smallest along axis 1, NaN left out; NaN where all are."""
    return np.where(np.isnan(values).all(axis=1), np.nan, np.nanmin(np.nan_to_num(values, nan=np.inf), axis=1))


def highest(values: Array) -> Array:
    """The largest along axis 1, NaN left out; NaN where all are."""
    return -lowest(-values)
