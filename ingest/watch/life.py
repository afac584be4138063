"""What is read of one animal while it is followed: moments with their bursts, behaviours, coats."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.behaviour.body import POINTS, Moments

__all__ = ["Life", "Look"]

MOST_MOMENTS = 24  # that are remembered: two minutes at one in 5 s, what "still since" is told from
MOST_COATS = 48

Array = NDArray[np.float32]


@dataclass
class Look:
    """One moment: a sample, and what was read on the frames of its burst: seconds after it, box, keypoints."""

    ts: float
    box: Array
    keypoints: Array
    look: Array
    stirring: float
    burst: list[tuple[float, Array, Array]] = field(default_factory=list)
    open: bool = True


@dataclass
class Life:
    """Of one track.

    Attributes:
        behaviours: seconds of each that was read.
        behaviour: now; empty while nobody can tell.
        looks: its last moments, the newest last.
        told: probabilities of the behaviours at its last moments.
        coats, weights: `[D]` each, and how well it could be seen.
        asked: on how many coats its name rests.
    """

    behaviours: dict[str, float] = field(default_factory=dict)
    behaviour: str = ""
    looks: deque[Look] = field(default_factory=lambda: deque(maxlen=MOST_MOMENTS))
    told: deque[NDArray[np.float64]] = field(default_factory=deque)
    coats: deque[Array] = field(default_factory=lambda: deque(maxlen=MOST_COATS))
    weights: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_COATS))
    asked: int = 0

    def passed(self, seconds: float) -> None:
        """So much time passed in which it did what it does."""
        if self.behaviour:
            self.behaviours[self.behaviour] = self.behaviours.get(self.behaviour, 0.0) + seconds

    def moments(self, aspect: float) -> Moments:
        """Its last moments as the classifier takes them; nothing is known of what comes after the newest."""
        looks, longest = list(self.looks), max((len(look.burst) for look in self.looks), default=0)
        seconds = np.full((len(looks), longest), np.nan)
        boxes, points = np.full((len(looks), longest, 4), np.nan), np.full((len(looks), longest, POINTS, 3), np.nan)
        for row, look in enumerate(looks):
            for turn, (later, box, keypoints) in enumerate(look.burst):
                seconds[row, turn], boxes[row, turn], points[row, turn] = later, box, keypoints
        return Moments(
            np.array([look.ts for look in looks]), np.zeros(len(looks), np.int64),
            np.array([look.box for look in looks], float), aspect,
            np.array([look.keypoints for look in looks], float),
            burst_s=seconds if longest else None, burst_boxes=boxes if longest else None,
            burst_keypoints=points if longest else None,
            stirring=np.array([look.stirring for look in looks]), looks=np.array([look.look for look in looks], float),
        )  # fmt: skip
