"""The chunks that lie in the spool: found by their names, whatever else lies there."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from home.clock import UTC, Span
from home.footage import ChunkName, chunk_boundary, start_of

PART, CHUNK, QUARANTINE = ".part-", "chunk-", "quarantine"


@dataclass(frozen=True, order=True)
class Waiting:
    """A file of the spool that holds footage. They sort oldest first.

    Attributes:
        start: the UTC second in its name.
        camera, copy: the rest of its name.
        path: where it lies.
        size: bytes.
        written: when its last byte was.
    """

    start: dt.datetime
    camera: str
    copy: int
    path: Path
    size: int
    written: dt.datetime

    @property
    def rough_span(self) -> Span:
        """What it covers as its name and its last writing say; never beyond the next boundary of chunks."""
        end = chunk_boundary(self.start)
        return Span(self.start, min(self.written, end) if self.written > self.start else end)

    @property
    def span(self) -> Span:
        """What it covers: as the file itself says, else as its name and its last writing do."""
        return chunk_span(self.path) or self.rough_span


def footage_in(folder: Path, kind: str, camera: str | None = None) -> Iterator[Waiting]:
    """The chunks of a folder, in no order. One that goes while we look is passed over.

    Args:
        folder: may be missing.
        kind: `PART`, or `CHUNK` for finished ones.
        camera: id of the camera, if it is not the folder's name.
    """
    camera = camera or folder.name
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if not entry.name.startswith(kind):
            continue
        name = ChunkName.parse(f"{camera}/{CHUNK}{entry.name.removeprefix(kind)}")
        try:
            if name is None or not entry.is_file(follow_symlinks=False):
                continue
            stat = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        yield _waiting(name, Path(entry.path), stat)


def look_at(chunk: Waiting) -> Waiting:
    """The same chunk as it is now, after it was written anew.

    Raises:
        OSError: if it is gone.
    """
    return _waiting(ChunkName(chunk.camera, chunk.start, chunk.copy), chunk.path, chunk.path.stat())


def _waiting(name: ChunkName, path: Path, stat: os.stat_result) -> Waiting:
    written = dt.datetime.fromtimestamp(stat.st_mtime, UTC)
    return Waiting(name.start, name.camera, name.copy, path, stat.st_size, written)


def chunk_span(path: Path) -> Span | None:
    """What a chunk covers, from its first frame to the end of its last; None if it is no whole chunk.

    Only its index is read.
    """
    import av  # who only lists the spool has no use for it

    try:
        with av.open(str(path.absolute()), format="mp4", metadata_errors="ignore") as container:
            video = next(iter(container.streams.video), None)
            start = start_of(container.metadata.get("comment"), f"{path.parent.name}/{path.name}")
            if video is None or start is None or not video.duration or video.time_base is None:
                return None
            return Span(start, start + dt.timedelta(seconds=float(video.duration * video.time_base)))
    except (av.FFmpegError, ValueError):
        return None
