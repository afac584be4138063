"""A cat that cares for its coat: licking, washing, scratching itself."""

from __future__ import annotations

import numpy as np

from simulate.skeleton import Manner, Pose, standing
from simulate.view import Array

SITTING_PAWS = ((0.085, 0.035, 0.0), (0.085, -0.035, 0.0), (0.035, 0.085, 0.0), (0.035, -0.085, 0.0))


def lick_leg(t: float, manner: Manner) -> Pose:
    """Sitting, one hind leg raised beside the head, licking along it."""
    lick = np.sin(2 * np.pi * 1.25 * t)
    paws = np.array([[0.08, 0.03, 0], [0.085, -0.05, 0], [0.08, 0.15, 0.245], [0.04, -0.09, 0]], float)
    tail = np.array([[-0.13, 0, 0.04], [-0.18, -0.03, 0.022], [-0.2, -0.1, 0.02], [-0.16, -0.17, 0.02],
                     [-0.1, -0.2, 0.02], [-0.04, -0.2, 0.022]])  # fmt: skip
    head = [0.115, 0.06, 0.225 + 0.018 * lick]
    return standing([-0.09, 0, 0.085], [0.045, 0, 0.185], 0.03, head, (62, -28 + 14 * lick), paws, tail, Manner())


def lick_flank(t: float, manner: Manner) -> Pose:
    """Sitting with the head turned right back to the flank, licking along it in strokes."""
    stroke = np.sin(2 * np.pi * 1.25 * t)
    head = [-0.005 - 0.022 * stroke, 0.128, 0.205 + 0.016 * stroke]
    return standing([-0.09, 0, 0.085], [0.05, 0.018, 0.20], 0.022, head, (168 + 6 * stroke, -34 - 9 * stroke),
                    np.array(SITTING_PAWS), _tail(), Manner())  # fmt: skip


def wash_face(t: float, manner: Manner) -> Pose:
    """Sitting, a wetted forepaw drawn over ear and cheek, the head bowed into it."""
    rub = np.sin(2 * np.pi * 1.0 * t)
    paws = np.array(SITTING_PAWS)
    paws[1] = [0.150 - 0.012 * rub, -0.022, 0.288 + 0.040 * rub]
    return standing([-0.09, 0, 0.085], [0.052, 0.006, 0.205], 0.022, [0.098, 0.012, 0.312 - 0.006 * rub],
                    (-14, -24 - 8 * rub), paws, _tail(), Manner())  # fmt: skip


def scratch_leg(t: float, manner: Manner) -> Pose:
    """Sitting, leant away from a hind leg that beats at the cheek three and a half times a second, the head held into it."""
    beat = np.sin(2 * np.pi * 3.5 * t)
    paws = np.array(SITTING_PAWS)
    paws[2] = [0.060 + 0.030 * beat, 0.090 + 0.012 * beat, 0.275 + 0.030 * beat]
    return standing([-0.075, -0.03, 0.08], [0.035, -0.045, 0.205], 0.024, [0.075, -0.045, 0.315 + 0.003 * beat],
                    (50, -30), paws, _tail(), Manner())  # fmt: skip


def _tail() -> Array:
    """Laid on the ground to the right."""
    return np.array([[-0.13, 0, 0.04], [-0.18, -0.03, 0.022], [-0.2, -0.1, 0.02], [-0.16, -0.17, 0.02],
                     [-0.1, -0.2, 0.02], [-0.04, -0.2, 0.022]])  # fmt: skip
