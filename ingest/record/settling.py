"""What is written goes on to the disk itself every few seconds: a power cut takes what is in the machine's memory only."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

# Linux leaves it in memory for half a minute. More often would wear out memory cards.
EVERY_S = 10.0


class Settler:
    """Has a growing file written to its disk. Nobody waits for it: a memory card may take seconds."""

    def __init__(self) -> None:
        self._due = 0.0
        self._going: threading.Thread | None = None

    def turn(self, monotonic: float, path: Path | None) -> None:
        """Begin, if it is time to and the last time is over.

        Args:
            monotonic: seconds.
            path: what grows now, or None.
        """
        if path is None or monotonic < self._due or (self._going is not None and self._going.is_alive()):
            return
        self._due = monotonic + EVERY_S
        self._going = threading.Thread(target=_settle, args=(path,), name="settle", daemon=True)
        self._going.start()


def _settle(path: Path) -> None:
    with contextlib.suppress(OSError):  # renamed meanwhile, or a broken disk: who writes meets that too
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fdatasync(file)
        finally:
            os.close(file)
