"""Flesh on a posture: the spheres that make up a cat, and where its keypoints lie."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from simulate.blobs import Blobs, join, sweep
from simulate.coat import Coat, Part
from simulate.skeleton import Pose
from simulate.view import Array, cross, unit

HEAD_SIZE = 1.12  # of the measures below

KEYPOINTS = (
    "left_eye", "right_eye", "nose", "left_ear", "right_ear",
    "left_front_elbow", "right_front_elbow", "left_back_elbow", "right_back_elbow",
    "left_front_knee", "right_front_knee", "left_back_knee", "right_back_knee",
    "left_front_paw", "right_front_paw", "left_back_paw", "right_back_paw", "throat", "withers", "tailbase",
)  # fmt: skip
"""Names and order of Animal-Pose (Cao et al., ICCV 2019); ears are their bases, a hind leg's elbow is its stifle."""

FRONT_RADII = (0.036, 0.026, 0.0175, 0.0185)
BACK_RADII = (0.052, 0.038, 0.0175, 0.0195)


@dataclass(frozen=True)
class Body:
    """One cat's build: `size` 1 is an average adult, `girth` how round it is."""

    coat: Coat
    size: float = 1.0
    girth: float = 1.0


def flesh(pose: Pose, body: Body) -> Blobs:
    """The cat in body axes, metres, at size 1."""
    legs = [_leg(pose, i) for i in range(4)]
    return join([_torso(pose, body), _neck(pose), *legs, _tail(pose, body), _head(pose)])


def keypoints(pose: Pose) -> Array:
    """(20, 3) KEYPOINTS in body axes, metres, at size 1."""
    head = [_on_head(pose, p) for p in ((0.044, 0.021, 0.008), (0.044, -0.021, 0.008), (0.058, 0, -0.011))]
    ears = [_on_head(pose, (-0.002, side * 0.034, 0.040)) for side in (1, -1)]
    legs = [pose.legs[leg, joint] for joint in (1, 2, 3) for leg in range(4)]
    throat = _on_head(pose, (0.0, 0, -0.048))
    withers = pose.spine[4] + 0.068 * pose.spine_up[4]
    root = pose.spine[0] + 0.3 * (pose.tail[0] - pose.spine[0]) + 0.045 * pose.spine_up[0]
    return np.stack([*head, *ears, *legs, throat, withers, root])


def _torso(pose: Pose, body: Body) -> Blobs:
    girth = body.girth + 0.3 * (body.coat.fluff - 1) * 0.25
    full = 1 + 0.055 * pose.breath
    radii = np.array([0.062, 0.064 * girth, 0.070 * girth * full, 0.073 * full, 0.064])
    rump = pose.spine[:1] + 0.35 * (pose.tail[:1] - pose.spine[:1])
    back = sweep(np.concatenate([rump, pose.spine]), np.concatenate([[0.050], radii]), Part.TORSO,
                 np.concatenate([pose.spine_up[:1], pose.spine_up]), spacing=0.36)  # fmt: skip
    low = pose.spine[1:4] - pose.spine_up[1:4] * (0.016 * girth**2)
    belly = sweep(low, radii[1:4] * 0.98, Part.TORSO, pose.spine_up[1:4], spacing=0.4)
    belly.along[:] += 0.11
    return join([back, belly])


def _neck(pose: Pose) -> Blobs:
    nape = pose.head - 0.022 * pose.head_axes[0] - 0.014 * pose.head_axes[2]
    points = np.stack([pose.spine[4], pose.spine[4] * 0.45 + nape * 0.55, nape])
    up = np.stack([pose.spine_up[4], unit(pose.spine_up[4] + pose.head_axes[2]), pose.head_axes[2]])
    return sweep(points, np.array([0.062, 0.052, 0.046]), Part.NECK, up, spacing=0.36)


def _leg(pose: Pose, i: int) -> Blobs:
    front = i < 2
    joints = pose.legs[i]
    toes = joints[3] + 0.022 * unit((joints[3] - joints[2]) * [1, 1, 0.2] + 1e-6 + 0.01 * pose.head_axes[0] * [1, 1, 0])
    radii = FRONT_RADII if front else BACK_RADII
    part = Part.FRONT_LEG if front else Part.BACK_LEG
    outward = pose.spine_up[4 if front else 0]
    return sweep(np.concatenate([joints, [toes]]), np.array([*radii, radii[3] * 0.92]), part,
                 unit(cross(outward, np.array([0.0, 1.0, 0.0])) + 0.1), spacing=0.4)  # fmt: skip


def _tail(pose: Pose, body: Body) -> Blobs:
    thick = 0.0150 * (0.75 + 0.35 * body.coat.fluff**1.3)
    radii = thick * np.array([1.25, 1.05, 1.0, 0.98, 0.92, 0.72])
    return sweep(pose.tail, radii, Part.TAIL, pose.spine_up[0] + [0.01, 0, 0], spacing=0.45)


def _head(pose: Pose) -> Blobs:
    """The head as it was made once, turned and put in its place."""
    head = _skull(pose.eyes_open)
    return Blobs(pose.head + head.centre @ pose.head_axes, head.radius, head.axis @ pose.head_axes,
                 head.up @ pose.head_axes, head.along, head.part)  # fmt: skip


@lru_cache(maxsize=2)
def _skull(eyes_open: bool) -> Blobs:
    """The head in its own axes (forward, left, up), metres at size 1."""
    ball = [
        (0.0, 0.0, 0.0, 0.049), (-0.012, 0.0, 0.004, 0.047), (0.012, 0.023, -0.013, 0.033), (0.012, -0.023, -0.013, 0.033),
        (0.026, 0.0, 0.012, 0.031), (0.033, 0.0, -0.003, 0.021),
    ]  # fmt: skip
    muzzle = [(0.040, 0.0095, -0.019, 0.0165), (0.040, -0.0095, -0.019, 0.0165), (0.035, 0.0, -0.031, 0.0125),
              (0.046, 0.0, -0.010, 0.0095)]  # fmt: skip
    parts = [_balls(ball, Part.HEAD), _balls(muzzle, Part.MUZZLE), _balls([(0.0545, 0.0, -0.0105, 0.0058)], Part.NOSE)]
    if eyes_open:
        parts.append(_balls([(0.0365, 0.0205, 0.007, 0.0128), (0.0365, -0.0205, 0.007, 0.0128)], Part.EYE))
    else:
        slits = [(0.043 - 0.15 * abs(y), side * (0.020 + y), 0.004 + 18 * y * y, 0.0042)
                 for side in (1, -1) for y in np.linspace(-0.009, 0.009, 5)]  # fmt: skip
        parts.append(_balls(slits, Part.LID))
    return join([*parts, _ear(1.0), _ear(-1.0)])


def _balls(balls: list[tuple[float, float, float, float]], part: Part) -> Blobs:
    """Spheres (forward, left, up, radius) on the head; on each, `axis` is its left and `up` the crown."""
    places = np.array(balls)
    count = len(places)
    up = np.tile([0.0, 0.0, 1.0], (count, 1))
    outward = 0.35 * np.sign(places[:, 1:2]) if part == Part.EYE else np.zeros((count, 1))
    face = unit(np.array([1.0, 0.0, 0.0]) + outward * np.array([0.0, 1.0, 0.0]))
    return Blobs(HEAD_SIZE * places[:, :3], HEAD_SIZE * places[:, 3], unit(cross(up, face)), up, places[:, 0],
                 np.full(count, int(part)))  # fmt: skip


def _ear(side: float) -> Blobs:
    """A pointed shell: a grid of small spheres from a broad base to the tip, its hollow turned forward and out."""
    tip = np.array([-0.004, side * 0.045, 0.080])
    inner, outer = np.array([0.0, side * 0.014, 0.042]), np.array([-0.010, side * 0.050, 0.026])
    rows = []
    for rise in np.linspace(0, 1, 9):
        for across in np.linspace(0, 1, 6):
            base = inner + (outer - inner) * across
            bulge = np.array([-0.010, 0, 0]) * np.sin(np.pi * across) * (1 - rise)
            rows.append((*(base + (tip - base) * rise + bulge), 0.0062 - 0.0032 * rise))
    hollow = [(0.004 + 0.004 * (1 - r), side * (0.033 + 0.010 * r) + side * c, 0.040 + 0.036 * r, 0.0060 - 0.003 * r)
              for r in np.linspace(0, 0.85, 6) for c in np.linspace(-0.008, 0.008, 3) * (1 - r)]  # fmt: skip
    return join([_balls(rows, Part.EAR), _balls(hollow, Part.EAR_INNER)])


def _on_head(pose: Pose, place: tuple[float, float, float]) -> Array:
    return pose.head + HEAD_SIZE * np.asarray(place) @ pose.head_axes
