"""The postures of a cat that is up and about, each moving with time, and all postures by name.

Sizes are those of an average house cat (head and body 46 cm, shoulder height 25 cm; Kitchener et al., Biology and
Conservation of Wild Felids, 2010).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulate.grooming import lick_flank, lick_leg, scratch_leg, wash_face
from simulate.resting import curl, doze, hunch, loaf, sit, sprawl
from simulate.skeleton import BREATH_S, Manner, Pose, footfall, standing, tail_curve

PERIODS = {"stand": 5.0, "eat": 4.0, "bat": 4.0, "dig": 6.0, "squat": 1.0, "sit": 20.0, "loaf": BREATH_S, "doze": BREATH_S,
           "hunch": BREATH_S, "groom": 4.0, "lick_flank": 4.0, "wash_face": 4.0, "scratch_post": 5.0, "scratch_leg": 2.0,
           "lurk": 5.0, "curl": BREATH_S, "sprawl": BREATH_S}  # fmt: skip
"""Seconds after which a posture repeats: a resting cat costs a handful of drawings, not one per frame."""

STILL = ("stand", "squat", "sit", "loaf", "doze", "hunch", "lurk", "curl", "sprawl")
"""Postures that follow the clock and not the moment they began: hours of them repeat the same few pictures."""

STRIKES_HZ = 0.75  # of each forepaw of a cat that bats, in turn; our choice

STRIDE_M = {"walk": 0.274, "stalk": 0.129, "rush": 0.62}  # so that feet on the ground do not slide: 2 x reach / 0.62


def canonical(posture: str, t: float) -> float:
    """The time of the period that stands for all times at which the posture looks as at `t`."""
    period = PERIODS[posture]
    if posture in ("loaf", "doze", "hunch", "curl", "sprawl"):
        return _first_rise(np.round(4 * np.sin(2 * np.pi * t / period)) / 4, period)
    if posture == "sit":
        return _first_rise(np.round(2.4 * np.sin(2 * np.pi * t / period)) / 2.4, period)
    return round(t % period, 3)


def _first_rise(level: float, period: float) -> float:
    return round(float(np.arcsin(np.clip(level, -1, 1))) / (2 * np.pi) * period % period, 3)


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
    tail = tail_curve([-0.178, 0, 0.222], manner, droop=-0.5, curl=1.1, sway=0.03 * np.sin(0.4 * np.pi * t))
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


def lurk(t: float, manner: Manner) -> Pose:
    """Pressed to the ground, still but for the treading haunches and the tip of the tail, eyes on the prey."""
    paws = np.array([[0.15, 0.05, 0], [0.135, -0.05, 0], [-0.10, 0.06, 0], [-0.12, -0.06, 0]], float)
    wiggle = 0.014 * np.sin(2 * np.pi * 1.2 * t)
    tail = tail_curve([-0.18, wiggle, 0.11], manner, droop=0.5, curl=0.1, sway=0.07 * np.sin(2 * np.pi * 0.8 * t))
    return standing([-0.145, wiggle, 0.118], [0.125, 0, 0.078], 0.0, [0.26, 0, 0.098], (0, 2), paws, tail, Manner())


def rush(t: float, manner: Manner) -> Pose:
    """A gallop, `t` in strides: gathered with the hind feet before the fore feet, then stretched out flat."""
    reach = np.cos(2 * np.pi * t)  # 1 stretched, -1 gathered
    rise = 0.03 * np.abs(np.sin(2 * np.pi * t))
    front, back = 0.15 + 0.13 * reach, -0.11 - 0.16 * reach
    lift = 0.06 * np.maximum(np.sin(2 * np.pi * (t + np.array([0.0, 0.06, 0.5, 0.56]))), 0)
    paws = np.array([[front, 0.035, 0], [front - 0.03, -0.035, 0], [back, 0.045, 0], [back + 0.03, -0.045, 0]], float)
    paws[:, 2] = lift + 0.02 * (1 + reach)
    tail = tail_curve([-0.18, 0, 0.19 + rise], manner, droop=-0.1, curl=0.3, sway=0.0)
    return standing(
        [-0.14 + 0.02 * (1 - reach), 0, 0.172 + rise], [0.12 - 0.015 * (1 - reach), 0, 0.165 + rise],
        0.028 * (1 - reach), [0.245, 0, 0.215 + rise], (0, -4), paws, tail, Manner(),
    )  # fmt: skip


def leap(t: float, manner: Manner) -> Pose:
    """In the air from one height to another, `t` 0..1; the way itself carries the height."""
    flown = float(np.clip((t - 0.12) / 0.76, 0, 1))
    tilt, reach = 0.11 * np.cos(np.pi * flown) * (0 < flown < 1), float(np.sin(np.pi * flown))
    chest, pelvis = np.array([0.12 + 0.02 * reach, 0, 0.17 + tilt]), np.array([-0.14, 0, 0.17 - tilt])
    front = np.array([0.13 + 0.10 * reach, 0, max(chest[2] - 0.17 + 0.07 * reach, 0)])
    back = np.array([-0.14 - 0.10 * reach, 0, max(pelvis[2] - 0.19, 0)])
    paws = np.array([front, front, back, back])
    paws += [[0, 0.04, 0], [0.01, -0.04, 0], [0, 0.05, 0], [-0.01, -0.05, 0]]
    tail = tail_curve([-0.175, 0, float(pelvis[2]) + 0.015], manner, droop=0.1, curl=0.5, sway=0.0)
    return standing(pelvis, chest, 0.012, np.add(chest, (0.115, 0, 0.085)), (0, 4), paws, tail, Manner())


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
    swing = float(np.sin(2 * np.pi * STRIKES_HZ * t))
    strike = np.array([max(swing, 0.0), max(-swing, 0.0)])
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


def scratch_post(t: float, manner: Manner) -> Pose:
    """Stretched up against a post 17 cm ahead, looking up, the forepaws raking down in turn."""
    pull = 0.055 * np.sin(2 * np.pi * 1.2 * t)
    paws = np.array([[0.160, 0.032, 0.50 + pull], [0.160, -0.032, 0.50 - pull], [-0.05, 0.06, 0], [-0.06, -0.06, 0]])
    tail = tail_curve([-0.10, 0, 0.125], manner, droop=0.8, curl=0.2, sway=0.02)
    return standing([-0.055, 0, 0.155], [0.055, 0, 0.362], 0.012, [0.078, 0, 0.488], (0, 26), paws, tail, Manner())


POSTURES: dict[str, Callable[[float, Manner], Pose]] = {
    "walk": walk, "stand": stand, "eat": eat, "stalk": stalk, "lurk": lurk, "rush": rush, "pounce": pounce, "leap": leap,
    "bat": bat, "dig": dig, "squat": squat, "sit": sit, "loaf": loaf, "doze": doze, "hunch": hunch, "groom": lick_leg,
    "lick_flank": lick_flank, "wash_face": wash_face, "scratch_post": scratch_post, "scratch_leg": scratch_leg,
    "curl": curl, "sprawl": sprawl,
}  # fmt: skip
