"""The journal of a camera's gaps: a line for each stretch of time that is not in any chunk, and why.

Written in the spool, because the ledger may be out of reach; the uploader folds it into the ledger.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from home.clock import Span, iso

JOURNAL = "gaps.jsonl"


@dataclass(frozen=True)
class Gap:
    """A stretch of time without footage.

    Attributes:
        start, end: UTC.
        reason: one of `home.coverage.REASONS`.
    """

    start: dt.datetime
    end: dt.datetime
    reason: str

    @property
    def span(self) -> Span:
        """Its time."""
        return Span(self.start, self.end)


class Journal:
    """The gaps of one camera, in a file that several processes add to.

    Args:
        folder: the camera's folder in the spool.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / JOURNAL
        self._kept: list[Gap] = []

    def gap(self, start: dt.datetime, end: dt.datetime, reason: str) -> None:
        """Add a gap; an empty one is passed over. On a full disk it is kept, and written with the next."""
        if end > start:
            self._kept.append(Gap(start, end, reason))
        self.flush()

    def flush(self) -> bool:
        """Write what a full disk did not take before.

        Returns:
            Whether all is written.
        """
        with contextlib.suppress(OSError):
            while self._kept:
                self._append(self._kept[0])
                del self._kept[0]
        return not self._kept

    def read(self, offset: int) -> tuple[list[Gap], int]:
        """The gaps from a byte of the file on, in the order in which they were written.

        Args:
            offset: 0, or what an earlier call returned.

        Returns:
            The gaps, and where to go on. A line that cannot be read (torn by a full disk or a power cut) is passed over,
            one that is not complete yet is left for the next call.
        """
        try:
            with self.path.open("rb") as file:
                offset = offset if 0 <= offset <= file.seek(0, os.SEEK_END) else 0
                file.seek(offset)
                lines, complete, _ = file.read().rpartition(b"\n")
        except FileNotFoundError:
            return [], 0
        return [gap for line in lines.split(b"\n") if (gap := _parsed(line))], offset + len(lines) + len(complete)

    def forget(self, offset: int) -> bool:
        """Empty the file, if nothing was added to it beyond `offset`; who remembers an offset goes back to 0 first."""
        with self._opened() as file:
            if os.fstat(file).st_size != offset:
                return False
            os.ftruncate(file, 0)
            return True

    def _append(self, gap: Gap) -> None:
        line = json.dumps({"start": iso(gap.start), "end": iso(gap.end), "reason": gap.reason}).encode() + b"\n"
        with self._opened() as file:
            size = os.fstat(file).st_size
            # A line that was torn must not take this one with it.
            whole = size == 0 or os.pread(file, 1, size - 1) == b"\n"
            told = line if whole else b"\n" + line
            if os.write(file, told) != len(told):
                os.ftruncate(file, size)
                raise OSError(f"{self.path}: no room")

    @contextlib.contextmanager
    def _opened(self) -> Iterator[int]:
        file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
        finally:
            os.close(file)


def _parsed(line: bytes) -> Gap | None:
    try:
        told = json.loads(line)
        start, end = (dt.datetime.fromisoformat(told[key]).astimezone(dt.UTC) for key in ("start", "end"))
        gap = Gap(start, end, str(told["reason"]))
    except (ValueError, TypeError, KeyError, OverflowError):
        return None
    return gap if gap.end > gap.start else None
