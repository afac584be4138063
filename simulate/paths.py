"""Ways through a room."""

from __future__ import annotations

import numpy as np

from simulate.furniture import Place
from simulate.room import Room
from simulate.view import Array

PUSHES = (0.0, 0.4, -0.4, 0.9, -0.9, 1.5, -1.5)  # metres by which a way may bulge


def before(target: Place, heading: float, away: float) -> Place:
    """The point `away` metres before `target` when facing it along `heading`."""
    return (target[0] - away * float(np.cos(heading)), target[1] - away * float(np.sin(heading)), target[2])


def around(origin: Place, goal: Place, room: Room) -> Array:
    """A way (K, 3) from `origin` to `goal` that curves around what stands in between."""
    start, end = np.array(origin), np.array(goal)
    at = np.linspace(0, 1, 25)[:, None]
    circles = [(x, y, r + 0.15) for x, y, r in room.obstacles]
    circles += [(x, y, 0.42) for name, (x, y, _) in room.places.items() if name not in ("toy", "window")]
    ends = np.stack([start, end])[:, :2]
    circles = [c for c in circles if np.linalg.norm(ends - c[:2], axis=1).min() > c[2]]
    along = end - start
    side = np.array([-along[1], along[0], 0.0]) / max(float(np.linalg.norm(along[:2])), 1e-6)

    def way(push: float) -> Array:
        middle = (start + end) / 2 + side * push
        path = (1 - at) ** 2 * start + 2 * at * (1 - at) * middle + at**2 * end
        path[:, 2] = start[2] * np.clip(1 - at[:, 0] * 8, 0, 1) + end[2] * np.clip(at[:, 0] * 8 - 7, 0, 1)
        return path

    def blocked(path: Array) -> float:
        return sum(float(np.clip(r - np.hypot(path[:, 0] - x, path[:, 1] - y), 0, None).sum()) for x, y, r in circles)

    return min((way(push) for push in PUSHES), key=lambda path: round(blocked(path), 3))


def arc(origin: Place, goal: Place, rise: float) -> Array:
    """The way (K, 3) of a leap that clears the higher of both ends by `rise` metres."""
    at = np.linspace(0, 1, 13)
    path = np.outer(1 - at, origin) + np.outer(at, goal)
    flown = np.clip((at - 0.12) / 0.76, 0, 1)
    eased = flown if goal[2] < origin[2] else 1 - (1 - flown) ** 2
    path[:, 2] = origin[2] + (goal[2] - origin[2]) * eased + rise * np.sin(np.pi * flown)
    path[:, :2] = np.outer(1 - flown, origin[:2]) + np.outer(flown, goal[:2])
    return path


def along(path: Array, part: float, heading: float) -> tuple[Array, float, float]:
    """Point, heading and metres run after `part` (0..1) of a path; a path of one point keeps `heading`."""
    if len(path) == 1:
        return path[0], heading, 0.0
    marks = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    run = part * marks[-1]
    point = np.array([np.interp(run, marks, path[:, axis]) for axis in range(3)])
    ahead = np.array([np.interp(min(run + 0.1, marks[-1]), marks, path[:, axis]) for axis in range(2)])
    behind = np.array([np.interp(max(run - 0.1, 0), marks, path[:, axis]) for axis in range(2)])
    direction = ahead - behind
    return point, float(np.arctan2(direction[1], direction[0])), float(run)
