"""Flat surfaces in perspective: textured, lit polygons drawn with a depth buffer."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from simulate.blur import blurred
from simulate.light import Light
from simulate.view import NEAR_M, Array, View, single, unit

Float32 = NDArray[np.float32]

TILE = 256


@dataclass(frozen=True)
class Texture:
    """A repeating pattern: `kind` of KINDS in two colours (RGB 0..1), one tile being `metres` wide."""

    kind: str
    colour: tuple[float, float, float]
    second: tuple[float, float, float]
    metres: float = 1.0
    seed: int = 0


@dataclass
class Canvas:
    """A picture in the making: reflected light (h, w, 3), depth (h, w) in metres."""

    view: View
    light: Light
    picture: Float32 = field(init=False)
    depth: Float32 = field(init=False)

    def __post_init__(self) -> None:
        self.picture = np.zeros((self.view.height, self.view.width, 3), np.float32)
        self.depth = np.full((self.view.height, self.view.width), np.inf, np.float32)

    def polygon(self, corners: Array, texture: Texture, gain: float = 1.0, glow: bool = False) -> None:
        """Draw a flat polygon (K, 3), metres, where it is nearer than what is there; `glow` ignores the light."""
        corners = np.asarray(corners, float)
        clipped = _clip(corners, self.view)
        if clipped is None:
            return
        pixels, reach = self.view.project(clipped)
        low = np.maximum(np.floor(pixels.min(axis=0)).astype(int), 0)
        high = np.minimum(np.ceil(pixels.max(axis=0)).astype(int) + 1, (self.view.width, self.view.height))
        if (high <= low).any():
            return
        mask = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
        outline = np.round(np.clip(pixels - low, -30000, 30000) * 16).astype(np.int32)
        cv2.fillPoly(mask, [outline], 255, cv2.LINE_AA, 4)
        self._paint(corners, (float(reach.min()), float(reach.max())), mask, low, texture, gain, glow)

    def _paint(
        self,
        corners: Array,
        span: tuple[float, float],
        mask: NDArray[np.uint8],
        low: Array,
        texture: Texture,
        gain: float,
        glow: bool,
    ) -> None:
        window = np.s_[low[1] : low[1] + mask.shape[0], low[0] : low[0] + mask.shape[1]]
        normal = _normal(corners, self.view)
        rays = self.view.rays[window]
        facing = rays @ normal.astype(np.float32)
        reach = np.float32(normal @ (corners[0] - self.view.eye))
        with np.errstate(divide="ignore", invalid="ignore"):
            depth = np.clip(reach / facing, *span)  # at a slanting edge the plane runs off beyond the polygon
        shown = (mask > 0) & (depth > NEAR_M) & (depth < self.depth[window] + 0.002) & (depth < 60)
        if not shown.any():
            return
        e1 = unit(corners[1] - corners[0])
        e2 = np.cross(normal, e1)
        points = rays * np.where(shown, depth, 1)[..., None] + np.float32(np.subtract(self.view.eye, corners[0]))
        per_metre = TILE / texture.metres
        pixel_m = float(np.median(depth[shown])) / self.view.focal
        level = max(0, round(float(np.log2(max(pixel_m * per_metre, 1.0)))))
        tile = texture_tile(texture, level, self.light.flat)
        size = tile.shape[0] / texture.metres
        surface = cv2.remap(tile, (points @ e1.astype(np.float32)) * np.float32(size),
                            (points @ e2.astype(np.float32)) * np.float32(size), cv2.INTER_LINEAR,
                            borderMode=cv2.BORDER_WRAP)  # fmt: skip
        shade = np.ones(3, np.float32) if glow else self.light.shade(normal[None].astype(np.float32))[0]
        weight = (shown * (mask / np.float32(255)))[..., None].astype(np.float32)
        self.picture[window] = self.picture[window] * (1 - weight) + surface * (shade * np.float32(gain)) * weight
        solid = shown & (mask > 127)
        self.depth[window][solid] = depth[solid]

    def darken(self, points: Array, radius: Array, strength: float, soft_m: float) -> None:
        """Shade what lies under `points` (N, 3), `radius` (N,) metres: the soft shadow of something above a surface."""
        veil = shadow_veil(self.view, points, radius, np.full(len(points), strength), soft_m)
        if veil is not None:
            left, top, mask = veil
            self.picture[top : top + mask.shape[0], left : left + mask.shape[1]] *= 1 - mask[..., None]


def box(canvas: Canvas, low: Array, high: Array, texture: Texture, gain: float = 1.0, turn: float = 0.0) -> None:
    """A block from corner `low` to corner `high` (metres), turned about its vertical axis by `turn` radians."""
    low, high = np.asarray(low, float), np.asarray(high, float)
    (x0, y0, z0), (x1, y1, z1) = low, high
    faces = [
        [(x0, y0, z0), (x1, y0, z0), (x1, y0, z1), (x0, y0, z1)], [(x0, y1, z0), (x1, y1, z0), (x1, y1, z1), (x0, y1, z1)],
        [(x0, y0, z0), (x0, y1, z0), (x0, y1, z1), (x0, y0, z1)], [(x1, y0, z0), (x1, y1, z0), (x1, y1, z1), (x1, y0, z1)],
        [(x0, y0, z1), (x1, y0, z1), (x1, y1, z1), (x0, y1, z1)], [(x0, y0, z0), (x1, y0, z0), (x1, y1, z0), (x0, y1, z0)],
    ]  # fmt: skip
    centre = (low + high) / 2
    corners = _turned(np.array(faces, float), centre, turn)
    for face in sorted(corners, key=lambda f: -np.linalg.norm(f.mean(axis=0) - canvas.view.eye)):
        outward = face.mean(axis=0) - _turned(centre[None], centre, turn)[0]
        if outward @ (face.mean(axis=0) - canvas.view.eye) < 0:
            canvas.polygon(face, texture, gain)


def cylinder(
    canvas: Canvas, centre: Array, radii: tuple[float, float], height: float, texture: Texture, top: Texture | None
) -> None:
    """A round thing standing at `centre`, `radii` below and above; `top` None leaves it open like a bowl."""
    angle = np.linspace(0, 2 * np.pi, 25)
    ring = np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=1)
    low, high = ring * radii[0] + centre, ring * radii[1] + np.add(centre, (0, 0, height))
    quads = [np.stack([low[k], low[k + 1], high[k + 1], high[k]]) for k in range(24)]
    for quad in sorted(quads, key=lambda q: -np.linalg.norm(q.mean(axis=0) - canvas.view.eye)):
        canvas.polygon(quad, texture)
    if top is not None:
        canvas.polygon(high[:-1] - [0, 0, 0.004], top)


def shadow_veil(
    view: View, points: Array, radius: Array, strength: Array, soft_m: float
) -> tuple[int, int, Float32] | None:
    """Left, top and darkness (h, w) 0..1 of soft discs lying at `points` (N, 3) of `radius` (N,) metres."""
    pixels, depth = view.project(points)
    near = depth > 0.2
    if not near.any():
        return None
    pixels, depth, radius, strength = pixels[near], depth[near], radius[near], strength[near]
    across = radius * view.focal / depth
    tilt = float(np.clip((view.eye[2] - points[0][2]) / np.linalg.norm(np.subtract(view.eye, points[0])), 0.15, 1))
    soft = max(soft_m * view.focal / float(depth.mean()), 0.6)
    margin = across.max() + 3 * soft
    low = np.maximum(np.floor(pixels.min(axis=0) - margin).astype(int), 0)
    high = np.minimum(np.ceil(pixels.max(axis=0) + margin).astype(int), (view.width, view.height))
    if (high <= low).any():
        return None
    mask = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
    centres = np.round((pixels - low) * 16).astype(int).tolist()
    axes = np.maximum(np.outer(across, (16, 16 * tilt)), 8).astype(int).tolist()
    grey = (255 * np.clip(strength, 0, 1)).astype(int).tolist()
    for i in np.argsort(strength).tolist():
        cv2.ellipse(mask, centres[i], axes[i], 0, 0, 360, grey[i], -1, cv2.LINE_8, 4)
    return int(low[0]), int(low[1]), blurred(mask.astype(np.float32), soft) / np.float32(255)


def _turned(points: Array, centre: Array, turn: float) -> Array:
    cos, sin = np.cos(turn), np.sin(turn)
    return (points - centre) @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1.0]]) + centre


def _normal(corners: Array, view: View) -> Array:
    normal = unit(np.cross(corners[1] - corners[0], corners[2] - corners[0]))
    return -normal if normal @ (corners.mean(axis=0) - view.eye) > 0 else normal


def _clip(corners: Array, view: View) -> Array | None:
    """The part of a polygon in front of the lens (Sutherland and Hodgman, 1974); None if there is none."""
    depth = view.seen_from(corners)[:, 2] - NEAR_M
    kept: list[Array] = []
    for i in range(len(corners)):
        j = (i + 1) % len(corners)
        if depth[i] >= 0:
            kept.append(corners[i])
        if (depth[i] >= 0) != (depth[j] >= 0):
            kept.append(corners[i] + (corners[j] - corners[i]) * depth[i] / (depth[i] - depth[j]))
    return np.array(kept) if len(kept) >= 3 else None


@lru_cache(maxsize=256)
def texture_tile(texture: Texture, level: int, flat: bool = False) -> Float32:
    """The texture's tile (n, n, 3), halved `level` times so that it does not shimmer far away."""
    if level > 0:
        finer = texture_tile(texture, level - 1, flat)
        if finer.shape[0] <= 4:
            return finer
        return np.asarray(cv2.resize(finer, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.float32)
    rng = np.random.default_rng(texture.seed)
    weight = KINDS[texture.kind](rng)[..., None]
    if flat:  # one colour, or two where there is a pattern
        weight = np.round(weight) if texture.kind in PATTERNS else np.full_like(weight, weight.mean())
    tile = single(texture.colour) * (1 - weight) + single(texture.second) * weight
    if flat:
        return np.clip(tile, 0, 1.2).astype(np.float32)
    return np.clip(tile * (1 + 0.03 * rng.normal(size=(TILE, TILE, 1))), 0, 1.2).astype(np.float32)


def _plain(rng: np.random.Generator) -> Float32:
    return _cloud(rng, 24)


def _planks(rng: np.random.Generator) -> Float32:
    """Four boards a tile, each with its own shade and grain, dark joints between."""
    grain = cv2.GaussianBlur(rng.normal(size=(TILE, TILE)).astype(np.float32), (0, 0), sigmaX=18, sigmaY=1)
    weight = 0.35 + 1.2 * grain / (grain.std() * 6) + np.repeat(rng.uniform(-0.25, 0.25, 4), TILE // 4)[:, None]
    weight[:: TILE // 4] += 0.5
    for board in range(4):
        weight[board * 64 : board * 64 + 64, int(rng.integers(TILE))] += 0.45
    return np.clip(weight, 0, 1).astype(np.float32)


def _tiles(rng: np.random.Generator) -> Float32:
    weight = 0.25 * _cloud(rng, 12)
    for start in range(0, TILE, 64):
        weight[start : start + 2] = 1
        weight[:, start : start + 2] = 1
    return weight


def _carpet(rng: np.random.Generator) -> Float32:
    pile = rng.uniform(0, 1, (TILE, TILE)).astype(np.float32)
    return np.clip(0.5 * cv2.GaussianBlur(pile, (0, 0), 0.8) + 0.5 * _cloud(rng, 20), 0, 1)


def _weave(rng: np.random.Generator) -> Float32:
    thread = np.arange(TILE, dtype=np.float32) * (2 * np.pi / 8)
    weave = 0.25 * (np.sin(thread)[None] + np.sin(thread)[:, None]) + 0.5
    return np.clip(0.7 * weave + 0.3 * _cloud(rng, 16), 0, 1).astype(np.float32)


def _bands(rng: np.random.Generator) -> Float32:
    edges = np.sort(rng.choice(np.arange(16, TILE - 8, 12), 6, replace=False))
    row = (np.searchsorted(edges, np.arange(TILE)) % 2).astype(np.float32)
    return np.tile(row, (TILE, 1))


def _rope(rng: np.random.Generator) -> Float32:
    """Turns of rope, one above the other."""
    turn = np.abs(np.sin(np.arange(TILE, dtype=np.float32) * (np.pi / 64)))
    return np.clip(1 - turn[:, None] + 0.25 * _cloud(rng, 6) - 0.1, 0, 1).astype(np.float32)


def _books(rng: np.random.Generator) -> Float32:
    row = np.repeat(rng.uniform(0, 1, 32), TILE // 32).astype(np.float32)
    return np.tile(row, (TILE, 1))


def _grains(rng: np.random.Generator) -> Float32:
    return np.clip(cv2.GaussianBlur(rng.normal(0.5, 0.6, (TILE, TILE)).astype(np.float32), (0, 0), 0.9), 0, 1)


def _cloud(rng: np.random.Generator, sigma: float) -> Float32:
    noise = cv2.copyMakeBorder(rng.normal(size=(TILE, TILE)).astype(np.float32), 80, 80, 80, 80, cv2.BORDER_WRAP)
    soft = cv2.GaussianBlur(noise, (0, 0), sigma)[80:-80, 80:-80]
    return np.clip(0.5 + 0.22 * soft / soft.std(), 0, 1).astype(np.float32)


KINDS = {"plain": _plain, "planks": _planks, "tiles": _tiles, "carpet": _carpet, "weave": _weave, "bands": _bands,
         "rope": _rope, "books": _books, "grains": _grains}  # fmt: skip
PATTERNS = ("tiles", "bands", "books", "rope")
