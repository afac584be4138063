"""Whether what a camera shows still is what it was, and what the models were made for: four numbers a night, over nights.

Of each night: how surely animals were found, how often the classifier said what, and how far the looks of the animals are
from those of the camera's own first nights and from those that the classifier learned from (mean log distance to the k nearest;
Sun et al., "Out-of-distribution detection with deep nearest neighbors", ICML 2022, for the distance). Each is standardised by
how it varies over the camera's own first nights: a home is never quite what a model learned from, and that alone is no news.
What the room looks like is watched apart from its animals (`models.scene_drift`); how long something must be off before it
is told is the same for both (`models.page_test`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from home.errors import ModelError

__all__ = [
    "FEWEST_MOMENTS", "FEWEST_NIGHTS", "WATCHED", "Night", "Reference", "Trained", "deviations", "learn_reference",
    "learn_trained", "read_trained", "write_trained",
]  # fmt: skip

Array = NDArray[np.float64]

WATCHED = {
    "confidence": "cats are found less surely than they were",
    "classes": "behaviours are found in other shares than they were",
    "looks": "cats look different from before: light, camera or coat may have changed",
    "trained": "cats look less like those that the models learned from than they did",
}
"""What is watched, and what an alarm of it says."""

NEIGHBOURS = 10  # our choice
FEWEST_MOMENTS = 50  # a night with fewer says nothing
FEWEST_NIGHTS = 8  # that make a reference
MOST_LOOKS = 1500  # that are kept, evenly from all nights
MOST_TRAINED = 600  # that ship with a model
PSEUDO = 2.0  # moments added to each class: a rare one that is missing for a night is no change


@dataclass(frozen=True)
class Night:
    """The moments of one night: `confidence [N]` 0..1, `classes [N]` indices, `looks [L,D]` of those that were looked at."""

    confidence: Array
    classes: NDArray[np.int64]
    looks: Array


@dataclass(frozen=True)
class Trained:
    """What a classifier learned from.

    Attributes:
        location, scale: mean and spread of each dimension of the looks, `[D]`.
        looks: standardised, `[P,D]`.
        network: which network the looks are of; those of another one cannot be compared.
    """

    location: Array
    scale: Array
    looks: Array
    network: str


@dataclass(frozen=True)
class Reference:
    """Ordinary nights.

    Attributes:
        share: of each class, `[K]`.
        location, scale: mean and spread of each dimension of the looks, `[D]`.
        looks: standardised, `[P,D]`.
        centre, spread: mean and standard deviation of WATCHED over the nights, each without itself in the reference,
            `[4]`; NaN where there is nothing to compare with.
        nights: how many.
        trained: what the classifier learned from, if that is known.
    """

    share: Array
    location: Array
    scale: Array
    looks: Array
    centre: Array
    spread: Array
    nights: int
    trained: Trained | None = None


def learn_reference(nights: Sequence[Night], kinds: int, trained: Trained | None = None) -> Reference:
    """A reference from ordinary nights.

    Args:
        nights: FEWEST_NIGHTS or more, each of FEWEST_MOMENTS or more.
        kinds: number of classes, K.
        trained: what the classifier learned from.

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
    location, scale = _scale(together)
    standard = [(own - location) / scale for own in looks]
    counts = np.stack([np.bincount(night.classes, minlength=kinds) for night in enough]).astype(float)
    rows = []
    for index, night in enumerate(enough):
        others = np.delete(counts, index, axis=0).sum(axis=0)
        near = np.concatenate([own for number, own in enumerate(standard) if number != index])
        rows.append(_numbers(night, others / others.sum(), (night.looks - location) / scale, near, trained))
    numbers = np.array(rows)
    spread = np.maximum(numbers.std(axis=0, ddof=1), 1e-6)
    share = counts.sum(axis=0) / counts.sum()
    return Reference(
        share, location, scale, np.concatenate(standard), numbers.mean(axis=0), spread, len(enough), trained
    )


def deviations(nights: Sequence[Night], reference: Reference) -> Array:
    """How far each night is off, in spreads of ordinary nights, `[T,4]` of WATCHED: above 0 less sure, other shares,
    further away; NaN for a night with too few moments, and where there is nothing to compare with.

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
        numbers = _numbers(night, reference.share, standard, reference.looks, reference.trained)
        rows[row] = (numbers - reference.centre) / reference.spread
    return rows


def _numbers(night: Night, share: Array, standard: Array, near: Array, trained: Trained | None) -> Array:
    """Those of one night: doubt, divergence of the classes, mean log distance of the looks from two sides."""
    counts = np.bincount(night.classes, minlength=len(share)) + PSEUDO * len(share) * share
    known = np.nan
    if trained is not None and trained.looks.shape[1] == night.looks.shape[1]:
        known = _log_distance((night.looks - trained.location) / trained.scale, trained.looks)
    return np.array([
        1 - night.confidence.mean(), _divergence(counts / counts.sum(), share), _log_distance(standard, near), known,
    ])  # fmt: skip


def _scale(looks: Array) -> tuple[Array, Array]:
    """Mean and spread of each dimension."""
    if not len(looks):
        return np.zeros(looks.shape[1]), np.ones(looks.shape[1])
    return looks.mean(axis=0), np.maximum(looks.std(axis=0), 1e-6)


def _divergence(first: Array, second: Array) -> float:
    """Root of the Jensen-Shannon divergence, a metric (Endres and Schindelin, IEEE Transactions on Information Theory
    49:1858, 2003)."""
    middle = (first + second) / 2

    def against(own: Array) -> float:
        return float(np.sum(np.where(own > 0, own * np.log(np.maximum(own, 1e-12) / np.maximum(middle, 1e-12)), 0)))

    return float(np.sqrt(max((against(first) + against(second)) / 2, 0)))


def _log_distance(looks: Array, near: Array) -> float:
    if not looks.size or not near.size:
        return float("nan")
    looks = _thinned(looks, 400)
    squares = (looks**2).sum(axis=1)[:, None] + (near**2).sum(axis=1) - 2 * looks @ near.T
    count = min(NEIGHBOURS, len(near))
    nearest = np.partition(np.maximum(squares, 0), count - 1, axis=1)[:, :count]
    return float(np.log(np.maximum(np.sqrt(nearest).mean(axis=1), 1e-9)).mean())


def _thinned(rows: Array, most: int) -> Array:
    return rows[np.unique(np.linspace(0, len(rows) - 1, most).astype(int))] if len(rows) > most else rows


def learn_trained(looks: Array, network: str) -> Trained:
    """What a classifier learned from, from the looks of its moments `[N,D]`, of which some are kept."""
    location, scale = _scale(looks)
    return Trained(location, scale, _thinned((looks - location) / scale, MOST_TRAINED), network)


def write_trained(path: Path, trained: Trained) -> None:
    """Write as .npz, in half precision; same looks, same bytes."""
    parts = {part.name: np.asarray(getattr(trained, part.name)) for part in fields(trained)}
    halved = {name: part.astype(np.float16) if part.dtype.kind == "f" else part for name, part in parts.items()}
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **halved)


def read_trained(path: Path) -> Trained:
    """Read what `write_trained` wrote.

    Raises:
        ModelError: if it cannot be read.
    """
    try:
        with np.load(path, allow_pickle=False) as content:
            location, scale, looks = (content[name].astype(float) for name in ("location", "scale", "looks"))
            return Trained(location, np.maximum(scale, 1e-6), looks, str(content["network"]))
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"{path} holds no looks: {error!r}; train the classifier again to write them") from error
