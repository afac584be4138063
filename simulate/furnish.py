"""Which rooms there are: layouts, colours and a camera's corner, drawn from a seed."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from simulate.furniture import LITTER_SIZE_M, LITTER_WALL_M, POST_HEIGHT_M, SILL_DEPTH_M, Place, Thing
from simulate.room import PLACES, Room
from simulate.surface import Texture
from simulate.view import View

Rng = np.random.Generator
Colour = tuple[float, float, float]

WALLS: tuple[Colour, ...] = ((0.82, 0.79, 0.73), (0.74, 0.78, 0.80), (0.80, 0.74, 0.68), (0.70, 0.76, 0.70), (0.86, 0.85, 0.84),
                             (0.62, 0.66, 0.72), (0.78, 0.68, 0.66), (0.55, 0.57, 0.55))  # fmt: skip
WOODS: tuple[Colour, ...] = (
    (0.60, 0.44, 0.29),
    (0.42, 0.28, 0.18),
    (0.72, 0.58, 0.42),
    (0.32, 0.24, 0.19),
    (0.58, 0.53, 0.47),
)
FABRICS: tuple[Colour, ...] = ((0.35, 0.42, 0.52), (0.55, 0.32, 0.28), (0.42, 0.46, 0.36), (0.66, 0.60, 0.50), (0.30, 0.30, 0.33),
                               (0.62, 0.48, 0.26), (0.50, 0.40, 0.52), (0.24, 0.38, 0.38))  # fmt: skip


def furnished_room(rng: Rng, places: Collection[str] = PLACES) -> Room:
    """A room with some furniture along its walls, and `places` with what belongs to them, all in free sight.

    Args:
        places: of PLACES, and `window`: a side window with a sill broad enough for a cat.
    """
    width, depth = rng.uniform(3.6, 4.8), rng.uniform(3.2, 4.2)
    things = [_rug(rng, width, depth), _window(rng, width, depth), *_along_walls(rng, width, depth)]
    spots = _spots(rng, width, depth)
    at: dict[str, Place] = {}
    for name, spot in zip(PLACES, spots[:3] + spots[4:], strict=True):
        if name in places:
            thing, place = _place(rng, name, spot)
            things.append(thing)
            at[name] = place
    if "window" in places:
        sill = _sill(rng, width, depth, next(t for t in things if t.kind in ("plant", "lamp")))
        things.append(sill)
        at["window"] = sill.at
    toy = spots[3]
    things.append(Thing("toy", toy, (0.1, 0.06, 0.05), _cloth(rng, "plain", 0.2)))
    door_side = 1 if rng.random() < 0.5 else -1
    door = (width / 2 + door_side * (width / 2 + 0.4), -0.6, 0.0)
    return Room(width, depth, 2.5, _floor(rng), _wall(rng), tuple(things), {**at, "toy": toy}, door)


def mounted_camera(rng: Rng, room: Room, width: int, height: int) -> View:
    """A camera high on the near side of the room that sees all its places."""
    eye = (room.width * rng.uniform(0.3, 0.7), -0.75, rng.uniform(1.55, 2.0))
    target = (room.width / 2, room.depth * 0.42, 0.15)
    return View(eye, target, float(rng.uniform(72, 80)), width, height)


def _spots(rng: Rng, width: float, depth: float) -> list[Place]:
    """Well separated points on the free floor, shuffled over a coarse grid."""
    cells = [(0.17, 0.55), (0.83, 0.55), (0.30, 0.22), (0.70, 0.22), (0.5, 0.42)]
    order = rng.permutation(len(cells))
    jitter = rng.uniform(-0.12, 0.12, (len(cells), 2))
    return [
        (cells[k][0] * width + jx, cells[k][1] * depth + jy, 0.0) for k, (jx, jy) in zip(order, jitter, strict=True)
    ]


def _sill(rng: Rng, width: float, depth: float, corner: Thing) -> Thing:
    """The side window's sill, on the wall away from what stands in the `corner`."""
    side = 1.0 if corner.at[0] < width / 2 else -1.0
    x = width / 2 + side * (width / 2 - SILL_DEPTH_M / 2)
    at = (x, depth * float(rng.uniform(0.62, 0.70)), float(rng.uniform(0.45, 0.6)))
    return Thing("sill", at, (SILL_DEPTH_M, float(rng.uniform(0.7, 0.9)), 0.85), _wood(rng), side)


def _place(rng: Rng, name: str, spot: Place) -> tuple[Thing, Place]:
    if name == "bed":
        return Thing("bed", spot, (0.62, 0.62, 0.1), _cloth(rng, "weave", 0.2)), (spot[0], spot[1], 0.05)
    if name == "food_bowl":
        colour = _shade(rng, ((0.75, 0.76, 0.78), (0.75, 0.25, 0.2), (0.25, 0.4, 0.65), (0.88, 0.86, 0.82)))
        bowl = Texture("plain", colour, _times(colour, 0.8), 0.3)
        return Thing("bowl", spot, (0.19, 0.19, 0.055), bowl), spot
    if name == "scratching_post":
        post = Thing("post", spot, (0.36, 0.36, POST_HEIGHT_M), _cloth(rng, "carpet", 0.3))
        return post, spot
    colour = _shade(rng, ((0.80, 0.81, 0.83), (0.35, 0.45, 0.62), (0.55, 0.52, 0.48), (0.32, 0.33, 0.36)))
    tray = Texture("plain", colour, _times(colour, 0.95), 0.5)
    thing = Thing("litter_box", spot, (*LITTER_SIZE_M, LITTER_WALL_M), tray)
    return thing, (spot[0], spot[1], 0.35 * LITTER_WALL_M)


def _along_walls(rng: Rng, width: float, depth: float) -> list[Thing]:
    """Two to four big pieces with their backs to a wall, and small ones between."""
    sofa_w = rng.uniform(1.5, 1.9)
    slots = ["sofa", *rng.permutation(["shelf", "cabinet", "table"])]
    along = [width * 0.5 + rng.uniform(-0.4, 0.4), 0.45, width - 0.45]
    out = [Thing("sofa", (along[0], depth - 0.5, 0), (sofa_w, 0.85, 0.8), _cloth(rng, "weave", 0.15))]
    for cushion in range(int(rng.integers(0, 3))):
        at = (along[0] - 0.4 + 0.7 * cushion, depth - 0.45, 0.42)
        out.append(Thing("cushion", at, (0.24, 0.2, 0.2), _cloth(rng, "plain", 0.4)))
    for kind, x in zip(slots[1:3], along[1:], strict=True):
        size = {"shelf": (0.8, 0.34, 1.8), "cabinet": (0.8, 0.45, 0.75), "table": (0.7, 0.5, 0.48)}[kind]
        out.append(Thing(kind, (x, depth - size[1] / 2 - 0.03, 0), size, _wood(rng)))
    corner = 0.3 if rng.random() < 0.5 else width - 0.3
    kind = str(rng.choice(["plant", "lamp"]))
    green = Texture("plain", (0.22, 0.42, 0.2), (0.2, 0.36, 0.18), 1.0, int(rng.integers(1 << 20)))
    out.append(Thing(kind, (corner, depth - 1.0, 0), (0.3, 0.3, float(rng.uniform(0.7, 1.2))), green))
    for _ in range(int(rng.integers(0, 3))):
        art = Texture(
            str(rng.choice(["bands", "plain", "books"])), _random(rng), _random(rng), 0.5, int(rng.integers(99))
        )
        w, h = rng.uniform(0.3, 0.6, 2)
        out.append(Thing("picture", (rng.uniform(0.5, width - 0.5), depth, 1.35), (w, 0, h), art))
    return out


def _rug(rng: Rng, width: float, depth: float) -> Thing:
    texture = _cloth(rng, str(rng.choice(["bands", "carpet", "weave"])), float(rng.uniform(0.3, 0.8)))
    return Thing("rug", (width / 2, depth * 0.45, 0), (rng.uniform(1.4, 2.2), rng.uniform(1.0, 1.5), 0), texture)


def _window(rng: Rng, width: float, depth: float) -> Thing:
    return Thing("window", (rng.uniform(0.3, 0.7) * width, depth, 1.1), (1.2, 0, 1.0), _cloth(rng, "bands", 0.25))


def _floor(rng: Rng) -> Texture:
    kind = str(rng.choice(["planks", "planks", "tiles", "carpet"]))
    if kind == "planks":
        colour = _shade(rng, WOODS)
        return Texture(kind, colour, _times(colour, 0.72), 0.6, int(rng.integers(1 << 20)))
    if kind == "tiles":
        colour = _shade(rng, ((0.78, 0.76, 0.72), (0.62, 0.60, 0.58), (0.70, 0.58, 0.48)))
        return Texture(kind, colour, _times(colour, 0.7), 1.4, int(rng.integers(1 << 20)))
    colour = _shade(rng, ((0.62, 0.56, 0.48), (0.45, 0.46, 0.48), (0.58, 0.50, 0.45), (0.40, 0.45, 0.5)))
    return Texture(kind, colour, _times(colour, 0.8), 0.5, int(rng.integers(1 << 20)))


def _wall(rng: Rng) -> Texture:
    colour = _shade(rng, WALLS)
    if rng.random() < 0.2:
        return Texture("bands", colour, _times(colour, 0.92), 0.6, int(rng.integers(1 << 20)))
    return Texture("plain", colour, _times(colour, 0.96), 1.5, int(rng.integers(1 << 20)))


def _wood(rng: Rng) -> Texture:
    colour = _shade(rng, (*WOODS, (0.86, 0.85, 0.82)))
    return Texture("planks", colour, _times(colour, 0.8), 0.8, int(rng.integers(1 << 20)))


def _cloth(rng: Rng, kind: str, metres: float) -> Texture:
    colour = _shade(rng, FABRICS)
    return Texture(kind, colour, _times(colour, float(rng.uniform(0.6, 1.4))), metres, int(rng.integers(1 << 20)))


def _shade(rng: Rng, palette: tuple[Colour, ...]) -> Colour:
    colour = np.array(palette[int(rng.integers(len(palette)))]) * rng.uniform(0.85, 1.12) + rng.normal(0, 0.02, 3)
    return _rgb(colour)


def _random(rng: Rng) -> Colour:
    return _rgb(rng.uniform(0.05, 0.95, 3))


def _times(colour: Colour, factor: float) -> Colour:
    return _rgb(np.multiply(colour, factor))


def _rgb(colour: np.ndarray) -> Colour:
    red, green, blue = np.clip(colour, 0.02, 0.95)
    return float(red), float(green), float(blue)
