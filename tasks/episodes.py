"""What cameras and devices saw, laid together: the same meal seen by both is one.

A piece is a bout or a row of a device. Pieces of one cat and behaviour belong together where they lie close enough; what
nobody could put a name to belongs to a named one that another source told of at that time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from home.clock import Span, merge
from home.ethogram import UNKNOWN

__all__ = ["Episode", "Piece", "Tolerance", "laid_together"]


@dataclass(frozen=True)
class Piece:
    """What one source says.

    Attributes:
        cat: id, or `unknown`.
        behaviour: of the ethogram.
        start, end: UTC; the same where a device only says when.
        seconds: that were seen of it.
        source: the cameras of a bout, or the device.
        by_device: whether a device says it.
        name: of the bout; a bout over midnight has it in both of its days. Empty for a device.
        chain: pieces of `unknown` with the same one are of one animal: a number on a day, or the device.
    """

    cat: str
    behaviour: str
    start: dt.datetime
    end: dt.datetime
    seconds: float
    source: tuple[str, ...]
    by_device: bool
    name: str = ""
    chain: str = ""


@dataclass(frozen=True)
class Tolerance:
    """How far apart pieces of one episode may lie, seconds.

    Attributes:
        same_s: where a device is one of the two: clocks differ, and a box weighs later than it sees.
        meal_s: two visits to a bowl.
    """

    same_s: float
    meal_s: float

    def between(self, first: Piece, second: Piece) -> float:
        """What may lie between two pieces of one behaviour of one cat. Two bouts are two, unless one goes on over midnight."""
        if first.behaviour == "eating":
            return max(self.meal_s, self.same_s)
        return self.same_s if first.by_device or second.by_device else 0.0


@dataclass
class Episode:
    """Pieces that are one event."""

    pieces: list[Piece]

    @property
    def cat(self) -> str:
        """The one that a source could name, else `unknown`."""
        return next((piece.cat for piece in self.pieces if piece.cat != UNKNOWN), UNKNOWN)

    @property
    def behaviour(self) -> str:
        """Of all pieces."""
        return self.pieces[0].behaviour

    @property
    def span(self) -> Span:
        """From the first start to the last end; empty where a device only said when."""
        return Span(min(piece.start for piece in self.pieces), max(piece.end for piece in self.pieces))

    @property
    def sources(self) -> list[str]:
        """Cameras and devices, by name."""
        return sorted({name for piece in self.pieces for name in piece.source})

    @property
    def bouts(self) -> list[str]:
        """Ids."""
        return sorted({piece.name for piece in self.pieces if piece.name})

    def seconds(self, within: Span) -> float:
        """Seconds of it in a span: what sources saw of it, and no second twice."""
        parts = [(piece, both) for piece in self.pieces if (both := Span(piece.start, piece.end).overlap(within))]
        union = sum(span.seconds for span in merge([both for _, both in parts]))
        seen = sum(both.seconds * piece.seconds / (piece.end - piece.start).total_seconds() for piece, both in parts)
        return min(union, seen)


def laid_together(pieces: Iterable[Piece], tolerance: Tolerance) -> list[Episode]:
    """The episodes of pieces, in order of time.

    1. Pieces of one named cat and behaviour, or of one unnamed animal, join where they lie close enough.
    2. What a device could not name (a scale, a bowl) is what a camera or the device itself could name at that time, and
       what a camera could not name is what a device could: the nearest, within `tolerance.same_s`. Two animals that a camera
       sees at once stay two.
    3. What neither could name joins in the same way.
    """
    groups: dict[tuple[str, str, str], list[Piece]] = {}
    for piece in sorted(pieces, key=_order):
        groups.setdefault((piece.behaviour, piece.cat, piece.chain if piece.cat == UNKNOWN else ""), []).append(piece)
    named: list[Episode] = []
    unnamed: list[Episode] = []
    for (_, cat, _), own in groups.items():
        (unnamed if cat == UNKNOWN else named).extend(_joined(own, tolerance))
    left = _absorbed(_by_name(unnamed), named, tolerance.same_s)
    devices = [episode for episode in left if episode.pieces[0].by_device]
    cameras = [episode for episode in left if not episode.pieces[0].by_device]
    alone = _absorbed(cameras, devices, tolerance.same_s)
    return sorted([*named, *devices, *alone], key=lambda episode: _order(min(episode.pieces, key=_order)))


def _order(piece: Piece) -> tuple[object, ...]:
    return piece.start, piece.end, piece.cat, piece.behaviour, piece.source, piece.name, piece.chain


def _joined(pieces: Sequence[Piece], tolerance: Tolerance) -> list[Episode]:
    """Pieces of one animal, in order of their starts."""
    done: list[Episode] = []
    open_: list[Episode] = []
    for piece in pieces:
        over = [episode for episode in open_ if not _reaches(episode, piece, tolerance)]
        near = [episode for episode in open_ if episode not in over and _joins(episode, piece, tolerance)]
        done += over
        open_ = [episode for episode in open_ if episode not in over and episode not in near]
        open_.append(Episode([*(other for episode in near for other in episode.pieces), piece]))
    return [*done, *open_]


def _reaches(episode: Episode, piece: Piece, tolerance: Tolerance) -> bool:
    """Whether this piece, or one after it, may still join."""
    return (piece.start - episode.span.end).total_seconds() <= max(tolerance.meal_s, tolerance.same_s)


def _joins(episode: Episode, piece: Piece, tolerance: Tolerance) -> bool:
    return any(
        (piece.name and piece.name == other.name) or _apart(piece, other) <= tolerance.between(piece, other)
        for other in episode.pieces
    )


def _by_name(episodes: Sequence[Episode]) -> list[Episode]:
    """Those of unnamed animals, whose numbers are of a day: the two parts of a bout over midnight are one."""
    found: list[Episode] = []
    for episode in episodes:
        same = [other for other in found if set(other.bouts) & set(episode.bouts)]
        whole = Episode([*(piece for other in same for piece in other.pieces), *episode.pieces])
        found = [*(other for other in found if other not in same), whole]
    return found


def _absorbed(loose: Sequence[Episode], firm: Sequence[Episode], same_s: float) -> list[Episode]:
    """Give each loose episode to the nearest firm one; what finds none is left."""
    pairs = sorted(
        (distance, _order(one.pieces[0]), first, second)
        for first, one in enumerate(loose)
        for second, other in enumerate(firm)
        if one.behaviour == other.behaviour and (distance := _distance(one, other)) <= same_s
    )
    taken: set[int] = set()
    for _, _, first, second in pairs:
        if first not in taken and _may_be(loose[first], firm[second]):
            firm[second].pieces.extend(loose[first].pieces)
            taken.add(first)
    return [episode for number, episode in enumerate(loose) if number not in taken]


def _may_be(one: Episode, other: Episode) -> bool:
    """Whether two episodes may be of one animal: not if one camera tells of both at once, or nothing but cameras tells of them."""
    seen = [(a, b) for a in one.pieces for b in other.pieces]
    if not any(a.by_device or b.by_device for a, b in seen):
        return False
    return not any(not (a.by_device or b.by_device) and _apart(a, b) <= 0 for a, b in seen)


def _distance(one: Episode, other: Episode) -> float:
    return min(_apart(a, b) for a in one.pieces for b in other.pieces)


def _apart(first: Piece, second: Piece) -> float:
    """Seconds between two pieces; 0 where they touch or overlap."""
    gap = max(first.start, second.start) - min(first.end, second.end)
    return max(0.0, gap.total_seconds())
