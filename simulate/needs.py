"""What a cat needs from time to time: a need grows until it is due, and rests for a while once it is met."""

from __future__ import annotations

import math
from random import Random

__all__ = ["Need"]


class Need:
    """A need whose waiting times are a rest and then a gamma-distributed time, stretched by how fast it grows.

    That is a renewal process in rescaled time: with a growth that follows the hour of the day the waiting times do too,
    and a rest leaves a true refractory gap. Growth is asked for at each step, so an illness changes it from its onset on.

    Args:
        rng: of the cat.
        shape: of the gamma distribution; the higher, the more regular.
        rest_s: seconds after it is met in which it does not grow.
        now: UTC second at which it begins, somewhere between two times of being met.
    """

    def __init__(self, rng: Random, shape: float, rest_s: float, now: int) -> None:
        self._rng, self._shape, self._rest_s = rng, shape, rest_s
        self._threshold = self._draw()
        self._level = rng.random() * self._threshold
        self._seen = self._resting_until = float(now)

    def due_in(self, now: int, rate: float) -> float:
        """Seconds until it is due if it goes on growing at `rate` (thresholds of 1 a second); 0 if it is, else over 0.

        Times are to be asked for in order: what has passed since the last one counts with this rate.
        """
        begin = max(self._seen, self._resting_until)
        if now > begin:
            self._level += rate * (now - begin)
        self._seen = float(now)
        missing = self._threshold - self._level
        if missing <= 0:
            return 0.0
        return max(self._resting_until - now, 0.0) + missing / rate if rate > 0 else math.inf

    def meet(self, now: int, rest: float = 1.0) -> None:
        """It is met at `now`; `rest` scales the rest that follows."""
        self._level, self._threshold = 0.0, self._draw()
        self._seen, self._resting_until = float(now), now + rest * self._rest_s

    def _draw(self) -> float:
        return self._rng.gammavariate(self._shape, 1 / self._shape)
