"""The process that records one camera until it is told to stop: `python -m ingest.record.recorder --home DIR CAMERA`.

It ends with 0 when it was told to stop, or whoever started it is gone; with 2 for wrong use, another recorder of the
same camera among it; with 1 for anything else. A stop takes a second; a camera that is silent does not hold it up.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import av

from home.errors import WrongUse
from home.folder import open_home
from home.footage import CHUNK_S
from home.locks import only_one
from home.stopping import told_to_stop
from ingest.record.address import recorded_address
from ingest.record.parent import started_by
from ingest.record.program import exit_status
from ingest.record.recording import Recorder
from ingest.record.spool import open_spool

# A disk that does not answer cannot hold up the end of the machine; what it has is repaired at the next start.
_END_WITHIN_S = 9.0
_ANOTHER_ENDS_WITHIN_S = 4.0


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only recorder of a camera: two would record everything twice.

    One that lost its supervisor may be about to end when the next supervisor is there already; it is waited for.

    Args:
        folder: the camera's in the spool.

    Raises:
        WrongUse: if another process records it; says which.
        StoreError: if the folder cannot be written.
    """
    until = time.monotonic() + _ANOTHER_ENDS_WITHIN_S
    with contextlib.ExitStack() as held:
        while True:
            try:
                held.enter_context(only_one(folder / "lock"))
                break
            except WrongUse:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
        yield


class Stop:
    """Whether to go on: until SIGTERM, SIGINT, or the end of the process that started this one."""

    def __init__(self) -> None:
        self._told = told_to_stop(signal.SIGTERM, signal.SIGINT)
        self._parent = started_by()
        threading.Thread(target=self._end_late, name="ending late", daemon=True).start()

    def __call__(self) -> bool:
        """Whether it is time to stop."""
        if os.getppid() != self._parent:
            self._told.set()
        return self._told.is_set()

    def wait(self, seconds: float) -> None:
        """Wait so long, or until it is time to stop."""
        self._told.wait(seconds)

    def _end_late(self) -> None:
        self._told.wait()
        time.sleep(_END_WITHIN_S)
        os._exit(0)


def record(root: Path, camera: str, chunk_s: int = CHUNK_S) -> None:
    """Record one camera of a home until told to stop.

    Args:
        root: folder of the home.
        camera: id.
        chunk_s: length of a chunk, seconds.

    Raises:
        WrongUse: if there is no such camera, it cannot be recorded, or another process records it.
        StoreError: if the spool cannot be written at all.
    """
    stop = Stop()
    av.logging.set_level(None)  # FFmpeg's own lines hold addresses
    home = open_home(root)
    spool = open_spool(home)
    recorded_address(home, camera)  # what is wrong with it is said before a folder is made for it
    with alone(spool.folder(camera)):
        Recorder(home, spool, camera, chunk_s).run(stop, stop.wait)


def main(arguments: Sequence[str] | None = None, chunk_s: int = CHUNK_S) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m ingest.record.recorder", description="Record one camera.")
    parser.add_argument("--home", type=Path, default=Path(), help="folder with home.yaml")
    parser.add_argument("camera", help="id of the camera in home.yaml")
    given = parser.parse_args(arguments)

    def work() -> int:
        record(given.home, given.camera, chunk_s)
        return 0

    return exit_status(work)


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    # A thread that waits for a silent camera cannot be ended otherwise.
    os._exit(status)
