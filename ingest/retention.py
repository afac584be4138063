"""Housekeeping: footage that is older than home.yaml keeps it is deleted, oldest first, each chunk written down before it goes.

It fails safe: whatever cannot be read, is not understood or looks wrong keeps the footage, and is told.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from home.clock import UTC
from home.deletions import settle, write_ahead
from home.errors import CatMLError, StoreMissing
from home.folder import Home
from home.holds import read_holds, unchanged
from home.locks import held
from home.look import counted
from home.timelapse import forget
from ingest.due import CameraPlan, Due, held_by, plan
from ingest.old_rows import tidy

GB = 1e9
# Which partitions of the ledger a run has begun: in the home's own folder, only while it deletes.
_BEGUN = "retention/begun.json"
_LOCK = "cache/retention.lock"

Deleting = Callable[[str, int, int], None]
"""Called with a camera, how many of its chunks are gone, and of how many."""


@dataclass(frozen=True)
class Housekept:
    """What became of one camera's footage.

    Attributes:
        camera: its id; empty if it is about all of them.
        deleted: keys of the chunks that are gone, oldest first.
        bytes: what they took.
        notes: what stays as the owner wants it.
        warnings: what stays for a reason somebody should look at.
        refused: True if something was due and nothing was allowed to go.
    """

    camera: str
    deleted: tuple[str, ...] = ()
    bytes: int = 0
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    refused: bool = False

    def __str__(self) -> str:
        return f"{self.camera}: {counted(len(self.deleted), 'old chunk')} ({self.bytes / GB:.1f} GB) deleted"


def housekeep(home: Home, today: dt.date) -> list[Housekept]:
    """What the night does about old footage, rows and pictures. It never fails for it: what went wrong is a warning.

    Args:
        home: the home.
        today: the home's local date.

    Returns:
        One for each camera whose footage went or is held back; none where all is kept for ever. One more, of no camera,
        where somebody should know of rows or pictures.
    """
    told = tidy(home, today)
    others = [Housekept("", warnings=tuple(told))] if told else []
    try:
        return [done for done in delete(home, today) if done.deleted or done.notes or done.warnings] + others
    except (CatMLError, OSError) as error:
        return [Housekept("", warnings=(f"old footage is not deleted: {error}",)), *others]


def delete(
    home: Home, today: dt.date, most_share: float | None = None, progress: Deleting = lambda camera, done, of: None
) -> list[Housekept]:
    """Delete what is due.

    Args:
        home: the home.
        today: the home's local date.
        most_share: instead of `retention.most_share`.
        progress: is told after each chunk.

    Returns:
        One for each camera whose footage is not kept for ever.

    Raises:
        StoreError, TableError: if footage, tables or the ledger cannot be read or written. What went until then is in
            the ledger, and the next run goes on.
    """
    with _one_run(home) as ours:
        if not ours:
            return [Housekept("", warnings=("old footage is not deleted: another run is at it",), refused=True)]
        _look_back(home)
        plans = [found for found in plan(home, today, most_share) if found.days is not None]
        deleted = _delete(home, plans, progress)
    return [_housekept(found, deleted) for found in plans]


def _housekept(found: CameraPlan, deleted: set[str]) -> Housekept:
    gone = [due.entry for due in found.due if due.entry.key in deleted]
    notes = [f"{found.camera}: {held}" for held in found.held_back if not held.wrong]
    warnings = [f"{found.camera}: {held}" for held in found.held_back if held.wrong]
    if found.refused:
        warnings.insert(0, f"{found.camera}: nothing is deleted: {found.refused}")
    elif len(gone) < len(found.due):
        stayed = counted(len(found.due) - len(gone), "chunk")
        warnings.append(f"{found.camera}: {stayed} changed or were held while this ran, and stay")
    size = sum(entry.size for entry in gone)
    keys = tuple(entry.key for entry in gone)
    return Housekept(found.camera, keys, size, tuple(notes), tuple(warnings), bool(found.refused))


def _delete(home: Home, plans: list[CameraPlan], progress: Deleting) -> set[str]:
    """Delete what the plans let go, the oldest day of all cameras first; the keys that are gone."""
    going = sorted((due for found in plans for due in found.going), key=lambda due: (due.date, due.name))
    if not going:
        return set()
    days = {found.camera: found.days for found in plans}
    totals = {found.camera: len(found.going) for found in plans}
    counts = dict.fromkeys(totals, 0)

    def tell(camera: str) -> None:
        counts[camera] += 1
        progress(camera, counts[camera], totals[camera])

    deleted: set[str] = set()
    _begin(home, [(due.name.camera, due.date) for due in going])
    for (date, camera), batch in groupby(going, key=lambda due: (due.date, due.name.camera)):
        deleted |= _delete_day(home, camera, date, list(batch), f"older than {days[camera]} days", tell)
    home.data.delete(_BEGUN)
    return deleted


def _delete_day(
    home: Home, camera: str, date: dt.date, batch: list[Due], reason: str, tell: Callable[[str], None]
) -> set[str]:
    """Write down a day's chunks of a camera, delete them, look that they are gone, and write that down too."""
    with unchanged(home):  # a hold that is asked for meanwhile waits, and finds what is left
        holds = read_holds(home)
        batch = [due for due in batch if not held_by(holds, camera, due.chunk.span)]
        if not batch:
            return set()
        forget(home.data, camera, [date, date + dt.timedelta(days=1)])  # a chunk may reach over midnight
        write_ahead(home.tables, camera, date, [due.chunk for due in batch], reason, dt.datetime.now(UTC))
        try:
            for due in batch:
                # Replaced since it was listed, say by an import: that one nobody has judged.
                if home.footage.find(due.entry.key) == due.entry:
                    home.footage.delete(due.entry.key)
                tell(camera)
        except BaseException:
            with contextlib.suppress(CatMLError):  # else the next run does
                settle(home.tables, home.footage, camera, date)
            raise
        return set(settle(home.tables, home.footage, camera, date))


def _begin(home: Home, partitions: list[tuple[str, dt.date]]) -> None:
    begun = sorted({(camera, date.isoformat()) for camera, date in partitions})
    home.data.write(_BEGUN, json.dumps(begun).encode())


def _look_back(home: Home) -> None:
    """Settle what a run that was killed has begun: the ledger says `deleted` of what is gone, and nothing of the rest."""
    try:
        begun = json.loads(home.data.read(_BEGUN))
    except (StoreMissing, ValueError):
        return
    for camera, date in begun:
        settle(home.tables, home.footage, camera, dt.date.fromisoformat(date))
    home.data.delete(_BEGUN)


@contextlib.contextmanager
def _one_run(home: Home) -> Iterator[bool]:
    """Whether this is the only run that deletes."""
    path = home.root / "data" / _LOCK
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    with held(path) as ours:
        yield ours
