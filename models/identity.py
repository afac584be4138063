"""Which cat it is, from its coat; `unknown` where nobody could tell.

A home has a gallery: coats of its cats, from their owner's photos and from tracks that the owner has named. A coat is a sum of
what a cat is and of what light, place and posture add (two-covariance model, a plain form of probabilistic linear
discriminant analysis: Prince and Elder, ICCV 2007; Brümmer and de Villiers, Odyssey 2010): cats of other homes say how much cats
differ, many pictures of known cats how much one differs from itself. That gives the log-likelihood ratio of each cat
against a stranger, however few or many photos it has. Two things are then measured on this very gallery: what a stranger
reaches here, and how much a difference between two of its cats says: of two cats of one coat, little.

By day and in a picture without colour different numbers are known; each is held against its own strangers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.strangers import Strangers

__all__ = ["UNKNOWN", "Gallery", "Recogniser", "named"]

Array = NDArray[np.float64]

UNKNOWN = -1
_LEAST_STRANGERS = 20
_REAL = 0.2  # of the spread of strangers: what real cats and cameras add to the differences of drawn ones; our choice
_SHRINKAGE = 0.1  # of what numbers have in common: there are few pictures for so many pairs; our choice
_LEAST_BETWEEN = 0.05  # variance between cats where none was found, in variances within one
_KEENNESS, _KEENNESS_WIDTH = (
    0.5,
    0.5,
)  # how far a log-likelihood ratio between two cats is believed, before it was tried


@dataclass(frozen=True)
class Gallery:
    """What is known of the cats of a home.

    Attributes:
        names: of K cats.
        coats: `float32 [G,D]`, NaN where there was no colour.
        cats: whose each is, an index into `names` `[G]`.
        sittings: coats of one occasion have one number `[G]`: a day of photos or a track, hardly more than one coat.
    """

    names: tuple[str, ...]
    coats: NDArray[np.float32]
    cats: NDArray[np.int64]
    sittings: NDArray[np.int64]


class Recogniser:
    """A gallery, ready to be asked.

    Args:
        gallery: at least one cat with a coat.
        strangers: coats of other cats, and how much one cat differs from itself.
        least: probability that a name will need.
        allowed: share of strangers that may be given a name, 0..1.

    Raises:
        ValueError: a gallery without coats, or fewer than twenty strangers, of whom nothing can be measured.
    """

    def __init__(self, gallery: Gallery, strangers: Strangers, *, least: float = 0.9, allowed: float = 0.05) -> None:
        coloured = np.isfinite(strangers.coats).all(axis=1)
        if not len(gallery.coats) or coloured.sum() < _LEAST_STRANGERS:
            raise ValueError(
                f"{len(gallery.coats)} coats and {coloured.sum()} strangers in colour; there must be 1 and "
                f"{_LEAST_STRANGERS} or more"
            )
        self.names = gallery.names
        self._in_grey = strangers.in_grey
        whole = np.isfinite(gallery.coats).all(axis=1)
        self._colour = None
        if whole.any():
            own = Gallery(gallery.names, gallery.coats[whole], gallery.cats[whole], gallery.sittings[whole])
            others = strangers.coats[coloured]
            self._colour = _Light(
                own, others, strangers.within, _in_kinds(others, strangers.kinds[coloured]), least, allowed
            )
        part = Gallery(gallery.names, gallery.coats[:, self._in_grey], gallery.cats, gallery.sittings)
        others = strangers.coats[:, self._in_grey]
        # those that were seen at night are what a stranger looks like at night
        dark = np.flatnonzero(~coloured if (~coloured).sum() >= _LEAST_STRANGERS else coloured | ~coloured)
        self._grey = _Light(
            part, others, strangers.within_grey, _in_kinds(others[dark], strangers.kinds[dark]), least, allowed
        )

    def track(self, coats: NDArray[np.float32], weights: Array) -> Array:
        """How much speaks for each cat, beyond what a stranger reaches here `[K]`, in log-odds; -inf for a cat without coats.

        A track is one sitting: its coats are alike in light, place and posture, so that their mean counts, not their number.
        Colour says so much more that those without it count only where there is none.

        Args:
            coats: `float32 [N,D]`.
            weights: how well the animal could be seen on each, 0..1 `[N]`; where all are 0, nothing speaks for anybody.
        """
        coloured = np.isfinite(coats).all(axis=1)
        if self._colour is not None and weights[coloured].sum() > 0:
            return self._colour.asked(_mean(coats[coloured], weights[coloured]))
        if weights.sum() > 0:
            return self._grey.asked(_mean(coats[:, self._in_grey], weights))
        return np.full(len(self.names), -np.inf)


class _Light:
    """The coats of a gallery in colour, or without."""

    def __init__(
        self,
        gallery: Gallery,
        strangers: NDArray[np.float32],
        own_spread: Array,
        kept_out: Sequence[NDArray[np.float32]],
        least: float,
        allowed: float,
    ) -> None:
        self._centre = strangers.astype(float).mean(axis=0)
        self._ways, self._between = _ways(np.cov((strangers - self._centre).T), own_spread)
        seen = self._seen(gallery.coats)
        each = np.unique(gallery.sittings)
        sittings = np.array([seen[gallery.sittings == sitting].mean(axis=0) for sitting in each])
        whose = np.array([gallery.cats[gallery.sittings == sitting][0] for sitting in each])
        self._sums = np.array([sittings[whose == cat].sum(axis=0) for cat in range(len(gallery.names))])
        self._counts = np.bincount(whose, minlength=len(gallery.names))
        self._keenness = _keenness(self._left_out(sittings, whose), whose)
        reached = [self._reached(self._ratios(self._seen(kind), self._sums, self._counts), least) for kind in kept_out]
        self._bar = max(0.0, *(float(np.quantile(kind, 1 - allowed, method="higher")) for kind in reached))

    def asked(self, coat: Array) -> Array:
        """As `Recogniser.track`, of one coat `[D]`."""
        ratios = self._ratios(self._seen(coat[None]), self._sums, self._counts)[0]
        return np.asarray(ratios.max() - self._bar + self._shared(ratios[None])[0])

    def _shared(self, ratios: Array) -> Array:
        """Log of the share of each cat, were it one of them, `[N,K]`."""
        between = np.where(np.isfinite(ratios), self._keenness * np.nan_to_num(ratios), -np.inf)
        return np.asarray(between - np.logaddexp.reduce(between, axis=1, keepdims=True))

    def _reached(self, ratios: Array, least: float) -> Array:
        """How high the bar must be for each of these to stay unnamed `[N]`: what solves `named`'s own rule for it."""
        clear = np.exp(self._shared(ratios).max(axis=1)) - least
        return np.where(clear > 0, ratios.max(axis=1) + np.log(np.maximum(clear, 1e-12) / (1 - least)), -np.inf)

    def _seen(self, coats: Array | NDArray[np.float32]) -> Array:
        """Coats `[N,D]` in ways in which one cat varies by 1, and cats by `between`."""
        return np.asarray((coats - self._centre) @ self._ways)

    def _ratios(self, seen: Array, sums: Array, counts: NDArray[np.int64]) -> Array:
        """Log-likelihood ratio `[N,K]` of being a cat with so many sittings of that sum `[K,D]`, against a cat never seen."""
        found = np.full((len(seen), len(counts)), -np.inf)
        never = 1 + self._between
        plain = np.log(never) + seen**2 / never
        for cat in np.flatnonzero(counts):
            doubt = 1 / (1 / self._between + counts[cat])
            ever = 1 + doubt
            found[:, cat] = 0.5 * (plain - np.log(ever) - (seen - doubt * sums[cat]) ** 2 / ever).sum(axis=1)
        return found

    def _left_out(self, sittings: Array, whose: NDArray[np.int64]) -> Array:
        """What each sitting of the gallery would say were it not there `[M,K]`."""
        told = []
        for sitting, cat in zip(sittings, whose, strict=True):
            sums, counts = self._sums.copy(), self._counts.copy()
            sums[cat], counts[cat] = sums[cat] - sitting, counts[cat] - 1
            told.append(self._ratios(sitting[None], sums, counts)[0])
        return np.array(told)


def named(ratios: Array, apart: Sequence[frozenset[int]], *, least: float) -> tuple[list[int], Array]:
    """Names of tracks, the surest first; who is named cannot be elsewhere at the same time.

    Args:
        ratios: how much speaks for K cats, from `Recogniser.track` `[T,K]`; at 0 it is just enough, were there no other cat.
        apart: for each track those that are certainly another animal.
        least: probability that a name needs, 0..1.

    Returns:
        For each track a cat or `UNKNOWN`, and its probability `[T]`; of an unknown one, that it is none of them.
    """
    count = len(ratios)
    left = ratios + np.log(least / (1 - least))
    result, sure = [UNKNOWN] * count, np.zeros(count)
    waiting = set(range(count))
    while waiting:
        shares = {track: _shares(left[track]) for track in waiting}
        track = max(waiting, key=lambda each: (shares[each][:-1].max(initial=0), -each))
        best = int(shares[track][:-1].argmax())
        if shares[track][best] < least:
            break
        result[track], sure[track] = best, shares[track][best]
        waiting.discard(track)
        for other in apart[track]:
            left[other, best] = -np.inf
    for track in waiting:
        sure[track] = _shares(left[track])[-1]
    return result, sure


def _shares(logs: Array) -> Array:
    """Probabilities of each cat and of none, `[K + 1]`."""
    every = np.append(logs, 0.0)
    shares = np.exp(every - every.max())
    return np.asarray(shares / shares.sum())


def _in_kinds(coats: NDArray[np.float32], kinds: NDArray[np.int64]) -> list[NDArray[np.float32]]:
    """The strangers of each kind of which there are enough, else all as one."""
    each = [coats[kinds == kind] for kind in np.unique(kinds)]
    return [own for own in each if len(own) >= _LEAST_STRANGERS] or [coats]


def _mean(coats: NDArray[np.float32], weights: Array) -> Array:
    return np.asarray(weights @ coats.astype(float) / weights.sum())


def _ways(whole: Array, own: Array) -> tuple[Array, Array]:
    """Ways `[D,D]` in which one cat varies by 1, all apart from each other, and how much cats vary along each `[D]`.

    Args:
        whole: covariance of strangers.
        own: covariance of one cat.
    """
    scale = np.sqrt(np.diag(whole)) + 1e-6
    whole, own = (_shrunk(each / np.outer(scale, scale)) for each in (whole, own))
    values, axes = np.linalg.eigh(own + _REAL * whole)
    round_one = axes / np.sqrt(np.maximum(values, 1e-4 * values.max()))
    both, turned = np.linalg.eigh(round_one.T @ whole @ round_one)
    return (round_one @ turned) / scale[:, None], np.maximum(both - 1, _LEAST_BETWEEN)


def _shrunk(covariance: Array) -> Array:
    return (1 - _SHRINKAGE) * covariance + _SHRINKAGE * np.diag(np.diag(covariance))


def _keenness(told: Array, whose: NDArray[np.int64]) -> float:
    """How far the ratios between the home's own cats are believed, 0..1.

    The slope of a multinomial logistic regression without intercepts on what left-out sittings say, drawn to a prior: of
    two cats of one coat a difference says nothing, and nobody is named for it.
    """
    usable = np.isfinite(told).all(axis=1)
    slopes = np.linspace(0, 1, 101)
    fit = -0.5 * ((slopes - _KEENNESS) / _KEENNESS_WIDTH) ** 2
    for ratios, cat in zip(told[usable], whose[usable], strict=True):
        fit += slopes * ratios[cat] - np.logaddexp.reduce(slopes[:, None] * ratios, axis=1)
    return float(slopes[fit.argmax()])
