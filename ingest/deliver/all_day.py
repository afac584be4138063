"""`catml deliver`: one program of a home, until it is told to end."""

from __future__ import annotations

import contextlib
import signal

from home.errors import WrongUse
from home.folder import Home
from home.locks import only_one
from home.log import open_log
from home.stopping import told_to_stop
from home.terminal import Terminal
from ingest.deliver import parts
from ingest.deliver.metrics import served
from ingest.deliver.telling import tell_once

__all__ = ["deliver"]

LOCK = "data/run/deliver.lock"


def deliver(home: Home, terminal: Terminal, *, once: bool = False, metrics_port: int = 0) -> list[str]:
    """Pass events on until Ctrl-C or SIGTERM.

    Args:
        home: whose.
        terminal: where it is said.
        once: send what is due, and end.
        metrics_port: where metrics are served, on this machine; 0: nowhere.

    Returns:
        Names of parts that did not end when they were told to.

    Raises:
        WrongUse: there is nobody to tell, or another process does it.
        StoreError: the home's folder cannot be written.
    """
    there = parts.configured(home)
    if not there:
        raise WrongUse(
            f"{home.root / 'home.yaml'} names nobody who is to hear of events: an address under `deliver:`, a channel "
            "under `alerts:` or a broker under `mqtt:` would be right, see docs/live.md"
        )
    works = [work for part in there if once and (work := getattr(part.loaded(), "once", None)) is not None]
    names = ", ".join(part.name for part in there)
    if once and not works:
        raise WrongUse(f"--once sends to the addresses under `deliver:` of home.yaml; there are none, only {names}")
    stop = told_to_stop(signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    lock = home.root / LOCK
    with contextlib.suppress(OSError):  # told by the lock
        lock.parent.mkdir(parents=True, exist_ok=True)
    with open_log(quiet=terminal.quiet), only_one(lock), served(metrics_port) as why_not:
        if why_not:
            terminal.warn(why_not)
        if once:
            for work in works:
                tell_once(work(home, stop), terminal)
            return []
        terminal.note(f"Passing events on: {names}. Ctrl-C ends it.")
        left = parts.run(home, stop)
        terminal.note(f"stopped; {', '.join(left)} did not end in time" if left else "stopped")
        return left
