"""What CatML would have known of a simulated home: its diary through the mistakes that were measured of the models.

A bout that a camera sees is found or missed as a whole, is read as what it is or as something else, may be broken in two, gets
a length that is off, and a name or `unknown`. Nothing is known of what happened out of sight, or while the camera was down.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from home.clock import Span, merge, subtract
from home.ethogram import BEHAVIOURS, NEEDS_ZONE
from models.habits.history import History
from simulate.routine import Episode

__all__ = [
    "BESIDES",
    "FIRST",
    "PERFECT",
    "Bout",
    "Observer",
    "Reading",
    "bouts_of",
    "history",
    "knocked_out",
    "observed",
    "open_spans",
    "pooled",
]

Array = NDArray[np.float64]

# `python -m bench.read_bouts --style flat`: bouts of drawn homes that nothing learned from, rows as they were, columns as they
# were read first; the last column: nothing.
FIRST = np.array([
    [37, 0, 0, 0, 0, 0, 0, 4, 8],
    [0, 22, 0, 0, 0, 0, 0, 5, 9],
    [0, 0, 11, 0, 0, 0, 0, 1, 2],
    [0, 0, 0, 31, 0, 0, 0, 0, 5],
    [0, 0, 0, 0, 3, 0, 0, 2, 12],
    [0, 0, 0, 0, 0, 11, 0, 0, 1],
    [0, 0, 0, 0, 0, 0, 23, 0, 3],
    [0, 0, 0, 2, 0, 0, 0, 94, 77],
], float)  # fmt: skip
BESIDES = np.array([
    [0, 0, 0, 1, 0, 0, 0, 4],
    [0, 0, 0, 0, 0, 0, 0, 1],
    [0, 0, 1, 0, 0, 0, 0, 2],
    [0, 0, 0, 1, 0, 0, 0, 2],
    [0, 0, 0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0, 2],
    [0, 0, 0, 0, 0, 0, 1, 3],
    [0, 0, 0, 0, 0, 0, 0, 13],
], float)  # fmt: skip
"""What was read of the same bouts besides; of the same behaviour: the bout was read as two."""
LENGTHS = np.array([0.2, 0.14, 0.25, 0.17, 0.12, 0.05, 0.34, 0.67])
"""Spread of the logarithm of the length of each, read against true. No film held a whole sleep that was read as one, and three
bouts of scratching were read as it: those of these two are guesses."""
Bout = tuple[str, str, str, float, float]
"""Cat, behaviour, camera, start and end."""

SHORTEST_S = 8.0  # params.yaml: shorter bouts are none


@dataclass(frozen=True)
class Observer:
    """How well is seen.

    Attributes:
        first: chance of each reading of a bout of each behaviour, `[8, 9]`, rows sum to 1; the last: nothing is read.
        besides: chance that each is read besides, `[8, 8]`, of a bout of which anything is.
        lengths: standard deviation of the logarithm of a bout's length as it is read, by behaviour `[8]`.
        named: share of bouts that get the name of their cat; the rest is `unknown`.
    """

    first: Array = field(default_factory=lambda: FIRST / FIRST.sum(axis=1, keepdims=True))
    besides: Array = field(default_factory=lambda: BESIDES / FIRST[:, :-1].sum(axis=1, keepdims=True))
    lengths: Array = field(default_factory=lambda: LENGTHS)
    named: float = 1.0


PERFECT = Observer(
    first=np.eye(len(BEHAVIOURS), len(BEHAVIOURS) + 1),
    besides=np.zeros((len(BEHAVIOURS), len(BEHAVIOURS))),
    lengths=np.zeros(len(BEHAVIOURS)),
)
"""One that makes no mistake."""


@dataclass(frozen=True)
class Reading:
    """Bouts as they are read, starts and seconds `[N, 2]`: by cat and behaviour, and by behaviour those without a name."""

    named: Mapping[str, Mapping[str, Array]]
    unknown: Mapping[str, Array]


def observed(bouts: Sequence[Bout], cameras: Mapping[str, Collection[str]], observer: Observer, seed: int) -> Reading:
    """What is read of bouts in sight, the same for the same seed.

    Args:
        bouts: of `bouts_of`.
        cameras: the zones each camera shows.
        observer: how well is seen.
        seed: of its luck.
    """
    rng = np.random.default_rng((seed, 77))
    own = {
        cat: {name: list[tuple[float, float]]() for name in BEHAVIOURS}
        for cat in dict.fromkeys(bout[0] for bout in bouts)
    }
    unknown = {name: list[tuple[float, float]]() for name in BEHAVIOURS}
    reads = np.cumsum(observer.first, axis=1)
    for cat, behaviour, camera, start, end in bouts:
        what = BEHAVIOURS.index(behaviour)
        said = int(np.searchsorted(reads[what, :-1], rng.random(), side="right"))
        if end - start < SHORTEST_S or said == len(BEHAVIOURS):
            continue
        seconds = (end - start) * np.exp(rng.normal(0, observer.lengths[what]))
        parts = [(said, start, seconds)]
        for other in np.flatnonzero(rng.random(len(BEHAVIOURS)) < observer.besides[what]).tolist():
            _, begin, whole = parts[0]
            cut = whole * rng.uniform(0.2, 0.8)
            parts = [(said, begin, cut), *parts[1:], (other, begin + cut, whole - cut)]
        kinds = own[cat] if rng.random() < observer.named else unknown
        for number, begin, length in parts:
            name = BEHAVIOURS[number]
            if name in NEEDS_ZONE and NEEDS_ZONE[name] not in cameras[camera]:
                name = behaviour  # what needs a place is only read where the camera shows one
            kinds[name].append((begin, length))
    return Reading(
        {cat: {name: _sorted(rows) for name, rows in kinds.items()} for cat, kinds in own.items()},
        {name: _sorted(rows) for name, rows in unknown.items()},
    )


def pooled(read: Reading, name: str) -> Reading:
    """All bouts of the home as if one cat of this name had done them: nobody is told from anybody."""
    kinds = [*read.named.values(), read.unknown]
    together = {key: np.concatenate([rows[key] for rows in kinds]) for key in read.unknown}
    ordered = {key: rows[np.argsort(rows[:, 0], kind="stable")] for key, rows in together.items()}
    return Reading({name: ordered}, {key: rows[:0] for key, rows in ordered.items()})


def _sorted(rows: list[tuple[float, float]]) -> Array:
    return np.array(sorted(rows), float).reshape(-1, 2)


def bouts_of(diary: Sequence[Episode]) -> list[Bout]:
    """Episodes in sight; those of one behaviour of one cat that follow each other before one camera are one."""
    rows = list[Bout]()
    for e in diary:
        if e.camera is None:
            continue
        start, end = e.start.timestamp(), e.end.timestamp()
        if rows and rows[-1][:3] == (e.cat, e.behaviour, e.camera) and rows[-1][4] == start:
            rows[-1] = (*rows[-1][:4], end)
        else:
            rows.append((e.cat, e.behaviour, e.camera, start, end))
    return rows


def history(rows: Array, possible: Array, spans: Array, zone: ZoneInfo) -> History:
    """Only what lies in the observed time."""
    empty = History(np.empty(0), np.empty(0), spans, np.empty(0), zone)
    rows, possible = rows[empty.sees(rows[:, 0])], possible[empty.sees(possible[:, 0])]
    return History(rows[:, 0], rows[:, 1], spans, possible[:, 0], zone)


def open_spans(whole: Span, gaps: Sequence[Span]) -> Array:
    """What of a time was observed `[M, 2]`."""
    spans = [(part.start.timestamp(), part.end.timestamp()) for part in subtract(whole, merge(list(gaps)))]
    return np.array(spans, float).reshape(-1, 2)


def knocked_out(whole: Span, share: float, block_h: float, seed: int) -> list[Span]:
    """Gaps of one length at random places that take this share of the time."""
    rng = np.random.default_rng((seed, 78))
    size = dt.timedelta(hours=block_h)
    number = round(whole.seconds / size.total_seconds())
    lost = rng.random(number) < share
    return [
        Span(whole.start + k * size, min(whole.start + (k + 1) * size, whole.end))
        for k in np.flatnonzero(lost).tolist()
    ]
