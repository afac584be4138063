"""What is known of one behaviour of one cat: its events, and the time in which they could have been seen.

Everything about habits begins here, so that nobody can forget what was not seen: between two observed spans a cat may
have eaten any number of times.
"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

__all__ = ["History"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class History:
    """One behaviour of one cat. Moments are seconds since 1970 (UTC), rising.

    Attributes:
        starts: of the N events `[N]`.
        durations: seconds each lasted `[N]`; 0 where a device only says when.
        observed: spans in which an event could have been seen `[M, 2]`, half-open, apart from each other. Events lie in them.
        possible: starts of events of `unknown` cats in that time, each of which may be one of this cat's `[U]`.
        zone: of the home: hours of the day and days are its local ones, of 23, 24 or 25 hours.
    """

    starts: Array
    durations: Array
    observed: Array
    possible: Array
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if self.starts.shape != self.durations.shape or self.starts.ndim != 1:
            raise ValueError(
                f"{self.starts.shape} starts and {self.durations.shape} durations: one of each for an event"
            )
        if self.observed.ndim != 2 or self.observed.shape[1] != 2:
            raise ValueError(f"observed spans of shape {self.observed.shape}: [M, 2] with start and end would be right")
        rims = self.observed.ravel()
        if np.any(np.diff(rims) < 0) or np.any(self.observed[:, 0] >= self.observed[:, 1]):
            raise ValueError("observed spans overlap, are empty or out of order: merge them first")
        for name, moments in (("starts", self.starts), ("possible", self.possible)):
            if np.any(np.diff(moments) < 0):
                raise ValueError(f"{name} are out of order: sort them first")
            if not self.sees(moments).all():
                raise ValueError(f"{name} lie outside the observed time: what was seen was observed")

    def sees(self, moments: Array) -> NDArray[np.bool_]:
        """Whether moments `[K]` lie in the observed time `[K]`."""
        # An odd place among starts and ends in turn is inside of a span; at a seam of two spans, the later one.
        return np.searchsorted(self.observed.ravel(), moments, side="right") % 2 == 1

    def between(self, start: float, end: float) -> History:
        """Only what was seen from `start` to before `end`: what was known at `end` of the time since `start`.

        An event that goes on at `end` has lasted until then: how long it would last nobody knew.
        """
        inside = (self.starts >= start) & (self.starts < end)
        spans = np.clip(self.observed, start, end)
        return History(
            self.starts[inside],
            np.minimum(self.durations[inside], end - self.starts[inside]),
            spans[spans[:, 0] < spans[:, 1]],
            self.possible[(self.possible >= start) & (self.possible < end)],
            self.zone,
        )

    def observed_s(self, rims: Array) -> Array:
        """Observed seconds between each two neighbours of `rims` `[K + 1]`, rising: `[K]`."""
        starts, ends = self.observed[:, 0], self.observed[:, 1]
        lengths = np.concatenate([[0.0], np.cumsum(ends - starts)])
        done = np.searchsorted(ends, rims, side="right")  # spans that are over
        begun = np.append(starts, np.inf)[done]
        until: Array = lengths[done] + np.maximum(0.0, rims - begun)
        return np.diff(until)
