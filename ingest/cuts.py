"""Where a file is cut: at the first keyframe at or after every wall-clock multiple of 5 minutes, and after a pause."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from home.footage import CHUNK_S, chunk_boundary
from ingest.packets import HOLE_S, Timed

# With open GOPs (x265's default) a cut costs the few frames that lead a keyframe; wait this long for a clean one.
_PATIENCE = dt.timedelta(seconds=30)
# A chunk grows beyond its 5 minutes only to the next keyframe. Where that is further than this, the file is re-encoded.
LONGEST_S = 2 * CHUNK_S


@dataclass(frozen=True)
class Cut:
    """One chunk to be.

    Attributes:
        first: number of its first packet, in reading order.
        zero: when its first frame is shown, ticks.
        end: when it ends, ticks: the next chunk's first frame, or the last frame plus its duration.
        frames: how many frames it shows.
        lead: frames that come before `zero` and need the chunk before: lost, open GOPs only.
    """

    first: int
    zero: int
    end: int
    frames: int
    lead: int


def moment_of(ticks: int, tick: Fraction, start: dt.datetime) -> dt.datetime:
    """Ticks after a start as UTC, to the microsecond."""
    return start + dt.timedelta(microseconds=round(ticks * tick * 1_000_000))


@dataclass
class _Group:
    """One group of pictures: a keyframe and what follows up to the next. Ticks."""

    first: int
    zero: int
    end: int
    key_shown: bool
    frames: int = 0
    lead: int = 0

    def show(self, frame: Timed) -> None:
        """Count a frame that is shown."""
        self.end = max(self.end, frame.pts + frame.duration)
        if self.key_shown:
            self.lead += frame.pts < self.zero
        else:  # an edit list hides the keyframe: it begins with the first frame that is shown
            self.zero = min(self.zero, frame.pts) if self.frames else frame.pts
        self.frames += 1


class Groups:
    """Frames by group of pictures, and what only shows while the whole file is read.

    Attributes:
        zero: when the earliest frame is shown; right from the first group on.
        end: when the last frame ends.
        dropped: frames before the first keyframe.
        edited: whether an edit list hides frames between others that are shown.
    """

    def __init__(self, source: Iterable[Timed]) -> None:
        self._source = source
        self.zero = 0
        self.end = 0
        self.dropped = 0
        self.edited = False

    def __iter__(self) -> Iterator[_Group]:
        group: _Group | None = None
        shown = hidden_after_shown = False
        for number, frame in enumerate(self._source):
            if frame.key:
                if group is not None and group.frames:
                    yield group
                group = _Group(number, frame.pts, frame.pts, not frame.hidden)
            if frame.hidden:
                hidden_after_shown |= shown
                continue
            self.edited |= hidden_after_shown
            self.zero = min(self.zero, frame.pts) if shown else frame.pts
            self.end = max(self.end, frame.pts + frame.duration) if shown else frame.pts + frame.duration
            shown = True
            if group is None:
                self.dropped += 1
            else:
                group.show(frame)
        if group is not None and group.frames:
            yield group


def find_cuts(groups: Groups, tick: Fraction, start: dt.datetime) -> Iterator[Cut]:
    """Join groups into chunks.

    Args:
        groups: from the packets of a file.
        tick: seconds of one tick.
        start: UTC moment of the file's first frame.
    """
    cut: Cut | None = None
    boundary = start
    for group in groups:
        begin = moment_of(group.zero - groups.zero, tick, start)
        if cut is not None:
            hole = (group.zero - cut.end) * tick > HOLE_S
            due = begin >= boundary and (not group.lead or begin >= boundary + _PATIENCE)
            if not hole and not due:
                cut = replace(cut, end=max(cut.end, group.end), frames=cut.frames + group.frames)
                continue
            yield cut if hole else replace(cut, end=group.zero)
        cut = Cut(group.first, group.zero, group.end, group.frames - group.lead, group.lead)
        boundary = chunk_boundary(begin)
    if cut is not None:
        yield cut
