"""What a recorder says of itself: its state file, and a line of JSON on standard error for each change of state."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import sys
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from home.clock import iso
from ingest.record.state import write_state

# A camera that comes and goes every few seconds must not fill the log.
LINES_AN_HOUR = 30
_HOUR_S = 3600.0
# Rates are those of the last seconds.
_RATE_OVER = 6
EVERY_S = 2.0


class BoundedLog:
    """Lines of JSON, so many an hour at most; the next one that may be written says how many were left out."""

    def __init__(self, lines: int = LINES_AN_HOUR, to: TextIO | None = None) -> None:
        self._lines: deque[float] = deque(maxlen=lines)
        self._to = to
        self.left_out = 0
        self._held: dict[str, Any] | None = None

    def say(self, monotonic: float, line: dict[str, Any]) -> None:
        """Write a line, or hold it back where there were too many."""
        if self._held is not None:
            self.left_out += 1
        self._held = line
        self.flush(monotonic)

    def flush(self, monotonic: float) -> None:
        """Write the last line that was held back, once there is room for it."""
        full = len(self._lines) == self._lines.maxlen and monotonic - self._lines[0] < _HOUR_S
        if self._held is None or full:
            return
        line = self._held | ({"left_out": self.left_out} if self.left_out else {})
        self._held, self.left_out = None, 0
        self._lines.append(monotonic)
        with contextlib.suppress(OSError):  # a full disk, or a reader who has gone: no reason to stop recording
            print(json.dumps(line), file=self._to or sys.stderr, flush=True)


@dataclass
class Counts:
    """What was recorded since the process began."""

    recorded_s: float = 0.0
    lost_frames_s: float = 0.0
    reconnects: int = 0
    frames: int = 0
    bytes: int = 0
    codec: str = ""
    width: int = 0
    height: int = 0
    last_frame: str | None = None
    chunk: str | None = None
    gap_s: dict[str, float] = field(default_factory=dict)


class Teller:
    """Writes the state file, and a line of log where the state changes.

    Attributes:
        counts: what the file says beside the state; its owner keeps it right.
        state, reason: as last told.
    """

    def __init__(self, path: Path, camera: str, address: str) -> None:
        """Begin with nothing told.

        Args:
            path: of the state file.
            camera: id.
            address: without credentials.
        """
        self.counts = Counts()
        self.state = self.reason = ""
        self._path = path
        self._camera = camera
        self._address = address
        self._began = self._since = ""
        self._written: float | None = None
        self._log = BoundedLog()
        self._rates: deque[tuple[float, int, int]] = deque(maxlen=_RATE_OVER)

    def is_due(self, monotonic: float, state: str, reason: str) -> bool:
        """Whether there is something to tell: a change, or `EVERY_S` have passed."""
        news = (state, reason) != (self.state, self.reason)
        return news or self._written is None or monotonic - self._written >= EVERY_S

    def turn(self, now: dt.datetime, monotonic: float, state: str, reason: str, detail: str = "") -> None:
        """Write the state file, and a line of log if the state is another one."""
        if (state, reason) != (self.state, self.reason):
            before, self.state, self.reason, self._since = self.state, state, reason, iso(now)
            line = {"time": iso(now), "camera": self._camera, "state": state, "before": before, "reason": reason}
            self._log.say(monotonic, line | {"address": self._address, **({"detail": detail} if detail else {})})
        self._written = monotonic
        self._began = self._began or iso(now)
        self._log.flush(monotonic)
        self._rates.append((monotonic, self.counts.frames, self.counts.bytes))
        write_state(self._path, self._file(now))

    def trouble(self, now: dt.datetime, monotonic: float, message: str) -> None:
        """A line about something that is no change of state."""
        self._log.say(monotonic, {"time": iso(now), "camera": self._camera, "state": self.state, "message": message})

    def _file(self, now: dt.datetime) -> dict[str, Any]:
        first, last = self._rates[0], self._rates[-1]
        passed = max(last[0] - first[0], 1e-9)
        going = self.state == "recording" and len(self._rates) > 1
        return {
            "camera": self._camera,
            "pid": os.getpid(),
            "began": self._began,
            "state": self.state,
            "reason": self.reason,
            "since": self._since,
            "updated": iso(now),
            "bitrate_bps": round(8 * (last[2] - first[2]) / passed) if going else 0,
            "fps": round((last[1] - first[1]) / passed, 2) if going else 0.0,
            **vars(self.counts),
        }
