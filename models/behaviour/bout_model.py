"""How long bouts last and what follows what: the numbers of the smoother, and how they are fitted from diaries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from home.errors import ModelError

__all__ = ["SHIPPED", "BoutModel", "fit_bout_model", "read_bout_model", "write_bout_model"]

Array = NDArray[np.float64]
Bout = tuple[int, float]  # behaviour (index), seconds

SHIPPED = Path(__file__).with_name("bout_model.json")
LONGEST_S = 300
"""Up to here a bout's length is a histogram; beyond, each further second is as likely as the one before (geometric).
Little but sleep and rest lasts longer, and how much longer, evidence says better than habit. Our choice."""
EDGES_S = (1, 2, 3, 5, 8, 12, 18, 27, 40, 60, 90, 135, 200, LONGEST_S + 1)
SHORTEST_QUANTILE, SHORTEST_PART = 0.005, 0.5
"""A bout of less than half of what all but so few last is taken for a slip; half, because real lives have more than a
diary. Our choice."""


@dataclass(frozen=True)
class BoutModel:
    """Lengths and order of bouts, for K behaviours.

    Attributes:
        behaviours: names, `[K]`.
        shortest_s: length below which there is no bout, seconds `[K]`.
        histogram: probability that a bout's length lies in each bin of `EDGES_S`, or beyond its end, `[K, J+1]`; rows
            sum to 1. Within a bin all whole seconds of `shortest_s` and more are alike.
        longer_s: mean of what bouts that are longer than `LONGEST_S` last beyond it, seconds `[K]`.
        follows: probability of each behaviour after each, `[K, K]`; rows sum to 1, and nothing follows itself.
        share: share of all time, `[K]`; sums to 1.
    """

    behaviours: tuple[str, ...]
    shortest_s: NDArray[np.int64]
    histogram: Array
    longer_s: Array
    follows: Array
    share: Array

    def lengths(self) -> Array:
        """Log-probability of each length 1..LONGEST_S in seconds, `[K, LONGEST_S]`; -inf below the shortest."""
        seconds = np.arange(1, LONGEST_S + 1)
        bins = np.digitize(seconds, EDGES_S) - 1
        possible = seconds >= self.shortest_s[:, None]
        width = np.stack([np.bincount(bins, row, len(EDGES_S) - 1) for row in possible])
        with np.errstate(divide="ignore", invalid="ignore"):
            density = np.where(possible, self.histogram[:, :-1][:, bins] / width[:, bins], 0.0)
            return np.asarray(np.log(density), np.float64)

    def beyond(self) -> Array:
        """Log-probability that a bout is longer than LONGEST_S, `[K]`."""
        return np.asarray(np.log(self.histogram[:, -1]), np.float64)

    def goes_on(self) -> Array:
        """Log-probability that a bout longer than LONGEST_S goes on for another second, `[K]`."""
        return np.asarray(np.log1p(-1 / np.maximum(self.longer_s, 1.001)), np.float64)


def fit_bout_model(lives: Iterable[Sequence[Bout]], behaviours: Sequence[str], *, pseudo: float = 1.0) -> BoutModel:
    """Fit lengths and order from bouts.

    Args:
        lives: of each animal the bouts in order, without a gap; neighbours of one behaviour are one bout. A hole in what
            is known begins a new life.
        behaviours: names, for the indices in `lives`.
        pseudo: bouts added to each bin of lengths and to each transition, so that what was never seen is unlikely and
            not impossible (Laplace).

    Raises:
        ValueError: if a behaviour has no bout at all.
    """
    count = len(behaviours)
    lengths: list[list[float]] = [[] for _ in behaviours]
    follows = np.full((count, count), pseudo)
    for life in lives:
        joined = _joined(life)
        for behaviour, seconds in joined:
            lengths[behaviour].append(seconds)
        for (before, _), (after, _) in pairwise(joined):
            follows[before, after] += 1
    missing = [name for name, own in zip(behaviours, lengths, strict=True) if not own]
    if missing:
        raise ValueError(f"no bout of {', '.join(missing)}: a longer diary is needed")
    np.fill_diagonal(follows, 0)
    total = np.array([sum(own) for own in lengths])
    shortest = np.array([max(1, int(SHORTEST_PART * np.quantile(own, SHORTEST_QUANTILE))) for own in lengths])
    parts = [_histogram(np.array(own), int(low), pseudo) for own, low in zip(lengths, shortest, strict=True)]
    return BoutModel(
        tuple(behaviours),
        shortest,
        np.stack([histogram for histogram, _ in parts]),
        np.array([longer for _, longer in parts]),
        follows / follows.sum(axis=1, keepdims=True),
        total / total.sum(),
    )


def _joined(life: Sequence[Bout]) -> list[Bout]:
    joined: list[Bout] = []
    for behaviour, seconds in life:
        if joined and joined[-1][0] == behaviour:
            joined[-1] = (behaviour, joined[-1][1] + seconds)
        else:
            joined.append((behaviour, seconds))
    return joined


def _histogram(seconds: Array, shortest: int, pseudo: float) -> tuple[Array, float]:
    """Shares of the bins and of what is longer, and the mean of what is longer beyond LONGEST_S."""
    counts = np.bincount(np.digitize(np.maximum(seconds, shortest), EDGES_S) - 1, minlength=len(EDGES_S)).astype(float)
    possible = np.array([*EDGES_S[1:], np.inf]) > shortest  # bins that end below the shortest stay empty
    counts[possible] += pseudo
    over = seconds[seconds > LONGEST_S] - LONGEST_S
    longer = (over.sum() + pseudo * LONGEST_S) / (len(over) + pseudo)
    return counts / counts.sum(), float(longer)


def write_bout_model(path: Path, model: BoutModel, made_by: str) -> None:
    """Write a model as JSON; `made_by` is the command that makes it again."""

    def short(values: Array) -> list[float]:
        return [float(f"{value:.4g}") for value in np.atleast_1d(values)]

    lines = {
        name: {
            "shortest_s": int(model.shortest_s[k]),
            "share": short(model.share)[k],
            "longer_s": short(model.longer_s)[k],
            "lengths": short(model.histogram[k]),
            "followed_by": dict(zip(model.behaviours, short(model.follows[k]), strict=True)),
        }
        for k, name in enumerate(model.behaviours)
    }
    own = ",\n".join(f"  {json.dumps(name)}: {json.dumps(line)}" for name, line in lines.items())
    head = f' "made_by": {json.dumps(made_by)},\n "edges_s": {json.dumps(EDGES_S)}'
    path.write_text(f'{{\n{head},\n "behaviours": {{\n{own}\n }}\n}}\n', encoding="utf-8")


def read_bout_model(path: Path = SHIPPED) -> BoutModel:
    """Read what `write_bout_model` wrote.

    Raises:
        ModelError: if it cannot be read, or was written for other bins of lengths.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        own, edges = content["behaviours"], tuple(content["edges_s"])
        names = tuple(own)
        histogram, share = (np.array([own[name][key] for name in names]) for key in ("lengths", "share"))
        follows = np.array([[own[name]["followed_by"][after] for after in names] for name in names])
        shortest, longer = (np.array([own[name][key] for name in names]) for key in ("shortest_s", "longer_s"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is no bout model: {error!r}; `python -m bench.durations` writes one") from error
    if edges != EDGES_S:
        raise ModelError(f"{path}: lengths are counted in bins {edges}, expected {EDGES_S}; write it anew")
    return BoutModel(
        names,
        shortest,
        histogram / histogram.sum(axis=1, keepdims=True),  # written with four digits
        longer,
        follows / follows.sum(axis=1, keepdims=True),
        share / share.sum(),
    )
