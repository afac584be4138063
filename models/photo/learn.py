"""A reading of looks from labelled photos: a ridge softmax, whose strength is chosen within what it learns from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from models.photo.predict import Reading

__all__ = ["STRENGTHS", "learn_reading", "likeness_groups", "out_of_fold"]

STRENGTHS = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3)
"""Ridges that are tried, for looks of length about 1."""
ALIKE = 0.5
"""Correlation of standardised looks of two whole photos from which they are taken to show one scene. Our choice, after a look at
a dozen pairs: all above it are of one room or cat, and some below it too."""
_TURNS = 200

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


def learn_reading(looks: NDArray[np.floating], truth: Labels, fold: Labels, behaviours: Sequence[str]) -> Reading:
    """A reading, as strong and as sure as it turned out best on parts of these photos that it did not learn from.

    Args:
        looks: `[N,F]`, from `models.photo.predict.Looks`.
        truth: index in `behaviours` `[N]`; each occurs in at least two parts.
        fold: number of the part of each photo `[N]`.
        behaviours: names.
    """
    logits = np.zeros((len(STRENGTHS), len(truth), len(behaviours)))
    for part in np.unique(fold):
        rest = fold != part
        for each, (weight, bias) in zip(
            logits, _fits(looks[rest], truth[rest], len(behaviours), STRENGTHS), strict=True
        ):
            each[~rest] = looks[~rest] @ weight + bias
    best = int(np.argmin([_cost(each, truth) for each in logits]))
    # Guo et al., "On Calibration of Modern Neural Networks", ICML 2017
    sharper = minimize(lambda log: _cost(logits[best] * np.exp(log[0]), truth), np.zeros(1), method="Nelder-Mead")
    ((weight, bias),) = _fits(looks, truth, len(behaviours), STRENGTHS[best : best + 1])
    scale = float(np.exp(sharper.x[0]))
    return Reading(tuple(behaviours), (weight * scale).astype(np.float32), (bias * scale).astype(np.float32))


def out_of_fold(looks: NDArray[np.floating], truth: Labels, fold: Labels, behaviours: Sequence[str]) -> Array:
    """What a reading of the other parts says of each part `[N,K]`; strength and sureness are chosen within those."""
    said = np.zeros((len(truth), len(behaviours)))
    for part in np.unique(fold):
        rest = fold != part
        reading = learn_reading(looks[rest], truth[rest], fold[rest], behaviours)
        said[~rest] = reading.probabilities(looks[~rest])
    return said


def likeness_groups(looks: NDArray[np.floating], least: float = ALIKE) -> list[int]:
    """Photos of one scene by how the whole of them looks `[N,D]`: for each the number of the first photo of its group."""
    level = (looks - looks.mean(axis=0)) / (looks.std(axis=0) + 1e-6)
    level /= np.linalg.norm(level, axis=1, keepdims=True) + 1e-9
    first = np.arange(len(level))
    for index in range(len(level)):
        near = np.flatnonzero(level[:index] @ level[index] > least)
        roots = np.unique(np.append(first[near], index))
        first[np.isin(first, roots)] = roots[0]
    return [int(number) for number in first]


def _fits(
    looks: NDArray[np.floating], truth: Labels, count: int, strengths: Sequence[float]
) -> list[tuple[Array, Array]]:
    """For each strength weight `[F,K]` and bias `[K]` for looks as they are; each behaviour weighs the same in sum.

    There are more looks than photos: the weights are sought in the space that the photos span, which loses nothing.
    """
    middle, spread = looks.mean(axis=0, dtype=float), looks.std(axis=0, dtype=float)
    spread = (spread + 1e-3 * spread.mean() + 1e-9) * np.sqrt(looks.shape[1])
    level = (looks - middle) / spread
    powers, axes = np.linalg.eigh(level @ level.T)
    kept = powers > 1e-9 * powers[-1]
    back = level.T @ (axes[:, kept] / np.sqrt(powers[kept]))  # [F,R], orthonormal
    short = axes[:, kept] * np.sqrt(powers[kept])
    found = []
    for strength in strengths:
        weight, bias = _softmax(short, truth, count, strength)
        weight = back @ weight / spread[:, None]
        found.append((weight, bias - middle @ weight))
    return found


def _softmax(looks: Array, truth: Labels, count: int, strength: float) -> tuple[Array, Array]:
    of, rows, ends = np.eye(count)[truth], np.arange(len(truth)), looks.shape[1] * count
    share = 1 / np.maximum(np.bincount(truth, minlength=count), 1)[truth]
    share /= share.sum()

    def cost(numbers: Array) -> tuple[float, Array]:
        weight, bias = numbers[:ends].reshape(-1, count), numbers[ends:]
        logs = _logs(looks @ weight + bias)
        slope = (np.exp(logs) - of) * share[:, None]
        value = float(-(share * logs[rows, truth]).sum() + strength * (weight**2).sum() / 2)
        return value, np.concatenate([(looks.T @ slope + strength * weight).ravel(), slope.sum(axis=0)])

    numbers = minimize(cost, np.zeros(ends + count), jac=True, method="L-BFGS-B", options={"maxiter": _TURNS}).x
    return numbers[:ends].reshape(-1, count), numbers[ends:]


def _cost(logits: Array, truth: Labels) -> float:
    """Mean of the negative log-likelihood over behaviours, so that a rare one counts as a frequent one."""
    own = -_logs(logits)[np.arange(len(truth)), truth]
    return float(np.mean([own[truth == number].mean() for number in np.unique(truth)]))


def _logs(logits: Array) -> Array:
    top = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(top - np.log(np.exp(top).sum(axis=1, keepdims=True)))
