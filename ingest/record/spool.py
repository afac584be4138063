"""The spool: a folder on a local disk that keeps footage until the store has it.

    <spool>/<camera>/.part-YYYYmmdd-HHMMSS.mp4    a chunk being written
    <spool>/<camera>/chunk-YYYYmmdd-HHMMSS.mp4    finished, waits for the uploader
    <spool>/<camera>/quarantine/                  chunks that nobody can read

Names carry the UTC second of the first frame; `-1`, `-2` … follows where a name is taken. Whatever else lies there is
somebody else's: it is passed over and never removed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import threading
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from home.clock import UTC
from home.config import Recording
from home.errors import StoreError
from home.folder import Home
from home.footage import ChunkName
from home.locks import held, locked, settle
from home.values import IDENTIFIER
from ingest.record.journal import Gap, Journal
from ingest.record.state import read_state, write_state
from ingest.record.waiting import CHUNK, PART, QUARANTINE, Waiting, footage_in

__all__ = ["Gap", "Journal", "Spool", "open_spool", "read_state", "write_state"]

GB = 1e9
# So much of the disk stays free for the rest of the machine, or this share of a small disk.
FREE_BYTES, FREE_SHARE = 1e9, 0.05
# What is in the spool is remembered this long, or longer where measuring would take more than this share of the time.
_REMEMBER_S, _MEASURING_SHARE = 1.0, 0.05


@dataclass(frozen=True)
class _Measured:
    """What the spool holds: bytes of all footage, when the oldest finished chunk began, and until when that is believed."""

    size: int
    oldest: dt.datetime | None
    until: float


class Spool:
    """The footage of all cameras that the store does not have yet.

    Args:
        root: the folder; made when it is needed.
        settings: its limits, and what to lose when they are met.
    """

    def __init__(self, root: Path, settings: Recording) -> None:
        self.root = root
        self.settings = settings
        self._measured: _Measured | None = None
        self._measuring = threading.Lock()

    def make(self) -> None:
        """Make the spool's own folder, if it is missing.

        Raises:
            StoreError: as `folder`.
        """
        _made(self.root)

    def folder(self, camera: str) -> Path:
        """The folder of a camera, made if it is missing.

        Raises:
            StoreError: if the disk refuses, or a file lies in its way.
        """
        return _made(self.root / camera)

    def journal(self, camera: str) -> Journal:
        """The journal of a camera's gaps."""
        return Journal(self.root / camera)

    def part(self, camera: str, start: dt.datetime) -> Path:
        """The path of a new unfinished chunk whose first frame is of this UTC moment; the file is not made."""
        return _free(self.folder(camera), PART, ChunkName(camera, start))

    def finish(self, part: Path) -> Path:
        """Give an unfinished chunk the name of a finished one; a power cut does not take it back.

        Returns:
            Its path. The uploader may take it away at any time.

        Raises:
            StoreError: if the disk refuses; then the part is still there.
        """
        name = ChunkName.parse(f"{part.parent.name}/{part.name.replace(PART, CHUNK, 1)}")
        if name is None or not part.name.startswith(PART):
            raise StoreError(f"{part}: is no unfinished chunk; those are named {PART}YYYYmmdd-HHMMSS.mp4")
        try:
            with part.open("rb") as file:
                os.fsync(file.fileno())
            # Only the recorder, which holds the camera's lock, makes such names: this one stays free until it is taken.
            finished = part.rename(_free(part.parent, CHUNK, name))
            settle(part.parent)
        except OSError as error:
            raise StoreError(f"{part}: {error.strerror}; check the disk of the spool") from error
        self._measured = None
        return finished

    def unfinished(self, camera: str) -> list[Path]:
        """The unfinished chunks of a camera, oldest first."""
        return [found.path for found in sorted(footage_in(self.root / camera, PART))]

    def finished(self, camera: str | None = None) -> list[Path]:
        """The finished chunks of a camera, or of all, oldest first."""
        return [found.path for found in self.waiting(camera)]

    def waiting(self, camera: str | None = None) -> list[Waiting]:
        """The finished chunks of a camera, or of all, oldest first, with what the folder says of them."""
        cameras = self.cameras() if camera is None else [camera]
        return sorted(found for camera in cameras for found in footage_in(self.root / camera, CHUNK))

    def quarantined(self) -> list[Waiting]:
        """The chunks of all cameras that nobody can read, oldest first."""
        return sorted(
            found for camera in self.cameras() for found in footage_in(self.root / camera / QUARANTINE, CHUNK, camera)
        )

    def cameras(self) -> list[str]:
        """Every camera that has a folder here, whether home.yaml still has it or not."""
        with contextlib.suppress(OSError):
            return sorted(
                entry.name for entry in os.scandir(self.root) if IDENTIFIER.fullmatch(entry.name) and entry.is_dir()
            )
        return []

    def size(self) -> int:
        """Bytes of all footage here: unfinished, finished and in quarantine."""
        return self._measure().size

    def make_room(self, needed: int) -> bool:
        """See that `needed` more bytes may be written, obeying the limits of the spool and of its disk.

        With `drop_oldest` finished chunks go for it, oldest first over all cameras, but none that is being uploaded;
        each leaves a gap `spool_full` in its camera's journal. If all of them were not enough, none goes.

        Returns:
            Whether there is room.
        """
        if self._has_room(needed, self._remembered()):
            return True
        if self.settings.when_full == "stop":
            return self._has_room(needed, self._measure())
        try:
            with locked(self.root / "spool.lock"):
                return self._drop(needed)
        except OSError:
            return False

    def _has_room(self, needed: int, measured: _Measured) -> bool:
        aged = measured.oldest is not None and self._is_outlived(measured.oldest)
        return not aged and not self._shortfall(needed, measured)

    def _is_outlived(self, start: dt.datetime) -> bool:
        days = self.settings.spool_days
        return days is not None and start < dt.datetime.now(UTC) - dt.timedelta(days=days)

    def _shortfall(self, needed: int, measured: _Measured) -> float:
        """How many bytes must go before `needed` more may come; 0 if there is room."""
        over = measured.size + needed - self.settings.spool_gb * GB
        with contextlib.suppress(OSError):  # no folder yet
            disk = shutil.disk_usage(self.root)
            over = max(over, needed + min(FREE_BYTES, FREE_SHARE * disk.total) - disk.free)
        return max(0.0, over)

    def _remembered(self) -> _Measured:
        with self._measuring:
            if self._measured is None or time.monotonic() > self._measured.until:
                self._measured = self._measure()
            return self._measured

    def _measure(self) -> _Measured:
        began = time.monotonic()
        waiting, rest = self.waiting(), self.quarantined()
        for camera in self.cameras():
            rest += footage_in(self.root / camera, PART)
        now = time.monotonic()
        until = now + max(_REMEMBER_S, (now - began) / _MEASURING_SHARE)
        return _Measured(sum(found.size for found in [*waiting, *rest]), waiting[0].start if waiting else None, until)

    def _drop(self, needed: int) -> bool:
        """Drop what must go. The spool's lock is held, so that two recorders do not drop for the same need."""
        for found in self.waiting():
            if self._is_outlived(found.start):
                self._drop_one(found)
        victims = [*self.quarantined(), *self.waiting()]
        short = self._shortfall(needed, self._measure())
        if short <= sum(found.size for found in victims):
            for found in victims:
                if short > 0:
                    short -= self._drop_one(found)
        self._measured = self._measure()
        return not self._shortfall(needed, self._measured)

    def _drop_one(self, found: Waiting) -> int:
        """Drop a chunk, unless somebody is uploading it; the bytes that are free by that."""
        with held(found.path) as ours:
            if not ours:
                return 0
            journal = self.journal(found.camera)
            if found.path.parent.name != QUARANTINE:  # that gap is told already
                for span in found.spans:
                    journal.gap(span.start, span.end, "spool_full")
            found.path.unlink(missing_ok=True)
            journal.flush()  # on a full disk there is room for the line only now
            return found.size


def open_spool(home: Home) -> Spool:
    """The spool of a home."""
    return Spool(home.root / Path(home.config.recording.spool).expanduser(), home.config.recording)


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder}: {error.strerror}; the spool needs a folder there that it may write") from error
    return folder


def _free(folder: Path, kind: str, name: ChunkName) -> Path:
    """The first name that nothing has: its own, then `-1`, `-2` …"""
    for copy in count(name.copy):
        ending = ChunkName(name.camera, name.start, copy).key.rpartition(CHUNK)[2]
        path = folder / f"{kind}{ending}"
        if not os.path.lexists(path):
            return path
    raise AssertionError("unreachable: numbers do not end")
