"""What stands in rooms: each kind of furniture as a function that draws it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulate.blobs import splat, sweep
from simulate.surface import Canvas, Texture, box, cylinder
from simulate.view import Array, single

Place = tuple[float, float, float]

BED_RADIUS_M, LITTER_SIZE_M, LITTER_WALL_M = 0.29, (0.58, 0.42), 0.13
POST_RADIUS_M, POST_HEIGHT_M, SILL_DEPTH_M = 0.05, 0.68, 0.32


@dataclass(frozen=True)
class Thing:
    """One piece of furniture: `kind` of FURNITURE, its footprint's middle, size (x, y, z) in metres, and its looks."""

    kind: str
    at: Place
    size: tuple[float, float, float]
    texture: Texture
    turn: float = 0.0


def _contact(canvas: Canvas, thing: Thing, strength: float = 0.45) -> None:
    """The dark soft edge where a thing stands on the floor."""
    x, y, z = thing.at
    u, v = np.meshgrid(np.linspace(-0.5, 0.5, 7), np.linspace(-0.5, 0.5, 7))
    points = np.stack([x + u.ravel() * thing.size[0], y + v.ravel() * thing.size[1], np.full(49, z)], axis=1)
    canvas.darken(points, np.full(49, max(thing.size[:2]) / 9), strength, 0.05)


def _block(canvas: Canvas, thing: Thing, low: tuple[float, float, float], high: tuple[float, float, float],
           texture: Texture | None = None, gain: float = 1.0) -> None:  # fmt: skip
    """A box inside a thing, in parts (0..1) of its size."""
    size, at = np.array(thing.size), np.array(thing.at) - [thing.size[0] / 2, thing.size[1] / 2, 0]
    centre = np.array(thing.at)
    cos, sin = np.cos(thing.turn), np.sin(thing.turn)
    spin = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1.0]])
    lo, hi = at + size * low, at + size * high
    shift = spin @ ((lo + hi) / 2 - centre) + centre - (lo + hi) / 2
    box(canvas, lo + shift, hi + shift, texture or thing.texture, gain, thing.turn)


def _sofa(canvas: Canvas, thing: Thing) -> None:
    _contact(canvas, thing)
    parts = [((0, 0, 0.06), (1, 1, 0.42)), ((0, 0.72, 0.06), (1, 1, 1)), ((0, 0, 0.06), (0.1, 1, 0.66)),
             ((0.9, 0, 0.06), (1, 1, 0.66)), ((0.11, 0.02, 0.42), (0.495, 0.72, 0.54)),
             ((0.505, 0.02, 0.42), (0.89, 0.72, 0.54))]  # fmt: skip
    if thing.turn:
        parts = parts[:1] + parts[2:4] + parts[1:2] + parts[4:]
    for k, (low, high) in enumerate(parts):
        _block(canvas, thing, low, high, gain=1.06 if k > 3 else 1.0)


def _table(canvas: Canvas, thing: Thing) -> None:
    _contact(canvas, thing, 0.22)
    for x in (0.04, 0.90):
        for y in (0.88, 0.04):
            _block(canvas, thing, (x, y, 0), (x + 0.06, y + 0.08, 0.94), gain=0.8)
    _block(canvas, thing, (0, 0, 0.93), (1, 1, 1))


def _shelf(canvas: Canvas, thing: Thing) -> None:
    _contact(canvas, thing)
    _block(canvas, thing, (0, 0.9, 0), (1, 1, 1), gain=0.7)
    for x in (0.0, 0.96):
        _block(canvas, thing, (x, 0, 0), (x + 0.04, 1, 1), gain=0.9)
    rows = max(2, round(thing.size[2] / 0.38))
    rng = np.random.default_rng(thing.texture.seed)
    for row in range(rows + 1):
        z = row / rows * 0.975
        _block(canvas, thing, (0, 0, z), (1, 1, z + 0.025))
        if row < rows:
            first, second = rng.uniform(0.05, 0.8, 3), rng.uniform(0.1, 0.9, 3)
            spines = Texture("books", tuple(first), tuple(second), 0.9, int(rng.integers(1 << 20)))
            start, end = np.sort(rng.uniform(0.05, 0.95, 2))
            _block(canvas, thing, (start, 0.25, z + 0.025), (end, 0.85, z + rng.uniform(0.5, 0.85) / rows), spines)


def _cabinet(canvas: Canvas, thing: Thing) -> None:
    _contact(canvas, thing)
    _block(canvas, thing, (0, 0, 0), (1, 1, 1))
    for x in (0.03, 0.52):
        _block(canvas, thing, (x, -0.02, 0.08), (x + 0.45, 0.02, 0.95), gain=1.1)


def _rug(canvas: Canvas, thing: Thing) -> None:
    (x, y, z), (w, d, _) = thing.at, thing.size
    ring = np.linspace(0, 2 * np.pi, 41)[:-1]
    if thing.texture.kind == "bands":
        canvas.polygon(np.array([(x - w / 2, y - d / 2, z + 0.005), (x + w / 2, y - d / 2, z + 0.005),
                                 (x + w / 2, y + d / 2, z + 0.005), (x - w / 2, y + d / 2, z + 0.005)]), thing.texture)  # fmt: skip
    else:
        canvas.polygon(np.stack([x + w / 2 * np.cos(ring), y + d / 2 * np.sin(ring), np.full(40, z + 0.005)], axis=1),
                       thing.texture)  # fmt: skip


def _bed(canvas: Canvas, thing: Thing) -> None:
    """A round cat bed: a soft rim around a cushion."""
    _contact(canvas, thing, 0.5)
    x, y, z = thing.at
    ring = np.linspace(0, 2 * np.pi, 33)
    cushion = np.stack([x + 0.27 * np.cos(ring[:-1]), y + 0.27 * np.sin(ring[:-1]), np.full(32, z + 0.05)], axis=1)
    canvas.polygon(cushion, Texture("weave", thing.texture.second, thing.texture.colour, 0.2, thing.texture.seed))
    rim = np.stack([x + BED_RADIUS_M * np.cos(ring), y + BED_RADIUS_M * np.sin(ring), np.full(33, z + 0.06)], axis=1)
    _soft(canvas, rim, np.full(33, 0.062), thing.texture.colour)


def _bowl(canvas: Canvas, thing: Thing) -> None:
    _contact(canvas, thing, 0.5)
    food = Texture("grains", (0.36, 0.2, 0.1), (0.52, 0.33, 0.17), 0.12, 3)
    inner = Texture("plain", thing.texture.second, thing.texture.second)
    r, h = thing.size[0] / 2, thing.size[2]
    cylinder(canvas, np.array(thing.at), (r * 0.85, r), h, thing.texture, inner)
    ring = np.linspace(0, 2 * np.pi, 25)[:-1]
    at = np.add(thing.at, (0, 0, h - 0.002))
    canvas.polygon(
        np.stack([at[0] + 0.8 * r * np.cos(ring), at[1] + 0.8 * r * np.sin(ring), np.full(24, at[2])], 1), food
    )


def _litter_box(canvas: Canvas, thing: Thing) -> None:
    """An open tray: four thin walls around litter."""
    _contact(canvas, thing, 0.5)
    litter = Texture("grains", (0.74, 0.71, 0.66), (0.56, 0.53, 0.48), 0.25, 5)
    _block(canvas, thing, (0.03, 0.03, 0), (0.97, 0.97, 0.35), litter)
    walls = [
        ((0, 0.95, 0), (1, 1, 1)),
        ((0, 0, 0), (0.035, 1, 1)),
        ((0.965, 0, 0), (1, 1, 1)),
        ((0, 0, 0), (1, 0.05, 1)),
    ]
    for low, high in walls:
        _block(canvas, thing, low, high)


def _cushion(canvas: Canvas, thing: Thing) -> None:
    x, y, z = thing.at
    w = thing.size[0] / 2
    line = np.array([(x - w, y, z + 0.13), (x, y, z + 0.16), (x + w, y, z + 0.13)])
    _soft(canvas, line, np.array([0.10, 0.13, 0.10]), thing.texture.colour)


def _carton(canvas: Canvas, thing: Thing) -> None:
    _contact(canvas, thing)
    _block(canvas, thing, (0, 0, 0), (1, 1, 1))


def _toy(canvas: Canvas, thing: Thing) -> None:
    """A plush mouse: a rounded body and a thin tail."""
    x, y, z = thing.at
    body = np.array([(x - 0.035, y, z + 0.022), (x, y + 0.004, z + 0.028), (x + 0.035, y, z + 0.02)])
    _soft(canvas, _spun(body, thing), np.array([0.018, 0.028, 0.014]), thing.texture.colour)
    tail = np.array([(x - 0.04, y, z + 0.01), (x - 0.08, y + 0.02, z + 0.008), (x - 0.12, y - 0.01, z + 0.008)])
    _soft(canvas, _spun(tail, thing), np.array([0.006, 0.005, 0.004]), thing.texture.second)


def _spun(points: Array, thing: Thing) -> Array:
    """Points (K, 3) of a thing turned about its middle."""
    cos, sin = np.cos(thing.turn), np.sin(thing.turn)
    return (points - thing.at) @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1.0]]) + thing.at


def _plant(canvas: Canvas, thing: Thing) -> None:
    _contact(canvas, thing)
    x, y, z = thing.at
    rng = np.random.default_rng(thing.texture.seed)
    pot = Texture("plain", (0.68, 0.42, 0.3), (0.62, 0.38, 0.27), 0.4)
    earth = Texture("grains", (0.22, 0.15, 0.1), (0.3, 0.2, 0.13), 0.2)
    cylinder(canvas, np.array(thing.at), (0.10, 0.14), 0.26, pot, earth)
    for _ in range(14):
        angle, reach, rise = rng.uniform(0, 2 * np.pi), rng.uniform(0.12, 0.34), rng.uniform(0.25, thing.size[2] - 0.3)
        out = np.array([np.cos(angle), np.sin(angle), 0]) * reach
        leaf = np.array([(x, y, z + 0.24), (x, y, z + 0.26 + 0.6 * rise), (x, y, z + 0.26 + rise)]) + np.outer(
            (0, 0.4, 1), out
        )
        green = np.clip(np.array(thing.texture.colour) * rng.uniform(0.7, 1.3), 0, 1)
        _soft(canvas, leaf, np.array([0.008, 0.035, 0.008]), tuple(green))


def _window(canvas: Canvas, thing: Thing) -> None:
    """A window in the back wall: sky by day, dark by night, a frame and curtains."""
    (x, y, z), (w, _, h) = thing.at, thing.size
    sky = {"day": (0.93, 0.97, 1.05), "evening": (0.12, 0.13, 0.24), "night": (0.05, 0.05, 0.05)}[canvas.light.name]
    frame = Texture("plain", (0.9, 0.9, 0.88), (0.85, 0.85, 0.83))
    _upright(canvas, x, y - 0.02, z, w + 0.12, h + 0.12, frame)
    for side in (-1, 1):
        pane = Texture("plain", sky, tuple(np.multiply(sky, 0.93)), 1.0, thing.texture.seed)
        _upright(canvas, x + side * w / 4, y - 0.03, z + 0.06, w / 2 - 0.04, h, pane, glow=True)
        _upright(canvas, x + side * (w / 2 + 0.12), y - 0.06, z - 0.35, 0.34, h + 0.55, thing.texture)


def _post(canvas: Canvas, thing: Thing) -> None:
    """A scratching post: a column wound with rope on a carpeted board, a knob on top."""
    x, y, z = thing.at
    _contact(canvas, thing, 0.45)
    _block(canvas, thing, (0, 0, 0), (1, 1, 0.05))
    rope = Texture("rope", (0.74, 0.62, 0.44), (0.52, 0.41, 0.27), 0.10)
    cap = Texture("plain", thing.texture.colour, thing.texture.second)
    cylinder(canvas, np.array([x, y, z + 0.03]), (POST_RADIUS_M, POST_RADIUS_M), POST_HEIGHT_M, rope, None)
    top = np.array([x, y, z + 0.03 + POST_HEIGHT_M])
    cylinder(canvas, top, (POST_RADIUS_M * 1.5, POST_RADIUS_M * 1.5), 0.03, cap, cap)


def _sill(canvas: Canvas, thing: Thing) -> None:
    """A window in a side wall with a broad sill; `thing.at` is the middle of the sill's top, its x tells which wall."""
    (x, y, z), (_, w, h) = thing.at, thing.size
    side = -1.0 if thing.turn < 0 else 1.0  # the wall lies towards this x
    wall = x + side * SILL_DEPTH_M / 2
    sky = {"day": (0.93, 0.97, 1.05), "evening": (0.12, 0.13, 0.24), "night": (0.05, 0.05, 0.05)}[canvas.light.name]
    frame = Texture("plain", (0.9, 0.9, 0.88), (0.85, 0.85, 0.83))
    _sideways(canvas, wall - side * 0.02, y, z, w, h, frame)
    for half in (-1, 1):
        pane = Texture("plain", sky, (sky[0] * 0.93, sky[1] * 0.93, sky[2] * 0.93), 1.0, thing.texture.seed)
        _sideways(canvas, wall - side * 0.03, y + half * w / 4, z + 0.06, w / 2 - 0.06, h - 0.12, pane, glow=True)
    low, high = sorted((wall, x - side * SILL_DEPTH_M / 2))
    box(
        canvas,
        np.array([low, y - w / 2 - 0.06, z - 0.04]),
        np.array([high, y + w / 2 + 0.06, z]),
        thing.texture,
        1.0,
        0.0,
    )


def _picture(canvas: Canvas, thing: Thing) -> None:
    (x, y, z), (w, _, h) = thing.at, thing.size
    _upright(canvas, x, y - 0.02, z, w, h, Texture("plain", (0.16, 0.13, 0.1), (0.2, 0.17, 0.13)))
    _upright(canvas, x, y - 0.03, z + 0.03, w - 0.06, h - 0.06, thing.texture)


def _lamp(canvas: Canvas, thing: Thing) -> None:
    x, y, z = thing.at
    dark = Texture("plain", (0.2, 0.2, 0.2), (0.25, 0.25, 0.25))
    _contact(canvas, thing, 0.4)
    cylinder(canvas, np.array([x, y, z]), (0.14, 0.13), 0.03, dark, dark)
    cylinder(canvas, np.array([x, y, z]), (0.015, 0.015), 1.4, dark, None)
    lit = canvas.light.name == "evening"
    shade = (1.1, 0.92, 0.62) if lit else (0.85, 0.8, 0.7)
    angle = np.linspace(0, 2 * np.pi, 17)
    for k in range(16):
        ring = np.stack([np.cos(angle[k : k + 2]), np.sin(angle[k : k + 2]), np.zeros(2)], axis=1)
        low, high = ring * 0.2 + [x, y, z + 1.35], ring * 0.13 + [x, y, z + 1.62]
        canvas.polygon(np.stack([low[0], low[1], high[1], high[0]]), Texture("plain", shade, shade), glow=lit)


def _upright(
    canvas: Canvas, x: float, y: float, z: float, w: float, h: float, texture: Texture, glow: bool = False
) -> None:
    corners = np.array([(x - w / 2, y, z), (x + w / 2, y, z), (x + w / 2, y, z + h), (x - w / 2, y, z + h)])
    canvas.polygon(corners, texture, glow=glow)


def _sideways(
    canvas: Canvas, x: float, y: float, z: float, w: float, h: float, texture: Texture, glow: bool = False
) -> None:
    corners = np.array([(x, y - w / 2, z), (x, y + w / 2, z), (x, y + w / 2, z + h), (x, y - w / 2, z + h)])
    canvas.polygon(corners, texture, glow=glow)


def _soft(canvas: Canvas, points: Array, radii: Array, colour: tuple[float, ...]) -> None:
    """A rounded, matt thing swept along `points`."""
    relief = splat(sweep(points, radii, 0, np.array([0.0, 0.0, 1.0]), spacing=0.3), canvas.view, 0.01)
    if relief is None:
        return
    rows, cols = relief.rows + relief.top, relief.cols + relief.left
    depth = relief.depth[relief.rows, relief.cols]
    nearer = depth < canvas.depth[rows, cols]
    lit = single(colour) * canvas.light.shade(relief.normal, 0.2) * (1 - 0.4 * relief.crease[:, None])
    grain = np.random.default_rng(1).normal(1, 0.03, (len(rows), 1)).astype(np.float32)
    canvas.picture[rows[nearer], cols[nearer]] = (lit * grain)[nearer]
    canvas.depth[rows[nearer], cols[nearer]] = depth[nearer]


FURNITURE = {"sofa": _sofa, "table": _table, "shelf": _shelf, "cabinet": _cabinet, "rug": _rug, "bed": _bed, "bowl": _bowl,
             "litter_box": _litter_box, "cushion": _cushion, "carton": _carton, "toy": _toy, "plant": _plant, "window": _window,
             "picture": _picture, "lamp": _lamp, "post": _post, "sill": _sill}  # fmt: skip
FLAT = ("window", "picture", "rug", "sill")
SOLID = ("sofa", "table", "shelf", "cabinet", "plant", "lamp", "carton", "post")
