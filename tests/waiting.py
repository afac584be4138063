"""Waiting for what another thread or process does."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 60.0
"""What takes a second on an idle machine may take ten where others work too."""


def until(
    true: Callable[[], object], what: str = "it is so", within_s: float = PATIENCE_S, every_s: float = 0.02
) -> None:
    """Wait until something holds; fails with what was waited for."""
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, f"waited {within_s:g} s until {what}"
        time.sleep(every_s)
