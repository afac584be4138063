"""How long to wait before a camera is asked again."""

from __future__ import annotations

import random

FIRST_S = 0.5
# Recording goes on within 15 s of a camera's return: this, the time-out of an attempt under way, and a keyframe.
MOST_S = 5.0
# A relay says `not found` of a camera that is down; a camera that refuses a password locks who insists.
_MOST_BY_REASON_S = {"not_found": 10.0, "auth_failed": 60.0}
# A session that lasted this long was a good one: the next trouble is a new trouble.
GOOD_S = 10.0


class Backoff:
    """Capped exponential back-off with jitter, so that cameras behind one switch are not all asked at once."""

    def __init__(self, dice: random.Random | None = None) -> None:
        self._dice = dice or random.Random()
        self._next_s = FIRST_S

    def after(self, reason: str, took_s: float, recorded: bool) -> float:
        """Seconds to wait after an attempt. Attempts are paced from begin to begin: one that timed out has waited already.

        Args:
            reason: why it ended, a gap's reason.
            took_s: from its begin to its end.
            recorded: whether packets came.
        """
        if recorded and took_s >= GOOD_S:
            self._next_s = FIRST_S
        most = _MOST_BY_REASON_S.get(reason, MOST_S)
        pace, self._next_s = min(self._next_s, most), min(2 * self._next_s, max(_MOST_BY_REASON_S.values()))
        return max(FIRST_S, pace - took_s) * self._dice.uniform(0.6, 1.0)
