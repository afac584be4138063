"""The fur: patterns as functions of where a point lies on the body."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]
Colour = tuple[float, float, float]  # RGB, 0..1

TILE = 256
WIDE = 1024


class Part(IntEnum):
    """Which part of the cat a sphere belongs to."""

    TORSO = 0
    NECK = 1
    HEAD = 2
    MUZZLE = 3
    NOSE = 4
    EYE = 5
    EAR = 6
    EAR_INNER = 7
    FRONT_LEG = 8
    BACK_LEG = 9
    TAIL = 10
    LID = 11


@dataclass(frozen=True)
class Coat:
    """One cat's colours. `pattern`: solid, mackerel, spotted, points, patches; `white` 0..1 spreads up from the belly."""

    base: Colour
    dark: Colour
    pattern: str = "solid"
    white: float = 0.0
    eyes: Colour = (0.62, 0.68, 0.25)
    nose: Colour = (0.55, 0.36, 0.34)
    fluff: float = 1.0  # length of the hair, 1 = short
    patch: Colour = (0.12, 0.10, 0.09)  # second colour of patches
    seed: int = 0


COATS: dict[str, Coat] = {
    "black": Coat((0.055, 0.05, 0.05), (0.03, 0.028, 0.03), eyes=(0.72, 0.62, 0.2), nose=(0.08, 0.07, 0.07)),
    "grey_tabby": Coat((0.47, 0.43, 0.38), (0.14, 0.12, 0.11), "mackerel", 0.12, (0.6, 0.68, 0.33)),
    "brown_tabby": Coat((0.46, 0.36, 0.26), (0.12, 0.09, 0.07), "spotted", 0.0, (0.68, 0.62, 0.24)),
    "ginger": Coat((0.80, 0.52, 0.27), (0.62, 0.33, 0.13), "mackerel", 0.15, (0.72, 0.56, 0.22), (0.75, 0.5, 0.45)),
    "tuxedo": Coat((0.06, 0.055, 0.06), (0.04, 0.04, 0.04), "solid", 0.42, (0.66, 0.68, 0.28), (0.25, 0.18, 0.18)),
    "siamese": Coat((0.80, 0.72, 0.60), (0.20, 0.14, 0.11), "points", 0.0, (0.38, 0.62, 0.86), (0.16, 0.12, 0.11)),
    "white": Coat((0.90, 0.88, 0.85), (0.84, 0.82, 0.79), "solid", 0.0, (0.5, 0.68, 0.75), (0.88, 0.64, 0.62)),
    "grey": Coat((0.34, 0.36, 0.40), (0.26, 0.28, 0.31), "solid", 0.0, (0.75, 0.6, 0.22), (0.28, 0.27, 0.3)),
    "calico": Coat((0.72, 0.47, 0.27), (0.55, 0.33, 0.18), "patches", 0.5, (0.64, 0.66, 0.3), (0.85, 0.6, 0.56)),
    "cow": Coat((0.09, 0.08, 0.08), (0.05, 0.05, 0.05), "solid", 0.68, (0.66, 0.68, 0.28), (0.82, 0.6, 0.58)),
    "ginger_white": Coat((0.82, 0.55, 0.30), (0.66, 0.37, 0.16), "mackerel", 0.5, (0.72, 0.58, 0.24), (0.85, 0.6, 0.55)),
    "tabby_white": Coat((0.46, 0.42, 0.37), (0.15, 0.13, 0.12), "mackerel", 0.5, (0.6, 0.68, 0.33), (0.8, 0.56, 0.52)),
    "cream": Coat((0.86, 0.74, 0.58), (0.78, 0.62, 0.44), "mackerel", 0.1, (0.74, 0.6, 0.26), (0.85, 0.62, 0.58)),
    "tortie": Coat((0.40, 0.25, 0.14), (0.38, 0.2, 0.1), "patches", 0.05, (0.7, 0.6, 0.24), (0.3, 0.2, 0.18)),
}  # fmt: skip


def varied(coat: Coat, rng: np.random.Generator) -> Coat:
    """A littermate: the same kind of coat with its own shade, hair, white and marks."""
    shade, tint = rng.uniform(0.8, 1.2), rng.normal(0, 0.010, 3)

    def shift(colour: Colour) -> Colour:
        red, green, blue = np.clip(np.asarray(colour) * shade + tint, 0.02, 0.95)
        return float(red), float(green), float(blue)

    white = float(np.clip(coat.white + rng.normal(0, 0.08), 0, 0.8)) if coat.white else 0.0
    fluff = float(rng.choice([0.8, 1.0, 1.2, 1.8]))
    return replace(coat, base=shift(coat.base), dark=shift(coat.dark), white=white, fluff=fluff,
                   seed=int(rng.integers(1 << 30)))  # fmt: skip


def colour(
    coat: Coat, part: NDArray[np.int64], along: Float32, back: Float32, angle: Float32, hair_px: float
) -> Float32:
    """Fur colour (M, 3), RGB 0..1, of M skin points.

    Args:
        part: (M,) which Part.
        along: (M,) metres from the root of the part.
        back: (M,) -1 at the belly side to 1 at the back (on the head: the crown).
        angle: (M,) radians around the part, 0 at the back.
        hair_px: pixels per metre, so that hairs never get finer than the picture can show.
    """
    torso, head = _is(part, Part.TORSO, Part.NECK), _is(part, Part.HEAD, Part.MUZZLE)
    legs, tail = _is(part, Part.FRONT_LEG, Part.BACK_LEG), _is(part, Part.TAIL)
    wander = _lookup(_clouds(coat.seed), along / 0.35, angle / (2 * np.pi)) - 0.5
    dark = np.zeros(len(part), np.float32)
    if coat.pattern in ("mackerel", "spotted"):
        dark = _stripes(coat, torso, head, legs, tail, along, back, angle, wander)
    elif coat.pattern == "points":
        face = np.where(head, 1.0, 0.0) * _is(part, Part.MUZZLE) + 0.55 * _is(part, Part.HEAD)
        dark = np.maximum(face, np.where(tail | _is(part, Part.EAR, Part.EAR_INNER), 1.0, 0.0))
        dark = np.maximum(dark, np.where(legs, np.clip((along - 0.08) / 0.09, 0, 1), 0))
        dark = np.maximum(dark, np.where(torso, 0.18 * np.clip(back, 0, 1), 0)).astype(np.float32)
    out = _mix(np.broadcast_to(np.asarray(coat.base, np.float32), (len(part), 3)), coat.dark, dark)
    if coat.pattern == "patches":
        blotch = _lookup(_clouds(coat.seed + 1), along / 0.30 + 0.37 * part, angle / (2 * np.pi) + 0.21 * part)
        out = _mix(out, coat.patch, np.clip((blotch - 0.52 + 0.10 * hair(coat, along, angle, hair_px)) * 9, 0, 1))
    if coat.white > 0:
        out = _mix(out, (0.90, 0.88, 0.85), _white(coat, part, along, back, wander))
    light_belly = 0.35 * np.clip(-back - 0.1, 0, 1) * (torso if coat.pattern in ("mackerel", "spotted") else 0)
    out = _mix(out, np.clip(np.asarray(coat.base) * 1.35, 0, 0.95), light_belly)
    return np.clip(out, 0, 1).astype(np.float32)


def _stripes(
    coat: Coat, torso: Mask, head: Mask, legs: Mask, tail: Mask, along: Float32, back: Float32, angle: Float32,
    wander: Float32,
) -> Float32:  # fmt: skip
    wave = np.sin(2 * np.pi * (along / 0.031 + 1.8 * wander))
    flank = np.clip(0.9 + 0.8 * back, 0, 1)
    body = 0.62 * np.clip(0.5 + 0.75 * wave - 0.2, 0, 1) * flank
    if coat.pattern == "spotted":
        body = body * np.clip(np.sin(angle * 5 + 8 * wander) * 2 + 0.9, 0, 1)
    spine = 0.75 * np.clip((np.cos(angle) - 0.90) * 12, 0, 1)
    dark = np.where(torso, np.maximum(body, spine), 0)
    dark = np.where(head, np.clip(np.sin(angle * 9) * 1.2, 0, 1) * np.clip(back * 1.4, 0, 0.6), dark)
    dark = np.where(legs, 0.55 * np.clip(np.sin(2 * np.pi * along / 0.036 + 5 * wander) * 1.3 - 0.2, 0, 1), dark)
    ring = 0.75 * np.clip(np.sin(2 * np.pi * along / 0.05) * 1.4, 0, 1)
    return np.where(tail, np.maximum(ring, along > 0.24), dark).astype(np.float32)


def _white(coat: Coat, part: NDArray[np.int64], along: Float32, back: Float32, wander: Float32) -> Float32:
    level = 2.0 * coat.white - 1.0 + 0.5 * wander  # on the torso: white below this height
    out = np.where(_is(part, Part.TORSO), (level - back) * 6, -1.0)
    out = np.where(_is(part, Part.NECK), (1.6 * coat.white - 0.65 - back + 0.4 * wander) * 6, out)
    sock = 0.20 - 0.30 * coat.white
    out = np.where(_is(part, Part.FRONT_LEG, Part.BACK_LEG), (along - sock) * 60, out)
    out = np.where(_is(part, Part.MUZZLE), 4.0 if coat.white > 0.1 else -1.0, out)
    out = np.where(_is(part, Part.HEAD), (1.5 * coat.white - 0.75 - back + 0.5 * wander) * 6, out)
    return np.clip(out, 0, 1).astype(np.float32)


def hair(coat: Coat, along: Float32, angle: Float32, hair_px: float) -> Float32:
    """Streaks of hair along the body, -1..1: fine ones as far as the picture shows them, and coarse tufts."""
    grain = max(0.0022, 1.6 / hair_px)  # metres across one streak
    around = angle * 0.06
    fine = _lookup(_streaks(), along / (TILE * grain), around / (TILE * grain)) - 0.5
    tufts = _lookup(_streaks(), along / (TILE * grain * 3.1) + 0.3, around / (TILE * grain * 3.1)) - 0.5
    return ((1.1 * fine + 0.9 * tufts) * min(coat.fluff, 1.4) ** 0.5).astype(np.float32)


def _is(part: NDArray[np.int64], *kinds: Part) -> NDArray[np.bool_]:
    return _members(kinds)[part]


@lru_cache(maxsize=64)
def _members(kinds: tuple[Part, ...]) -> NDArray[np.bool_]:
    """(parts,) whether each is among the kinds."""
    return np.isin(np.arange(len(Part)), [int(k) for k in kinds])


def _mix(colours: Float32, other: Colour | Float32, weight: Float32) -> Float32:
    weight = np.asarray(weight, np.float32)[:, None]
    return (colours * (1 - weight) + np.asarray(other, np.float32) * weight).astype(np.float32)


def _lookup(tile: Float32, u: Float32, v: Float32) -> Float32:
    """Tile values (M,) at coordinates in tiles, wrapped, bilinear."""
    at = np.zeros((2, -(-len(u) // WIDE) * WIDE), np.float32)  # remap takes no row longer than 32767
    for row, way in zip(at, (u, v), strict=True):
        np.multiply(way - np.floor(way), TILE, out=row[: len(u)])
    x, y = at.reshape(2, -1, WIDE)
    found = cv2.remap(tile, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(found, np.float32).reshape(-1)[: len(u)]


@lru_cache(maxsize=1)
def _streaks() -> Float32:
    """A tile of noise drawn out along x, mean 0.5."""
    return _tile(np.random.default_rng(7), sigma_x=4.0, sigma_y=0.9, spread=0.22)


@lru_cache(maxsize=16)
def _clouds(seed: int) -> Float32:
    """A tile of soft blotches about an eighth of its width, mean 0.5."""
    return _tile(np.random.default_rng(seed), sigma_x=14.0, sigma_y=20.0, spread=0.25)


def _tile(rng: np.random.Generator, sigma_x: float, sigma_y: float, spread: float) -> Float32:
    noise = rng.normal(size=(TILE, TILE)).astype(np.float32)
    wrapped = cv2.copyMakeBorder(noise, 96, 96, 96, 96, cv2.BORDER_WRAP)
    soft = cv2.GaussianBlur(wrapped, (0, 0), sigmaX=sigma_x, sigmaY=sigma_y)[96:-96, 96:-96]
    return (0.5 + spread * (soft - soft.mean()) / soft.std()).astype(np.float32)
