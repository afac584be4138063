"""Animals followed through a whole day, once forwards and once backwards.

Forwards alone a track begins where its animal was first seen well: a cat that comes from the far end of a hall is a
string of weak boxes until it is near. Whoever has the whole day may also look back: the same tracker, fed from the
evening to the morning, carries each track on over the weak boxes that came before it, and over those in its gaps that
lie where it went, not where it came from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.tracker import Tracker, TrackerSettings

__all__ = ["Burst", "Look", "follow"]

LOST_S = 0.5
"""An animal that is not seen for so long within a burst is lost: two frames of five a second. Our choice."""


@dataclass(frozen=True)
class Look:
    """What was found on one sample.

    Attributes:
        ts: seconds.
        boxes: `float32 [N,4]` x1 y1 x2 y2 in 0..1.
        scores: `float32 [N]` in 0..1.
        features: `float32 [N,D]` appearances, or None to do without.
    """

    ts: float
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    features: NDArray[np.float32] | None = None


def follow(looks: Sequence[Look], settings: TrackerSettings) -> list[NDArray[np.int64]]:
    """The track of each box of each look, 1 or more; -1 for a box that no track carries.

    Args:
        looks: of one camera, in order of time.
        settings: how boxes become tracks.

    Raises:
        ValueError: if time does not run forwards, or the arrays of a look do not fit each other.
    """
    tracker = Tracker(settings)
    forwards = [tracker.update(look.ts, look.boxes, look.scores, look.features) for look in looks]
    return _backwards(looks, forwards, settings)


class Burst:
    """The animals of one sample, followed over the frames right after it; those that come later are of no interest.

    Args:
        boxes: `float32 [N,4]` of the sample, x1 y1 x2 y2 in 0..1.
        settings: how boxes become tracks.
    """

    def __init__(self, boxes: NDArray[np.float32], settings: TrackerSettings) -> None:
        self._tracker = Tracker(replace(settings, max_gap_s=LOST_S))
        own = self._tracker.update(0.0, boxes, np.ones(len(boxes), np.float32))
        self._animals = {int(number): index for index, number in enumerate(own) if number > 0}

    def update(self, seconds: float, boxes: NDArray[np.float32], scores: NDArray[np.float32]) -> NDArray[np.int64]:
        """Which of the sample's animals each box of a frame shows; no two boxes show the same.

        Args:
            seconds: since the sample, more than at the call before.
            boxes: `float32 [M,4]`.
            scores: `float32 [M]` in 0..1.

        Returns:
            `int64 [M]`, the place among the sample's boxes; -1 for none of them.
        """
        tracks = self._tracker.update(seconds, boxes, scores)
        return np.array([self._animals.get(int(track), -1) for track in tracks], np.int64)


def _backwards(
    looks: Sequence[Look], forwards: Sequence[NDArray[np.int64]], settings: TrackerSettings
) -> list[NDArray[np.int64]]:
    """Tracks carried on backwards over weak boxes that are free; nothing begins, and nothing that has a track changes."""
    tracker = Tracker(settings)
    carries: dict[int, int] = {}  # track of this pass: the track it carries on now
    told: list[NDArray[np.int64]] = []
    for look, numbers in zip(reversed(looks), reversed(forwards), strict=True):
        # What is taken is certain by now. Strong boxes without a track are second boxes of an animal: no part in this.
        part = np.flatnonzero((numbers > 0) | (look.scores < settings.high_score))
        scores = np.where(numbers[part] > 0, np.float32(1), look.scores[part])
        features = None if look.features is None else look.features[part]
        passing = tracker.update(-look.ts, look.boxes[part], scores, features)
        result = numbers.copy()
        for index, own in zip(part, passing.tolist(), strict=True):
            if numbers[index] > 0:
                carries[own] = int(numbers[index])
        taken = set(numbers[numbers > 0].tolist())
        for index, own in zip(part, passing.tolist(), strict=True):
            carried = carries.get(own)
            if numbers[index] < 0 and own > 0 and carried is not None and carried not in taken:
                result[index] = carried
                taken.add(carried)
        told.append(result)
    return told[::-1]
