"""The log of `catml record`: lines of JSON, or sentences where a person looks on.

All processes write into one pipe, and a thread writes on what comes out of it. So nobody who records waits for a
terminal that was stopped, a log on a full disk, or a reader who has gone.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from home.clock import UTC, iso
from home.errors import redacted
from ingest.record.sentences import is_trouble, sentence

_ENDS_WITHIN_S = 2.0
_HOUR_S = 3600.0
# Each process counts its own lines; one that is started again and again begins anew each time.
_LINES_AN_HOUR = 120


class Log:
    """What the supervisor and its processes say.

    Attributes:
        descriptor: what the processes write to.
        people: whether a person looks on.
    """

    def __init__(self, to: TextIO, zone: ZoneInfo, people: bool, quiet: bool) -> None:
        """Begin to listen.

        Args:
            to: where it is written to.
            zone: of the home, for people.
            people: whether it is read by a person, now.
            quiet: only what is wrong, and that it is over.
        """
        self._to, self._zone, self.people, self._quiet = to, zone, people, quiet
        self._wrong: set[str] = set()
        self._said: dict[str, deque[float]] = {}
        self._texts: dict[str, float] = {}
        reading, self.descriptor = os.pipe()
        os.set_blocking(self.descriptor, False)
        self._reader = threading.Thread(target=self._read, args=(reading,), name="log", daemon=True)
        self._reader.start()

    def say(self, line: dict[str, Any]) -> None:
        """A line of the supervisor's own; dropped if nobody takes lines any more."""
        with contextlib.suppress(OSError):
            os.write(self.descriptor, json.dumps({"time": iso(dt.datetime.now(UTC)), **line}).encode() + b"\n")

    def note(self, text: str) -> None:
        """What a person should know."""
        self.say({"process": "supervisor", "note": text})

    def warn(self, text: str) -> None:
        """What a person should put right."""
        self.say({"process": "supervisor", "warning": text})

    def close(self) -> None:
        """Write what was said until now. A process that still lives holds it up for a moment only."""
        os.close(self.descriptor)
        self._reader.join(_ENDS_WITHIN_S)

    def _read(self, reading: int) -> None:
        with os.fdopen(reading, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                with contextlib.suppress(Exception):  # whatever it is: who ends here lets the pipe run full
                    self._show(line.rstrip("\n"))

    def _show(self, text: str) -> None:
        line = _parsed(text)
        who = str(line.get("camera") or line.get("process") or "")
        if not self._is_wanted(who, line) or not self._has_room(who, line):
            return
        if self.people:
            print(sentence(line, self._zone), file=self._to, flush=True)
        else:
            print(json.dumps(line), file=self._to, flush=True)

    def _is_wanted(self, who: str, line: dict[str, Any]) -> bool:
        wrong, was = is_trouble(line), who in self._wrong
        well = line.get("state") in ("recording", "recovered")
        if wrong:
            self._wrong.add(who)
        elif well:
            self._wrong.discard(who)
        return not self._quiet or wrong or (was and well)

    def _has_room(self, who: str, line: dict[str, Any]) -> bool:
        """Whether there may be one more line of a process this hour; its last words are not said twice in it."""
        now = time.monotonic()
        if not who:
            self._texts = {old: at for old, at in self._texts.items() if now - at < _HOUR_S}
            text = str(line.get("message"))
            if text in self._texts:
                return False
            self._texts[text] = now
        said = self._said.setdefault(who, deque(maxlen=_LINES_AN_HOUR))
        if len(said) == said.maxlen and now - said[0] < _HOUR_S:
            return False
        said.append(now)
        return True


def _parsed(text: str) -> dict[str, Any]:
    """A line of JSON, or the last words of a process that ended by an error."""
    with contextlib.suppress(ValueError):
        line = json.loads(text)
        if isinstance(line, dict) and "time" in line:
            return line
    return {"time": iso(dt.datetime.now(UTC)), "message": redacted(text)}


@contextlib.contextmanager
def open_log(zone: ZoneInfo, quiet: bool = False) -> Iterator[Log]:
    """The log on standard error, until the end of what is recorded."""
    log = Log(sys.stderr, zone, sys.stderr.isatty(), quiet)
    try:
        yield log
    finally:
        log.close()
