"""How long something that fails is left alone: longer each time, and never at one beat with others."""

from __future__ import annotations

import random
import time

from home.errors import CatMLError, StoreDenied, StoreMissing, StoreUnreachable, redacted

FIRST_S, MOST_S = 1.0, 60.0
# A key or a bucket is put right by people, not by waiting.
SLOWLY_S = 300.0


class Outage:
    """Whether something works, and when to try it again. Capped exponential back-off with jitter.

    Attributes:
        failures: in a row; 0 while it works.
        reason: what was wrong the last time, without credentials; empty while it works.
    """

    def __init__(self) -> None:
        self.failures = 0
        self.reason = ""
        self._kind: type[Exception] | None = None
        self._until = 0.0

    @property
    def wait_s(self) -> float:
        """Seconds until it may be tried again."""
        return max(0.0, self._until - time.monotonic())

    @property
    def is_away(self) -> bool:
        """Whether it was nothing about what was asked for, but all of it: no answer, no entry, no such place."""
        return self._kind is not None and issubclass(self._kind, StoreUnreachable | StoreDenied | StoreMissing)

    def failed(self, error: Exception) -> bool:
        """It did not work.

        Returns:
            Whether that is news: it worked before, or something else is wrong now.
        """
        news = type(error) is not self._kind
        most = SLOWLY_S if isinstance(error, StoreDenied | StoreMissing) else MOST_S
        pace = min(most, FIRST_S * 2 ** min(self.failures, 30))
        self.failures += 1
        self.reason, self._kind = told(error), type(error)
        self._until = time.monotonic() + pace * random.uniform(0.5, 1.0)
        return news

    def worked(self) -> bool:
        """It did work; returns whether that is news."""
        news = self.failures > 0
        self.failures, self.reason, self._kind, self._until = 0, "", None, 0.0
        return news


def told(error: Exception) -> str:
    """An error in words. One that nobody meant to raise is named only: its text may hold anything."""
    return redacted(str(error)) if isinstance(error, CatMLError) else f"unexpected {type(error).__name__}"
