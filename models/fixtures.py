"""Fixed things that are taken for a cat: a plush toy, a cushion. What never leaves its place, day and night, is no cat.

A cat sleeps in one place for hours, in the same bed every day; it does not stay there for twenty hours of the clock
without leaving once. That is the whole assumption. Its limit: an animal that truly does not move for so long is muted,
so whoever mutes must say so where people see it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.tracker import overlap

__all__ = ["Fixture", "find_fixtures"]

MIN_HOURS = 20  # different hours of the clock: more than any sleep, and always both day and night
MIN_SHARE = 0.9  # of the looks between its first and its last, those it was seen in
SAME_PLACE = 0.75  # IoU: a detector's jitter on a still thing stays above, a cat that turns over falls below
_COVERED = 0.3  # a look in which something else covers this much of its place says nothing of it
_CELLS = 24  # boxes are first counted on a grid this fine, so that a walking cat's thousand places cost nothing


@dataclass(frozen=True)
class Fixture:
    """A fixed thing.

    Attributes:
        box: `float32 [4]` x1 y1 x2 y2 in 0..1, the median of its detections.
        first_ts, last_ts: when it was first and last seen, seconds.
        share: of the looks in between, those it was seen in.
        hours: different hours of the clock in which it was seen.
    """

    box: NDArray[np.float32]
    first_ts: float
    last_ts: float
    share: float
    hours: int


def find_fixtures(
    ts: NDArray[np.float64], boxes: NDArray[np.float32], looks: NDArray[np.float64]
) -> tuple[list[Fixture], NDArray[np.bool_]]:
    """Fixed things among the detections of one camera.

    Args:
        ts: time of each detection, seconds, `[N]`; several at one time are several boxes of one picture.
        boxes: `float32 [N,4]` in 0..1.
        looks: times at which the camera was looked at, seconds, `[M]`.

    Returns:
        The fixed things, and which detections are theirs, `bool [N]`.
    """
    muted = np.zeros(len(ts), bool)
    found: list[Fixture] = []
    sides = boxes.astype(np.float64)
    for seed in _dense_places(sides):
        same = (overlap(seed[None], sides)[0] >= SAME_PLACE) & ~muted
        if not same.any():
            continue
        box = np.median(sides[same], axis=0)
        same = (overlap(box[None], sides)[0] >= SAME_PLACE) & ~muted
        if not same.any():
            continue
        fixture = _judge(box, ts, sides, same, looks)
        if fixture is not None:
            found.append(fixture)
            muted |= same
    return found, muted


def _dense_places(boxes: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Median boxes of the grid cells that hold enough detections to matter, the fullest first."""
    if len(boxes) < MIN_HOURS:
        return []
    cells = np.floor(np.concatenate([boxes[:, :2] + boxes[:, 2:], boxes[:, 2:] - boxes[:, :2]], axis=1) / 2 * _CELLS)
    _, member, counts = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    # A thing on the edge of cells is spread over at most 16 of them; its fullest holds a sixteenth of its looks.
    full = np.argsort(-counts, kind="stable")
    enough = [cell for cell in full if counts[cell] * 16 >= MIN_HOURS][:64]
    return [np.median(boxes[member.ravel() == cell], axis=0) for cell in enough]


def _judge(
    box: NDArray[np.float64],
    ts: NDArray[np.float64],
    boxes: NDArray[np.float64],
    same: NDArray[np.bool_],
    looks: NDArray[np.float64],
) -> Fixture | None:
    times = np.unique(ts[same])
    hours = len(np.unique(np.floor(times / 3600)))
    if hours < MIN_HOURS:
        return None
    low, high = np.maximum(boxes[:, :2], box[:2]), np.minimum(boxes[:, 2:], box[2:])
    covered = np.prod(np.clip(high - low, 0, None), axis=1) / np.prod(box[2:] - box[:2]) >= _COVERED
    hidden = np.setdiff1d(np.unique(ts[covered & ~same]), times)
    between = np.setdiff1d(looks[(looks >= times[0]) & (looks <= times[-1])], hidden)
    share = len(times) / max(len(np.union1d(between, times)), 1)
    if share < MIN_SHARE:
        return None
    return Fixture(box.astype(np.float32), float(times[0]), float(times[-1]), float(share), hours)
