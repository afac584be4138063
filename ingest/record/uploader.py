"""The process that brings finished chunks from the spool into the store: `python -m ingest.record.uploader --home DIR`.

Oldest first over all cameras, a few side by side. A chunk leaves the spool once the store has confirmed it and the
ledger has its span; killed or cut off from power at any point, the next run goes on and nothing is doubled.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

import av

from home.errors import CatMLError
from home.folder import Home, open_home
from home.locks import only_one
from home.stopping import told_to_stop
from ingest.record.bookkeeping import Bookkeeping
from ingest.record.delivery import Delivered, deliver, finish_orphans
from ingest.record.outage import Outage, told
from ingest.record.parent import started_by
from ingest.record.program import exit_status
from ingest.record.spool import Spool, open_spool
from ingest.record.uploading import Teller
from ingest.record.waiting import Waiting

# The spool is looked through this often.
LOOK_S = 1.0
# Told to stop, uploads under way are waited for this long; what does not arrive is put again by the next run.
LAST_S = 3.0
ORPHANS_S = 600.0


class Uploader:
    """Uploads what is in the spool of a home.

    Args:
        home: the home; its store and its ledger are written.
        spool: where finished chunks lie.
    """

    def __init__(self, home: Home, spool: Spool) -> None:
        self._home, self._spool = home, spool
        self._teller = Teller(spool)
        self._books = Bookkeeping(home, spool, self._teller.say)
        self._outage = Outage()
        self._troubles: dict[Waiting, Outage] = {}
        self._going: dict[Future[Delivered | None], Waiting] = {}
        self._queue: deque[Waiting] = deque()
        self._orphans_due = 0.0

    def run(self, stop: threading.Event) -> None:
        """Upload until told to stop.

        Raises:
            WrongUse: if another uploader works on this spool.
            StoreError: if the spool cannot be written.
        """
        with self._at_work() as pool:
            books = threading.Thread(target=self._keep_books, args=(stop,), daemon=True)
            books.start()
            while not stop.is_set():
                self._begin(pool)
                if self._going:
                    self._end(LOOK_S)
                else:
                    stop.wait(LOOK_S)
            self._end_all(time.monotonic() + LAST_S)
            books.join(LAST_S)

    def once(self) -> bool:
        """Upload what is there now, and tell the ledger.

        What fails for itself does not keep the others; a store that is away ends it.

        Returns:
            Whether all of it is in the store and in the ledger.

        Raises:
            WrongUse, StoreError: as `run`.
        """
        with self._at_work() as pool:
            while not self._outage.is_away:
                if self._begin(pool) or self._going:
                    self._end(LOOK_S)
                elif self._outage.wait_s and any(self._is_free(c) and c not in self._troubles for c in self._due()):
                    time.sleep(self._outage.wait_s)
                else:
                    break
            self._end_all(float("inf"))
            self._books.round(idle=True, last=True)
            return not (self._outage.failures or self._troubles or self._books.outage.failures)

    @contextlib.contextmanager
    def _at_work(self) -> Iterator[ThreadPoolExecutor]:
        self._spool.make()
        with only_one(self._spool.root / "uploader.lock"), self._teller.at_work(self._state):
            pool = ThreadPoolExecutor(self._home.config.recording.uploads, "upload")
            try:
                yield pool
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def _begin(self, pool: ThreadPoolExecutor) -> bool:
        """Begin as many uploads as there may be, oldest first; whether any began."""
        if self._outage.wait_s:
            return False
        # What has failed is tried with one chunk, not with all at once.
        most = 1 if self._outage.failures else self._home.config.recording.uploads
        if not self._queue and len(self._going) < most:
            self._queue = deque(self._due())
        began = False
        while self._queue and len(self._going) < most:
            chunk = self._queue.popleft()
            if self._is_free(chunk):
                self._going[pool.submit(deliver, self._spool, self._home.footage, chunk)] = chunk
                began = True
        return began

    def _due(self) -> list[Waiting]:
        """The chunks that are to be uploaded now, oldest first. One that failed for itself waits behind the others."""
        chunks = self._spool.waiting()
        self._troubles = {chunk: trouble for chunk, trouble in self._troubles.items() if chunk in set(chunks)}
        return [chunk for chunk in chunks if chunk not in self._troubles or not self._troubles[chunk].wait_s]

    def _is_free(self, chunk: Waiting) -> bool:
        """Whether it is neither under way nor in the store, and no other of its camera looks for the same name."""
        second = (chunk.camera, chunk.start)
        return not self._books.holds(chunk) and all(
            (other.camera, other.start) != second for other in self._going.values()
        )

    def _end(self, within_s: float) -> None:
        """Wait until an upload ends, and take note of those that did."""
        for future in wait(self._going, within_s, FIRST_COMPLETED).done:
            chunk = self._going.pop(future)
            try:
                done = future.result()
            except Exception as error:  # whatever it is, the other chunks go on
                if chunk.path.exists():  # else it was dropped meanwhile, and that is told
                    self._failed(chunk, error)
                continue
            self._troubles.pop(chunk, None)
            if done is not None:
                self._books.delivered(done)
                self._teller.uploaded(done.chunk.size)
            if self._outage.worked():
                self._teller.say("recovered", "the store takes chunks again")

    def _end_all(self, until: float) -> None:
        while self._going and time.monotonic() < until:
            self._end(LOOK_S)

    def _failed(self, chunk: Waiting, error: Exception) -> None:
        self._teller.counts.failures += 1
        news = self._outage.failed(error)
        if not self._outage.is_away:
            self._troubles.setdefault(chunk, Outage()).failed(error)
        if news:
            self._teller.say("failing", f"{chunk.camera}/{chunk.path.name}: {self._outage.reason}")
        self._queue.clear()

    def _state(self) -> tuple[str, str]:
        """What goes on now, and the reason if it does not go well."""
        for trouble in (self._outage, self._books.outage, *list(self._troubles.values())):
            if trouble.failures:
                return "failing", trouble.reason
        return ("uploading" if self._going else "idle"), ""

    def _keep_books(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self._finish_orphans()
            self._books.round(idle=not (self._going or self._queue))
            stop.wait(LOOK_S)
        self._books.round(idle=True, last=True)

    def _finish_orphans(self) -> None:
        """Finish what a kill left of cameras that home.yaml no longer records: no recorder will."""
        if time.monotonic() < self._orphans_due:
            return
        self._orphans_due = time.monotonic() + ORPHANS_S
        for camera in set(self._spool.cameras()) - set(self._home.config.recorded_cameras):
            try:
                finish_orphans(self._spool, camera)
            except (CatMLError, OSError) as error:
                self._teller.say("failing", f"{camera}, unfinished chunks: {told(error)}")


def _stopped_with_parent() -> threading.Event:
    """Set by SIGTERM, SIGINT, or when the process that started this one is gone."""
    stop, parent = told_to_stop(signal.SIGTERM, signal.SIGINT), started_by()

    def watch() -> None:
        while os.getppid() == parent and not stop.wait(LOOK_S):
            pass
        stop.set()

    threading.Thread(target=watch, daemon=True).start()
    return stop


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m ingest.record.uploader", description="Upload what was recorded.")
    parser.add_argument("--home", type=Path, default=Path(), help="folder with home.yaml")
    parser.add_argument("--once", action="store_true", help="upload what is there now, and end")
    given = parser.parse_args(arguments)
    av.logging.set_level(None)  # what FFmpeg says of a damaged chunk is told in our own words

    def work() -> int:
        home = open_home(given.home)
        uploader = Uploader(home, open_spool(home))
        if given.once:
            return 0 if uploader.once() else 1
        uploader.run(_stopped_with_parent())
        return 0

    return exit_status(work)


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    # An upload that crawls cannot be ended otherwise; the next run puts it again.
    os._exit(status)
