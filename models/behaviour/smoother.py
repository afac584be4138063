"""From uncertain moments to bouts: the most probable course of a day, in which the length of a bout is explicit.

A hidden semi-Markov model (Rabiner, "A tutorial on hidden Markov models", Proceedings of the IEEE 77:257-286, 1989,
section IV.D; Yu, "Hidden semi-Markov models", Artificial Intelligence 174:215-243, 2010): a cat does one thing for a time
that is drawn from that thing's own lengths, then another. In a plain hidden Markov model lengths are geometric, shortest
ones the likeliest, and slips of a second or two survive.

**What a moment weighs.** A moment is looked at once, every 5 s while things move and every 60 s while nothing does, and
counts once: its log-evidence is spread evenly over the seconds that it stands for (`laid`), so that their sum is the
evidence of one look. A minute of stillness weighs as much as one look, not as twelve; what makes it long is that nothing
moved, and that is in the look's own evidence. The seconds between looks follow from lengths and order of bouts. Looks that
follow each other faster than `APART_S` show the same again and weigh less: five in five seconds as much as one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.behaviour.bout_model import LONGEST_S, BoutModel
from models.behaviour.episodes import UNSEEN

__all__ = ["laid", "log_evidence", "smooth", "with_share"]

Array = NDArray[np.float64]

APART_S = 5.0  # from here on one look is taken to know nothing of the next: the pace at which the smoother was tuned
LEAST = 1e-4  # no single look says anything surer than one in ten thousand, whatever a classifier believes; our choice


def log_evidence(probabilities: Array, share: Array) -> Array:
    """What moments say of each behaviour, without what was known before looking: log p(k | moment) - log p(k).

    Args:
        probabilities: of a calibrated classifier `[N, K]`; rows of NaN (nothing could be read) say nothing.
        share: of each behaviour in what the classifier was calibrated on, `[K]`.
    """
    likelihood = np.maximum(probabilities, LEAST) / np.maximum(share, LEAST)
    return np.where(np.isfinite(likelihood), np.log(likelihood), 0.0)


def with_share(probabilities: Array, share: Array, other: Array) -> Array:
    """Probabilities that were calibrated where behaviours have one share, as they are where they have another.

    Bayes' rule with other priors (Saerens et al., Neural Computation 14:21, 2002): what the look itself says stays.

    Args:
        probabilities: `[N, K]`, rows sum to 1.
        share: of each behaviour where they were calibrated `[K]`.
        other: of each where they are used `[K]`.
    """
    weighed = probabilities * (other / np.maximum(share, LEAST))
    return np.asarray(weighed / np.maximum(weighed.sum(axis=1, keepdims=True), 1e-12))


def laid(ts: Array, until: Array, logs: Array, size: int, period_s: float) -> tuple[Array, NDArray[np.bool_]]:
    """Lay moments on a grid of seconds; each counts once, or as the part of `APART_S` that it comes after another.

    A moment stands from half a sample period before it, as far as the one before does not, until the next one begins: where
    no sample was kept in between nothing moved, so that the last one still holds.

    Args:
        ts: when each was looked at, seconds of the grid, ascending `[N]`.
        until: up to when it speaks for its animal (`models.presence`), seconds `[N]`.
        logs: `log_evidence` `[N, K]`.
        size: seconds of the grid, T.
        period_s: sample period.

    Returns:
        Log-evidence per second `[T, K]`, zero where there is none, and the seconds in which the animal was seen, `[T]`.
    """
    evidence, seen = np.zeros((size, logs.shape[1])), np.zeros(size, bool)
    if not len(ts):
        return evidence, seen
    goes_on = until[:-1] >= ts[1:] - 1e-6
    start = np.append(ts[0], np.where(goes_on, ts[1:] - np.minimum(np.diff(ts), period_s) / 2, ts[1:]))
    end = np.append(np.where(goes_on, start[1:], until[:-1]), until[-1])
    first = np.clip(np.round(start).astype(int), 0, size)
    last = np.clip(np.maximum(np.round(end).astype(int), first + 1), 0, size)  # a look within a second counts too
    weigh = np.minimum(np.diff(ts, prepend=-np.inf) / APART_S, 1.0)
    for begin, stop, log in zip(first, last, logs * weigh[:, None], strict=True):
        evidence[begin:stop] += log / max(stop - begin, 1)
        seen[begin:stop] = True
    return evidence, seen


def smooth(
    evidence: Array, seen: NDArray[np.bool_], recorded: NDArray[np.bool_], model: BoutModel, *, merge_gap_s: float
) -> NDArray[np.int8]:
    """The most probable behaviour of each second.

    Args:
        evidence: log-evidence per second `[T, K]`, as `laid` gives it.
        seen: seconds in which the animal was seen `[T]`; the evidence of others is not looked at.
        recorded: seconds with footage `[T]`.
        model: lengths and order of bouts, of K behaviours.
        merge_gap_s: a bout may go on over so many seconds without sight of the animal. Longer ones part the day, and
            what was cut off by them may have any length.

    Returns:
        `int8 [T]`, an index into `model.behaviours`, or `UNSEEN`. Unseen seconds within one bout belong to it where there
        is footage; nothing is filled in where there is none.
    """
    if evidence.shape[1] != len(model.behaviours):
        raise ValueError(f"evidence of {evidence.shape[1]} behaviours for a model of {len(model.behaviours)}")
    result = np.full(len(seen), UNSEEN, np.int8)
    course = _Course(model)
    for first, last in _stretches(seen, merge_gap_s):
        part = slice(first, last)
        result[part] = course.of(np.where(seen[part, None], evidence[part], 0.0))
    within = _within_bouts(result, seen)
    return np.where(seen | (within & recorded), result, UNSEEN).astype(np.int8)


def _stretches(seen: NDArray[np.bool_], merge_gap_s: float) -> list[tuple[int, int]]:
    """First and end of every stretch that begins and ends with a seen second, without longer gaps."""
    at = np.flatnonzero(seen)
    if not len(at):
        return []
    cuts = np.flatnonzero(np.diff(at) - 1 > merge_gap_s)
    return list(zip(at[np.append(0, cuts + 1)].tolist(), (at[np.append(cuts, len(at) - 1)] + 1).tolist(), strict=True))


def _within_bouts(labels: NDArray[np.int8], seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Unseen seconds whose bout has seen seconds before and after them."""
    within = np.zeros(len(seen), bool)
    at = np.flatnonzero(seen)
    for gap in np.flatnonzero(np.diff(at) > 1):
        before, after = at[gap], at[gap + 1]
        within[before + 1 : after] = labels[before] == labels[before + 1] == labels[after]
    return within


class _Course:
    """Viterbi over steps (runs of seconds with equal evidence), with explicit lengths.

    Time is linear: of each behaviour only bouts that began within the last `LONGEST_S` are looked at one by one. Those
    that are older go on at one rate, so that the best of them stays the best and is all that has to be remembered.
    """

    def __init__(self, model: BoutModel) -> None:
        self._lengths, self._goes_on = model.lengths(), model.goes_on()
        with np.errstate(divide="ignore"):
            self._follows, self._share = np.log(model.follows), np.log(model.share)
        # A bout longer than LONGEST_S ends after its n-th further second: n - 1 times it went on.
        self._ends_beyond = model.beyond() + np.log(-np.expm1(self._goes_on))
        self._survives, self._residual = self._cut_off(model)

    def _cut_off(self, model: BoutModel) -> tuple[Array, Array]:
        """Log-probability that a bout lasts at least 1..LONGEST_S + 1 s, and the length of what is left of one in
        which a stretch begins (renewal theory: survival over mean), both `[K, LONGEST_S + 1]`."""
        ends = np.exp(np.column_stack([self._lengths, model.beyond()]))
        survival = np.cumsum(ends[:, ::-1], axis=1)[:, ::-1]
        mean = survival.sum(axis=1) + np.exp(model.beyond()) * (model.longer_s - 1)
        return np.log(survival), np.log(survival / mean[:, None])

    def of(self, evidence: Array) -> NDArray[np.int8]:
        """Labels `[T]` of one stretch `[T, K]`."""
        change = np.append(True, np.any(evidence[1:] != evidence[:-1], axis=1))
        edges = np.append(np.flatnonzero(change), len(evidence))
        said = np.concatenate([np.zeros((1, evidence.shape[1])), np.cumsum(evidence, axis=0)])[edges].T
        labels, bounds = self._best(edges, said)
        return np.repeat(np.array(labels, np.int8), np.diff(bounds))

    def _best(self, edges: NDArray[np.int64], said: Array) -> tuple[list[int], list[int]]:
        """The course over boundaries `edges [S + 1]`, with evidence `said [K, S + 1]` summed up to each."""
        kinds, count = said.shape
        rows = np.arange(kinds)
        opened = np.full((kinds, count), -np.inf)  # best score up to a boundary at which k begins, less what was said
        before = np.zeros((kinds, count), np.int8)  # what k follows there
        began = np.zeros((kinds, count), np.int64)  # where the best bout of k that ends at a boundary began
        old, old_began, oldest = np.full(kinds, -np.inf), np.zeros(kinds, np.int64), 1
        for now in range(1, count - 1):
            second = int(edges[now])
            while edges[oldest] < second - LONGEST_S:
                aged = opened[:, oldest] - edges[oldest] * self._goes_on
                old_began = np.where(aged > old, oldest, old_began)
                old, oldest = np.maximum(old, aged), oldest + 1
            score = self._first(second)
            start = np.zeros(kinds, np.int64)
            if now > oldest:
                recent = self._lengths.take(second - 1 - edges[oldest:now], axis=1)
                recent += opened[:, oldest:now]
                best = recent.argmax(axis=1)
                better = recent[rows, best] > score
                start = np.where(better, best + oldest, start)
                score = np.maximum(score, recent[rows, best])
            aged = old + self._ends_beyond + (second - LONGEST_S - 1) * self._goes_on
            start = np.where(aged > score, old_began, start)
            began[:, now] = start
            onward = (np.maximum(score, aged) + said[:, now])[:, None] + self._follows
            before[:, now] = onward.argmax(axis=0)
            opened[:, now] = onward.max(axis=0) - said[:, now]
        return self._traced(edges, said, opened, before, began)

    def _first(self, seconds: int) -> Array:
        """Score of the bout in which a stretch begins, that ends after `seconds`, `[K]`."""
        over = max(seconds - LONGEST_S - 1, 0)
        return np.asarray(self._share + self._residual[:, min(seconds, LONGEST_S + 1) - 1] + over * self._goes_on)

    def _last(self, seconds: NDArray[np.int64]) -> Array:
        """Log-probability that a bout lasts `seconds [M]` or more, `[K, M]`."""
        over = np.maximum(seconds - LONGEST_S - 1, 0)
        return self._survives[:, np.minimum(seconds, LONGEST_S + 1) - 1] + over * self._goes_on[:, None]

    def _traced(
        self, edges: NDArray[np.int64], said: Array, opened: Array, before: NDArray[np.int8], began: NDArray[np.int64]
    ) -> tuple[list[int], list[int]]:
        """Back from the end: the last bout is cut off there, one that fills the stretch at both ends."""
        end = len(edges) - 1
        final = opened[:, :end] + self._last(edges[end] - edges[:end])
        # Cut off at both ends it may have any length: all that is known is the share of such bouts in time.
        final[:, 0] = self._share + self._last(edges[end:])[:, 0]
        final += said[:, end:]
        label, start = (int(index) for index in np.unravel_index(final.argmax(), final.shape))
        labels, bounds = [label], [int(edges[end]), int(edges[start])]
        while start:
            label, end = int(before[label, start]), start
            start = int(began[label, end])
            labels.append(label)
            bounds.append(int(edges[start]))
        return labels[::-1], bounds[::-1]
