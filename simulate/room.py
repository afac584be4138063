"""Rooms drawn from a seed: walls, floor, window, furniture and the places a cat goes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from simulate.furniture import FLAT, FURNITURE, SOLID, Place, Thing
from simulate.lens import Lens
from simulate.light import Light, falloff
from simulate.outline import outline_room
from simulate.surface import Canvas, Texture
from simulate.view import View, single

Float32 = NDArray[np.float32]
PLACES = ("bed", "food_bowl", "litter_box", "scratching_post")


@dataclass(frozen=True)
class Room:
    """A room `width` x `depth` x `height` metres; `places` are points on the ground where a cat does something."""

    width: float
    depth: float
    height: float
    floor: Texture
    wall: Texture
    things: tuple[Thing, ...]
    places: dict[str, Place] = field(hash=False)
    door: Place = (0.0, 0.0, 0.0)  # out of the camera's sight: where cats come from and leave to

    @cached_property
    def obstacles(self) -> tuple[tuple[float, float, float], ...]:
        """x, y, radius of what a cat walks around."""
        return tuple((t.at[0], t.at[1], 0.5 * max(t.size[:2])) for t in self.things if t.kind in SOLID)


def draw_room(room: Room, view: View, light: Light) -> Canvas:
    """The room without cats: reflected light and depth for every pixel."""
    canvas = Canvas(view, light)
    _shell(canvas, room)
    order = sorted(room.things, key=lambda t: (t.kind not in FLAT, -float(np.linalg.norm(np.subtract(t.at, view.eye)))))
    for thing in order:
        FURNITURE[thing.kind](canvas, thing)
    _falloff(canvas)
    if light.flat:
        outline_room(canvas.picture, canvas.depth)
    return canvas


def zones(room: Room, view: View, lens: Lens | None = None) -> dict[str, list[tuple[float, float]]]:
    """The places as polygons on the picture, normalised 0..1, with room for a cat that stands there."""
    out: dict[str, list[tuple[float, float]]] = {}
    for name in (n for n in PLACES if n in room.places):
        x, y, z = room.places[name]
        reach = {
            "bed": (0.36, 0.34),
            "food_bowl": (0.34, 0.34),
            "litter_box": (0.40, 0.34),
            "scratching_post": (0.36, 0.32),
        }[name]
        tall = {"bed": 0.16, "food_bowl": 0.12, "litter_box": 0.34, "scratching_post": 0.62}[name]
        ring = np.linspace(0, 2 * np.pi, 17)[:-1]
        base = np.stack([x + reach[0] * np.cos(ring), y + reach[1] * np.sin(ring), np.full(16, z)], axis=1)
        pixels, depth = view.project(np.concatenate([base, np.add(base, (0, 0, tall))]))
        if (depth <= 0.1).any():
            continue
        pixels = lens.bent(pixels) if lens else pixels
        hull = cv2.convexHull(pixels.astype(np.float32))[:, 0] / (view.width, view.height)
        inside = np.clip(hull, 0, 1)
        if np.ptp(inside, axis=0).min() > 0.01:
            out[name] = [(round(float(u), 4), round(float(v), 4)) for u, v in inside]
    return out


def _shell(canvas: Canvas, room: Room) -> None:
    w, d, h = room.width, room.depth, room.height
    near = -3.0
    canvas.picture[:] = single(room.wall.colour) * 0.4  # shows in hairlines between faces
    canvas.polygon(np.array([(0, near, 0), (w, near, 0), (w, d, 0), (0, d, 0)]), room.floor)
    canvas.polygon(np.array([(0, d, 0), (w, d, 0), (w, d, h), (0, d, h)]), room.wall)
    for x in (0.0, w):
        canvas.polygon(np.array([(x, near, 0), (x, d, 0), (x, d, h), (x, near, h)]), room.wall, 0.9)
    white = Texture("plain", (0.86, 0.86, 0.85), (0.82, 0.82, 0.81))
    canvas.polygon(np.array([(0, near, h), (w, near, h), (w, d, h), (0, d, h)]), white)
    e = 0.015
    canvas.polygon(np.array([(0, d - e, 0), (w, d - e, 0), (w, d - e, 0.09), (0, d - e, 0.09)]), white)
    for x in (e, w - e):
        canvas.polygon(np.array([(x, near, 0), (x, d, 0), (x, d, 0.09), (x, near, 0.09)]), white)
    corner = np.linspace(0, w, 40)
    canvas.darken(np.stack([corner, np.full(40, d), np.zeros(40)], axis=1), np.full(40, 0.12), 0.25, 0.08)


def _falloff(canvas: Canvas) -> None:
    height, width = canvas.depth.shape
    x, y = (np.linspace(-1, 1, size, dtype=np.float32) for size in (width, height))
    canvas.picture *= falloff(canvas.light, canvas.depth, x[None], y[:, None])[..., None]
