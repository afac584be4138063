"""How found bouts compare with the true diary, second by second."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from simulate.routine import Episode

__all__ = ["Found", "Grade", "Score", "grade"]


@dataclass(frozen=True)
class Found:
    """One bout as a night's work found it; times are UTC."""

    behaviour: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Score:
    """One behaviour: seconds and episodes, true and found.

    Attributes:
        true_s, found_s, both_s: seconds in the diary, in the bouts, and in both.
        true_bouts, found_bouts: number of episodes.
    """

    behaviour: str
    true_s: int
    found_s: int
    both_s: int
    true_bouts: int
    found_bouts: int

    @property
    def precision(self) -> float | None:
        """Share of the found seconds that are true; None if none was found."""
        return self.both_s / self.found_s if self.found_s else None

    @property
    def recall(self) -> float | None:
        """Share of the true seconds that were found; None if there are none."""
        return self.both_s / self.true_s if self.true_s else None


@dataclass(frozen=True)
class Grade:
    """Scores by behaviour, and presence (a cat is in sight of any camera) as the last one."""

    scores: list[Score]
    presence: Score


def grade(diary: Sequence[Episode], found: Sequence[Found], named: Sequence[str]) -> Grade:
    """Compare bouts with the diary.

    Behaviours that the reader cannot name count as `other`, in the diary too. Only what was in sight of a camera is
    asked for. With several cats a second counts for a behaviour if any cat shows it: bouts need no identity for that.

    Args:
        diary: the truth.
        found: the bouts.
        named: behaviours that the reader can tell.

    Raises:
        ValueError: if the diary is empty.
    """
    if not diary:
        raise ValueError("an empty diary has nothing to compare with")
    visible = [episode for episode in diary if episode.camera is not None]
    edges = [episode.start for episode in diary] + [bout.start for bout in found]
    ends = [episode.end for episode in diary] + [bout.end for bout in found]
    start, size = min(edges), int((max(ends) - min(edges)).total_seconds()) + 1
    truth = [Found(e.behaviour if e.behaviour in named else "other", e.start, e.end) for e in visible]
    scores = []
    for behaviour in dict.fromkeys([*named, "other"]):
        true = [bout for bout in truth if bout.behaviour == behaviour]
        own = [bout for bout in found if bout.behaviour == behaviour]
        scores.append(_score(behaviour, true, own, start, size))
    return Grade(scores, _score("in sight", truth, found, start, size))


def _score(behaviour: str, true: Sequence[Found], own: Sequence[Found], start: datetime, size: int) -> Score:
    truth, found = _seconds(true, start, size), _seconds(own, start, size)
    return Score(
        behaviour, int(truth.sum()), int(found.sum()), int((truth & found).sum()), _count(truth), _count(found)
    )


def _seconds(bouts: Iterable[Found], start: datetime, size: int) -> NDArray[np.bool_]:
    mask = np.zeros(size, bool)
    for bout in bouts:
        first, last = (round((edge - start).total_seconds()) for edge in (bout.start, bout.end))
        mask[max(first, 0) : max(last, 0)] = True
    return mask


def _count(mask: NDArray[np.bool_]) -> int:
    """Number of runs: episodes that follow each other without a break are one."""
    return int(mask[0]) + int(np.count_nonzero(np.diff(mask.astype(np.int8)) == 1)) if len(mask) else 0
