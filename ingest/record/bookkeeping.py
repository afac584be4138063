"""What the uploader tells the ledger: chunks that the store has, gaps of the journals, chunks that wait.

Everything that is known of a camera goes into the ledger with one writing. Only then a chunk leaves the spool, and the
place up to which its journal was read is remembered; done twice, none of it changes anything.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from home.clock import UTC
from home.coverage import tell
from home.errors import StoreDenied, StoreError, StoreMissing, StoreUnreachable
from home.folder import Home
from home.locks import held
from ingest.record.delivery import Delivered
from ingest.record.journal import Gap
from ingest.record.outage import Outage
from ingest.record.spool import Spool
from ingest.record.state import read_state, write_state
from ingest.record.waiting import Waiting, look_at

FOLDED = "folded.json"
# A writing of the ledger waits for so many chunks of a camera, or so long; gaps alone wait longer.
TOGETHER, TOGETHER_S, GAPS_S = 16, 10.0, 300.0
# So many chunks are opened for one writing, to see what they cover.
AT_ONCE = 200
# A finished chunk that the store does not have after so long is told as `waiting`.
WAITING_S = 600.0
# A journal that is longer than this is emptied once it is read.
_LONG_BYTES = 1_000_000
# Nobody records a gap of more than a year: the clock was wrong.
_LONGEST = dt.timedelta(days=366)


@dataclass
class _Account:
    """What is known of one camera, and not in the ledger yet.

    Attributes:
        delivered: by chunk.
        since: monotonic time since which the oldest of them waits.
        settled: monotonic time of the last writing.
        waiting: the chunks that the ledger has as `waiting`.
    """

    delivered: dict[Waiting, Delivered] = field(default_factory=dict)
    since: float = 0.0
    settled: float = -GAPS_S
    waiting: set[Waiting] = field(default_factory=set)


class Bookkeeping:
    """Keeps the ledger of a home while chunks are uploaded. `delivered` and `holds` may be called from any thread.

    Attributes:
        outage: whether the ledger can be reached.
    """

    def __init__(self, home: Home, spool: Spool, say: Callable[[str, str], None]) -> None:
        """Nothing is read before the first round.

        Args:
            home: whose ledger it is.
            spool: where chunks and journals lie.
            say: told of every change, as a state and its reason.
        """
        self._home, self._spool, self._say = home, spool, say
        self._accounts: dict[str, _Account] = {}
        self._changing = threading.Lock()
        self.outage = Outage()

    def delivered(self, done: Delivered) -> None:
        """The store has a chunk."""
        with self._changing:
            account = self._accounts.setdefault(done.chunk.camera, _Account())
            account.since = account.since if account.delivered else time.monotonic()
            account.delivered[done.chunk] = done

    def holds(self, chunk: Waiting) -> bool:
        """Whether a chunk is in the store and only waits for the ledger."""
        with self._changing:
            account = self._accounts.get(chunk.camera)
            return account is not None and chunk in account.delivered

    def round(self, idle: bool, last: bool = False) -> None:
        """Tell the ledger what is due. A camera whose ledger is damaged does not keep the others waiting.

        Args:
            idle: no chunk is on its way, so that those that arrived need not wait for others.
            last: nothing comes after this: everything that is known is due.
        """
        if self.outage.wait_s:
            return
        wrong: Exception | None = None
        told = False
        for camera in sorted({*self._spool.cameras(), *self._accounts}):
            try:
                if self._is_due(camera, idle or last, last):
                    told |= self._settle(camera)
            except Exception as error:  # whatever it is, the other cameras go on
                wrong = error
                if isinstance(error, StoreUnreachable | StoreDenied | StoreMissing):
                    break
        if wrong is not None:
            if self.outage.failed(wrong):
                self._say("failing", f"ledger: {self.outage.reason}")
        elif told and self.outage.worked():
            self._say("recovered", "the ledger can be written again")

    def _is_due(self, camera: str, chunks_at_once: bool, gaps_at_once: bool) -> bool:
        now = time.monotonic()
        with self._changing:
            account = self._accounts.setdefault(camera, _Account())
            chunks = len(account.delivered)
        if chunks and (chunks_at_once or chunks >= TOGETHER or now - account.since >= TOGETHER_S):
            return True
        return gaps_at_once or now - account.settled >= GAPS_S

    def _settle(self, camera: str) -> bool:
        """Write what is known of a camera; whether there was anything."""
        with self._changing:
            account = self._accounts[camera]
            done = list(account.delivered.values())
        gaps, offset, before = self._read_journal(camera)
        overdue = self._overdue(camera, account)
        waiting = overdue[:AT_ONCE]
        if done or gaps or waiting:
            recorded = [span for one in done for span in one.spans]
            told = [(gap.span, gap.reason) for gap in gaps]
            told += [(span, "waiting") for chunk in waiting for span in chunk.spans]
            tell(self._home.tables, camera, recorded, told, self._home.zone)
        if len(waiting) == len(overdue):
            account.settled = time.monotonic()
        account.waiting |= set(waiting)
        for one in done:
            _remove(one.chunk)
            with self._changing:
                del account.delivered[one.chunk]
        if offset != before:
            self._remember(camera, offset)
        return bool(done or gaps or waiting)

    def _read_journal(self, camera: str) -> tuple[list[Gap], int, int]:
        """What the journal has that the ledger does not; where to go on, and where it was begun."""
        before = unfolded(self._spool.root / camera)
        gaps, offset = self._spool.journal(camera).read(before)
        return [gap for gap in gaps if gap.end - gap.start < _LONGEST], offset, before

    def _remember(self, camera: str, offset: int) -> None:
        path = self._spool.root / camera / FOLDED
        # Back to 0 before the journal is emptied: killed in between, it is read again as a whole.
        long = offset > _LONG_BYTES
        write_state(path, {"offset": 0 if long else offset})
        if long and not self._spool.journal(camera).forget(offset):
            write_state(path, {"offset": offset})

    def _overdue(self, camera: str, account: _Account) -> list[Waiting]:
        """The chunks that the store should have by now, and of which the ledger says nothing yet."""
        before = dt.datetime.now(UTC) - dt.timedelta(seconds=WAITING_S)
        chunks = self._spool.waiting(camera)
        account.waiting &= set(chunks)
        with self._changing:
            known = account.waiting | set(account.delivered)
        return [chunk for chunk in chunks if chunk.written < before and chunk not in known]


def unfolded(folder: Path) -> int:
    """From which byte of a camera's journal on the ledger does not have its gaps."""
    offset = (read_state(folder / FOLDED) or {}).get("offset", 0)
    return offset if isinstance(offset, int) else 0


def _remove(chunk: Waiting) -> None:
    """Delete a chunk from the spool: this one, not another that has its name meanwhile.

    Raises:
        StoreError: if the disk refuses.
    """
    try:
        with held(chunk.path) as ours:
            if ours and look_at(chunk) == chunk:
                chunk.path.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"{chunk.path}: {error.strerror}; it is in the store and cannot be deleted here") from error
