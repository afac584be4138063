"""A process per camera and one uploader, kept running until told to stop. Nothing here can stall a recording.

A child that dies is started again: at once the first time, then with a growing pause, for ever. One that says it was
called wrongly (exit status 2) is too, less often: whoever records its camera may end, and a person may mend home.yaml.
"""

from __future__ import annotations

import math
import os
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
from home.locks import held
from ingest.record.address import recorded_address
from ingest.record.parent import for_children
from ingest.record.spool import Spool, read_state
from ingest.record.uploading import STATE as UPLOADER_STATE

Say = Callable[[dict[str, Any]], None]
"""Called with what is worth a line of the log."""

WRONG_USE = 2
# Its key among cameras: no camera has this id.
UPLOADER = ""
_TURN_S = 0.2
# A child that ran this long was well: its next death is a new trouble.
_WELL_S = 60.0
_FIRST_PAUSE_S, _MOST_PAUSE_S = 1.0, 10.0
# A recorder ends within 9 s even while its camera or its disk is silent.
_RECORDERS_END_S = 12.0
# What the last chunks get to reach the store; later ones go with the next start.
_UPLOADS_END_S = 10.0
# What refuses waits for a person, or for another `catml record` to end.
_REFUSED_PAUSE_S = 30.0
# A child that dies and dies is told of so often, then only every so many deaths.
_TOLD_DEATHS, _TOLD_EVERY = 5, 60
# Importing takes most of a second of a core: sixty at once would take their first frames half a minute late.
_STARTS_A_SECOND = max(3, os.cpu_count() or 1)


def missing(home: Home, cameras: Sequence[str]) -> list[str]:
    """Why some cameras cannot be recorded at all: no such camera, no stream, an unset variable. One sentence each."""
    problems = []
    for camera in cameras:
        try:
            recorded_address(home, camera)
        except WrongUse as error:
            problems.append(f"{camera}: {error}")
    return problems


def held_by_another(spool: Spool, camera: str) -> str | None:
    """The id of the process that records a camera already; None if nobody does."""
    lock = spool.root / camera / "lock"
    with held(lock) as free:
        if free or not lock.exists():
            return None
    with suppress(OSError):
        return lock.read_text("utf-8").strip() or "unknown"
    return "unknown"


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
    """

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    _deaths: int = 0
    _refusals: int = 0
    _began: float = -math.inf
    _due: float = 0.0

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def is_due(self, now: float) -> bool:
        """Whether it should be started."""
        return self.process is None and now >= self._due

    def began_since(self, moment: float) -> bool:
        """Whether it was last started after this moment."""
        return self._began > moment

    def start(self, now: float, log: int | None) -> dict[str, Any] | None:
        """Start it, in a group of its own: a Ctrl-C at the terminal is for the supervisor, which ends all in order.

        Returns:
            A line of the log if this machine has no room for another process now.
        """
        self._began = now
        try:
            self.process = subprocess.Popen(
                self.command, cwd=PROJECT, env=for_children(), process_group=0, stdin=subprocess.DEVNULL, stderr=log
            )
        except OSError as error:
            return self._rest(now, f"could not be started: {error.strerror}")
        return None

    def bury(self, now: float) -> dict[str, Any] | None:
        """If it has died, say how and when it is started again: a line of the log, or None if there is none to write."""
        status = self.process.poll() if self.process is not None else None
        if status is None:
            return None
        self.process = None
        how = f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        return self._rest(now, how, status == WRONG_USE)

    def _rest(self, now: float, how: str, refused: bool = False) -> dict[str, Any] | None:
        self._refusals = self._refusals + 1 if refused else 0
        self._deaths = 1 if now - self._began > _WELL_S else self._deaths + 1
        most = _REFUSED_PAUSE_S if refused else _MOST_PAUSE_S
        pause = min(most, _FIRST_PAUSE_S * 2 ** min(self._deaths - 2, 10)) if self._deaths > 1 else 0.0
        self._due = now + pause * random.uniform(0.6, 1.0)
        count, most_told = (self._refusals, 1) if refused else (self._deaths, _TOLD_DEATHS)
        if count > most_told and count % _TOLD_EVERY:
            return None
        again = "tried again until it may" if refused else f"started again in {self._due - now:.1f} s"
        return {"event": "ended", "how": how, "then": again}

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
        self.uploader = Child("uploader", uploader_of(home))
        self._spool = spool
        self._say = say
        self._log = log

    def run(self, stop: Callable[[], bool], each_turn: Callable[[], None] = lambda: None) -> None:
        """Keep all running until told to stop, then end them in order.

        Args:
            stop: whether to stop; asked several times a second.
            each_turn: called as often.
        """
        try:
            while not stop():
                self._turn()
                each_turn()
                time.sleep(_TURN_S)
        finally:
            self._end()

    def alive(self) -> dict[str, bool]:
        """Which processes run: recorders by camera, and `UPLOADER`."""
        return {child.name: child.alive for child in self.recorders} | {UPLOADER: self.uploader.alive}

    def _turn(self) -> None:
        now = time.monotonic()
        children = (*self.recorders, self.uploader)
        starts_left = _STARTS_A_SECOND - sum(child.began_since(now - 1.0) for child in children)
        for child in children:
            told = child.bury(now)
            if child.is_due(now) and starts_left > 0:
                told = child.start(now, self._log) or told
                starts_left -= 1
            if told:
                self._say({"process" if child is self.uploader else "camera": child.name} | told)

    def _end(self) -> None:
        """Recorders first, so that their last chunks are finished; the uploader then gets some time to bring them away."""
        for child in self.recorders:
            child.ask_to_end()
        deadline = time.monotonic() + _RECORDERS_END_S
        for child in self.recorders:
            child.end_by(deadline)
        deadline = time.monotonic() + _UPLOADS_END_S
        with suppress(KeyboardInterrupt, CatMLError):
            while self.uploader.alive and self._brings_away() and time.monotonic() < deadline:
                time.sleep(_TURN_S)
        self.uploader.ask_to_end()
        self.uploader.end_by(time.monotonic() + _UPLOADS_END_S)

    def _brings_away(self) -> bool:
        """Whether there are chunks that the store takes: one that is away need not be waited for."""
        state = read_state(self._spool.root / UPLOADER_STATE) or {}
        return bool(self._spool.finished()) and state.get("state") != "failing"
