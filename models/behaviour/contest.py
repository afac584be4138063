"""Whether a new network may take the place of the old one: an exact test on what an owner said, a margin on the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.behaviour.figures import macro_f1

__all__ = ["LEVEL", "MARGIN", "Duel", "duel", "not_worse"]

LEVEL = 0.05
MARGIN = 0.05
"""Macro-F1 that the new network may lose on moments of its first training at most, with 95 % certainty. Our choice."""
TIMES, EXACT = 1000, 14  # resamples; tracks up to which all signs are tried

Truth = NDArray[np.int64]


@dataclass(frozen=True)
class Duel:
    """Two networks on the same moments.

    Attributes:
        moments, groups: how many, and of how many tracks.
        before, after: share of the moments of a track that the old and the new one read right, mean over tracks.
        better, worse: tracks of which the new one reads more, or fewer, moments right.
        p: probability of such a gain or a larger one if it were as likely a loss, track by track.
    """

    moments: int
    groups: int
    before: float
    after: float
    better: int
    worse: int
    p: float

    @property
    def won(self) -> bool:
        """Whether the new one is better."""
        return self.p <= LEVEL


def duel(truth: Truth, before: Truth, after: Truth, groups: NDArray[np.int64]) -> Duel:
    """Compare what two networks read, track by track: moments of one track stand or fall together.

    The test is Fisher's exact one on paired differences ("The Design of Experiments", 1935), one-sided: the gain of each
    track keeps its size, and every choice of their signs is as likely.

    Args:
        truth: behaviour of each moment `[N]`.
        before, after: what the old and the new one say `[N]`.
        groups: number of the track `[N]`.
    """
    _, own = np.unique(groups, return_inverse=True)
    many = np.maximum(np.bincount(own), 1)
    shares = [np.bincount(own, said == truth) / many for said in (before, after)]
    gain = shares[1] - shares[0]
    right = [float(share.mean()) if len(share) else 0.0 for share in shares]
    return Duel(len(truth), len(gain), right[0], right[1], int((gain > 0).sum()), int((gain < 0).sum()), _chance(gain))


def _chance(gain: NDArray[np.float64]) -> float:
    """Share of all choices of signs that give this sum or a larger one; of very many tracks, of some choices."""
    gain = gain[gain != 0]
    if len(gain) <= EXACT:
        signs = 1 - 2 * (np.arange(2 ** len(gain))[:, None] >> np.arange(len(gain)) & 1)
    else:
        signs = np.random.default_rng(0).choice((-1, 1), (TIMES * 10, len(gain)))
        signs[0] = 1  # what was seen is one of them
    return float((signs @ gain >= gain.sum() - 1e-9).mean())


def not_worse(truth: Truth, before: Truth, after: Truth, groups: NDArray[np.int64], seed: int = 0) -> dict[str, float]:
    """Macro-F1 of both networks, and what the new one has more with 95 % certainty at least.

    The bootstrap draws whole groups with replacement, the same for both (Efron and Tibshirani, "An Introduction to the
    Bootstrap", 1993).

    Args:
        truth, before, after, groups: as of `duel`.
        seed: same seed, same draws.
    """
    figures = {"before": macro_f1(truth, before), "after": macro_f1(truth, after)}
    _, own = np.unique(groups, return_inverse=True)
    members = [np.flatnonzero(own == number) for number in range(own.max() + 1)]
    rng, gaps = np.random.default_rng(seed), []
    for _ in range(TIMES):
        rows = np.concatenate([members[number] for number in rng.integers(0, len(members), len(members))])
        gaps.append(macro_f1(truth[rows], after[rows]) - macro_f1(truth[rows], before[rows]))
    return figures | {"at_least": float(np.quantile(gaps, LEVEL))}
