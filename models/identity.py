"""Which cat it is, from what it looks like; `unknown` where nobody could tell.

A home has a gallery: looks of its cats, from their owner's photos and from tracks that the owner has named. A look is held
against each cat's looks and against those of strangers, cats of other homes whose looks ship with the model, so that a
name's threshold is measured for this very gallery: two cats of one coat ask for more than a black and a white one.
Scores become log-likelihood ratios (score calibration as in speaker recognition: Brümmer and du Preez, Computer Speech and
Language 20:230, 2006), so that the looks of a track can be added up, and tracks seen at one time never share a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["UNKNOWN", "Gallery", "Recogniser", "named"]

Array = NDArray[np.float64]

UNKNOWN = -1
_NEAREST = 3  # of a cat's sittings: the best alone is luck, the mean of all is no pose in particular
_SHRINKAGE = 0.3  # of the spread of strangers' looks towards a round one; our choice
_PRIOR_DISTANCE, _PRIOR_SITTINGS = 3.0, 2.0  # widths above strangers, before a cat was seen twice; worth two sittings
_PRIOR_KEENNESS = 2.0  # log-odds between two cats for a width of difference, before either was seen twice


@dataclass(frozen=True)
class Gallery:
    """What is known of the cats of a home.

    Attributes:
        names: of K cats.
        looks: `float32 [G, D]`.
        cats: whose each is, an index into `names` `[G]`.
        sittings: looks of one occasion have one number `[G]`: a photo session or a track, hardly more than one look.
    """

    names: tuple[str, ...]
    looks: NDArray[np.float32]
    cats: NDArray[np.int64]
    sittings: NDArray[np.int64]


class Recogniser:
    """A gallery, ready to be asked.

    Args:
        gallery: at least one cat with a look.
        strangers: looks of other cats, one each `float32 [S, D]`; what they score is what a stranger scores here.

    Raises:
        ValueError: a gallery without looks, or fewer than twenty strangers, of whom nothing can be measured.
    """

    def __init__(self, gallery: Gallery, strangers: NDArray[np.float32]) -> None:
        if not len(gallery.looks) or len(strangers) < 20:
            raise ValueError(
                f"{len(gallery.looks)} looks and {len(strangers)} strangers; there must be 1 and 20 or more"
            )
        self.names = gallery.names
        self._centre = strangers.astype(float).mean(axis=0)
        self._whitening = _whitening(strangers - self._centre)
        self._cats, self._sittings = gallery.cats, gallery.sittings
        self._own = self._seen(gallery.looks)
        strange = self._likeness(self._seen(strangers))
        self._low, self._width = strange.mean(axis=0), strange.std(axis=0) + 1e-6
        own, whose = self._own_sittings()
        self._middle, self._slope = self._against_strangers(own, whose)
        self._keenness = _keenness(own, whose)

    def track(self, looks: NDArray[np.float32], weights: Array) -> Array:
        """Log-likelihood ratio of each cat against a stranger for a whole track `[K]`; -inf for a cat without looks.

        A track is one sitting: its looks are alike in light, place and posture, so that their mean counts, not their number.

        Args:
            looks: `float32 [N, D]`.
            weights: how well the animal could be seen on each, 0..1 `[N]`; where all are 0 nothing is said.
        """
        total = float(weights.sum())
        if not total:
            return np.zeros(len(self.names))
        score = weights @ self._standard(self._likeness(self._seen(looks))) / total
        known = np.isfinite(score)
        ours = (self._slope * (score - self._middle))[known].max()
        between = np.where(known, self._keenness * np.nan_to_num(score), -np.inf)
        return np.asarray(ours + between - np.logaddexp.reduce(between) + np.log(known.sum()))

    def _standard(self, likeness: Array) -> Array:
        """Likeness in widths of the strangers' above their mean."""
        return np.asarray((likeness - self._low) / self._width)

    def _own_sittings(self) -> tuple[Array, NDArray[np.int64]]:
        """What each sitting of the gallery scores when it is left out `[M, K]`, and whose it is `[M]`."""
        each = self._standard(self._likeness(self._own, self._sittings))
        first = np.unique(self._sittings, return_index=True)[1]
        means = [each[self._sittings == self._sittings[index]].mean(axis=0) for index in first]
        return np.array(means), self._cats[first]

    def _against_strangers(self, own: Array, whose: NDArray[np.int64]) -> tuple[Array, Array]:
        """Middle and slope of the log-likelihood ratio of each cat over its scores, both `[K]`.

        Two normal distributions of one width, so that a higher score never speaks for a stranger. How far above strangers
        a cat scores is not known before it was seen twice: it is drawn to what the home's cats do, and they to a prior.
        """
        mine = own[np.arange(len(own)), whose]
        known = np.isfinite(mine)
        common = _shrunk(mine[known], _PRIOR_DISTANCE)
        each = [_shrunk(mine[known & (whose == cat)], common) for cat in range(len(self.names))]
        distance = np.maximum(each, 0.1)
        return distance / 2, distance

    def _seen(self, looks: NDArray[np.float32]) -> Array:
        """Looks as differences from a common cat, in units of how much cats differ, of length 1."""
        whitened = (looks - self._centre) @ self._whitening
        return np.asarray(whitened / np.maximum(np.linalg.norm(whitened, axis=1, keepdims=True), 1e-9))

    def _likeness(self, seen: Array, sittings: NDArray[np.int64] | None = None) -> Array:
        """Mean cosine with the nearest sittings of each cat `[N, K]`; NaN where it has none but `sittings [N]`."""
        alike = seen @ self._own.T
        scores = np.full((len(seen), len(self.names)), np.nan)
        for cat in np.unique(self._cats):
            best = []
            for sitting in np.unique(self._sittings[self._cats == cat]):
                nearest = alike[:, (self._cats == cat) & (self._sittings == sitting)].max(axis=1)
                best.append(nearest if sittings is None else np.where(sittings == sitting, np.nan, nearest))
            scores[:, cat] = _mean_of_best(np.stack(best, axis=1))
        return scores


def named(ratios: Array, apart: Sequence[frozenset[int]], *, least: float, unknown: float) -> tuple[list[int], Array]:
    """Names of tracks, the surest first; who is named cannot be elsewhere at the same time.

    Args:
        ratios: log-likelihood ratios of K cats against a stranger `[T, K]`.
        apart: for each track those that are certainly another animal.
        least: probability that a name needs, 0..1.
        unknown: share of tracks that are of a stranger, before anything was looked at, 0..1.

    Returns:
        For each track a cat or `UNKNOWN`, and its probability `[T]`; of an unknown one, that it is none of them.
    """
    count, cats = ratios.shape
    left = ratios + np.log((1 - unknown) / cats)
    result, sure = [UNKNOWN] * count, np.zeros(count)
    waiting = set(range(count))
    while waiting:
        shares = {track: _shares(left[track], unknown) for track in waiting}
        track = max(waiting, key=lambda each: (shares[each][:-1].max(initial=0), -each))
        best = int(shares[track][:-1].argmax())
        if shares[track][best] < least:
            break
        result[track], sure[track] = best, shares[track][best]
        waiting.discard(track)
        for other in apart[track]:
            left[other, best] = -np.inf
    for track in waiting:
        sure[track] = _shares(left[track], unknown)[-1]
    return result, sure


def _shares(logs: Array, unknown: float) -> Array:
    """Probabilities of each cat and of none, `[K + 1]`."""
    every = np.append(logs, np.log(unknown))
    shares = np.exp(every - every.max())
    return np.asarray(shares / shares.sum())


def _mean_of_best(scores: Array) -> Array:
    """Mean of the highest few of each row, NaN left out."""
    ordered = -np.sort(-scores, axis=1)[:, :_NEAREST]  # NaN goes last
    known = np.isfinite(ordered)
    return np.asarray(np.where(known, ordered, 0).sum(axis=1) / np.where(known.any(axis=1), known.sum(axis=1), np.nan))


def _shrunk(values: Array, prior: float) -> float:
    """Mean of a few values that are drawn towards what was believed before."""
    return float((values.sum() + _PRIOR_SITTINGS * prior) / (len(values) + _PRIOR_SITTINGS))


def _keenness(own: Array, whose: NDArray[np.int64]) -> float:
    """How much a difference of scores says about which cat of the home it is.

    The slope of a multinomial logistic regression without intercepts on what left-out sittings score, drawn to a prior: of
    two cats of one coat a difference says nothing, and nobody is named for it.
    """
    usable = np.isfinite(own).all(axis=1)
    slopes = np.linspace(0, 8, 161)
    fit = -0.5 * ((slopes - _PRIOR_KEENNESS) / _PRIOR_KEENNESS) ** 2
    for scores, cat in zip(own[usable], whose[usable], strict=True):
        fit += slopes * scores[cat] - np.logaddexp.reduce(slopes[:, None] * scores, axis=1)
    return float(slopes[fit.argmax()])


def _whitening(differences: Array) -> Array:
    """The matrix `[D, D']` after which the differences between strangers have the same spread in every direction."""
    spread = differences.T @ differences / len(differences)
    values, axes = np.linalg.eigh(spread)
    round_one = values.mean()
    keep = values > 1e-3 * values.max()
    return np.asarray(axes[:, keep] / np.sqrt((1 - _SHRINKAGE) * values[keep] + _SHRINKAGE * round_one))
