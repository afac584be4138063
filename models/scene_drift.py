"""Whether a room looks as it did: how bright it is and in which colours hour by hour, and where its edges run.

A night is compared with the nights before it of the same camera, not with the first ones: the seasons move the hours of light by
minutes a night, which is no news, and what has changed and stays is usual after two weeks. The nights just before it are left
out, so that a change is not compared with its own first night.

Light is compared by the hour of the home's clock. The view is not: edges stay where they are when the light changes, if not all
of them are to be seen in each light. So each hour of a night is held against all hours of the others, and the most alike counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "FEWEST_HOURS", "FEWEST_LOOKS", "FEWEST_SCENES", "GAP", "MOST", "MOST_SCENES", "SHOWN", "Scene", "new_hours",
    "scene_deviations",
]  # fmt: skip

Array = NDArray[np.float64]

SHOWN = {
    "brightness": "the light has changed, it is brighter or darker than it was at the same hours",
    "colour": "the light has changed, colours are others than they were at the same hours",
    "view": "it looks elsewhere than it did, or something stands before it: its zones may be in the wrong places",
}
"""What is watched, and what an alarm of it says."""

MOST = (0.51, 0.51, np.inf)
"""What a single night adds, in bounds (`models.page_test.watch`): on one night guests sit under a lamp that is off on others; a
view that is another one is."""

FEWEST_LOOKS = 3  # that make an hour
FEWEST_HOURS = 4  # that make a night
FEWEST_SCENES, MOST_SCENES = 8, 30  # nights to compare with; before a month ago was another season
GAP = 2  # nights just before one that it is not compared with: a change is told within these

# Differences that are no news, in levels (brightness, contrast; blue, red, saturation at a brightness of 100).
_SMALL = {"tones": 4.0, "colours": 0.8}
_ODD = 8.0  # of those an hour counts at most: a lamp in one hour is no change of the day
# Spreads of ordinary nights are never taken for less: 0.04 of the mean over hours is one hour, 0.04 of a correlation
# a fifth of what a camera loses that gives way by 2 degrees.
_LEAST = (0.04, 0.04, 0.04)
_CLEARLY = 1.0  # of those an hour is named
_SIGMA = 1.4826  # median absolute deviations in a standard deviation of a normal distribution


@dataclass(frozen=True)
class Scene:
    """What a camera showed on a local day, by the hours of its clock; NaN where there was no footage, and zeros in `layouts`.

    Attributes:
        tones: mean and spread of the grey levels, 0..255 `[24,2]`.
        colours: distance from grey towards blue, red and in any direction, levels `[24,3]`.
        layouts: of `models.scene.Look`, `[24,D]`.
    """

    tones: Array
    colours: Array
    layouts: NDArray[np.float32]

    @property
    def hours(self) -> NDArray[np.bool_]:
        """Of which something is known `[24]`."""
        return np.asarray(np.isfinite(self.tones).all(axis=1))


def scene_deviations(nights: Sequence[Scene], reference_nights: int) -> Array:
    """How far each night is off, in spreads of the nights before it.

    Args:
        nights: of one camera, in order, each of FEWEST_HOURS or more.
        reference_nights: how many each is compared with, at most.

    Returns:
        `[T,3]` of SHOWN; NaN where there are fewer than FEWEST_SCENES to compare with.
    """
    alike = _alike(nights)
    apart = _light_apart(nights)
    off = np.full((len(nights), len(SHOWN)), np.nan)
    for night in range(len(nights)):
        before = np.arange(max(night - GAP - reference_nights, 0), max(night - GAP, 0))
        if len(before) < FEWEST_SCENES:
            continue
        for number, own in enumerate(apart):
            tonight, ordinary = _new(own, night, before)
            off[night, number] = _in_spreads(_mean(tonight), ordinary, _LEAST[number])
        off[night, -1] = _in_spreads(*_elsewhere(nights, alike, night, before), _LEAST[-1])
    return off


def new_hours(nights: Sequence[Scene], reference_nights: int) -> list[list[int]]:
    """The hours of the last night with a light that was in none of those it is compared with about these hours, for each
    number of SHOWN; of the view, which is not told by the hour, none."""
    night = len(nights) - 1
    before = np.arange(max(night - GAP - reference_nights, 0), max(night - GAP, 0))
    if len(before) < FEWEST_SCENES:
        return [[] for _ in SHOWN]
    return [*(np.flatnonzero(_new(own, night, before)[0] > _CLEARLY).tolist() for own in _light_apart(nights)), []]


def _light_apart(nights: Sequence[Scene]) -> list[Array]:
    tones, colours = np.stack([night.tones for night in nights]), np.stack([night.colours for night in nights])
    # Clouds and exposure dim the colours with the light: that is no other colour.
    colours = colours * (100 / np.maximum(tones[..., :1], 20))
    return [_apart(tones / _SMALL["tones"]), _apart(colours / _SMALL["colours"])]


def _apart(values: Array) -> Array:
    """How far each hour of each night is from the nearest of the same hour, the one before and the one after of each other
    night, `[T,T,24]` from values `[T,24,K]`; infinity where one of them is not known."""
    shifted = np.stack([np.roll(values, by, axis=1) for by in (-1, 0, 1)])
    shifted[0, :, -1] = shifted[2, :, 0] = np.nan  # there is no hour after the last
    squares = ((values[None, :, None] - shifted[:, None]) ** 2).mean(axis=4)
    return np.asarray(np.sqrt(np.where(np.isfinite(squares), squares, np.inf).min(axis=0)))


def _new(apart: Array, night: int, before: NDArray[np.int64]) -> tuple[Array, Array]:
    """How much of the light of each hour of a night was in none of those before it `[24]`, NaN where that cannot be said; and
    the mean of the same of each of these against the others.

    An hour counts by how far it is from the nearest light that was there about this hour, in what the nights before differ
    from each other; what is no further than that counts nothing.
    """
    among = np.where(np.eye(len(before), dtype=bool)[..., None], np.inf, apart[np.ix_(before, before)]).min(axis=1)
    hours = np.isfinite(apart[night][before]).any(axis=0) & (np.isfinite(among).sum(axis=0) >= FEWEST_SCENES // 2)
    tonight = np.full(24, np.nan)
    if not hours.any():
        return tonight, np.zeros(0)
    among = np.where(np.isfinite(among), among, np.nan)[:, hours]
    usual = np.hypot(1, 2 * np.nanquantile(among, 0.75, axis=0))
    tonight[hours] = _beyond(apart[night][before][:, hours].min(axis=0), usual)
    return tonight, np.array([_mean(own) for own in _beyond(among, usual) if np.isfinite(own).any()])


def _beyond(apart: Array, usual: Array) -> Array:
    return np.clip(apart / usual - 1, 0, _ODD)


def _mean(values: Array) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def _elsewhere(nights: Sequence[Scene], alike: Array, night: int, before: NDArray[np.int64]) -> tuple[float, Array]:
    """How unlike the view of a night is to those before it, 1 less a correlation, and the same of each of these."""

    def unlike(own: int, others: NDArray[np.int64]) -> float:
        return float(1 - np.median(alike[own, nights[own].hours][:, others].max(axis=1)))

    return unlike(night, before), np.array([unlike(own, before[before != own]) for own in before])


def _in_spreads(number: float, ordinary: Array, least: float) -> float:
    """How far a number is from the median of ordinary ones, in their spreads; untouched by a few odd nights."""
    if len(ordinary) < FEWEST_SCENES // 2:
        return float("nan")
    middle = np.median(ordinary)
    return float((number - middle) / np.hypot(_SIGMA * np.median(np.abs(ordinary - middle)), least))


def _alike(nights: Sequence[Scene]) -> Array:
    """How alike each hour of each night is to the most alike hour of each other night: correlations `[T,24,T]`."""
    layouts = np.concatenate([night.layouts for night in nights]).astype(np.float32)
    layouts = layouts - layouts.mean(axis=1, keepdims=True)
    layouts /= np.maximum(np.linalg.norm(layouts, axis=1, keepdims=True), 1e-6)
    count = len(nights)
    return (layouts @ layouts.T).reshape(count, 24, count, 24).max(axis=3).astype(float)
