"""Record a home until told to stop: what `catml record` does."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from zoneinfo import ZoneInfo

from home.clock import UTC, iso
from home.errors import WrongUse, redacted
from home.folder import Home
from home.terminal import Terminal
from ingest.record.health import Health, serve
from ingest.record.spool import open_spool
from ingest.record.supervisor import Supervisor, missing

# Counters of a process that ends between two scrapes would be lost: they are looked at this often.
_LOOK_EVERY_S = 5.0
_LOG_LINE = 65_536


def record(home: Home, cameras: Sequence[str], terminal: Terminal) -> int:
    """Record cameras until SIGTERM or Ctrl-C; a second one ends at once, without waiting for uploads.

    Args:
        home: the home.
        cameras: ids; none for all that have a stream.
        terminal: for what a person should know at the start.

    Returns:
        The exit status.

    Raises:
        WrongUse: if there is nothing to record, or a camera cannot be: all that is wrong at once.
    """
    chosen = list(dict.fromkeys(cameras)) or home.config.recorded_cameras
    if not chosen:
        raise WrongUse(f"no camera in {home.root / 'home.yaml'} has a `url`: there is nothing to record")
    if problems := missing(home, chosen):
        raise WrongUse("\n".join(problems))
    spool, stop = open_spool(home), _Stop()
    with _log(home.zone) as log:
        supervisor = Supervisor(home, spool, chosen, log.say, log.descriptor)
        health = Health(spool, chosen, supervisor.alive)
        address = _serve(health, home.config.recording.port, terminal)
        _tell(home, chosen, address, terminal)
        return supervisor.run(stop, _every(_LOOK_EVERY_S, health.look))


class _Stop:
    """Whether SIGTERM or Ctrl-C has come."""

    def __init__(self) -> None:
        self._told = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._tell)

    def __call__(self) -> bool:
        return self._told

    def _tell(self, number: int, _frame: object) -> None:
        if self._told:  # the recorders and the uploader see that this process is gone, and end by themselves
            os._exit(128 + number)
        self._told = True


class _Log:
    """What all processes say: lines of JSON, or sentences where a person looks on."""

    def __init__(self, zone: ZoneInfo, descriptor: int | None) -> None:
        self.descriptor = descriptor
        self._zone = zone

    def say(self, line: dict[str, Any]) -> None:
        """A line of the supervisor's own."""
        self.show(json.dumps({"time": iso(dt.datetime.now(UTC)), **line}))

    def show(self, line: str) -> None:
        """Write a line as it is, or as a sentence at a terminal."""
        print(sentence(line, self._zone) if self.descriptor is not None else line, file=sys.stderr, flush=True)


def sentence(line: str, zone: ZoneInfo) -> str:
    """A line of JSON as a person reads it: the local time, who, and what; any other line as it is."""
    try:
        told = json.loads(line)
        at = dt.datetime.fromisoformat(told.pop("time")).astimezone(zone)
        who = told.pop("camera", None) or told.pop("process", "uploader")
        what = told.pop("state", None) or told.pop("event", "")
    except (ValueError, KeyError, AttributeError):
        return redacted(line)
    before, address = told.pop("before", None), told.pop("address", None)
    if what == "connecting" and not before:
        what = f"connecting to {address}"
    details = [str(value).replace("_", " ") if key == "reason" else str(value) for key, value in told.items() if value]
    return f"{at:%H:%M:%S} {who}: {', '.join([what, *details])}"


@contextmanager
def _log(zone: ZoneInfo) -> Iterator[_Log]:
    """At a terminal the processes write into a pipe, whose lines are shown as sentences; else as they are."""
    if not sys.stderr.isatty():
        yield _Log(zone, None)
        return
    reading, writing = os.pipe()
    log = _Log(zone, writing)

    def show() -> None:
        with os.fdopen(reading, encoding="utf-8", errors="replace", buffering=_LOG_LINE) as lines:
            for line in lines:
                log.show(line.rstrip("\n"))

    reader = threading.Thread(target=show, daemon=True)
    reader.start()
    try:
        yield log
    finally:
        os.close(writing)
        reader.join(2.0)


def _serve(health: Health, port: int, terminal: Terminal) -> str | None:
    if not port:
        return None
    try:
        server = serve(health, port)
    except OSError as error:
        terminal.warn(f"no metrics: port {port} is taken ({error.strerror}); set `recording.port` in home.yaml")
        return None
    return f"http://127.0.0.1:{server.server_address[1]}"


def _tell(home: Home, cameras: Sequence[str], address: str | None, terminal: Terminal) -> None:
    for camera in cameras:
        terminal.note(f"{camera}: {home.camera(camera).safe_address}")
    terminal.note(f"To {home.footage.url}; what waits for it is in {home.root / home.config.recording.spool}.")
    if address:
        terminal.note(f"How it goes: {address}/metrics and {address}/ready")
    terminal.note("Ctrl-C stops.")


def _every(seconds: float, what: Any) -> Any:
    due = 0.0

    def turn() -> None:
        nonlocal due
        if time.monotonic() >= due:
            due = time.monotonic() + seconds
            with suppress(OSError):
                what()

    return turn
