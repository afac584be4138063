"""The clock that cameras write into their pictures: it moves every second, and it is no cat."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["BurntClock"]

_BAND = 0.12  # height of each of the two bands that are looked at, of the picture's
_LARGEST = 0.008  # of the picture: minutes and seconds in letters of a thirtieth of its height
_RESTLESS = 0.05  # moved in this share of samples: at 1 s the tens of seconds do in a tenth, some strokes in less
_MEMORY_S = 60.0


class BurntClock:
    """Where the clock stands, learnt from what moves: a small patch at the upper or lower edge that is never still.

    Without it each sample of such a camera would count as movement. Only small patches in these two bands are muted,
    so a cat that washes itself in one place stays seen, and one that walks through the digits is larger than they are.
    Letters larger than a thirtieth of the picture's height are not learnt as a whole and go on costing samples.

    Args:
        shape: height and width of the thumbnails.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._height = max(1, round(_BAND * shape[0]))
        self._moved = np.zeros((2 * self._height, shape[1]), np.float32)
        self._still = np.full(self._moved.shape, 255, np.uint8)
        self._largest = _LARGEST * shape[0] * shape[1]

    def learn(self, moved: NDArray[Any], dt_s: float) -> None:
        """Take in which pixels moved: 0 or 255, `uint8 [h,w]`, `dt_s` seconds after the last."""
        rate = 1 - float(np.exp(-dt_s / _MEMORY_S))
        bands = np.concatenate([moved[: self._height], moved[-self._height :]])
        cv2.accumulateWeighted(bands.astype(np.float32), self._moved, rate)
        restless = (self._moved > 255 * _RESTLESS).astype(np.uint8)
        self._still[:] = 255
        if not restless.any():
            return
        patches, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(restless, np.ones((3, 3), np.uint8)))
        small = [label for label in range(1, patches) if stats[label, cv2.CC_STAT_AREA] <= self._largest]
        self._still[np.isin(labels, small)] = 0

    def without(self, moved: NDArray[Any]) -> NDArray[Any]:
        """`moved` less the clock."""
        moved = moved.copy()
        moved[: self._height] &= self._still[: self._height]
        moved[-self._height :] &= self._still[self._height :]
        return moved
