"""Python under libfaketime 0.9.10: its sleep (to a moment of the monotonic clock) is refused there, so it waits by select."""

from __future__ import annotations

import select
import time


def _sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


time.sleep = _sleep
