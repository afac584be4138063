"""Several candidates as one: the mean of their quantiles (Vincent averaging) and of their chances.

Averaging quantiles keeps the shape of the parts and halves what each errs alone (Lichtendahl et al. 2013).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.habits.history import Array, History
from models.habits.next_event import Candidate, Fitted
from models.habits.next_event_habit import Habit
from models.habits.next_event_simple import HourProfile, SeasonalNaive

__all__ = ["CANDIDATES", "Blend", "Blended"]


@dataclass(frozen=True)
class Blend:
    """A candidate made of others, each with a weight."""

    parts: tuple[Candidate, ...]
    weights: tuple[float, ...]
    name: str = "blend"

    def fit(self, known: History, now: float) -> Fitted:
        return Blended(self, [part.fit(known, now) for part in self.parts])

    def blended(self, said: Sequence[Array]) -> Array:
        """What the parts said, put together: the weighted mean of arrays of one shape."""
        return np.asarray(np.average(said, axis=0, weights=self.weights), np.float64)


@dataclass(frozen=True)
class Blended:
    """Its parts as learned."""

    way: Blend
    parts: Sequence[Fitted]

    def waits(self, known: History, now: float) -> Array:
        return self.way.blended([part.waits(known, now) for part in self.parts])

    def chances(self, known: History, now: float, rims: Array) -> Array:
        return self.way.blended([part.chances(known, now, rims) for part in self.parts])


# The first is what the others must beat.
CANDIDATES: tuple[Candidate, ...] = (
    SeasonalNaive(),
    HourProfile(),
    Habit("renewal", half_life_d=28.0, fade_h=0.0),
    Habit("habit"),
    Blend((Habit("habit"), SeasonalNaive()), (2.0, 1.0)),
)
