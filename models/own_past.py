"""How unusual a moment is for a cat that does this: its posture and its movement, each against the cat's own past in that behaviour.

A head held low is nothing in a cat that eats and much in one that rests: moments are compared with those of the same behaviour,
each behaviour with ranks of its own (label-conditional, or Mondrian, conformal prediction; Vovk, Gammerman and Shafer, Algorithmic
Learning in a Random World, Springer 2005). Posture and movement are compared apart, because the many numbers of one would drown
those of the other; the smaller of the two p-values counts twice (Bonferroni), so that a chosen rate still holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.anomaly import Past, Unusual, learn_past, unusual
from models.behaviour.evidence import NEIGHBOURS, Evidence
from models.behaviour.geometry import GEOMETRY
from models.behaviour.strokes import STROKES

__all__ = ["MOVES", "OwnPast", "Strange", "learn_own_past", "strange"]

Array = NDArray[np.float64]

MOVES = "how it moves"
PARTS = {
    "how the head is held": ("head_", "nose", "profile", "face", "neck"),
    "how back and legs are held": (*(name for name in GEOMETRY if not name.startswith("head_")), "tall"),
}
"""What people call the numbers of a posture, by how their names begin; the first that fits."""

_NEVER = ("size", "at_edge", "stirring", "gap_", "head_shown", "eyes_shown", "legs_shown", "torso_shown", "look_")
"""Where the cat is, what else moves, how well it is seen and its looks say nothing of how it holds itself or moves."""
_SIDES = ((*_NEVER, *STROKES, *NEIGHBOURS), (*_NEVER, *GEOMETRY, "tall"))
"""What is left out: of posture, of movement."""


@dataclass(frozen=True)
class OwnPast:
    """One cat's past on one camera: posture and movement by behaviour, None where there is too little of it."""

    by_behaviour: dict[int, tuple[Past | None, Past | None]]

    def __bool__(self) -> bool:
        return any(past for pasts in self.by_behaviour.values() for past in pasts)


@dataclass(frozen=True)
class Strange:
    """N moments.

    Attributes:
        p: share of the cat's ordinary moments of that behaviour that are at least as strange, 0..1 `[N]`; NaN where nothing
            is said.
        parts: what is furthest from the past, in words `[N]`.
    """

    p: Array
    parts: tuple[tuple[str, ...], ...]

    @property
    def anomaly(self) -> Array:
        """0 ordinary, towards 1 stranger than all of the past, `[N]`; NaN where nothing is said."""
        return 1 - self.p

    def alarms(self, rate: float) -> NDArray[np.bool_]:
        """Moments to flag `[N]`, of which ordinary ones are at most a share `rate`, over many days."""
        return np.asarray(self.p <= rate)  # NaN is not


def learn_own_past(own: Evidence, behaviour: NDArray[np.integer], days: NDArray[np.int64]) -> OwnPast:
    """A cat's past from its moments on one camera.

    Args:
        own: evidence of N moments.
        behaviour: what the cat did in each `[N]`.
        days: the day of each `[N]`.
    """
    return OwnPast({
        int(kind): tuple(learn_past(_of(own, mine), days[mine], leave_out=left_out) for left_out in _SIDES)  # type: ignore[misc]
        for kind in np.unique(behaviour)
        if (mine := behaviour == kind).any()
    })  # fmt: skip


def strange(own: Evidence, behaviour: NDArray[np.integer], past: OwnPast | None) -> Strange:
    """How unusual N moments of the same cat and camera are; nothing is said where there is too little past."""
    p = np.full(len(own.values), np.nan)
    parts: list[tuple[str, ...]] = [()] * len(own.values)
    for kind, (posture, movement) in (past.by_behaviour if past else {}).items():
        mine = np.flatnonzero(behaviour == kind)
        held, moves = (unusual(_of(own, mine), side) for side in (posture, movement))
        both = np.stack([held.p, moves.p])
        said = np.isfinite(both)
        least = np.where(said, both, 1.0).min(axis=0) * said.sum(axis=0)
        p[mine] = np.where(said.any(axis=0), np.minimum(least, 1), np.nan)
        for row, place in enumerate(mine):
            by_posture = not said[1, row] or both[0, row] <= both[1, row]
            parts[place] = _called(held, row) if by_posture else (MOVES,)
    return Strange(p, tuple(parts))


def _called(held: Unusual, row: int) -> tuple[str, ...]:
    words = [next(part for part, begins in PARTS.items() if name.startswith(begins)) for name, _ in held.reasons[row]]
    return tuple(dict.fromkeys(words))


def _of(own: Evidence, rows: NDArray[np.generic]) -> Evidence:
    return Evidence(own.values[rows], own.known[rows], own.names)
