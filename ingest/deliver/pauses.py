"""How long to wait before a receiver is asked again."""

from __future__ import annotations

import random

__all__ = ["FIRST_S", "Pauses"]

FIRST_S = 1.0


class Pauses:
    """Capped exponential back-off with jitter, so that many streams do not all ask at once.

    Args:
        most_s: seconds at most.
        dice: for the jitter.
    """

    def __init__(self, most_s: float, dice: random.Random | None = None) -> None:
        self._most_s, self._dice = most_s, dice or random.Random()
        self._next_s = min(FIRST_S, most_s)

    def next_s(self) -> float:
        """Seconds to wait after one more failure."""
        pause, self._next_s = self._next_s, min(2 * self._next_s, self._most_s)
        return pause * self._dice.uniform(0.6, 1.0)

    def reset(self) -> None:
        """It went well: the next trouble is a new trouble."""
        self._next_s = min(FIRST_S, self._most_s)
