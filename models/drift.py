"""Whether what the cameras show still is what the models were made for: three numbers a night, watched over nights.

Of each night: how sure the classifier was, how often it said what, and how far the looks of the animals are from those of
a reference that is kept with the model (mean log distance to the k nearest; Sun et al., "Out-of-distribution detection with
deep nearest neighbors", ICML 2022, for the distance). Each is standardised by how it varies over ordinary nights.

Over nights each number runs through Page's test (Page, "Continuous inspection schemes", Biometrika 41:100-115, 1954; with
Hinkley's, Biometrika 58:509-523, 1971, known as Page-Hinkley): what exceeds an allowance is summed up, never below zero, and
an alarm is raised when the sum passes a bound. A large change does that in a night or two, a small one that stays in a week.
The bound follows from how often ordinary nights may alarm (`bound_for`), given how few nights the reference was made from.

The reference may be the training's nights, or a home's own first ones: the first tells whether the model fits this home,
the second whether something changed there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from home.errors import ModelError

__all__ = [
    "FEWEST_MOMENTS", "FEWEST_NIGHTS", "WATCHED", "Night", "Reference", "Watch", "bound_for", "deviations",
    "learn_reference", "read_reference", "watch", "write_reference",
]  # fmt: skip

Array = NDArray[np.float64]

WATCHED = {
    "confidence": "the classifier is less sure than on the nights of the reference",
    "classes": "behaviours are found in other shares than on the nights of the reference",
    "looks": "the animals look less like those of the reference: light, camera or coat may have changed",
}
"""What is watched, and what an alarm of it says."""

NEIGHBOURS = 10  # our choice
FEWEST_MOMENTS = 50  # a night with fewer says nothing
FEWEST_NIGHTS = 8  # that make a reference
MOST_LOOKS = 1500  # that are kept, evenly from all nights
PSEUDO = 2.0  # moments added to each class: a rare one that is missing for a night is no change
ALLOWANCE = 0.75  # spreads a night that are not summed up; changes of twice that are found soonest (Page 1954)
HORIZON, CHANCE = 40, 0.05  # forty ordinary nights hold an alarm in one case of twenty; our choice
_RUNS = 10_000  # simulated horizons


@dataclass(frozen=True)
class Night:
    """The moments of one night: `confidence [N]` 0..1, `classes [N]` indices, `looks [N,D]`."""

    confidence: Array
    classes: NDArray[np.int64]
    looks: Array


@dataclass(frozen=True)
class Reference:
    """Ordinary nights.

    Attributes:
        share: of each class, `[K]`.
        location, scale: mean and spread of each dimension of the looks, `[D]`.
        looks: standardised, `[P,D]`.
        centre, spread: mean and standard deviation of the three numbers over the nights, each without itself in the
            reference, `[3]`.
        nights: how many.
    """

    share: Array
    location: Array
    scale: Array
    looks: Array
    centre: Array
    spread: Array
    nights: int


@dataclass(frozen=True)
class Watch:
    """T nights: `sums [T,3]` of WATCHED; `alarms [T,3]`, True where a sum passes the `bound`, after which it begins anew."""

    sums: Array
    alarms: NDArray[np.bool_]
    bound: float

    def reasons(self, night: int) -> tuple[str, ...]:
        """What to say of a night, empty if nothing is off."""
        return tuple(words for words, off in zip(WATCHED.values(), self.alarms[night], strict=True) if off)


def learn_reference(nights: Sequence[Night], kinds: int) -> Reference:
    """A reference from ordinary nights.

    Args:
        nights: FEWEST_NIGHTS or more, each of FEWEST_MOMENTS or more.
        kinds: number of classes, K.

    Raises:
        ValueError: if there are fewer.
    """
    enough = [night for night in nights if len(night.classes) >= FEWEST_MOMENTS]
    if len(enough) < FEWEST_NIGHTS:
        raise ValueError(
            f"{len(enough)} of {len(nights)} nights have {FEWEST_MOMENTS} moments; a reference needs {FEWEST_NIGHTS}"
        )
    each = max(MOST_LOOKS // len(enough), 1)
    looks = [_thinned(night.looks, each) for night in enough]
    together = np.concatenate(looks)
    location, scale = together.mean(axis=0), np.maximum(together.std(axis=0), 1e-6)
    standard = [(own - location) / scale for own in looks]
    counts = np.stack([np.bincount(night.classes, minlength=kinds) for night in enough]).astype(float)
    rows = []
    for index, night in enumerate(enough):
        others = np.delete(counts, index, axis=0).sum(axis=0)
        near = np.concatenate([own for number, own in enumerate(standard) if number != index])
        rows.append(_numbers(night, others / others.sum(), (night.looks - location) / scale, near))
    numbers = np.array(rows)
    spread = np.maximum(numbers.std(axis=0, ddof=1), 1e-6)
    share = counts.sum(axis=0) / counts.sum()
    return Reference(share, location, scale, np.concatenate(standard), numbers.mean(axis=0), spread, len(enough))


def deviations(nights: Sequence[Night], reference: Reference) -> Array:
    """How far each night is off, in spreads of ordinary nights, `[T,3]` of WATCHED: above 0 less sure, other shares,
    further away; NaN for a night with too few moments.

    Raises:
        ValueError: if looks or classes are not those of the reference.
    """
    rows = np.full((len(nights), len(WATCHED)), np.nan)
    for row, night in enumerate(nights):
        if len(night.classes) < FEWEST_MOMENTS:
            continue
        if night.looks.shape[1] != len(reference.location) or night.classes.max() >= len(reference.share):
            raise ValueError(
                f"looks of {night.looks.shape[1]} numbers and classes up to {night.classes.max()}, the reference has "
                f"{len(reference.location)} and {len(reference.share)}: it was made with another model"
            )
        standard = (night.looks - reference.location) / reference.scale
        numbers = _numbers(night, reference.share, standard, reference.looks)
        rows[row] = (numbers - reference.centre) / reference.spread
    return rows


def watch(deviating: Array, reference_nights: int, *, horizon: int = HORIZON, chance: float = CHANCE) -> Watch:
    """Page's test over nights.

    Args:
        deviating: `deviations` of T nights in order `[T,3]`; NaN leaves the sum as it is.
        reference_nights: how many the reference was made from.
        horizon, chance: how likely any of the three raises an alarm in so many ordinary nights.
    """
    bound = bound_for(reference_nights, horizon, chance)
    sums, alarms = np.zeros(deviating.shape), np.zeros(deviating.shape, bool)
    running = np.zeros(deviating.shape[1])
    for night, off in enumerate(np.nan_to_num(deviating, nan=ALLOWANCE)):
        running = np.maximum(running + off - ALLOWANCE, 0)
        sums[night], alarms[night] = running, running > bound
        running = np.where(alarms[night], 0, running)
    return Watch(sums, alarms, bound)


@cache
def bound_for(reference_nights: int, horizon: int = HORIZON, chance: float = CHANCE) -> float:
    """The bound that the sums of `horizon` ordinary nights pass with probability `chance`, in any of the three numbers.

    Ordinary nights are taken to vary normally about a centre that was estimated from `reference_nights`: the error of the
    centre is the same in every night and adds up, that of the spread too. Found by simulation, the same every time.
    """
    rng = np.random.default_rng(0)
    shape = (_RUNS, len(WATCHED))
    centre = rng.normal(0, 1 / np.sqrt(reference_nights), shape)
    spread = np.sqrt(rng.chisquare(reference_nights - 1, shape) / (reference_nights - 1))
    running, highest = np.zeros(shape), np.zeros(shape)
    for _ in range(horizon):
        running = np.maximum(running + (rng.normal(0, 1, shape) - centre) / spread - ALLOWANCE, 0)
        highest = np.maximum(highest, running)
    return float(np.quantile(highest.max(axis=1), 1 - chance))


def _numbers(night: Night, share: Array, standard: Array, near: Array) -> Array:
    """The three of one night: doubt, divergence of the classes, mean log distance of the looks."""
    counts = np.bincount(night.classes, minlength=len(share)) + PSEUDO * len(share) * share
    doubt = 1 - night.confidence.mean()
    return np.array([doubt, _divergence(counts / counts.sum(), share), _log_distance(_thinned(standard, 400), near)])


def _divergence(first: Array, second: Array) -> float:
    """Root of the Jensen-Shannon divergence, a metric (Endres and Schindelin, IEEE Transactions on Information Theory
    49:1858, 2003)."""
    middle = (first + second) / 2

    def against(own: Array) -> float:
        return float(np.sum(np.where(own > 0, own * np.log(np.maximum(own, 1e-12) / np.maximum(middle, 1e-12)), 0)))

    return float(np.sqrt(max((against(first) + against(second)) / 2, 0)))


def _log_distance(looks: Array, near: Array) -> float:
    squares = (looks**2).sum(axis=1)[:, None] + (near**2).sum(axis=1) - 2 * looks @ near.T
    count = min(NEIGHBOURS, len(near))
    nearest = np.partition(np.maximum(squares, 0), count - 1, axis=1)[:, :count]
    return float(np.log(np.maximum(np.sqrt(nearest).mean(axis=1), 1e-9)).mean())


def _thinned(rows: Array, most: int) -> Array:
    return rows[np.unique(np.linspace(0, len(rows) - 1, most).astype(int))] if len(rows) > most else rows


def write_reference(path: Path, reference: Reference) -> None:
    """Write a reference as .npz; same reference, same bytes."""
    parts: dict[str, Any] = {part.name: np.asarray(getattr(reference, part.name)) for part in fields(reference)}
    with path.open("wb") as file:
        np.savez_compressed(file, **parts)


def read_reference(path: Path) -> Reference:
    """Read what `write_reference` wrote.

    Raises:
        ModelError: if it cannot be read.
    """
    try:
        with np.load(path, allow_pickle=False) as content:
            parts = {part.name: content[part.name] for part in fields(Reference)}
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"{path} is no reference of looks: {error!r}; train the model anew to write one") from error
    return Reference(**{**parts, "nights": int(parts["nights"])})
