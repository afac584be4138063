"""The chunks that lie in the spool: found by their names, whatever else lies there."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from home.clock import UTC, Span
from home.footage import ChunkName, chunk_boundary, start_of

PART, CHUNK, QUARANTINE = ".part-", "chunk-", "quarantine"
# As the recorder has it: no frame for so long, and for so many times the usual, is a gap.
PAUSE_S, PAUSE_FRAMES = 5, 3


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
    def spans(self) -> list[Span]:
        """What it covers: as the file itself says, else as its name and its last writing do."""
        return chunk_spans(self.path) or [self.rough_span]


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


def chunk_spans(path: Path) -> list[Span]:
    """What a chunk covers, from its first frame to the end of its last; more than one span if frames are missing between.

    Only its index is read.

    Returns:
        Spans in order; none if it is no whole chunk.
    """
    import av  # who only lists the spool has no use for it

    try:
        with av.open(str(path.absolute()), format="mp4", metadata_errors="ignore") as container:
            video = next(iter(container.streams.video), None)
            start = start_of(container.metadata.get("comment"), f"{path.parent.name}/{path.name}")
            if video is None or start is None or not video.duration or video.time_base is None:
                return []
            times = [entry.timestamp * video.time_base for entry in video.index_entries if entry.size]
            if not video.frames or len(times) < video.frames:  # fragments: it was never closed
                return []
            return _spans(start, [time - times[0] for time in times], video.duration * video.time_base)
    except (av.FFmpegError, ValueError):
        return []


def _spans(start: dt.datetime, times: list[Fraction], duration: Fraction) -> list[Span]:
    """Frames to spans: a stall may lie within a chunk, because what comes after it needs the keyframe before.

    Args:
        start: UTC moment of the first frame.
        times: of all frames, seconds after the first, in the order of decoding.
        duration: from the first frame to the end of the last, seconds.
    """
    steps = [after - before for before, after in itertools.pairwise(times)]
    usual = statistics.median_low(steps) if steps else duration
    spans, first = [], Fraction(0)
    for before, step in zip(times, steps, strict=False):
        if step - usual > max(Fraction(PAUSE_S), PAUSE_FRAMES * usual):
            spans.append((first, before + usual))
            first = before + step
    spans.append((first, duration))
    return [Span(start + dt.timedelta(seconds=float(a)), start + dt.timedelta(seconds=float(b))) for a, b in spans]
