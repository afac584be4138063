"""Behaviour by readable rules, until there are learned models, and the baseline they must beat afterwards.

What the rules look at: the zone the box lies in, how long it stays, whether it drifts, how upright it is, and whether
anything in the picture moves. What they cannot tell (playing, grooming, scratching, hunting) they call `other`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "RULED",
    "Observed",
    "Polygon",
    "RuleSettings",
    "behaviours",
    "grown",
    "lower_half",
    "still_stretches",
    "zone_cover",
]

RULED = ("sleeping", "eating", "using_litter_box", "other")
"""What the rules can tell, as the numbers they answer with."""
SLEEPING, EATING, LITTER, OTHER = range(4)

_RASTER = 256  # cells a side of the grid zones are measured on: a bowl of 3 % of the frame is still 8 of them
_UPRIGHT = 1.25  # a box that much taller than wide is a cat that sits or stands
_UPRIGHT_PATIENCE = 3.0  # and must stay still so many times longer before it is called asleep
_MOTIONLESS = 0.2  # a stretch that stirs in fewer of its samples is a cat at rest, not one that eats
_SIZE_CHANGE = 1.6  # a box that grows or shrinks by more has turned, risen or come nearer


@dataclass(frozen=True)
class RuleSettings:
    """How long and how still.

    Attributes:
        sleeping_after_s: seconds of stillness that are sleep.
        zone_after_s: seconds at a bowl or in a litter box that are more than passing by.
        still_drift: share of its own size that a still box may drift.
    """

    sleeping_after_s: float
    zone_after_s: float
    still_drift: float


@dataclass(frozen=True)
class Observed:
    """One track of one camera, in order of time.

    Attributes:
        ts: seconds, `float64 [N]`.
        boxes: `float32 [N,4]` x1 y1 x2 y2 in 0..1.
        stirring: share of the samples around each detection in which anything in the picture moved, 0..1, `[N]`.
    """

    ts: NDArray[np.float64]
    boxes: NDArray[np.float32]
    stirring: NDArray[np.float64]


Polygon = Sequence[tuple[float, float]]


def behaviours(track: Observed, zones: Mapping[str, Sequence[Polygon]], settings: RuleSettings) -> NDArray[np.int8]:
    """The behaviour at each detection of a track.

    Args:
        track: N detections.
        zones: polygons by kind; `food_bowl` and `litter_box` count.
        settings: how long and how still.

    Returns:
        `int8 [N]`, indices into `RULED`. A cat asleep in its litter box sleeps; one that passes the bowl does not eat.
    """
    result = np.full(len(track.ts), OTHER, np.int8)
    boxes = track.boxes
    # The bowl is under or beside the muzzle: a cat that eats covers some of it. The litter box holds the cat.
    at_bowl = zone_cover(grown(boxes, 0.1), zones.get("food_bowl", ())).zone >= 0.3
    in_litter = zone_cover(lower_half(boxes), zones.get("litter_box", ())).box >= 0.5
    for place, behaviour in ((at_bowl, EATING), (in_litter, LITTER)):
        for first, last in _runs(place):
            if track.ts[last] - track.ts[first] >= settings.zone_after_s:
                result[first : last + 1] = behaviour
    for first, last in still_stretches(track, settings.still_drift):
        part = slice(first, last + 1)
        tall = np.median((boxes[part, 3] - boxes[part, 1]) / np.maximum(boxes[part, 2] - boxes[part, 0], 1e-6))
        patience = settings.sleeping_after_s * (_UPRIGHT_PATIENCE if tall > _UPRIGHT else 1.0)
        # A cat that eats stays in place too, but its head moves: only a motionless one sleeps at the bowl.
        at_work = np.isin(result[part], (EATING, LITTER)).mean() > 0.5 and track.stirring[part].mean() > _MOTIONLESS
        if track.ts[last] - track.ts[first] >= patience and not at_work:
            result[part] = SLEEPING
    return result


def still_stretches(track: Observed, drift: float) -> list[tuple[int, int]]:
    """Maximal stretches in which the box stays in place, as first and last index; one stray box does not end one."""
    centres = (track.boxes[:, :2] + track.boxes[:, 2:]) / 2
    sizes = np.sqrt(np.maximum(np.prod(track.boxes[:, 2:] - track.boxes[:, :2], axis=1), 1e-9))
    stretches, first = [], 0
    count = len(track.ts)
    while first < count:
        centre, size, last, seen, strays = centres[first].copy(), float(sizes[first]), first, 1, 0
        for index in range(first + 1, count):
            moved = float(np.linalg.norm(centres[index] - centre)) / size
            ratio = float(sizes[index]) / size
            if moved <= drift and 1 / _SIZE_CHANGE <= ratio <= _SIZE_CHANGE:
                seen, strays, last = seen + 1, 0, index
                # A slow mean: breathing and jitter average out, a cat that creeps away still leaves it behind.
                weight = 1 / min(seen, 10)
                centre += weight * (centres[index] - centre)
                size += weight * (float(sizes[index]) - size)
            else:
                strays += 1
                if strays > 1:
                    break
        stretches.append((first, last))
        first = last + 1
    return stretches


@dataclass(frozen=True)
class Cover:
    """How boxes and zones overlap, each `float32 [N]` in 0..1: share of the box, and of the best covered zone."""

    box: NDArray[np.float32]
    zone: NDArray[np.float32]


def zone_cover(boxes: NDArray[np.float32], polygons: Sequence[Polygon]) -> Cover:
    """Overlap of boxes with the zones of one kind, measured on a grid.

    Args:
        boxes: `float32 [N,4]` in 0..1.
        polygons: corners in 0..1.
    """
    of_box, of_zone = np.zeros(len(boxes), np.float32), np.zeros(len(boxes), np.float32)
    cells = np.clip(boxes, 0, 1) * _RASTER
    low = np.floor(cells[:, :2]).astype(int)
    high = np.maximum(np.ceil(cells[:, 2:]).astype(int), low + 1)
    for polygon in polygons:
        corners = np.round(np.asarray(polygon, np.float64) * _RASTER).astype(np.int32)
        mask = cv2.fillPoly(np.zeros((_RASTER, _RASTER), np.uint8), [corners], 1)
        total = cv2.integral(mask).astype(np.int64)
        high_x, high_y = np.minimum(high, _RASTER).T
        low_x, low_y = np.minimum(low, _RASTER).T
        inside = total[high_y, high_x] - total[low_y, high_x] - total[high_y, low_x] + total[low_y, low_x]
        area = np.maximum((high_x - low_x) * (high_y - low_y), 1)
        of_box = np.maximum(of_box, (inside / area).astype(np.float32))
        of_zone = np.maximum(of_zone, (inside / max(int(mask.sum()), 1)).astype(np.float32))
    return Cover(of_box, of_zone)


def grown(boxes: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    """Boxes `[N,4]` that reach further by a share of their sides, on every side."""
    margin = (boxes[:, 2:] - boxes[:, :2]) * share
    return np.concatenate([boxes[:, :2] - margin, boxes[:, 2:] + margin], axis=1)


def lower_half(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """The lower halves of boxes `[N,4]`."""
    lower = boxes.copy()
    lower[:, 1] = (boxes[:, 1] + boxes[:, 3]) / 2
    return lower


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Runs of True as first and last index; a single False within does not end one."""
    runs: list[tuple[int, int]] = []
    for index in np.flatnonzero(mask):
        if runs and index - runs[-1][1] <= 2:
            runs[-1] = (runs[-1][0], int(index))
        else:
            runs.append((int(index), int(index)))
    return runs
