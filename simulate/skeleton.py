"""How a cat is jointed: its bones, how they bend to put a paw in its place, and postures between postures.

Body axes: x forward, y to the cat's left, z up, the origin on the ground below its middle; metres at size 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulate.view import Array, cross, unit

Points = Array | list[float]

UP = np.array([0.0, 0.0, 1.0])
FRONT_BONES_M = (0.095, 0.090)  # shoulder to elbow, elbow to wrist
BACK_BONES_M = (0.095, 0.097)  # hip to stifle, stifle to hock
BREATH_S = 2.5  # 24 breaths a minute, as cats asleep and at rest (Ljungvall et al., J Feline Med Surg 16:281, 2014)
LEGS = ("left_front", "right_front", "left_back", "right_back")


@dataclass(frozen=True)
class Pose:
    """One posture: every array in metres, body axes."""

    spine: Array  # (5, 3) from the pelvis to the chest, the middle of the body
    spine_up: Array  # (5, 3) towards the back
    head: Array  # (3,) centre of the skull
    head_axes: Array  # (3, 3) rows: where the face looks, the head's left, the head's top
    legs: Array  # (4, 4, 3) LEGS x root, elbow (stifle), wrist (hock), paw
    tail: Array  # (6, 3) from the root to the tip
    breath: float = 0.0  # -1..1, how far the chest is filled
    eyes_open: bool = True


@dataclass(frozen=True)
class Manner:
    """What differs from cat to cat and moment to moment: degrees by which the head turns, metres the tail swings."""

    head_yaw: float = 0.0
    head_pitch: float = 0.0
    tail_swing: float = 0.0
    tail_lift: float = 0.0


def blended(first: Pose, second: Pose, part: float) -> Pose:
    """The posture `part` (0..1) of the way from `first` to `second`, eased at both ends."""
    weight = part * part * (3 - 2 * part)

    def mix(a: Array, b: Array) -> Array:
        return a * (1 - weight) + b * weight

    face = unit(mix(first.head_axes[0], second.head_axes[0]))
    left = unit(cross(mix(first.head_axes[2], second.head_axes[2]), face))
    return Pose(
        mix(first.spine, second.spine), unit(mix(first.spine_up, second.spine_up)), mix(first.head, second.head),
        np.stack([face, left, cross(face, left)]), mix(first.legs, second.legs), mix(first.tail, second.tail),
        first.breath * (1 - weight) + second.breath * weight, second.eyes_open if weight > 0.5 else first.eyes_open,
    )  # fmt: skip


def standing(
    pelvis: Points, chest: Points, arch: float, head: Points, look: tuple[float, float], paws: Array, tail: Array,
    manner: Manner,
) -> Pose:  # fmt: skip
    """A posture with the back up: the spine bows by `arch` metres, `look` is the head's (yaw, pitch) in degrees."""
    pelvis, chest = np.asarray(pelvis, float), np.asarray(chest, float)
    at = np.linspace(0, 1, 5)[:, None]
    spine = pelvis + (chest - pelvis) * at
    along = unit(chest - pelvis)
    back = unit(UP - along * along[2])
    spine = spine + back * (arch * np.sin(np.pi * at))
    yaw, pitch = np.radians(look[0] + manner.head_yaw), np.radians(look[1] + manner.head_pitch)
    face = np.array([np.cos(yaw) * np.cos(pitch), np.sin(yaw) * np.cos(pitch), np.sin(pitch)])
    left = np.array([-np.sin(yaw), np.cos(yaw), 0.0])
    paws = np.add(paws, (0, 0, 0.017))
    legs = np.stack([_leg(i, pelvis, chest, along, back, paws[i]) for i in range(4)])
    legs[:, 1:3, 2] = np.maximum(legs[:, 1:3, 2], 0.02)  # no joint below the ground a cat lies on
    axes = np.stack([face, left, cross(face, left)])
    return Pose(spine, np.tile(back, (5, 1)), np.asarray(head, float), axes, legs, np.asarray(tail, float))


def _leg(i: int, pelvis: Array, chest: Array, along: Array, back: Array, paw: Array) -> Array:
    """Joints (4, 3) of one leg from its root to `paw`: two bones by inverse kinematics above a short foot."""
    side = np.array([0.0, 1.0 if i % 2 == 0 else -1.0, 0.0])
    if i < 2:
        root = chest + 0.040 * side - 0.02 * back
        wrist = paw + _foot(paw - root, (-0.006, 0, 0.036))
        elbow, wrist = _two_bones(root, wrist, FRONT_BONES_M, np.array([-1.0, 0.0, 0.0]) + 0.25 * side)
        return np.stack([root, elbow, wrist, paw])
    root = pelvis + 0.038 * side - 0.008 * back + 0.01 * along
    hock = paw + _foot(paw - root, (-0.038, 0, 0.058))
    stifle, hock = _two_bones(root, hock, BACK_BONES_M, np.array([1.0, 0.0, 0.2]) + 0.3 * side)
    return np.stack([root, stifle, hock, paw])


def _foot(reach: Array, standing: tuple[float, float, float]) -> Array:
    """From the paw to the joint above: upright on the ground, in line with the leg when it is stretched out."""
    stretched = -unit(reach) * np.linalg.norm(standing)
    weight = np.clip((np.linalg.norm(reach * [1, 1, 0.3]) - 0.08) / 0.12, 0, 1)
    return np.asarray(standing) * (1 - weight) + stretched * weight


def _two_bones(root: Array, end: Array, bones: tuple[float, float], bend: Array) -> tuple[Array, Array]:
    """The joint between two bones and the end they reach; `bend` is the side to which the joint gives way."""
    span = end - root
    length = float(np.clip(np.linalg.norm(span), 0.03, 0.995 * sum(bones)))
    direction = unit(span)
    end = root + direction * length
    run = (bones[0] ** 2 - bones[1] ** 2 + length**2) / (2 * length)
    out = np.sqrt(max(bones[0] ** 2 - run**2, 0.0))
    perpendicular = unit(bend - direction * (bend @ direction))
    return root + direction * run + perpendicular * out, end


def footfall(phase: float, reach: float, lift: float) -> Array:
    """Where a foot is in its stride: carried back on the ground, then swung forward and lifted."""
    if phase < 0.62:
        return np.array([reach * (1 - 2 * phase / 0.62), 0, 0])
    swing = (phase - 0.62) / 0.38
    return np.array([reach * (-1 + 2 * (3 * swing**2 - 2 * swing**3)), 0, lift * np.sin(np.pi * swing)])


def tail_curve(root: list[float], manner: Manner, droop: float, curl: float, sway: float) -> Array:
    """(6, 3): leaves `root` backwards, sinking by `droop` radians (rising if negative), bending up by `curl` to the tip."""
    angle = droop - 0.6 * manner.tail_lift + np.linspace(0, -curl, 5)
    run = np.linspace(0.2, 1.0, 5)
    side = (sway + manner.tail_swing) * run**1.5
    step = 0.054 * np.stack([-np.cos(angle), np.zeros(5), -np.sin(angle)], axis=1)
    points = np.concatenate([[root], root + np.cumsum(step, axis=0)])
    points[1:, 1] += side
    points[:, 2] = np.maximum(points[:, 2], 0.02)
    return points


def breathing(pose: Pose, t: float, asleep: bool = False) -> Pose:
    """The posture with its chest filled as at `t` seconds, a breath taking BREATH_S; eyes shut if asleep."""
    breath = float(np.sin(2 * np.pi * t / BREATH_S))
    return Pose(pose.spine, pose.spine_up, pose.head, pose.head_axes, pose.legs, pose.tail, breath, not asleep)
