"""How unusual a moment is for this cat: its distance from the cat's own past, as a share of moments that are as strange.

The score is the mean distance to the k nearest of the cat's past moments in standardised evidence (Ramaswamy et al.,
"Efficient algorithms for mining outliers from large data sets", SIGMOD 2000). What counts as far is not a bound on that
distance but its rank among the past's own: a conformal p-value (Vovk, Gammerman and Shafer, Algorithmic Learning in a Random
World, Springer 2005; Laxhammar and Falkman, "Conformal prediction for distribution-independent anomaly detection in streaming
vessel data", StreamKDD 2010). If new moments are like the past ones, at most a share `r` of them has a p-value of `r` or less,
whatever the evidence looks like; that is what a chosen rate of alarms rests on.

Moments of one bout are much alike, so that a rate holds over many days and not within each. Past moments should be those of
the same camera.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.behaviour.evidence import Evidence

__all__ = ["FEWEST", "UNUSUAL", "Past", "Unusual", "learn_past", "unusual"]

Array = NDArray[np.float64]

NEIGHBOURS = 5  # our choice
FEWEST = 200  # past moments below which nothing is said; our choice
MOST = 4000  # past moments that are kept, evenly from all
CLIP = 6.0  # a single number counts no more than so many spreads: one wild point is no strange cat
BLOCK = 256  # moments compared at once
REASONS = 3  # numbers named
UNUSUAL = "unusual for "
"""How it is put into words, before the name of the cat."""


@dataclass(frozen=True)
class Past:
    """One cat's past moments: one half to be near to, the other to say how near is usual.

    Attributes:
        names: numbers compared, `[M]`.
        centre, spread: median and scaled median absolute deviation of each, `[M]`.
        values, known: of the half to be near to, standardised `[P,M]`.
        scores: distances of the other half from it, ascending `[Q]`.
    """

    names: tuple[str, ...]
    centre: Array
    spread: Array
    values: Array
    known: NDArray[np.bool_]
    scores: Array


@dataclass(frozen=True)
class Unusual:
    """N moments.

    Attributes:
        p: share of ordinary moments that are at least as strange, 0..1 `[N]`; NaN where nothing is said.
        reasons: the numbers that are furthest from those of the nearest past moments, with how far, in spreads `[N]`.
    """

    p: Array
    reasons: tuple[tuple[tuple[str, float], ...], ...]

    @property
    def anomaly(self) -> Array:
        """0 ordinary, towards 1 stranger than all of the past, `[N]`; NaN where nothing is said."""
        return 1 - self.p

    def alarms(self, rate: float) -> NDArray[np.bool_]:
        """Moments to flag `[N]`, of which ordinary ones are at most a share `rate`."""
        return np.asarray(self.p <= rate)  # NaN is not


def learn_past(own: Evidence, blocks: NDArray[np.int64], *, leave_out: tuple[str, ...] = ()) -> Past | None:
    """A cat's past from its moments on one camera, ordinary as far as anyone knows.

    Args:
        own: evidence of N moments.
        blocks: what a moment belongs together with, its day or bout `[N]`. Halves are made of whole blocks, taken in turn:
            moments of one bout in both halves would make the past look nearer than a new day ever is.
        leave_out: numbers, or beginnings of names such as `look_`, that are not compared.

    Returns:
        None if there are fewer than FEWEST moments, or fewer than two blocks.
    """
    kinds = np.unique(blocks)
    if len(blocks) < FEWEST or len(kinds) < 2:
        return None
    kept = [index for index, name in enumerate(own.names) if not leave_out or not name.startswith(leave_out)]
    values, known = own.values[:, kept].astype(float), own.known[:, kept]
    first = np.isin(blocks, kinds[::2])
    centre, spread = _scale(np.where(known, values, np.nan))
    near = _thinned(np.flatnonzero(first))
    past = Past(
        tuple(own.names[index] for index in kept), centre, spread, _standard(values[near], known[near], centre, spread),
        known[near], np.zeros(0),
    )  # fmt: skip
    rest = _thinned(np.flatnonzero(~first))
    scores, _ = _distances(past, values[rest], known[rest])
    return Past(past.names, centre, spread, past.values, past.known, np.sort(scores))


def unusual(own: Evidence, past: Past | None) -> Unusual:
    """How unusual N moments are.

    Args:
        own: their evidence, of the same cat and camera.
        past: None where there is too little of it: then nothing is said.

    Raises:
        ValueError: if the evidence lacks a number that the past compares.
    """
    if past is None:
        return Unusual(np.full(len(own.values), np.nan), ((),) * len(own.values))
    missing = sorted(set(past.names) - set(own.names))
    if missing:
        raise ValueError(f"the evidence lacks {', '.join(missing)}, which the past was learned with: learn it anew")
    columns = [own.names.index(name) for name in past.names]
    values, known = own.values[:, columns].astype(float), own.known[:, columns]
    scores, nearest = _distances(past, values, known)
    # Ties count as stranger, and the moment itself as one more: the p-value is never too small.
    rank = len(past.scores) - np.searchsorted(past.scores, scores, side="left")
    p = (rank + 1) / (len(past.scores) + 1)
    read = known.any(axis=1)
    standard = _standard(values, known, past.centre, past.spread)
    reasons = tuple(_furthest(past, standard[row], known[row], nearest[row]) for row in range(len(values)))
    return Unusual(np.where(read, p, np.nan), reasons)


def _scale(values: Array) -> tuple[Array, Array]:
    """Median and spread of each column `[M]`, NaN left out; a number that never varies has a spread of its own size."""
    empty = np.isnan(values).all(axis=0)
    filled = np.where(empty, 0.0, values)
    centre = np.nanmedian(filled, axis=0)
    spread = 1.4826 * np.nanmedian(np.abs(filled - centre), axis=0)
    wide = np.nanstd(filled, axis=0)
    spread = np.maximum(spread, 0.3 * wide)  # mostly one value, at times others: a mask-like number
    return centre, np.where(spread > 1e-6, spread, np.maximum(np.abs(centre), 1.0))


def _standard(values: Array, known: NDArray[np.bool_], centre: Array, spread: Array) -> Array:
    return np.where(known, np.clip((values - centre) / spread, -CLIP, CLIP), 0.0)


def _thinned(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    return rows[np.unique(np.linspace(0, len(rows) - 1, MOST).astype(int))] if len(rows) > MOST else rows


def _distances(past: Past, values: Array, known: NDArray[np.bool_]) -> tuple[Array, NDArray[np.int64]]:
    """Mean distance to the nearest past moments `[N]`, and which they are `[N, NEIGHBOURS]`.

    The distance is the root of the mean square over the numbers that the moment has. A number that a past one lacks may have
    been any: expected is the square from the centre and the variance. So nothing is near for being hardly seen.
    """
    standard = _standard(values, known, past.centre, past.spread)
    count = min(NEIGHBOURS, len(past.values))
    scores, nearest = np.zeros(len(values)), np.zeros((len(values), count), np.int64)
    squares = np.where(past.known, past.values**2, 1.0)
    for begin in range(0, len(values), BLOCK):
        part = slice(begin, begin + BLOCK)
        own, mask = standard[part], known[part].astype(float)
        total = (own**2).sum(axis=1, keepdims=True) + mask @ squares.T - 2 * own @ past.values.T
        away = np.sqrt(np.maximum(total, 0) / np.maximum(mask.sum(axis=1, keepdims=True), 1))
        nearest[part] = np.argpartition(away, count - 1, axis=1)[:, :count]
        scores[part] = np.take_along_axis(away, nearest[part], axis=1).mean(axis=1)
    return scores, nearest


def _furthest(
    past: Past, standard: Array, known: NDArray[np.bool_], nearest: NDArray[np.int64]
) -> tuple[tuple[str, float], ...]:
    """The numbers in which a moment is furthest from its neighbours, with the median of these distances."""
    apart = np.where(known, np.abs(standard - past.values[nearest]), 0.0)
    middle = np.median(apart, axis=0)
    order = np.argsort(-middle, kind="stable")[:REASONS]
    return tuple((past.names[index], float(middle[index])) for index in order if middle[index] > 1.0)
