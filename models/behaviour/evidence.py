"""What a moment shows, as named numbers and a mask of what is missing: the input of the behaviour classifier.

Everything is computed for many moments at once. A number that could not be had (no pose, no burst, no neighbour in time, no
zone of that kind on this camera) is 0 and masked, so that one single still picture is read by the same code as a night.
Mirrored pictures give the same numbers. Zones are evidence like all else: how much of them the box covers and how far the
head is from them, never what follows from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.behaviour.body import HEAD, Body, Moments, body_size, on_square
from models.behaviour.geometry import GEOMETRY, geometry
from models.behaviour.rules import Observed, Polygon, grown, lower_half, still_stretches, zone_cover
from models.behaviour.strokes import STROKES, strokes

__all__ = ["NAMES", "ZONE_KINDS", "Evidence", "evidence"]

Array = NDArray[np.float64]

ZONE_KINDS = ("food_bowl", "litter_box", "bed", "scratching_post")
LONGEST_GAP_S = 150.0
"""Moments further apart are no neighbours, as `detect.max_gap_s` says of tracks."""
STILL_DRIFT = 0.35  # as `bouts.still_drift`
FAR = 3.0  # body sizes from which a zone is simply far

BOX = {
    "size": "root of the area of the box, in heights of the picture, log2",
    "tall": "height of the box over its width, log2",
    "at_edge": "1 where the box touches the edge of the picture",
    "stirring": "share of the samples around in which anything in the picture moved, 0..1",
}
NEIGHBOURS = {
    f"{what}_{side}": f"{text} the {whose} moment of the track{unit}"
    for side, whose in (("before", "last"), ("after", "next"))
    for what, text, unit in (
        ("gap", "time to", ", seconds, log10"),
        ("moved", "way of the middle of the box to", ", body sizes"),
        ("speed", "the same over the time to", ", body sizes a second"),
        ("overlap", "intersection over union with the box of", ", 0..1"),
        ("growth", "change of size to", ", log2, without sign"),
    )
} | {
    "still_since": "how long the box has been in its place, seconds, log10 of 1 + s",
    "still_until": "how long it stays there, seconds, log10 of 1 + s",
}  # fmt: skip
ZONES = {
    f"{kind}_{what}": f"{text} {kind.replace('_', ' ')}{unit}"
    for kind in ZONE_KINDS
    for what, text, unit in (
        ("of_box", "share of the box that lies in a", ", 0..1"),
        ("of_zone", "share of the best covered", ", 0..1"),
        ("from_head", "from the head to the nearest", f", body sizes, at most {FAR:g}"),
    )
}

NAMES: dict[str, str] = {**GEOMETRY, **STROKES, **BOX, **NEIGHBOURS, **ZONES}
"""What each column of the evidence is, and its unit, in order. Body sizes: see `models/behaviour/body.py`."""


@dataclass(frozen=True)
class Evidence:
    """N moments, M numbers.

    Attributes:
        values: `float32 [N,M]`, 0 where masked.
        known: `bool [N,M]`, False where it could not be had.
        names: `[M]`: those of NAMES, then `look_0` … if the moments have looks.
    """

    values: NDArray[np.float32]
    known: NDArray[np.bool_]
    names: tuple[str, ...]

    def column(self, name: str) -> Array:
        """One number by its name `[N]`, NaN where it could not be had."""
        index = self.names.index(name)
        return np.where(self.known[:, index], self.values[:, index].astype(float), np.nan)


def evidence(moments: Moments, zones: Mapping[str, Sequence[Polygon]] | None = None) -> Evidence:
    """The evidence of moments of one camera.

    Args:
        moments: N moments.
        zones: polygons by kind, corners in 0..1; a kind that the camera does not show is left out.
    """
    boxes = on_square(moments.boxes, moments.aspect)
    points = _points(moments.keypoints, moments.aspect, (len(moments), 20, 3))
    body = Body(points, boxes)
    blocks = [
        geometry(body),
        _strokes(moments, points, boxes),
        _box(moments, boxes),
        _neighbours(moments, boxes),
        _zones(moments, body.at(HEAD), boxes, zones or {}),
    ]
    names = tuple(NAMES)
    if moments.looks is not None:
        blocks.append(np.asarray(moments.looks, float))
        names += tuple(f"look_{number}" for number in range(moments.looks.shape[1]))
    values = np.column_stack(blocks)
    known = np.isfinite(values)
    return Evidence(np.where(known, values, 0).astype(np.float32), known, names)


def _points(keypoints: Array | None, aspect: Array | float, shape: tuple[int, ...]) -> Array:
    if keypoints is None:
        return np.full(shape, np.nan)
    points = on_square(keypoints[..., :2], aspect)
    return np.concatenate([points, keypoints[..., 2:]], axis=-1)


def _strokes(moments: Moments, points: Array, boxes: Array) -> Array:
    """The burst, with the sample as its first frame."""
    if moments.burst_s is None:
        return np.full((len(moments), len(STROKES)), np.nan)
    count, frames = moments.burst_s.shape
    later = _points(moments.burst_keypoints, moments.aspect, (count, frames, 20, 3))
    own = np.full((count, frames, 4), np.nan)
    if moments.burst_boxes is not None:
        own = on_square(moments.burst_boxes, moments.aspect)
    return strokes(
        np.column_stack([np.zeros(count), moments.burst_s]),
        np.concatenate([points[:, None], later], axis=1),
        np.concatenate([boxes[:, None], own], axis=1),
    )


def _box(moments: Moments, boxes: Array) -> Array:
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 1e-6)
    at_edge = (moments.boxes[:, :2] <= 0.005).any(axis=1) | (moments.boxes[:, 2:] >= 0.995).any(axis=1)
    stirring = np.full(len(moments), np.nan) if moments.stirring is None else moments.stirring
    return np.column_stack([np.log2(body_size(boxes)), np.log2(sides[:, 1] / sides[:, 0]), at_edge, stirring])


def _neighbours(moments: Moments, boxes: Array) -> Array:
    """Against the moments before and after, NaN at the ends of tracks and over long gaps."""
    count = len(moments)
    gap = np.diff(moments.ts)
    near = (np.diff(moments.track) == 0) & (gap > 0) & (gap <= LONGEST_GAP_S)
    size, centre = body_size(boxes), (boxes[:, :2] + boxes[:, 2:]) / 2
    moved = np.sqrt((np.diff(centre, axis=0) ** 2).sum(axis=1)) / np.sqrt(size[1:] * size[:-1])
    with np.errstate(divide="ignore", invalid="ignore"):
        pairs = np.column_stack([
            np.log10(gap), moved, moved / gap, _overlap(boxes[:-1], boxes[1:]), np.abs(np.diff(np.log2(size))),
        ])  # fmt: skip
    pairs = np.where(near[:, None], pairs, np.nan)
    edge = np.full((1 if count else 0, pairs.shape[1]), np.nan)
    return np.column_stack([np.concatenate([edge, pairs]), np.concatenate([pairs, edge]), _still(moments, near)])


def _overlap(first: Array, second: Array) -> Array:
    """Intersection over union, pair by pair."""
    sides = np.clip(np.minimum(first[:, 2:], second[:, 2:]) - np.maximum(first[:, :2], second[:, :2]), 0, None)
    shared = sides.prod(axis=1)
    return np.asarray(shared / np.maximum(body_size(first) ** 2 + body_size(second) ** 2 - shared, 1e-12))


def _still(moments: Moments, near: NDArray[np.bool_]) -> Array:
    """Seconds since when and until when the box is in its place `[N,2]`; NaN for a moment without neighbours."""
    still = np.full((len(moments), 2), np.nan)
    ts = moments.ts
    cuts = [0, *(np.flatnonzero(~near) + 1).tolist(), len(ts)] if len(ts) else [0, 0]
    for begin, end in pairwise(cuts):
        if end - begin < 2:
            continue
        part = slice(begin, end)
        track = Observed(ts[part], moments.boxes[part].astype(np.float32), np.zeros(end - begin))
        for first, last in still_stretches(track, STILL_DRIFT):
            own = slice(begin + first, begin + last + 1)
            still[own, 0], still[own, 1] = ts[own] - ts[own][0], ts[own][-1] - ts[own]
    return np.asarray(np.log10(1 + still))


def _zones(moments: Moments, head: Array, boxes: Array, zones: Mapping[str, Sequence[Polygon]]) -> Array:
    """Cover and distance of zones of each kind. The bowl lies under or beside the muzzle; a litter box holds the feet."""
    flat = moments.boxes.astype(np.float32)
    asked = {"food_bowl": grown(flat, 0.1), "litter_box": lower_half(flat)}
    size = body_size(boxes)[:, None]
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    at = np.where(np.isnan(head), middle, boxes[:, :2] + head * size)
    columns: list[Array] = []
    for kind in ZONE_KINDS:
        polygons = zones.get(kind, ())
        if not len(polygons):
            columns += [np.full(len(moments), np.nan)] * 3
            continue
        cover = zone_cover(asked.get(kind, flat), polygons)
        away = np.min([_distance(at, polygon, moments.aspect) for polygon in polygons], axis=0) / size[:, 0]
        columns += [cover.box.astype(float), cover.zone.astype(float), np.minimum(away, FAR)]
    return np.column_stack(columns)


def _distance(points: Array, polygon: Polygon, aspect: Array | float) -> Array:
    """From points `[N,2]` on the square to a polygon, 0 inside `[N]`."""
    corners = np.asarray(polygon, float)
    square = on_square(np.broadcast_to(corners, (len(points), *corners.shape)), aspect)
    start, end = square, np.roll(square, -1, axis=1)
    side, to_point = end - start, points[:, None] - start
    along = np.clip((to_point * side).sum(-1) / np.maximum((side * side).sum(-1), 1e-12), 0, 1)
    away = np.sqrt(((to_point - along[..., None] * side) ** 2).sum(-1)).min(axis=1)
    # Even-odd rule: inside, a line to the right crosses an odd number of sides.
    y = points[:, None, 1]
    crosses = (start[..., 1] > y) != (end[..., 1] > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = start[..., 0] + (y - start[..., 1]) / side[..., 1] * side[..., 0]
    inside = (crosses & (points[:, None, 0] < x)).sum(axis=1) % 2 == 1
    return np.where(inside, 0.0, away)
