"""The clock of a video player: many chunks one after the other, gaps left out, against the time on the wall."""

from __future__ import annotations

import datetime as dt
import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath, PurePosixPath, PureWindowsPath

from home.clock import Span, local_date
from home.errors import WrongUse
from home.folder import Home
from home.footage import ChunkName
from home.manifest import read_manifest

__all__ = ["Medium", "Playlist", "chunk_start"]


@dataclass(frozen=True)
class Medium:
    """One file of a playlist.

    Attributes:
        path: as the labelling program has it.
        start: UTC of its first frame.
        seconds: its length, as that program measured it.
    """

    path: str
    start: dt.datetime
    seconds: float

    @property
    def camera(self) -> str:
        """Id of the camera: the folder that the file lies in."""
        return _parts(self.path).parent.name

    @property
    def span(self) -> Span:
        """The time it shows."""
        return Span(self.start, _rounded(self.start + dt.timedelta(seconds=self.seconds)))


class Playlist:
    """Files that are played one after the other; the player's clock runs through them without a gap.

    Args:
        media: the files in order, one or more.
    """

    def __init__(self, media: Sequence[Medium]) -> None:
        self.media = list(media)
        self._edges = list(itertools.accumulate((each.seconds for each in media), initial=0.0))

    @property
    def seconds(self) -> float:
        """Length of the whole."""
        return self._edges[-1]

    def moment(self, seconds: float, *, ends: bool = False) -> tuple[Medium, dt.datetime]:
        """What is shown at a time of the player, and its time on the wall, UTC to the millisecond.

        Args:
            seconds: of the player's clock.
            ends: where one file follows another, the end of the first is meant rather than the start of the second.
        """
        inner = self._edges[1:-1]
        index = bisect_left(inner, seconds) if ends else bisect_right(inner, seconds)
        medium = self.media[index]
        return medium, _rounded(medium.start + dt.timedelta(seconds=seconds - self._edges[index]))

    def position(self, moment: dt.datetime) -> float:
        """The player's clock at a time on the wall; for a time that no file shows, where the next one begins."""
        for medium, edge in zip(self.media, self._edges, strict=False):
            inside = (moment - medium.start).total_seconds()
            if inside < medium.seconds:
                return edge + max(0.0, inside)
        return self.seconds


def chunk_start(home: Home, path: str) -> dt.datetime:
    """When a chunk begins, by its day's manifest, UTC.

    Args:
        home: the home.
        path: where the labelling program has it: its last two parts are camera and chunk.

    Raises:
        WrongUse: if it is no chunk of this home's.
    """
    name = ChunkName.parse("/".join(_parts(path).parts[-2:]))
    if name is None:
        right = (
            "it must be CAMERA/chunk-YYYYmmdd-HHMMSS.mp4 as the footage folder has it, in a folder of its camera's name"
        )
        raise WrongUse(f"the video {path!r} is no chunk of this home; {right}")
    home.camera(name.camera)
    first = local_date(name.start, home.zone)
    for date in (first, first + dt.timedelta(days=1)):  # a chunk over midnight may only have frames after it
        for chunk in read_manifest(home.data, date).chunks(name.camera):
            if chunk.key == name.key:
                return chunk.start
    raise WrongUse(
        f"the chunk {name.key} is in no manifest; `catml nightly --date {first}` takes that day's footage in"
    )


def _parts(path: str) -> PurePath:
    return PureWindowsPath(path) if "\\" in path else PurePosixPath(path)


def _rounded(moment: dt.datetime) -> dt.datetime:
    """To the millisecond, which is what labelling programs write."""
    micro = round(moment.microsecond, -3)
    return moment.replace(microsecond=0) + dt.timedelta(microseconds=micro)
