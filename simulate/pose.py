"""The postures of a cat, each moving with time.

Sizes are those of an average house cat (head and body 46 cm, shoulder height 25 cm; Kitchener et al., Biology and
Conservation of Wild Felids, 2010).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulate.skeleton import UP, Manner, Pose, breathing, footfall, standing, tail_curve
from simulate.view import unit

PERIODS = {"stand": 4.0, "eat": 4.0, "bat": 4.0, "dig": 6.0, "squat": 1.0, "sit": 16.0, "loaf": 3.0, "groom": 4.0,
           "scratch_post": 5.0, "curl": 3.0, "sprawl": 3.0}  # fmt: skip
"""Seconds after which a posture repeats: a resting cat costs a handful of drawings, not one per frame."""

STRIDE_M = {"walk": 0.274, "stalk": 0.129}  # so that feet on the ground do not slide: 2 x reach / 0.62


def walk(t: float, manner: Manner) -> Pose:
    """Lateral-sequence walk; `t` runs in strides (Hildebrand, Science 1965: feet down for 0.62 of the stride)."""
    paws = np.array([[0.13, 0.036, 0], [0.13, -0.036, 0], [-0.145, 0.04, 0], [-0.145, -0.04, 0]], float)
    for leg, offset in enumerate((0.25, 0.75, 0.0, 0.5)):
        paws[leg] += footfall((t + offset) % 1.0, reach=0.085, lift=0.035)
    sway = 0.006 * np.sin(2 * np.pi * t)
    bob = 0.004 * np.cos(4 * np.pi * t)
    tail = tail_curve([-0.178, 0, 0.225 + bob], manner, droop=-0.5, curl=0.9, sway=3 * sway)
    return standing(
        pelvis=[-0.14, sway, 0.205 + bob], chest=[0.118, -sway, 0.198 - bob], arch=0.002,
        head=[0.232, -sway, 0.282 + bob], look=(0, -8), paws=paws, tail=tail, manner=manner,
    )  # fmt: skip


def stand(t: float, manner: Manner) -> Pose:
    """Standing still, breathing, the tail's tip alive."""
    paws = np.array([[0.13, 0.038, 0], [0.12, -0.038, 0], [-0.125, 0.045, 0], [-0.155, -0.045, 0]], float)
    tail = tail_curve([-0.178, 0, 0.222], manner, droop=-0.5, curl=1.1, sway=0.03 * np.sin(np.pi / 2 * t))
    return standing([-0.14, 0, 0.205], [0.118, 0, 0.198], 0.002, [0.228, 0, 0.295], (0, -5), paws, tail, manner)


def eat(t: float, manner: Manner) -> Pose:
    """Forequarters low, head down in the bowl 25 cm ahead, nodding twice a second; the haunches stand higher."""
    nod = 0.010 * np.sin(2 * np.pi * 2.0 * t)
    paws = np.array([[0.10, 0.05, 0], [0.095, -0.05, 0], [-0.13, 0.055, 0], [-0.14, -0.055, 0]], float)
    tail = tail_curve([-0.17, 0, 0.185], manner, droop=0.9, curl=0.2, sway=0.025 * np.sin(np.pi / 2 * t))
    return standing(
        [-0.135, 0, 0.178], [0.092, 0, 0.138], 0.012, [0.205, 0.004 * np.sin(np.pi * t), 0.098 + nod],
        (0, -52 + 260 * nod), paws, tail, Manner(0, 0, manner.tail_swing, manner.tail_lift),
    )  # fmt: skip


def stalk(t: float, manner: Manner) -> Pose:
    """Belly low, neck stretched, eyes on the prey, the haunches treading before the rush; `t` in strides."""
    paws = np.array([[0.15, 0.05, 0], [0.13, -0.05, 0], [-0.12, 0.055, 0], [-0.14, -0.055, 0]], float)
    for leg, offset in enumerate((0.25, 0.75, 0.0, 0.5)):
        paws[leg] += footfall((t + offset) % 1.0, reach=0.04, lift=0.015)
    wiggle = 0.012 * np.sin(2 * np.pi * 2 * t)
    tail = tail_curve([-0.18, wiggle, 0.125], manner, droop=0.5, curl=0.15, sway=0.06 * np.sin(2 * np.pi * 1.2 * t))
    return standing([-0.15, wiggle, 0.128], [0.12, 0, 0.098], 0.0, [0.25, 0, 0.13], (0, -4), paws, tail, manner)


def pounce(t: float, manner: Manner) -> Pose:
    """One leap, `t` 0..1: gathered, stretched in the air with both forepaws out, landing on the prey."""
    rise = 0.24 * np.sin(np.pi * np.clip((t - 0.15) / 0.7, 0, 1))
    tilt = 0.5 * np.cos(np.pi * np.clip((t - 0.15) / 0.7, 0, 1)) * (0.15 < t < 0.85)
    reach = np.sin(np.pi * np.clip(t, 0, 1))
    chest = np.array([0.125 + 0.03 * reach, 0, 0.125 + rise + 0.09 * tilt])
    pelvis = np.array([-0.15, 0, 0.14 + rise - 0.11 * tilt])
    front = chest + np.array([0.11 + 0.05 * reach, 0, -0.10 + 0.04 * reach])
    back = pelvis + np.array([-0.03 - 0.11 * reach, 0, -0.13 + 0.01 * reach])
    paws = np.array([front, front, back, back])
    paws += np.array([[0, 0.04, 0.02], [0.02, -0.04, 0], [0, 0.05, 0], [-0.02, -0.05, 0]])
    paws[:, 2] = np.maximum(paws[:, 2], 0)
    tail = tail_curve(list(np.add(pelvis, (-0.035, 0, 0.015))), manner, droop=0.0, curl=0.3, sway=0.0)
    return standing(pelvis, chest, 0.02 * (1 - reach), np.add(chest, (0.115, 0, 0.045)), (0, -25), paws, tail, manner)


def bat(t: float, manner: Manner) -> Pose:
    """Half crouched over a toy, striking it with one forepaw after the other, 1.5 times a second."""
    strike = np.array([max(np.sin(2 * np.pi * 0.75 * t), 0.0), max(-np.sin(2 * np.pi * 0.75 * t), 0.0)])
    paws = np.array([[0.14, 0.05, 0], [0.14, -0.05, 0], [-0.12, 0.06, 0], [-0.13, -0.06, 0]], float)
    paws[:2] += strike[:, None] * [0.09, 0.0, 0.075]
    tail = tail_curve([-0.18, 0, 0.165], manner, droop=0.2, curl=0.5, sway=0.08 * np.sin(1.5 * np.pi * t))
    dip = 0.01 * np.sin(np.pi * t)
    return standing(
        [-0.15, 0, 0.16], [0.11, 0, 0.125 + dip], 0.02, [0.215, 0, 0.165 + dip], (0, -35), paws, tail, manner
    )


def dig(t: float, manner: Manner) -> Pose:
    """Standing in the litter, head down, one forepaw raking back twice a second (also how it covers)."""
    cycle = (2 * t) % 1.0
    side = int(t / 3) % 2
    paws = np.array([[0.115, 0.045, 0], [0.115, -0.045, 0], [-0.13, 0.055, 0], [-0.14, -0.055, 0]], float)
    paws[side] += [0.09 * np.cos(2 * np.pi * cycle), 0, 0.03 + 0.03 * np.sin(2 * np.pi * cycle)]
    tail = tail_curve([-0.175, 0, 0.215], manner, droop=-0.4, curl=0.4, sway=0.02 * np.sin(np.pi / 3 * t))
    return standing([-0.138, 0, 0.198], [0.10, 0, 0.168], 0.02, [0.202, 0, 0.165], (0, -50), paws, tail, manner)


def squat(t: float, manner: Manner) -> Pose:
    """In the litter box: hindquarters low, back rounded, forelegs straight, tail held out, looking ahead."""
    paws = np.array([[0.10, 0.04, 0], [0.10, -0.04, 0], [-0.045, 0.07, 0], [-0.045, -0.07, 0]], float)
    tail = tail_curve([-0.155, 0, 0.085], manner, droop=-0.35, curl=0.25, sway=0.0)
    return standing([-0.12, 0, 0.088], [0.085, 0, 0.175], 0.028, [0.18, 0, 0.265], (0, -2), paws, tail, manner)


def sit(t: float, manner: Manner) -> Pose:
    """Upright on its haunches, forelegs straight, tail laid around the feet, the head turning now and then."""
    paws = np.array([[0.085, 0.035, 0], [0.085, -0.035, 0], [0.035, 0.085, 0], [0.035, -0.085, 0]], float)
    tail = np.array([[-0.13, 0, 0.04], [-0.17, 0.05, 0.022], [-0.14, 0.12, 0.02], [-0.05, 0.145, 0.02],
                     [0.03, 0.13, 0.02], [0.09, 0.09, 0.022]])  # fmt: skip
    glance = 11 * np.round(2.4 * np.sin(2 * np.pi * t / 16))  # looks around in jerks, holds still between
    return standing(
        [-0.09, 0, 0.085], [0.055, 0, 0.215], 0.018, [0.10, 0, 0.345], (glance, -3), paws, tail, manner
    )  # fmt: skip


def loaf(t: float, manner: Manner) -> Pose:
    """Lying on its chest, paws folded under, awake."""
    paws = np.array([[0.13, 0.03, 0.005], [0.13, -0.03, 0.005], [-0.01, 0.085, 0], [-0.01, -0.085, 0]], float)
    tail = np.array([[-0.17, 0, 0.06], [-0.21, 0.05, 0.03], [-0.19, 0.12, 0.02], [-0.11, 0.145, 0.02],
                     [-0.03, 0.14, 0.02], [0.04, 0.12, 0.022]])  # fmt: skip
    pose = standing([-0.13, 0, 0.078], [0.105, 0, 0.095], 0.012, [0.195, 0, 0.185], (0, -4), paws, tail, manner)
    return breathing(pose, t)


def groom(t: float, manner: Manner) -> Pose:
    """Sitting, one hind leg raised beside the head, licking along it."""
    lick = np.sin(2 * np.pi * 1.25 * t)
    paws = np.array([[0.08, 0.03, 0], [0.085, -0.05, 0], [0.08, 0.15, 0.245], [0.04, -0.09, 0]], float)
    tail = np.array([[-0.13, 0, 0.04], [-0.18, -0.03, 0.022], [-0.2, -0.1, 0.02], [-0.16, -0.17, 0.02],
                     [-0.1, -0.2, 0.02], [-0.04, -0.2, 0.022]])  # fmt: skip
    head = [0.115, 0.06, 0.225 + 0.018 * lick]
    return standing([-0.09, 0, 0.085], [0.045, 0, 0.185], 0.03, head, (62, -28 + 14 * lick), paws, tail, Manner())


def scratch_post(t: float, manner: Manner) -> Pose:
    """Stretched up against a post 20 cm ahead, the forepaws pulling down in turn."""
    pull = 0.035 * np.sin(2 * np.pi * 1.2 * t)
    paws = np.array([[0.165, 0.045, 0.45 + pull], [0.165, -0.045, 0.45 - pull], [-0.06, 0.06, 0], [-0.07, -0.06, 0]])
    tail = tail_curve([-0.11, 0, 0.12], manner, droop=0.8, curl=0.2, sway=0.02)
    return standing([-0.07, 0, 0.15], [0.06, 0, 0.345], 0.012, [0.10, 0, 0.475], (0, 12), paws, tail, manner)


def curl(t: float, manner: Manner) -> Pose:
    """Asleep in a ring: back outwards, nose at the hind paws, tail around the face, one breath in 3 s (20 a minute)."""
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
    left = unit(np.cross(top, face))
    legs = np.array([
        [around(138, 0.10, 0.05), around(125, 0.05, 0.035), around(165, 0.04, 0.028), around(190, 0.05, 0.03)],
        [around(142, 0.10, 0.04), around(150, 0.06, 0.025), around(180, 0.06, 0.02), around(205, 0.06, 0.02)],
        [around(4, 0.09, 0.06), around(70, 0.035, 0.058), around(-35, 0.035, 0.045), around(-95, 0.095, 0.03)],
        [around(2, 0.09, 0.04), around(50, 0.03, 0.03), around(-45, 0.05, 0.025), around(-110, 0.08, 0.02)],
    ])  # fmt: skip
    tail = np.array([around(a, r, z) for a, r, z in
                     ((-20, 0.12, 0.05), (-46, 0.135, 0.032), (-75, 0.14, 0.024), (-105, 0.145, 0.024),
                      (-132, 0.155, 0.026), (-157, 0.165, 0.03))])  # fmt: skip
    pose = Pose(spine, outward, head, np.stack([face, np.cross(top, face), np.cross(face, left)]), legs, tail)
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
    left = unit(np.cross(top, face))
    axes = np.stack([face, left, np.cross(face, left)])
    return breathing(Pose(spine, np.tile(side, (5, 1)), np.array([0.235, -0.01, 0.058]), axes, legs, tail), t, True)


POSTURES: dict[str, Callable[[float, Manner], Pose]] = {
    "walk": walk, "stand": stand, "eat": eat, "stalk": stalk, "pounce": pounce, "bat": bat, "dig": dig, "squat": squat,
    "sit": sit, "loaf": loaf, "groom": groom, "scratch_post": scratch_post, "curl": curl, "sprawl": sprawl,
}  # fmt: skip
