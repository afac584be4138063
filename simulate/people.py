"""People who pass through a room: mostly their legs, as a camera at home sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

import numpy as np

from simulate.blobs import Blobs, join, splat, sweep
from simulate.cat import Sprite, heading_matrix
from simulate.flesh import KEYPOINTS
from simulate.light import Light, falloff
from simulate.room import Room
from simulate.view import Array, View, single

SLOT_S = 600
PASSES = 0.3  # of the slots between MORNING and LATE in which somebody passes; like the times our choice
MORNING, LATE = 7, 23
SPEED_M_S = 1.1  # an unhurried walk indoors
STRIDE_M = 1.2  # two steps
SKIN, SHOES, HAIR = (0.72, 0.52, 0.42), (0.2, 0.17, 0.15), (0.2, 0.14, 0.1)
SHIRTS = ((0.7, 0.7, 0.68), (0.25, 0.35, 0.3), (0.5, 0.2, 0.2), (0.2, 0.25, 0.4))
TROUSERS = ((0.16, 0.2, 0.32), (0.12, 0.12, 0.13), (0.45, 0.4, 0.32), (0.35, 0.36, 0.38), (0.3, 0.16, 0.15))


@dataclass(frozen=True)
class Passer:
    """Somebody at one moment: feet at `at` on the floor, walking along `heading`, `phase` 0..1 of a stride."""

    at: tuple[float, float]
    heading: float
    phase: float
    trousers: tuple[float, float, float]
    shirt: tuple[float, float, float]


def passer(room: Room, seed: int, ts: datetime, zone: tzinfo) -> Passer | None:
    """Who passes through the room at `ts`; None for nobody. It follows from seed and time alone."""
    slot, within = divmod(ts.timestamp(), SLOT_S)
    rng = np.random.default_rng((seed, 41, int(slot)))
    if rng.random() > PASSES or not MORNING <= ts.astimezone(zone).hour < LATE:
        return None
    begin, side = float(rng.uniform(20, SLOT_S - 40)), float(rng.choice([-1, 1]))
    origin = np.array([room.width / 2 - side * (room.width / 2 + 0.3), room.depth * rng.uniform(0.1, 0.5)])
    goal = np.array([room.width / 2 + side * (room.width / 2 + 0.3), room.depth * rng.uniform(0.1, 0.5)])
    trousers, shirt = TROUSERS[int(rng.integers(len(TROUSERS)))], SHIRTS[int(rng.integers(len(SHIRTS)))]
    length = float(np.linalg.norm(goal - origin))
    run = (within - begin) * SPEED_M_S
    if not 0 <= run <= length:
        return None
    x, y = origin + (goal - origin) * run / length
    heading = float(np.arctan2(*(goal - origin)[::-1]))
    return Passer(
        (round(float(x), 3), round(float(y), 3)), round(heading, 4), round(run / STRIDE_M % 1, 3), trousers, shirt
    )


def draw_person(somebody: Passer, view: View, light: Light) -> Sprite | None:
    """The person as the camera sees it; None if out of the picture."""
    turn, at = heading_matrix(somebody.heading), np.array([*somebody.at, 0.0])
    body = join([*_legs(somebody.phase), *_trunk(somebody.phase)]).placed(turn, at)
    relief = splat(body, view, 0.03)
    if relief is None:
        return None
    colour = np.array([somebody.trousers, SHOES, somebody.shirt, SKIN, HAIR], np.float32)[body.part[relief.sphere]]
    x = single(2 * (relief.left + relief.cols) / view.width - 1)
    y = single(2 * (relief.top + relief.rows) / view.height - 1)
    reach = falloff(light, relief.depth[relief.rows, relief.cols], x, y)[:, None]
    lit = colour * light.shade(relief.normal, 0.3) * reach * (1 - 0.5 * relief.crease[:, None])
    painted = np.zeros((*relief.shape, 3), np.float32)
    painted[relief.rows, relief.cols] = lit
    cover = np.isfinite(relief.depth).astype(np.float32)
    feet = body.centre[:, 2] < 0.2
    foot = body.centre[feet] * [1, 1, 0]
    nothing = np.zeros((len(KEYPOINTS), 3))
    return Sprite(relief.left, relief.top, painted, cover, np.where(cover > 0, relief.depth, 1e3).astype(np.float32),
                  nothing, foot, body.radius[feet] * 1.3, np.maximum(body.centre[feet, 2] - body.radius[feet], 0))  # fmt: skip


def _legs(phase: float) -> list[Blobs]:
    """Two legs in body axes: hips at 0.9 m, knees that bend while the foot swings, shoes."""
    parts: list[Blobs] = []
    for side, offset in ((1.0, 0.0), (-1.0, 0.5)):
        swing = np.sin(2 * np.pi * (phase + offset))
        lift = 0.09 * max(float(np.cos(2 * np.pi * (phase + offset))), 0.0)
        hip, foot = np.array([0, 0.09 * side, 0.92]), np.array([0.30 * swing, 0.09 * side, 0.09 + lift])
        knee = (hip + foot) / 2 + [0.04 + 0.9 * lift, 0, 0.02]
        parts.append(_limb(np.stack([hip, knee, foot]), (0.095, 0.07, 0.052), 0))
        toe = np.add(foot, (0.15, 0, -0.045))
        parts.append(_limb(np.stack([foot - [0.04, 0, 0.04], toe]), (0.045, 0.036), 1))
    return parts


def _trunk(phase: float) -> list[Blobs]:
    """Trunk, swinging arms and head, 1.7 m tall in all."""
    parts = [_limb(np.array([[0, 0, 0.95], [0, 0, 1.15], [0, 0, 1.38]]), (0.14, 0.15, 0.16), 2)]
    for side in (1.0, -1.0):
        swing = 0.22 * side * float(np.sin(2 * np.pi * phase))
        hand = np.array([0.06 - swing, 0.24 * side, 0.82])
        elbow = np.array([-0.04 - 0.5 * swing, 0.24 * side, 1.1])
        parts.append(
            _limb(np.stack([[0, 0.19 * side, 1.40], elbow, np.add(hand, (-0.02, 0, 0.09))]), (0.06, 0.05, 0.038), 2)
        )
        parts.append(_limb(np.add(hand, [(0, 0, 0.04), (0, 0, -0.05)]), (0.035, 0.03), 3))
    parts.append(_limb(np.array([[0.01, 0, 1.48], [0.02, 0, 1.60], [0.02, 0, 1.64]]), (0.05, 0.085, 0.09), 3))
    parts.append(_limb(np.array([[-0.03, 0, 1.62], [0.0, 0, 1.68]]), (0.09, 0.085), 4))
    return parts


def _limb(points: Array, radii: tuple[float, ...], part: int) -> Blobs:
    return sweep(points, np.array(radii), part, np.array([0.0, 1.0, 0.0]), spacing=0.3)
