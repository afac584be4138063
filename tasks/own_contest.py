"""The network in place and a new one on the same moments: what people said and neither learned, and the rest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from home.ethogram import BEHAVIOURS
from home.folder import Home
from models.behaviour.classifier import BehaviourReader
from models.behaviour.contest import LEVEL, MARGIN, Duel, duel, not_worse
from models.behaviour.evidence import Evidence
from models.behaviour.replay import Replay
from tasks.judging import as_told
from tasks.own_moments import OwnMoments, unsaid

__all__ = ["Contest", "contest"]


@dataclass(frozen=True)
class Contest:
    """How it went.

    Attributes:
        name: of the new network.
        learned: tracks of this home that it learned from.
        own: both networks on the tracks that are held out.
        rest: macro-F1 of both on moments of the first training that neither learned, `before` and `after`, and
            `at_least`: what the new one has more, with 95 % certainty.
        unsaid: other moments of the same camera-days, of which nobody spoke.
        changed: how many of them the new one reads otherwise, by `from → to`, most first.
        better: whether it may take the place of the old one.
        why: in words.
        gone: corrections whose tables are not there any more.
    """

    name: str
    learned: int
    own: Duel
    rest: dict[str, float]
    unsaid: int
    changed: dict[str, int]
    better: bool
    why: str
    gone: list[int]

    @property
    def changed_share(self) -> float:
        """Of the moments nobody spoke of, those that are read otherwise, 0..1."""
        return sum(self.changed.values()) / max(self.unsaid, 1)


def contest(
    home: Home, name: str, own: OwnMoments, rest: Replay, champion: BehaviourReader, challenger: BehaviourReader
) -> Contest:
    """Ask both networks."""
    asked, rows = own.of("held_out")
    truth, tracks = rows["truth"].to_numpy(np.int64), rows["track"].to_numpy(np.int64)
    fought = duel(truth, _at_home(champion, asked), _at_home(challenger, asked), tracks)
    drawn = Evidence(rest.values, rest.known, rest.names)
    kept = not_worse(rest.truth, _plain(champion, drawn), _plain(challenger, drawn), rest.group)
    count, changed = 0, Counter[str]()
    for other in unsaid(home, own):
        first, second = _at_home(champion, other), _at_home(challenger, other)
        count += len(first)
        differ = first != second
        changed.update(f"{BEHAVIOURS[a]} → {BEHAVIOURS[b]}" for a, b in zip(first[differ], second[differ], strict=True))
    better, why = _verdict(fought, kept)
    learned = own.of("learn")[1]["track"].nunique()
    return Contest(name, learned, fought, kept, count, dict(changed.most_common()), better, why, own.gone)


def _verdict(own: Duel, rest: dict[str, float]) -> tuple[bool, str]:
    told = f"{own.better} of {own.groups} held-out tracks better, {own.worse} worse (exact test, p = {own.p:.3f})"
    if not own.won:
        return False, f"{told}: not clearly better, which takes p ≤ {LEVEL:g}"
    if rest["at_least"] < -MARGIN:
        lost = f"on drawn homes it may lose {-rest['at_least']:.3f} of macro-F1, more than {MARGIN:g}"
        return False, f"{told}, but {lost}: it forgets what it could"
    return True, f"{told}, and on drawn homes it loses no more than {max(0.0, -rest['at_least']):.3f} of macro-F1"


def _at_home(reader: BehaviourReader, moments: Evidence) -> NDArray[np.int64]:
    """What the night would say `[N]`."""
    return _places(reader)[as_told(reader, moments).argmax(axis=1)]


def _plain(reader: BehaviourReader, moments: Evidence) -> NDArray[np.int64]:
    """What it says where every behaviour is as frequent `[N]`."""
    return _places(reader)[reader.probabilities(moments).argmax(axis=1)]


def _places(reader: BehaviourReader) -> NDArray[np.int64]:
    return np.array([BEHAVIOURS.index(name) for name in reader.description.behaviours])
