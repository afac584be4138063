"""One night at a time in a home, one run at a time for a camera, and no slot that a killed run could keep.

Prefect's own limit on a deployment is a count in its database that is given back by a message: a run that is killed
keeps it for five minutes, and for ever if the server dies too, because the server forgets its leases. A lock on a file
is let go by the operating system the moment its process ends, however it ends.

    data/cache/<name>.lock    locked as long as a run has the turn; names that run
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

LONGEST_WAIT_S = 12 * 3600
POLL_S = 1.0


@contextmanager
def turn(home: Home, name: str = "nightly", wait: bool = True) -> Iterator[bool]:
    """Hold a turn of the home; another run waits for it, or goes, wherever it was started on this machine.

    A run that is found named in the file when the lock is free was killed: Prefect, which may still show it as running,
    is told.

    Args:
        home: the home.
        name: of the turn.
        wait: for a run that has it; else this one does without.

    Yields:
        Whether the turn is held.

    Raises:
        CatMLError: if another run has not ended after twelve hours.
    """
    path = home.root / "data" / "cache" / f"{name}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii") as file:
        if not wait and not _is_free(file):
            yield False
            return
        _wait_for(file)
        _bury(_held_by(file))
        _write(file, runtime.flow_run.id or "")
        try:
            yield True
        finally:
            _write(file, "")


def _is_free(file: TextIO) -> bool:
    """Whether nobody has it; it is ours then."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False


def _wait_for(file: TextIO) -> None:
    until, told = time.monotonic() + LONGEST_WAIT_S, False
    while not _is_free(file):
        if time.monotonic() > until:
            raise CatMLError(
                f"{file.name}: run {_held_by(file)} has been at work on this home for {LONGEST_WAIT_S // 3600} h; "
                "cancel it, or end its process"
            )
        if not told:
            get_run_logger().info("another run is at work on this home; this one waits for its end")
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
