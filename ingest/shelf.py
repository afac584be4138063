"""The chunks of one camera that are in the store already: what they cover, and where a new one finds its place."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import BinaryIO

from home.clock import Span
from home.errors import FootageError
from home.footage import ChunkName, start_of
from home.store import Entry, Store, md5_of
from home.video import probe
from ingest.chunks import Part
from ingest.cuts import LONGEST_S
from ingest.packets import open_video, packets

# Recorders name their files by the second, so that two that follow each other may seem to overlap by less than one.
TOLERANCE_S = 1.0
_REACH = dt.timedelta(seconds=LONGEST_S + 60)
_BLOCK = 1024 * 1024


@dataclass(frozen=True)
class Taken:
    """A chunk in the store, and the time it covers."""

    entry: Entry
    span: Span


class Shelf:
    """What one camera has, for the time of one import.

    An hour is listed once and then kept up to date by what is put here; whether a name is free is asked every time.

    Args:
        store: the footage store.
        camera: id of the camera.
    """

    def __init__(self, store: Store, camera: str) -> None:
        self.store = store
        self.camera = camera
        self._listed: dict[dt.datetime, dict[str, tuple[ChunkName, Entry]]] = {}
        self._spans: dict[str, Span | None] = {}

    def overlapping(self, spans: list[Span]) -> list[Taken]:
        """The chunks that cover a second or more of a span, or half of a span that is shorter; in order of time."""
        found = {taken.entry.key: taken for span in spans for taken in self._overlapping(span)}
        return sorted(found.values(), key=lambda taken: taken.span)

    def _overlapping(self, span: Span) -> Iterator[Taken]:
        reach = Span(span.start - _REACH, span.end)
        limit = min(TOLERANCE_S, span.seconds / 2)
        for hour in _hours(reach):
            for name, entry in self._hour(hour).values():
                covered = self._span(entry) if name.start in reach else None
                shared = covered.overlap(span) if covered else None
                if covered and shared and shared.seconds >= limit:
                    yield Taken(entry, covered)

    def holds(self, part: Part, taken: Taken) -> bool:
        """Whether a chunk in the store is this very part: the same bytes, or the same frames in another wrapping."""
        if self._same_bytes(part.path, taken.entry):
            return True
        apart = (abs((taken.span.start - part.span.start).total_seconds()), abs(taken.span.seconds - part.span.seconds))
        if max(apart) >= TOLERANCE_S:
            return False
        opened = self.store.open(taken.entry.key)
        try:
            return _frames_digest(opened) == _frames_digest(str(part.path))
        finally:
            if not isinstance(opened, str):
                opened.close()

    def began(self, part: Part, taken: Taken) -> bool:
        """Whether a chunk in the store is the beginning of this part: an upload of ours that was cut off."""
        return self._is_beginning(part.path, taken.entry)

    def put(self, part: Part) -> tuple[str, bool]:
        """Give a part its place: its own name, or the next that is free. Nothing but its own beginning is replaced.

        Returns:
            The key, and whether anything was written: False if the same bytes were there.
        """
        second = part.span.start.replace(microsecond=0)
        for copy in count():
            name = ChunkName(self.camera, second, copy)
            entry = self.store.find(name.key)
            if entry is not None and self._same_bytes(part.path, entry):
                return name.key, False
            if entry is None or self._is_beginning(part.path, entry):
                self.store.put(name.key, part.path)
                self._remember(name, part)
                return name.key, True
        raise AssertionError("unreachable: numbers do not end")

    def _remember(self, name: ChunkName, part: Part) -> None:
        entry = Entry(name.key, part.path.stat().st_size, "")
        self._hour(_hour_of(name.start))[name.key] = (name, entry)
        self._spans[name.key] = part.span

    def _hour(self, hour: dt.datetime) -> dict[str, tuple[ChunkName, Entry]]:
        if hour not in self._listed:
            entries = self.store.list(f"{self.camera}/chunk-{hour:%Y%m%d-%H}")
            named = [(ChunkName.parse(entry.key), entry) for entry in entries]
            self._listed[hour] = {name.key: (name, entry) for name, entry in named if name}
        return self._listed[hour]

    def _span(self, entry: Entry) -> Span | None:
        """What a chunk covers; None if it cannot be read."""
        if entry.key not in self._spans:
            self._spans[entry.key] = _covered(self.store, entry.key)
        return self._spans[entry.key]

    def _same_bytes(self, path: Path, entry: Entry) -> bool:
        return path.stat().st_size == entry.size and self.store.checksum(entry) == md5_of(path)

    def _is_beginning(self, path: Path, entry: Entry) -> bool:
        return entry.size < path.stat().st_size and self.store.checksum(entry) == _md5_of_first(path, entry.size)


def _hour_of(moment: dt.datetime) -> dt.datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _hours(span: Span) -> Iterator[dt.datetime]:
    hour = _hour_of(span.start)
    while hour < span.end:
        yield hour
        hour += dt.timedelta(hours=1)


def _covered(store: Store, key: str) -> Span | None:
    try:
        info = probe(store.open(key))
    except FootageError:
        return None
    start = start_of(info.comment, key)
    return Span(start, start + dt.timedelta(seconds=info.duration_s)) if start else None


def _frames_digest(source: str | BinaryIO) -> str | None:
    """A checksum of all compressed frames, whatever the container around them; None if they cannot be read."""
    digest = hashlib.md5(usedforsecurity=False)
    try:
        with open_video(source) as (container, stream):
            for frame in packets(container, stream, []):
                digest.update(bytes(frame.packet))
    except FootageError:
        return None
    return digest.hexdigest()


def _md5_of_first(path: Path, size: int) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while size > 0 and (block := file.read(min(size, _BLOCK))):
            digest.update(block)
            size -= len(block)
    return digest.hexdigest()
