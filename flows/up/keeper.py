"""Starts the programs of a home, and starts again what has ended: `python -m flows.up.keeper --home DIR`.

It knows them by their locks only. Killed itself, it costs none of them anything: the next one finds them at work.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.up import parts
from flows.up.api import Api
from flows.up.part import Part, take
from flows.up.unended import end_all
from home.clock import iso
from home.errors import CatMLError, WrongUse
from home.folder import Home, open_home
from home.stopping import told_to_stop
from ingest.deliver.parts import configured
from ingest.record.state import read_state, write_state

_TURN_S = 1.0
# Between the end of a program and its next start; one that lasted is started at once.
_FIRST_S, _MOST_S, _GOOD_S = 1.0, 60.0, 60.0


def _say(text: str) -> None:
    print(f"{iso(dt.datetime.now(dt.UTC))} {text}", file=sys.stderr, flush=True)


@dataclass
class Kept:
    """One program that is to run.

    Attributes:
        part: which.
        environment: what it finds.
    """

    part: Part
    environment: dict[str, str]
    _child: subprocess.Popen[bytes] | None = None
    _runs: bool = False
    _since: float = 0.0
    _again: float = 0.0
    _pause_s: float = field(default=_FIRST_S)

    def turn(self, now: float) -> None:
        """Look after it.

        Args:
            now: seconds of a clock that only goes forward.
        """
        if now < self._again:
            return
        try:
            self._look(now)
        except (CatMLError, OSError) as error:
            self._fails(f"cannot be looked after: {error}", now)

    def _look(self, now: float) -> None:
        if self._child is not None:
            self._child.poll()  # an ended child is reaped by that
        pid = self.part.pid
        if pid is None and not self._runs:
            self._child = self.part.start(self.environment)
            self._since, self._runs = now, True
        elif pid is None:
            self._pause_s = _FIRST_S if now - self._since > _GOOD_S else self._pause_s
            self._fails(f"has ended; see {self.part.log}", now)
        else:
            if not self._runs:
                _say(f"{self.part.name} runs already, as process {pid}")
                self._since, self._runs = now, True
            self.part.trim()

    def _fails(self, how: str, now: float) -> None:
        _say(f"{self.part.name} {how}; the next try comes in {self._pause_s:g} s")
        self._runs, self._again = False, now + self._pause_s
        self._pause_s = min(2 * self._pause_s, _MOST_S)


@dataclass(frozen=True)
class Wanted:
    """What is asked of a home that is brought up.

    Attributes:
        port: for Prefect's server; None for the last one, or 4200, or any that is free.
        recording: whether to record; False where another service does.
        watching: whether to watch live, in a home that has rules; False where another service does.
        delivering: whether to pass events on, where somebody is to hear of them; False where another service does.
        pages: whether to serve the home's pages; False where another service does.
        pages_port: for them; None for the last one, or 8000, or any that is free.
    """

    port: int | None = None
    recording: bool = True
    watching: bool = True
    delivering: bool = True
    pages: bool = True
    pages_port: int | None = None


def notes(home: Home) -> dict[str, Any]:
    """What the keeper has written down of this home, now or the last time.

    Returns:
        `keeper` its process; `port` of Prefect's server; `taken` the port it should have had; `recording` as wanted;
        `cameras` that are recorded; `watching` as wanted, `watched` whether there is anything to watch for; `deliver` the
        parts that pass events on; `pages` the port of the home's pages, if they are served. Empty if the home was never up.
    """
    return read_state(parts.run_folder(home) / "up.json") or {}


def stay(home: Home, wanted: Wanted) -> None:
    """Keep a home up until SIGTERM, Ctrl-C or the end of its terminal, then stop all of it.

    Args:
        home: the home.
        wanted: what is asked.

    Raises:
        WrongUse: if it is up already, or the port is taken.
        CatMLError: if its folder cannot be written.
    """
    stopped = told_to_stop(signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    _be(parts.keeper(home))
    kept = [*_everything(home, wanted), *_pages(home)]
    while not stopped.wait(_TURN_S):
        for each in kept:
            each.turn(time.monotonic())
        parts.keeper(home).trim()
    _say(f"stopped: {', '.join(stop_parts(home)) or 'nothing ran'}")


def stop_parts(home: Home) -> list[str]:
    """Stop the programs of a home: first the worker, so that nothing begins; recorders finish their chunks.

    Returns:
        What ran.

    Raises:
        CatMLError: if one of them belongs to somebody else.
    """
    port = int(notes(home).get("port", parts.PORT))
    stopped = [part.name for part in [parts.worker(home), parts.pages(home, parts.PAGES_PORT)] if part.stop()]
    api = Api(f"{parts.url(port)}/api")
    if parts.server(home, port).pid is not None and api.answers():
        stopped += [f"run {run}" for run in end_all(api, parts.POOL)]
    rest = [parts.watching(home), parts.delivering(home), parts.recording(home), parts.server(home, port)]
    return stopped + [part.name for part in rest if part.stop()]


def _everything(home: Home, wanted: Wanted) -> list[Kept]:
    before = notes(home).get("port")
    if before and parts.server(home, before).pid is not None:
        port = int(before)  # its keeper was killed
    else:
        port = parts.choose_port(wanted.port, before)
    cameras = home.config.recorded_cameras if wanted.recording else []
    usual = before or parts.PORT
    # A camera may bear no second reader: nobody but an owner who has written rules wants it to be watched.
    watched = wanted.watching and bool(home.config.rules and home.config.recorded_cameras)
    told = {"keeper": os.getpid(), "port": port, "recording": wanted.recording, "cameras": cameras}
    told |= {"watching": wanted.watching, "watched": watched}
    passed_on = [part.name for part in configured(home)] if wanted.delivering else []
    told |= {"deliver": passed_on}
    if wanted.port is None and port != usual:
        told["taken"] = usual
    told |= _pages_port(home, wanted)
    write_state(parts.run_folder(home) / "up.json", told)
    _say(f"Prefect's pages: {parts.url(port)}")
    # What records comes first, and needs nothing of the rest.
    plain = ([parts.recording(home)] if cameras else []) + ([parts.watching(home)] if watched else [])
    plain += [parts.delivering(home)] if passed_on else []
    first = [Kept(part, parts.environment(home)) for part in plain]
    environment = parts.environment(home, port)
    return [*first, Kept(parts.server(home, port), environment), Kept(parts.worker(home), environment)]


def _pages_port(home: Home, wanted: Wanted) -> dict[str, int]:
    before = notes(home).get("pages")
    if not wanted.pages:
        return {}
    if before and parts.pages(home, before).pid is not None:
        return {"pages": int(before)}  # its keeper was killed
    return {"pages": parts.choose_port(wanted.pages_port, before, parts.PAGES_PORT, "--pages-port")}


def _pages(home: Home) -> list[Kept]:
    port = notes(home).get("pages")
    return [] if port is None else [Kept(parts.pages(home, port), parts.environment(home))]


def _be(part: Part) -> None:
    """Hold a part's lock until this process is gone, and not a moment less: who stops it waits for that."""
    try:
        part.folder.mkdir(parents=True, exist_ok=True)
        file = os.open(part.pid_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise CatMLError(f"{part.pid_file}: {error.strerror}; the home's folder must be writable") from error
    if not take(file):
        raise WrongUse(f"this home is up already, kept by process {part.pid}; catml up --stop ends it")
    os.ftruncate(file, 0)
    os.pwrite(file, f"{os.getpid()}\n".encode(), 0)


def main() -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m flows.up.keeper", description="Keep a home up.")
    parser.add_argument("--home", type=Path, default=Path())
    parser.add_argument("--port", type=int)
    parser.add_argument("--no-record", action="store_true")
    parser.add_argument("--no-watch", action="store_true")
    parser.add_argument("--no-deliver", action="store_true")
    parser.add_argument("--no-pages", action="store_true")
    parser.add_argument("--pages-port", type=int)
    given = parser.parse_args()
    try:
        pages = {"pages": not given.no_pages, "pages_port": given.pages_port}
        stay(
            open_home(given.home),
            Wanted(given.port, not given.no_record, not given.no_watch, not given.no_deliver, **pages),
        )
    except CatMLError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
