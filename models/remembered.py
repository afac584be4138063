"""What is known of one cat on one camera from its days before: its usual way to hold itself, and its past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from home.ethogram import BEHAVIOURS, OTHER
from models.behaviour.evidence import NAMES, ZONES, Evidence
from models.own_past import OwnPast, learn_own_past
from models.posture import Usual, usual_of

__all__ = ["NUMBERS", "Known", "kinds", "known_of"]

NUMBERS = tuple(name for name in NAMES if name not in ZONES)
"""The evidence that is remembered of a moment."""
_AT_REST = ("sleeping", BEHAVIOURS[OTHER])


@dataclass(frozen=True)
class Known:
    """What is known of one cat on one camera; `usual` is None where there is too little of it."""

    past: OwnPast
    usual: Usual | None


def known_of(numbers: NDArray[np.float32], behaviours: Sequence[str], days: NDArray[np.int64], name: str) -> Known:
    """What the moments of one cat and camera say of it.

    Args:
        numbers: `[N,M]` of NUMBERS, NaN where not known.
        behaviours: names `[N]`.
        days: the day of each `[N]`.
        name: what the cat is called.
    """
    known = np.isfinite(numbers)
    own = Evidence(np.where(known, numbers, 0), known, NUMBERS)
    past = learn_own_past(own, kinds(behaviours), days)
    return Known(past, usual_of(own, np.isin(np.asarray(behaviours, str), _AT_REST), name))


def kinds(behaviours: Sequence[str]) -> NDArray[np.int64]:
    """Names of behaviours as numbers `[N]`, all that CatML has no name for as `other`."""
    place = {name: number for number, name in enumerate(BEHAVIOURS)}
    return np.array([place.get(name, OTHER) for name in behaviours], np.int64)
