"""How many animals a day's tracks need: the smallest number that explains what was seen. It is no identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Seen", "animals"]


@dataclass(frozen=True, order=True)
class Seen:
    """One track: when it was seen, in seconds, on which camera, in which room, and its cat; empty where not known."""

    start: float
    end: float
    camera: str
    room: str = ""
    cat: str = ""

    def apart(self, other: Seen) -> bool:
        """Whether no animal can be in both at one time: one cat has one box, and is in one room."""
        return self.camera == other.camera or bool(self.room and other.room and self.room != other.room)


@dataclass
class _Animal:
    cat: str = ""
    tracks: list[Seen] = field(default_factory=list)

    def clashes(self, track: Seen, tolerance_s: float) -> bool:
        """Whether this animal is already seen at that time where it cannot be in this track too."""
        return any(
            other.apart(track) and min(other.end, track.end) - max(other.start, track.start) > tolerance_s
            for other in self.tracks
        )

    def last_seen(self) -> float:
        return max(track.end for track in self.tracks)


def animals(tracks: Sequence[Seen], tolerance_s: float = 0.0) -> list[int]:
    """Give each track an animal.

    Two tracks at one time on one camera, or in two rooms, are two animals. Two tracks at one time on two cameras may be
    one animal that both see, so they are taken for one where nobody said that these are two rooms. Tracks of one cat
    are one animal, and one that nobody could name is none of those that have a name: that would be a guess.

    Args:
        tracks: when and where each was seen.
        tolerance_s: overlap that is still one animal (a track that was lost and found again; a cat in the door).

    Returns:
        A number 0, 1, 2 … per track, in the order in which the animals were first seen.
    """
    found: list[_Animal] = []
    numbers = [0] * len(tracks)
    for index in sorted(range(len(tracks)), key=lambda index: tracks[index]):
        track = tracks[index]
        free = [
            number
            for number, animal in enumerate(found)
            if animal.cat == track.cat and (track.cat or not animal.clashes(track, tolerance_s))
        ]
        if free:
            # The one that has just gone out of sight is the likeliest to be seen on; one that is seen elsewhere at this time
            # only where there is none: then both cameras may show it.
            gone = [number for number in free if found[number].last_seen() <= track.start + tolerance_s]
            chosen = max(gone or free, key=lambda number: (found[number].last_seen(), -number))
        else:
            found.append(_Animal(track.cat))
            chosen = len(found) - 1
        found[chosen].tracks.append(track)
        numbers[index] = chosen
    return numbers
