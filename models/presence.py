"""Until when a detection speaks for its animal: to the next one, unless the animal left the picture in between."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["present_until"]

_SAME_PLACE = 0.3  # IoU of two boxes of an animal that has not gone anywhere
_EDGE = 0.02  # a box this near to the frame's edge is of an animal that may be on its way out
_MISSES = 2  # looks in a row that miss an animal which moved: a detector misses one, seldom two
_MISSES_IN_PLACE = 4  # one that lies still looks the same every time, so that one miss makes the next one likely


def present_until(
    ts: NDArray[np.float64],
    boxes: NDArray[np.float32],
    looks: NDArray[np.float64],
    *,
    period_s: float,
    max_gap_s: float,
) -> NDArray[np.float64]:
    """Until when each detection of a track stands for presence.

    Two detections at most `max_gap_s` apart are one presence. A still animal that the detector misses for a while has
    not left, because nothing leaves without moving. But where it moved on, or was at the edge of the frame, and the
    camera looked twice without seeing it, it was elsewhere; where it is back in its place, after four looks. The last detection of a presence stands for one sample.

    Args:
        ts: times of the track's detections, seconds, ascending `[N]`.
        boxes: `float32 [N,4]` x1 y1 x2 y2 in 0..1.
        looks: times at which the camera was looked at, seconds, ascending `[M]`.
        period_s: sample period.
        max_gap_s: longest time between two detections of one presence.

    Returns:
        Seconds `[N]`, each later than its `ts` and not later than the next one's.
    """
    if not len(ts):
        return np.zeros(0)
    until = np.append(ts[1:], np.inf)
    missed = np.searchsorted(looks, until) - np.searchsorted(looks, ts, side="right")
    moved = np.append(_overlap(boxes[:-1], boxes[1:]) < _SAME_PLACE, True)
    at_edge = (boxes[:, :2] <= _EDGE).any(axis=1) | (boxes[:, 2:] >= 1 - _EDGE).any(axis=1)
    left = (until - ts > max_gap_s) | (missed >= np.where(moved | at_edge, _MISSES, _MISSES_IN_PLACE))
    return np.where(left, np.minimum(ts + period_s, until), until)


def _overlap(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float64]:
    """Intersection over union of the boxes of either list, pair by pair."""
    low, high = np.maximum(first[:, :2], second[:, :2]), np.minimum(first[:, 2:], second[:, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (first, second)]
    return np.asarray(shared / np.maximum(areas[0] + areas[1] - shared, 1e-12), np.float64)
