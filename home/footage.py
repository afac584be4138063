"""How footage is named and found. The name carries the UTC second of the first frame; the file carries the exact start."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from home.clock import UTC, Span, utc_dates
from home.store import Entry, Store

CHUNK_S = 300
START_TAG = "catml-start="
_CHUNK = re.compile(r"(?P<camera>[^/]+)/chunk-(?P<stamp>\d{8}-\d{6})(?:-(?P<copy>\d+))?\.mp4")


@dataclass(frozen=True, order=True)
class ChunkName:
    """A parsed chunk key. `copy` is 0 for the first of a second, 1, 2 … for names that were taken."""

    camera: str
    start: dt.datetime
    copy: int = 0

    @property
    def key(self) -> str:
        """The key in the footage store."""
        suffix = f"-{self.copy}" if self.copy else ""
        return f"{self.camera}/chunk-{self.start:%Y%m%d-%H%M%S}{suffix}.mp4"

    @classmethod
    def parse(cls, key: str) -> ChunkName | None:
        """The name behind a key, or None if it is not a chunk's."""
        match = _CHUNK.fullmatch(key)
        if not match:
            return None
        try:
            start = dt.datetime.strptime(match["stamp"], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            return None
        return cls(match["camera"], start, int(match["copy"] or 0))


def chunk_boundary(moment: dt.datetime, chunk_s: int = CHUNK_S) -> dt.datetime:
    """The next wall-clock multiple of `chunk_s` after a UTC moment."""
    epoch = moment.timestamp()
    return dt.datetime.fromtimestamp((epoch // chunk_s + 1) * chunk_s, UTC)


def find_chunks(store: Store, camera: str, span: Span) -> list[tuple[ChunkName, Entry]]:
    """The chunks of a camera that may hold frames of `span`, by name, in order.

    Lists by key prefix over the UTC dates the span touches. Of the chunks that begin before the span only the last
    second with a chunk counts: whether it reaches into the span, its container tells.
    """
    reach = Span(span.start - dt.timedelta(seconds=2 * CHUNK_S), span.end)
    found = []
    for date in utc_dates(reach):
        for entry in store.list(f"{camera}/chunk-{date:%Y%m%d}"):
            name = ChunkName.parse(entry.key)
            if name and name.start < span.end:
                found.append((name, entry))
    before = max((name.start for name, _ in found if name.start < span.start), default=span.start)
    return sorted((name, entry) for name, entry in found if name.start >= before)


def start_comment(start: dt.datetime) -> str:
    """The container comment that carries a chunk's exact start."""
    return f"{START_TAG}{start.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def start_of(comment: str | None, key: str) -> dt.datetime | None:
    """The exact start from the container's comment, else the second in the name; None if neither says."""
    if comment and comment.startswith(START_TAG):
        try:
            return dt.datetime.fromisoformat(comment.removeprefix(START_TAG)).astimezone(UTC)
        except ValueError:
            pass
    name = ChunkName.parse("/".join(PurePosixPath(key).parts[-2:]))
    return name.start if name else None
