"""How often somebody may ask, and how often guess a password. Kept in memory: a restart forgives."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic, time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

__all__ = ["Attempts", "Rates"]


class Rates:
    """Requests a minute of each key or person, counted over a window that slides.

    Args:
        per_minute: that are answered.
    """

    def __init__(self, per_minute: int) -> None:
        self._item = RateLimitItemPerMinute(per_minute)
        self._counter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def wait_s(self, who: str) -> int:
        """Count a request; 0 if it may be answered, else the seconds after which to come again."""
        if self._counter.hit(self._item, who):
            return 0
        return max(1, math.ceil(self._counter.get_window_stats(self._item, who).reset_time - time()))


@dataclass
class _Failed:
    times: int
    until: float
    last: float


class Attempts:
    """Wrong passwords, by account and address, by address, and by account; each waits longer after the next one.

    An account alone waits for a minute at most: who guesses from a thousand addresses must not lock the owner out.

    Args:
        clock: seconds that only go on.
    """

    # So many are free, then 1, 2, 4 … seconds up to so many. Our choice.
    KINDS = ((5, 900.0), (20, 900.0), (50, 60.0))
    FORGET_S = 3600.0
    MOST = 10_000

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._failed: dict[tuple[int, str, str], _Failed] = {}

    def begin(self, account: str, address: str) -> int:
        """Count an attempt as a wrong one until it is known to be right: many at once are many.

        Returns:
            0 if it may be made, else the seconds to wait; one that must wait is not counted.
        """
        now = self._clock()
        with self._lock:
            keys = self._keys(account, address)
            wait = max((self._failed[key].until - now for key in keys if key in self._failed), default=0.0)
            if wait > 0:
                return math.ceil(wait)
            for key, (free, most) in zip(keys, self.KINDS, strict=True):
                before = self._failed.get(key)
                times = 1 + (before.times if before and now - before.last < self.FORGET_S else 0)
                pause = min(most, 2.0 ** (times - free - 1)) if times > free else 0.0
                self._failed.pop(key, None)  # to the end: the oldest go first
                self._failed[key] = _Failed(times, now + pause, now)
            while len(self._failed) > self.MOST:
                del self._failed[next(iter(self._failed))]
        return 0

    def right(self, account: str, address: str) -> None:
        """The password was right: this account is forgiven at this address."""
        with self._lock:
            for key in self._keys(account, address):
                self._failed.pop(key, None)

    @staticmethod
    def _keys(account: str, address: str) -> Sequence[tuple[int, str, str]]:
        return (0, account, address), (1, "", address), (2, account, "")
