"""What the uploader says of itself: its state file, and a line of JSON on standard error for each change."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from home.clock import UTC, iso
from ingest.record.spool import Spool
from ingest.record.state import write_state
from ingest.record.telling import EVERY_S, BoundedLog
from ingest.record.waiting import Waiting

STATE = "uploader.json"
# Looking through a spool of many thousand chunks takes no more than this share of the time.
_LOOKING_SHARE = 0.05


@dataclass
class Counts:
    """What was done since the process began; `failures` are tries that did not bring a chunk into the store."""

    uploaded: int = 0
    uploaded_bytes: int = 0
    failures: int = 0


class Teller:
    """Writes the state file every 2 s, from a thread of its own: an upload that crawls is no sign of death.

    Attributes:
        counts: its owner keeps them right.
    """

    def __init__(self, spool: Spool) -> None:
        self.counts = Counts()
        self._spool = spool
        self._log = BoundedLog()
        self._writing = threading.Lock()
        self._state = ("", "")
        self._since, self._began = "", iso(dt.datetime.now(UTC))
        self._seen: list[Waiting] = []
        self._seen_until = 0.0

    def say(self, state: str, reason: str) -> None:
        """A line of the log."""
        with self._writing:
            line = {"time": iso(dt.datetime.now(UTC)), "process": "uploader", "state": state, "reason": reason}
            self._log.say(time.monotonic(), line)

    def uploaded(self, size: int) -> None:
        """A chunk of so many bytes is in the store."""
        self.counts.uploaded += 1
        self.counts.uploaded_bytes += size

    @contextlib.contextmanager
    def at_work(self, state: Callable[[], tuple[str, str]]) -> Iterator[None]:
        """Keep the state file right until the end.

        Args:
            state: what goes on now, and its reason.
        """
        over = threading.Event()

        def keep() -> None:
            while not over.is_set():
                self._write(*state())
                over.wait(EVERY_S)

        keeping = threading.Thread(target=keep, daemon=True)
        keeping.start()
        try:
            yield
        finally:
            over.set()
            keeping.join()
            self._seen_until = 0.0
            self._write("stopped", "")

    def _write(self, state: str, reason: str) -> None:
        now = dt.datetime.now(UTC)
        if (state, reason) != self._state:
            self._state, self._since = (state, reason), iso(now)
        with self._writing:
            self._log.flush(time.monotonic())
        write_state(self._spool.root / STATE, self._file(now))

    def _file(self, now: dt.datetime) -> dict[str, Any]:
        waiting = self._waiting()
        lag = max(0.0, (now - waiting[0].written).total_seconds()) if waiting else 0.0
        return {
            "pid": os.getpid(),
            "began": self._began,
            "state": self._state[0],
            "reason": self._state[1],
            "since": self._since,
            "updated": iso(now),
            "waiting": len(waiting),
            "waiting_bytes": sum(chunk.size for chunk in waiting),
            "lag_s": round(lag, 3),
            **vars(self.counts),
        }

    def _waiting(self) -> list[Waiting]:
        began = time.monotonic()
        if began >= self._seen_until:
            self._seen = self._spool.waiting()
            ended = time.monotonic()
            self._seen_until = ended + (ended - began) / _LOOKING_SHARE
        return self._seen
