"""The postures of a cat at rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulate.skeleton import UP, Manner, Pose, breathing, standing
from simulate.view import cross, unit


def sit(t: float, manner: Manner) -> Pose:
    """Upright on its haunches, forelegs straight, tail laid around the feet, the head turning now and then."""
    paws = np.array([[0.085, 0.035, 0], [0.085, -0.035, 0], [0.035, 0.085, 0], [0.035, -0.085, 0]], float)
    tail = np.array([[-0.13, 0, 0.04], [-0.17, 0.05, 0.022], [-0.14, 0.12, 0.02], [-0.05, 0.145, 0.02],
                     [0.03, 0.13, 0.02], [0.09, 0.09, 0.022]])  # fmt: skip
    glance = 11 * np.round(2.4 * np.sin(2 * np.pi * t / 20))  # looks around in jerks, holds still between
    return standing(
        [-0.09, 0, 0.085], [0.055, 0, 0.215], 0.018, [0.10, 0, 0.345], (glance, -3), paws, tail, manner
    )  # fmt: skip


def loaf(t: float, manner: Manner) -> Pose:
    """Lying on its chest, all feet folded under, awake."""
    return breathing(_folded([0.190, 0, 0.172], (0, -4), manner), t)


def doze(t: float, manner: Manner) -> Pose:
    """The same asleep, the head sunk forward."""
    return breathing(_folded([0.196, 0, 0.140], (0, -18), Manner()), t, asleep=True)


def _folded(head: list[float], look: tuple[float, float], manner: Manner) -> Pose:
    tail = np.array([[-0.16, 0, 0.06], [-0.20, 0.05, 0.03], [-0.175, 0.11, 0.02], [-0.10, 0.13, 0.02],
                     [-0.02, 0.13, 0.02], [0.05, 0.115, 0.022]])  # fmt: skip
    flat = np.array([[0.13, 0.03, 0], [0.13, -0.03, 0], [-0.01, 0.085, 0], [-0.01, -0.085, 0]], float)
    pose = standing([-0.125, 0, 0.078], [0.10, 0, 0.088], 0.020, head, look, flat, tail, manner)
    legs = np.array([
        [[0.10, 0.035, 0.07], [0.055, 0.052, 0.042], [0.125, 0.036, 0.026], [0.095, 0.012, 0.020]],
        [[0.10, -0.035, 0.07], [0.055, -0.052, 0.042], [0.125, -0.036, 0.026], [0.095, -0.012, 0.020]],
        [[-0.115, 0.035, 0.075], [-0.055, 0.062, 0.056], [-0.130, 0.055, 0.028], [-0.045, 0.068, 0.020]],
        [[-0.115, -0.035, 0.075], [-0.055, -0.062, 0.056], [-0.130, -0.055, 0.028], [-0.045, -0.068, 0.020]],
    ])  # fmt: skip
    return replace(pose, legs=legs)


def hunch(t: float, manner: Manner) -> Pose:
    """Resting in pain: crouched on all four feet, the back arched, the head below the shoulders, tail wrapped tight.

    The posture that the Glasgow pain scale for cats asks for (Reid et al., Veterinary Record 180:449, 2017).
    """
    paws = np.array([[0.105, 0.045, 0], [0.105, -0.045, 0], [-0.045, 0.075, 0], [-0.045, -0.075, 0]], float)
    tail = np.array([[-0.14, 0, 0.05], [-0.16, 0.05, 0.025], [-0.12, 0.105, 0.02], [-0.05, 0.12, 0.02],
                     [0.02, 0.115, 0.02], [0.08, 0.09, 0.022]])  # fmt: skip
    pose = standing([-0.105, 0, 0.095], [0.085, 0, 0.112], 0.055, [0.175, 0, 0.118], (0, -26), paws, tail, Manner())
    return breathing(pose, t)


def curl(t: float, manner: Manner) -> Pose:
    """Asleep in a ring: back outwards, nose at the hind paws, tail around the face, 24 breaths a minute."""
    ring = 0.103

    def around(degrees: float, radius: float, z: float) -> list[float]:
        angle = np.radians(degrees - 75)
        return [radius * np.cos(angle), radius * np.sin(angle), z]

    spine = np.array([around(a, ring, z) for a, z in ((0, 0.068), (40, 0.074), (78, 0.078), (115, 0.076), (150, 0.07))])
    outward = unit(spine * [1, 1, 0]) + 0.9 * UP
    head = np.array(around(207, 0.106, 0.078))
    inward = unit(np.array(around(262, 0.14, 0.0)) - head * [1, 1, 0])
    face = unit(np.add(inward, (0, 0, -0.22)))
    top = unit(0.55 * unit(head * [1, 1, 0]) + 0.85 * UP)
    left = unit(cross(top, face))
    legs = np.array([
        [around(138, 0.10, 0.05), around(125, 0.05, 0.035), around(165, 0.04, 0.028), around(190, 0.05, 0.03)],
        [around(142, 0.10, 0.04), around(150, 0.06, 0.025), around(180, 0.06, 0.02), around(205, 0.06, 0.02)],
        [around(4, 0.09, 0.06), around(70, 0.035, 0.058), around(-35, 0.035, 0.045), around(-95, 0.095, 0.03)],
        [around(2, 0.09, 0.04), around(50, 0.03, 0.03), around(-45, 0.05, 0.025), around(-110, 0.08, 0.02)],
    ])  # fmt: skip
    tail = np.array([around(a, r, z) for a, r, z in
                     ((-20, 0.12, 0.05), (-46, 0.135, 0.032), (-75, 0.14, 0.024), (-105, 0.145, 0.024),
                      (-132, 0.155, 0.026), (-157, 0.165, 0.03))])  # fmt: skip
    pose = Pose(spine, outward, head, np.stack([face, cross(top, face), cross(face, left)]), legs, tail)
    return breathing(pose, t, asleep=True)


def sprawl(t: float, manner: Manner) -> Pose:
    """Asleep on its side, legs stretched away from the back."""
    spine = np.array([[-0.15, 0, 0.06], [-0.08, 0.02, 0.066], [0, 0.028, 0.07], [0.07, 0.02, 0.07], [0.13, 0, 0.062]])
    side = np.array([0.0, 0.9, 0.45])
    legs = np.array([
        [[0.12, -0.03, 0.085], [0.10, -0.12, 0.07], [0.17, -0.17, 0.05], [0.205, -0.18, 0.045]],
        [[0.12, -0.03, 0.03], [0.15, -0.10, 0.02], [0.21, -0.13, 0.018], [0.25, -0.14, 0.018]],
        [[-0.14, -0.03, 0.085], [-0.06, -0.10, 0.07], [-0.12, -0.17, 0.05], [-0.10, -0.235, 0.04]],
        [[-0.14, -0.03, 0.03], [-0.10, -0.11, 0.025], [-0.19, -0.15, 0.02], [-0.19, -0.22, 0.018]],
    ])  # fmt: skip
    tail = np.array([[-0.18, 0, 0.05], [-0.24, -0.01, 0.025], [-0.3, -0.04, 0.02], [-0.35, -0.08, 0.018],
                     [-0.38, -0.13, 0.018], [-0.39, -0.18, 0.018]])  # fmt: skip
    face, top = unit((0.8, -0.5, 0.02)), unit((0.25, 0.7, 0.65))
    left = unit(cross(top, face))
    axes = np.stack([face, left, cross(face, left)])
    return breathing(Pose(spine, np.tile(side, (5, 1)), np.array([0.235, -0.01, 0.058]), axes, legs, tail), t, True)
