"""One night at a time in a home, and no slot that a killed run could keep.

Prefect's own limit on a deployment is a count in its database that is given back by a message: a run that is killed
keeps it for five minutes, and for ever if the server dies too, because the server forgets its leases. A lock on a file
is let go by the operating system the moment its process ends, however it ends.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO
from uuid import UUID

from prefect import runtime
from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound
from prefect.logging import get_run_logger
from prefect.states import Crashed

from home.errors import CatMLError
from home.folder import Home

FILE = "nightly.lock"
LONGEST_WAIT_S = 12 * 3600
POLL_S = 1.0


@contextmanager
def turn(home: Home) -> Iterator[None]:
    """Hold the home's turn; another run waits for it, wherever it was started on this machine.

    The run that holds it is named in `data/cache/nightly.lock`. A name that is found there when the lock is free is of
    a run that was killed: Prefect, which may still show it as running, is told.

    Raises:
        CatMLError: if another run has not ended after twelve hours.
    """
    path = home.root / "data" / "cache" / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii") as file:
        _wait_for(file)
        _bury(_held_by(file))
        _write(file, runtime.flow_run.id or "")
        try:
            yield
        finally:
            _write(file, "")


def _wait_for(file: TextIO) -> None:
    until, told = time.monotonic() + LONGEST_WAIT_S, False
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise CatMLError(
                    f"{file.name}: run {_held_by(file)} has been at work on this home for {LONGEST_WAIT_S // 3600} h; "
                    "cancel it, or end its process"
                ) from None
        if not told:
            get_run_logger().info("another night is at work on this home; this one waits for its end")
            told = True
        time.sleep(POLL_S)


def _held_by(file: TextIO) -> str:
    file.seek(0)
    return file.read().strip()


def _write(file: TextIO, run: str) -> None:
    file.truncate(0)
    file.write(run)
    file.flush()


def _bury(run: str) -> None:
    """Tell Prefect that a run is no more."""
    try:
        dead = UUID(run)
    except ValueError:
        return  # the run before ended by itself
    get_run_logger().warning("the run %s was killed at its work; this one does what it left", dead)
    with get_client(sync_client=True) as client:
        try:
            state = client.read_flow_run(dead).state
        except ObjectNotFound:
            return  # of another server, or deleted
        if state is None or not state.is_final():
            client.set_flow_run_state(dead, Crashed(message="its process was killed"), force=True)
