"""When comes the next one? What a candidate must answer, and what all of them share.

A candidate learns from a `History` up to a moment and then gives quantiles of the waiting time to the next event, and the
chance of at least one event in each of some spans. It is handed `History.between(…, now)` and nothing else, so it cannot peek.

Time that was not observed is missing: an event behind a gap ends no waiting time, because the true next one may lie in it.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.habits.history import Array, History
from models.habits.local_time import HOUR_S, clock_s

__all__ = ["BLINK_S", "LEVELS", "Candidate", "Fitted", "coming_hours", "runs", "waits_from"]

LEVELS = np.array([0.1, 0.25, 0.5, 0.75, 0.9])  # the rims of the 80 % and the 50 % interval, and the median
BLINK_S = 900.0  # a hole of up to this long breaks nothing: an event hardly falls into it, while every night has some


class Fitted(Protocol):
    """A candidate that has learned."""

    def waits(self, known: History, now: float) -> Array:
        """Seconds until the next event at `LEVELS` `[5]`, rising, finite; `known` ends at `now`."""

    def chances(self, known: History, now: float, rims: Array) -> Array:
        """The chance of at least one event between each two neighbours of `rims` `[K + 1]`, moments from `now` on: `[K]` in 0..1."""


class Candidate(Protocol):
    """A way to tell what comes next."""

    @property
    def name(self) -> str:
        """As the tables call it."""

    def fit(self, known: History, now: float) -> Fitted:
        """Learn from what was known at `now`. Works on an empty history too."""


def runs(known: History) -> Array:
    """Observed spans with holes of up to `BLINK_S` closed: within one a waiting time can be told `[R, 2]`."""
    spans = known.observed
    if not len(spans):
        return spans
    breaks = np.flatnonzero(spans[1:, 0] - spans[:-1, 1] > BLINK_S)
    return np.column_stack([spans[np.append(0, breaks + 1), 0], spans[np.append(breaks, len(spans) - 1), 1]])


def run_of(spans: Array, moments: Array) -> NDArray[np.intp]:
    """The run `[R, 2]` in which each of the moments `[N]` lies, -1 where in none; a run's end still counts as inside."""
    place = np.searchsorted(spans[:, 0], moments, side="right") - 1
    inside = (place >= 0) & (moments <= spans[np.maximum(place, 0), 1]) if len(spans) else np.zeros(len(moments), bool)
    return np.where(inside, place, -1)


def waits_from(expected: Array, rims: Array) -> Array:
    """Waiting times at `LEVELS` `[5]` from the number of events expected by each of `rims` `[G]`, seconds ahead, rising from 0.

    No event in a time in which `h` are expected has the chance exp(-h). Behind the last rim it goes on as over the last day.
    """
    targets = -np.log1p(-LEVELS)
    waits: Array = np.interp(targets, expected, rims)
    beyond = targets > expected[-1]
    if beyond.any():
        day_ago = np.interp(rims[-1] - 24 * HOUR_S, rims, expected)
        pace = max(float(expected[-1] - day_ago), 1e-6) / (24 * HOUR_S)
        waits[beyond] = rims[-1] + (targets[beyond] - expected[-1]) / pace
    return waits


def coming_hours(now: float, history: History, count: int = 48) -> Array:
    """Rims of the next `count` whole hours on the home's clock, moments `[count + 1]`: in Kathmandu they begin a quarter past UTC's."""
    clock = float(clock_s(np.array([now]), history.zone)[0])
    first: float = now + (-clock) % HOUR_S
    return first + np.arange(count + 1, dtype=np.float64) * HOUR_S
