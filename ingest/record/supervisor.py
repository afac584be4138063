"""A process per camera and one uploader, kept running until told to stop. Nothing here can stall a recording.

A child that dies is started again: at once the first time, then with a growing pause. One that says it was called
wrongly (exit status 2) is not: nothing but a person puts that right.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from home.errors import CatMLError, WrongUse
from home.folder import PROJECT, Home
from ingest.record.spool import Spool

Say = Callable[[dict[str, Any]], None]
"""Called with what is worth a line of the log."""

WRONG_USE = 2
UPLOADER = "uploader"
_TURN_S = 0.2
# A child that ran this long was well: its next death is a new trouble.
_WELL_S = 60.0
_FIRST_PAUSE_S, _MOST_PAUSE_S = 1.0, 10.0
# A recorder ends within 9 s even while its camera or its disk is silent.
_RECORDERS_END_S = 12.0
# What the last chunks get to reach the store; later ones go with the next start.
_UPLOADS_END_S = 10.0
# A child that dies and dies is told of so often, then only every so many deaths.
_TOLD_DEATHS, _TOLD_EVERY = 5, 60
# Importing takes a second of a core each: sixty at once would leave none of them any.
_STARTS_A_TURN = 5


def missing(home: Home, cameras: Sequence[str]) -> list[str]:
    """Why some cameras cannot be recorded at all: no such camera, no stream, an unset variable."""
    problems = []
    for camera in cameras:
        try:
            home.camera(camera).address()
        except WrongUse as error:
            problems.append(f"{camera}: {error}")
    return problems


def recorder_of(home: Home, camera: str) -> list[str]:
    """The command line that records a camera. Credentials are in the environment only."""
    return [sys.executable, "-m", "ingest.record.recorder", "--home", str(home.root.resolve()), camera]


def uploader_of(home: Home) -> list[str]:
    """The command line that brings chunks to the store."""
    return [sys.executable, "-m", "ingest.record.uploader", "--home", str(home.root.resolve())]


@dataclass
class Child:
    """A process that is kept running.

    Attributes:
        name: the camera's id, or `uploader`.
        command: what is run.
        needed: whether it is started again whatever it says: another supervisor's uploader may end at any time.
        gave_up: whether it said that it was called wrongly.
    """

    name: str
    command: list[str]
    needed: bool = False
    gave_up: bool = False
    process: subprocess.Popen[bytes] | None = None
    _deaths: int = 0
    _began: float = 0.0
    _due: float = 0.0

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def is_due(self, now: float) -> bool:
        """Whether it should be started."""
        return self.process is None and not self.gave_up and now >= self._due

    def start(self, now: float, log: int | None) -> None:
        """Start it, in a group of its own: a Ctrl-C at the terminal is for the supervisor, which ends all in order."""
        self._began = now
        self.process = subprocess.Popen(
            self.command, cwd=PROJECT, process_group=0, stdin=subprocess.DEVNULL, stderr=log
        )

    def bury(self, now: float) -> dict[str, Any] | None:
        """If it has died, say how and when it is started again: a line of the log, or None if there is none to write."""
        status = self.process.poll() if self.process is not None else None
        if status is None:
            return None
        self.process = None
        self.gave_up = status == WRONG_USE and not self.needed
        self._deaths = 1 if now - self._began > _WELL_S else self._deaths + 1
        pause = min(_MOST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(self._deaths - 2, 10)) if self._deaths > 1 else 0.0
        self._due = now + pause * random.uniform(0.6, 1.0)
        if self._deaths > _TOLD_DEATHS and self._deaths % _TOLD_EVERY:
            return None
        how = f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        again = "not started again" if self.gave_up else f"started again in {self._due - now:.1f} s"
        return {"process": self.name, "event": "ended", "how": how, "then": again}

    def ask_to_end(self) -> None:
        """SIGTERM, if it runs."""
        if self.alive and self.process is not None:
            self.process.terminate()

    def end_by(self, deadline: float) -> None:
        """Wait for its end until then (monotonic seconds), then kill it."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Supervisor:
    """The recorders of some cameras, and the uploader of their home.

    Args:
        home: the home.
        spool: where its chunks wait.
        cameras: ids; each has a stream.
        say: is told when a process has ended.
        log: file descriptor for what the processes say; None for this one's standard error.
    """

    def __init__(self, home: Home, spool: Spool, cameras: Sequence[str], say: Say, log: int | None = None) -> None:
        self.recorders = [Child(camera, recorder_of(home, camera)) for camera in cameras]
        self.uploader = Child(UPLOADER, uploader_of(home), needed=True)
        self._spool = spool
        self._say = say
        self._log = log

    def run(self, stop: Callable[[], bool], each_turn: Callable[[], None] = lambda: None) -> int:
        """Keep all running until told to stop, then end them in order.

        Args:
            stop: whether to stop; asked several times a second.
            each_turn: called as often.

        Returns:
            The exit status: 0; 2 if no recorder could be started for good.
        """
        try:
            while not stop():
                self._turn()
                each_turn()
                if all(child.gave_up for child in self.recorders):
                    return WRONG_USE
                time.sleep(_TURN_S)
            return 0
        finally:
            self._end()

    def alive(self) -> dict[str, bool]:
        """Which processes run, by name."""
        return {child.name: child.alive for child in (*self.recorders, self.uploader)}

    def _turn(self) -> None:
        now, started = time.monotonic(), 0
        for child in (*self.recorders, self.uploader):
            if told := child.bury(now):
                self._say(told)
            if child.is_due(now) and started < _STARTS_A_TURN:
                child.start(now, self._log)
                started += 1

    def _end(self) -> None:
        """Recorders first, so that their last chunks are finished; the uploader then gets some time to bring them away."""
        for child in self.recorders:
            child.ask_to_end()
        deadline = time.monotonic() + _RECORDERS_END_S
        for child in self.recorders:
            child.end_by(deadline)
        deadline = time.monotonic() + _UPLOADS_END_S
        with suppress(KeyboardInterrupt, CatMLError):
            while self.uploader.alive and self._spool.finished() and time.monotonic() < deadline:
                time.sleep(_TURN_S)
        self.uploader.ask_to_end()
        self.uploader.end_by(time.monotonic() + _UPLOADS_END_S)
