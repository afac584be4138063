"""How found bouts compare with the true diary: second by second, as a time budget, and bout by bout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from simulate.routine import Episode

__all__ = ["Found", "Grade", "Score", "grade", "in_sight"]

SAME = 0.5
"""Intersection over union from which two stretches of time are one bout (ActivityNet, Heilbron et al. 2015)."""


@dataclass(frozen=True)
class Found:
    """One bout as a night's work found it; times are UTC."""

    behaviour: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Score:
    """One behaviour: cat-seconds and bouts, true and found. Two cats that sleep for a minute are two cat-minutes.

    Attributes:
        true_s, found_s, both_s: cat-seconds in the diary, in the bouts, and in both.
        true_bouts, found_bouts, same_bouts: bouts in the diary, found ones, and those that are one and the same.
    """

    behaviour: str
    true_s: int
    found_s: int
    both_s: int
    true_bouts: int
    found_bouts: int
    same_bouts: int

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
    """Scores by behaviour, `other` as the last, and presence: cats in sight of any camera, whatever they do."""

    scores: list[Score]
    presence: Score

    @property
    def budget(self) -> float:
        """Share of the time budget that is right, 0..1: the intersection of both over the greater (Swain and Ballard 1991)."""
        true, found = (sum(getattr(score, name) for score in self.scores) for name in ("true_s", "found_s"))
        return sum(min(score.true_s, score.found_s) for score in self.scores) / max(true, found, 1)

    @property
    def bouts(self) -> float:
        """F1 of the bouts of all behaviours but `other`, 0..1: 1 where each was found once and nothing else was."""
        named = [score for score in self.scores if score.behaviour != "other"]
        both = sum(score.true_bouts + score.found_bouts for score in named)
        return 2 * sum(score.same_bouts for score in named) / both if both else 1.0


def grade(diary: Sequence[Episode], found: Sequence[Found], named: Sequence[str]) -> Grade:
    """Compare bouts with the diary.

    Behaviours that the reader cannot name count as `other`, in the diary too. Only what was in sight of a camera is
    asked for. Which cat it was is not asked here: bouts need no identity for that.

    Args:
        diary: the truth.
        found: the bouts.
        named: behaviours that the reader can tell.

    Raises:
        ValueError: if the diary is empty.
    """
    if not diary:
        raise ValueError("an empty diary has nothing to compare with")
    edges = [episode.start for episode in diary] + [bout.start for bout in found]
    ends = [episode.end for episode in diary] + [bout.end for bout in found]
    start, size = min(edges), int((max(ends) - min(edges)).total_seconds()) + 1
    truth = in_sight(diary, named)
    scores = []
    for behaviour in dict.fromkeys([*named, "other"]):
        true = [bout for bout in truth if bout.behaviour == behaviour]
        own = [bout for bout in found if bout.behaviour == behaviour]
        scores.append(_score(behaviour, true, own, start, size))
    return Grade(scores, _score("in sight", truth, found, start, size))


def in_sight(diary: Sequence[Episode], named: Sequence[str]) -> list[Found]:
    """The true bouts in sight: what a cat does without a break is one, whatever the diary tells apart in it."""
    bouts: list[Found] = []
    visible = sorted((e for e in diary if e.camera is not None), key=lambda e: (e.cat, e.start))
    for _, own in groupby(visible, key=lambda e: e.cat):
        last: Found | None = None
        for episode in own:
            name = episode.behaviour if episode.behaviour in named else "other"
            if last is not None and last.behaviour == name and last.end == episode.start:
                bouts.pop()
                last = Found(name, last.start, episode.end)
            else:
                last = Found(name, episode.start, episode.end)
            bouts.append(last)
    return bouts


def _score(behaviour: str, true: Sequence[Found], own: Sequence[Found], start: datetime, size: int) -> Score:
    truth, found = _cats(true, start, size), _cats(own, start, size)
    both = np.minimum(truth, found)
    return Score(behaviour, int(truth.sum()), int(found.sum()), int(both.sum()), len(true), len(own), _same(true, own))


def _cats(bouts: Iterable[Found], start: datetime, size: int) -> NDArray[np.int64]:
    """How many cats at each second, `int64 [size]`."""
    count = np.zeros(size, np.int64)
    for bout in bouts:
        first, last = (round((edge - start).total_seconds()) for edge in (bout.start, bout.end))
        count[max(first, 0) : max(last, 0)] += 1
    return count


def _same(true: Sequence[Found], own: Sequence[Found]) -> int:
    """How many bouts are in both; each pairs once, the best first."""
    pairs = [(_overlap(a, b), m, n) for m, a in enumerate(true) for n, b in enumerate(own)]
    taken: set[tuple[str, int]] = set()
    for overlap, m, n in sorted(pairs, key=lambda pair: (-pair[0], *pair[1:])):
        if overlap >= SAME and not {("true", m), ("own", n)} & taken:
            taken |= {("true", m), ("own", n)}
    return len(taken) // 2


def _overlap(a: Found, b: Found) -> float:
    """Intersection over union of two stretches of time, 0..1."""
    both = (min(a.end, b.end) - max(a.start, b.start)).total_seconds()
    whole = (max(a.end, b.end) - min(a.start, b.start)).total_seconds()
    return max(both, 0.0) / whole if whole else 0.0
