"""The log of a program: lines of JSON, or lines for people, on standard error.

Whoever has something to tell uses `logging`; this says what becomes of it. A thread of its own writes: nobody who answers a
request waits for a terminal that was stopped or a disk that is full. What cannot be written in time is counted and told.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import sys
import threading
from collections.abc import Iterator
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from home.errors import redacted

__all__ = ["Kind", "open_log"]

Kind = Literal["plain", "json"]
NAME = "catml"  # whose lines are told; of other libraries only what is wrong
_LOUD = ("python_multipart",)  # warns of every damaged form, which anybody may send
_MOST = 10_000  # lines that wait
_ENDS_WITHIN_S = 2.0


class _Behind(logging.Handler):
    """Makes the line at once, and lets a thread write it."""

    def __init__(self, to: TextIO) -> None:
        super().__init__()
        self._to, self._lost = to, 0
        self._lines: queue.Queue[str | None] = queue.Queue(_MOST)
        self._thread = threading.Thread(target=self._write, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line; one that there is no room for is lost, and counted."""
        try:
            line = self.format(record)
        except Exception:  # a line that cannot be made must not cost the request that it is about
            self.handleError(record)
            return
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self._lost += 1

    def close(self) -> None:
        """Write what was told until now; a reader who takes nothing holds it up for a moment only."""
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(None)
        self._thread.join(_ENDS_WITHIN_S)
        super().close()

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            with contextlib.suppress(OSError, ValueError):  # nobody reads any more
                if self._lost:
                    lost, self._lost = self._lost, 0
                    record = logging.LogRecord(NAME, logging.WARNING, "", 0, "%d lines were lost", (lost,), None)
                    print(self.format(record), file=self._to)
                print(line, file=self._to, flush=True)


@contextlib.contextmanager
def open_log(kind: Kind = "plain", *, quiet: bool = False, to: TextIO | None = None) -> Iterator[None]:
    """Let everything that is told by `logging` be written, until the end of this.

    Args:
        kind: lines of JSON, or lines for people.
        quiet: only what is wrong.
        to: where; standard error if it is not said.
    """
    stream = sys.stderr if to is None else to
    handler, root, own = _Behind(stream), logging.getLogger(), logging.getLogger(NAME)
    handler.setFormatter(_formatter(kind, colours=stream.isatty()))
    before = root.handlers[:], root.level, own.level
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    own.setLevel(logging.WARNING if quiet else logging.INFO)
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.handlers[:], _, _ = before
        root.setLevel(before[1])
        own.setLevel(before[2])
        handler.close()


def _formatter(kind: Kind, colours: bool) -> structlog.stdlib.ProcessorFormatter:
    taken: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    shown: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        _without_credentials,
        structlog.processors.EventRenamer("message"),
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
    ]
    if kind == "plain":
        shown[3:] = [structlog.dev.ConsoleRenderer(colors=colours, timestamp_key="time", sort_keys=False)]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=taken, processors=shown)


def _without_credentials(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    return {name: redacted(value) if isinstance(value, str) else value for name, value in line.items()}
