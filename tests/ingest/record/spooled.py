"""A spool with chunks in it, written as the recorder writes them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from home.clock import Span
from ingest.record.file import ChunkFile
from ingest.record.spool import Spool
from tests.ingest.record.film import FPS, coming, stream_of

MORNING = dt.datetime(2026, 3, 1, 8, 0, 0, 250_000, dt.UTC)
FRAMES = 20
CHUNK_S = FRAMES / FPS


class Filmed:
    """Chunks of 2 s, all of the same pictures, each with its own start.

    Args:
        folder: for the stream they are made of.
    """

    def __init__(self, folder: Path) -> None:
        self.stream = stream_of("h264", folder, FRAMES)

    def part(self, spool: Spool, camera: str, start: dt.datetime, frames: int = FRAMES) -> ChunkFile:
        """An unfinished chunk, closed."""
        with coming(self.stream) as (stream, packets):
            chunk = ChunkFile(spool.part(camera, start), stream, start)
            for timed, _ in zip(packets, range(frames), strict=False):
                chunk.write(*timed)
            chunk.close()
        return chunk

    def chunk(self, spool: Spool, camera: str, start: dt.datetime, frames: int = FRAMES) -> Path:
        """A finished one."""
        return spool.finish(self.part(spool, camera, start, frames).path)

    def chunks(self, spool: Spool, camera: str, number: int, first: dt.datetime = MORNING) -> list[Path]:
        """Some that follow each other to the frame."""
        return [self.chunk(spool, camera, first + n * dt.timedelta(seconds=CHUNK_S)) for n in range(number)]


def after(seconds: float, start: dt.datetime = MORNING) -> dt.datetime:
    """A moment so many seconds after another."""
    return start + dt.timedelta(seconds=seconds)


def span(first: float, last: float) -> Span:
    """A span by seconds from the morning on."""
    return Span(after(first), after(last))
