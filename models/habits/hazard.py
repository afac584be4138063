"""How fast the next event comes: fitted as a penalised Poisson regression on ten minutes at a time.

The logarithm of the rate is a sum: time of day (a cyclic spline), time since the last event (a spline on its logarithm: the gap
after a meal, and the visits that come in groups), and what happened lately (each event counts 1 and fades within hours: how
full the cat is). Differences between neighbouring coefficients are penalised (P-splines, Eilers and Marx 1996); the likelihood
of a point process in small bins is that of a Poisson regression (Berman and Turner 1992).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.habits.history import Array

__all__ = ["AGES", "SLOTS", "UNKNOWN", "Bins", "Hazard", "Stiffness", "fit_hazard"]

Index = NDArray[np.intp]
SLOTS = 144  # ten minutes each
AGES = 361  # ten minutes each: the last stands for two and a half days and more
UNKNOWN = AGES  # the age after a time that was not observed
_KNOTS_H = np.array([1 / 6, 0.5, 1, 2, 3, 4.5, 6, 8, 10, 13, 18, 24, 36, 60])  # of the time since the last event
_HARMONY = 36  # knots around the clock
# Ages alike enough to be summed together: by bins up to four hours, then ever wider; the unknown one for itself.
_CLASS: Index = np.concatenate([np.arange(24), 24 + np.log(np.arange(24, AGES) / 24) // 0.08]).astype(np.intp)
_CLASS = np.append(_CLASS, _CLASS[-1] + 1)
_STEPS, _ENOUGH, _STRIDE = 25, 1e-4, 3.0
_PRIOR_EVENTS, _PRIOR_H = 0.05, 2.4


@dataclass(frozen=True)
class Stiffness:
    """How much the parts are held back. Chosen on the first half of the feeder's log and the older exports of the litter boxes.

    Attributes:
        day: penalty on differences between neighbouring times of day.
        age: the same along the time since the last event.
        ridge: on all coefficients of both.
        recent: on the effect of recent events.
    """

    day: float = 2.0
    age: float = 8.0
    ridge: float = 0.3
    recent: float = 5.0


@dataclass(frozen=True)
class Bins:
    """Ten observed minutes each `[B]`.

    Attributes:
        slot: of the local day, 0 to 143.
        age: bins since the last event, 0 to 360, or `UNKNOWN`.
        recent: faded count of recent events, its mean taken off; 0 where the age is not known.
        hours: observed, weighted by how recent they are.
        events: weighted alike.
    """

    slot: Index
    age: Index
    recent: Array
    hours: Array
    events: Array


@dataclass(frozen=True)
class Hazard:
    """Events an hour: `day[slot] * age[age] * exp(recent * its faded count)`.

    Attributes:
        day: `[144]`.
        age: `[362]`, the last for an unknown age, 1; its mean over the time it was learned from is about 1.
        recent: the effect of one recent event on the logarithm.
        weights: the coefficients as they came out, to begin the next fit with.
    """

    day: Array
    age: Array
    recent: float
    weights: Array


def fit_hazard(bins: Bins, stiffness: Stiffness, start: Array | None = None) -> Hazard:
    """Newton's method on the penalised likelihood; without events or time the rate of the prior, half an event a day (a 20th of one in 2.4 hours).

    All sums run over a small table of times of day and classes of age, however long the history is.
    """
    day, ages = _day_basis(), _age_basis()
    age = _by_class(ages)
    penalty = _penalty(stiffness)
    level = float(np.log((bins.events.sum() + _PRIOR_EVENTS) / (bins.hours.sum() + _PRIOR_H)))
    weights = np.concatenate([[level], np.zeros(len(penalty) - 1)]) if start is None else start
    for _ in range(_STEPS):
        linear = weights[0] + (day @ weights[1 : 1 + _HARMONY])[bins.slot]
        linear += (age @ weights[1 + _HARMONY : -1])[_CLASS[bins.age]] + weights[-1] * bins.recent
        mean = bins.hours * np.exp(np.clip(linear, -25, 6))
        gradient, curvature = _sums(bins, mean, day, age)
        # A little prior keeps the level finite where nothing was seen.
        prior = _PRIOR_H * np.exp(np.clip(weights[0], -25, 6))
        gradient[0] += _PRIOR_EVENTS - prior
        curvature[0, 0] += prior
        step = np.linalg.solve(curvature + penalty, gradient - penalty @ weights)
        weights = weights + np.clip(step, -_STRIDE, _STRIDE)
        if np.abs(step).max() < _ENOUGH:
            break
    return _normalised(bins, weights, day, ages)


def _sums(bins: Bins, mean: Array, day: Array, age: Array) -> tuple[Array, Array]:
    """Gradient `[P]` and curvature `[P, P]` of the likelihood."""
    classes = len(age)
    cells = bins.slot * classes + _CLASS[bins.age]

    def spread(values: Array) -> Array:
        sums = np.bincount(cells, values, SLOTS * classes).astype(np.float64)
        return sums.reshape(SLOTS, classes)

    def along(values: Array) -> Array:
        return np.concatenate([[values.sum()], day.T @ values.sum(axis=1), age.T @ values.sum(axis=0)])

    off, weight, leaning = spread(bins.events - mean), spread(mean), spread(mean * bins.recent)
    gradient = np.append(along(off), ((bins.events - mean) * bins.recent).sum())
    size, split = len(gradient), 1 + _HARMONY
    curvature = np.zeros((size, size))
    curvature[0, :-1] = along(weight)
    curvature[-1, :-1] = along(leaning)
    curvature[1:split, 1:split] = (day * weight.sum(axis=1)[:, None]).T @ day
    curvature[split:-1, split:-1] = (age * weight.sum(axis=0)[:, None]).T @ age
    curvature[1:split, split:-1] = day.T @ weight @ age
    curvature[-1, -1] = (mean * bins.recent**2).sum()
    curvature[:-1, -1] = curvature[-1, :-1]
    curvature[1:-1, 0] = curvature[0, 1:-1]
    curvature[split:-1, 1:split] = curvature[1:split, split:-1].T
    return gradient, curvature


def _normalised(bins: Bins, weights: Array, day: Array, age: Array) -> Hazard:
    """The same rate, so divided that an unknown age means the mean rate of that time of day."""
    by_day = np.exp(weights[0] + day @ weights[1 : 1 + _HARMONY])
    by_age = np.exp(age @ weights[1 + _HARMONY : -1])
    told = bins.age != UNKNOWN
    without = (bins.hours * by_day[bins.slot])[told]
    within = without * by_age[bins.age[told]] * np.exp(weights[-1] * bins.recent[told])
    mean = float(within.sum() / without.sum()) if without.sum() else 1.0
    by_age /= mean
    by_age[UNKNOWN] = 1.0
    return Hazard(by_day * mean, by_age, float(weights[-1]), weights)


def _day_basis() -> Array:
    """Hats around the clock `[144, 36]`."""
    place = (np.arange(SLOTS) + 0.5) / SLOTS * _HARMONY
    low, share = place.astype(np.intp), place % 1
    basis = np.zeros((SLOTS, _HARMONY))
    basis[np.arange(SLOTS), low] = 1 - share
    basis[np.arange(SLOTS), (low + 1) % _HARMONY] = share
    return basis


def _age_basis() -> Array:
    """Hats along the logarithm of the time since the last event `[362, 14]`; nothing for an unknown one."""
    knots, ages = np.log(_KNOTS_H), np.log((np.arange(AGES) + 0.5) / 6)
    basis = np.column_stack([np.interp(ages, knots, unit) for unit in np.eye(len(knots))])
    return np.vstack([basis, np.zeros(len(knots))])


def _by_class(ages: Array) -> Array:
    """The basis of each class of ages, its mean `[59, 14]`."""
    return np.array([np.bincount(_CLASS, column) for column in ages.T]).T / np.bincount(_CLASS)[:, None]


def _penalty(stiffness: Stiffness) -> Array:
    size = len(_KNOTS_H)
    around = np.eye(_HARMONY) - np.roll(np.eye(_HARMONY), 1, axis=1)
    along = np.diff(np.eye(size), axis=0)
    penalty = np.zeros((2 + _HARMONY + size, 2 + _HARMONY + size))
    split = 1 + _HARMONY
    penalty[1:split, 1:split] = stiffness.day * around.T @ around + stiffness.ridge * np.eye(_HARMONY)
    penalty[split:-1, split:-1] = stiffness.age * along.T @ along + stiffness.ridge * np.eye(size)
    penalty[-1, -1] = stiffness.recent
    return penalty
