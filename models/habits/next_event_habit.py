"""The profile of the day with what came before: the gap since the last event, and how much there was lately.

A point process whose rate depends on its own past. Without `fade_h` it is a modulated renewal process (Cox 1972): each event
begins the gap anew. With it, recent events also add up and hold the next one back or call it, as in a self-correcting
(Isham and Westcott 1979) or a self-exciting process (Hawkes 1971): the sign is learned.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.signal import lfilter

from models.habits.hazard import AGES, UNKNOWN, Bins, Hazard, Index, Stiffness, fit_hazard
from models.habits.history import Array, History
from models.habits.local_time import DAY_S, HOUR_S, clock_s
from models.habits.next_event import run_of, runs, waits_from
from models.habits.next_event_simple import AHEAD, SLOT_S, binned

__all__ = ["FittedHabit", "Habit"]

_MIDDLES, _LENGTHS_H = (AHEAD[1:] + AHEAD[:-1]) / 2, np.diff(AHEAD) / HOUR_S
_PATHS, _SEED = 1000, 20090713  # lives drawn for the chance of each hour: 1.6 points of its standard error at most


@dataclass(frozen=True)
class Habit:
    """A candidate. Attributes: half_life_d after which a day counts half, fade_h of what recent events add up to (0: nothing)."""

    name: str = "habit"
    half_life_d: float = 14.0
    fade_h: float = 6.0
    stiffness: Stiffness = field(default_factory=Stiffness)

    def fit(self, known: History, now: float) -> FittedHabit:
        begins, seconds, events = binned(known, now)
        slots = (clock_s(begins + SLOT_S / 2, known.zone) % DAY_S // SLOT_S).astype(np.intp)
        ages = _ages(known, begins)
        recent = self._faded(begins, events)
        told = ages != UNKNOWN
        usual = float(recent[told].mean()) if told.any() else 0.0
        weight = 0.5 ** ((now - begins) / DAY_S / self.half_life_d)
        recent = np.where(told, recent - usual, 0.0)
        bins = Bins(slots, ages, recent, weight * seconds / HOUR_S, weight * events)
        return FittedHabit(fit_hazard(bins, self.stiffness), self.fade_h, usual)

    def _faded(self, begins: Array, events: Array) -> Array:
        """Events before each bin, each fading with `fade_h` `[B]`."""
        if not self.fade_h or not len(begins):
            return np.zeros(len(begins))
        places = ((begins - begins[0]) / SLOT_S).round().astype(np.intp)
        whole = np.zeros(places[-1] + 1)
        whole[places] = events
        keep = np.exp(-SLOT_S / HOUR_S / self.fade_h)
        return np.asarray(lfilter([0.0, keep], [1.0, -keep], whole), np.float64)[places]


@dataclass(frozen=True)
class FittedHabit:
    """The hazard as learned, and the usual amount of recent events."""

    hazard: Hazard
    fade_h: float
    usual: float

    def waits(self, known: History, now: float) -> Array:
        return waits_from(self._expected(known, now), AHEAD)

    def _expected(self, known: History, now: float) -> Array:
        """Events expected by each rim of `AHEAD` as long as none comes."""
        rate = self.hazard.day[_slots(now + _MIDDLES, known)]
        since, recent = self._state(known, now)
        if since is not None:
            rate = rate * self.hazard.age[_age_bins(since + _MIDDLES)]
            if self.fade_h:
                left = recent * np.exp(-_MIDDLES / HOUR_S / self.fade_h)
                rate = rate * np.exp(self.hazard.recent * (left - self.usual))
        return np.concatenate([[0.0], np.cumsum(rate * _LENGTHS_H)])

    def chances(self, known: History, now: float, rims: Array) -> Array:
        """From drawn lives, always the same ones: what comes in an hour depends on what came before it."""
        rng = np.random.default_rng(_SEED)
        edges = np.unique(np.concatenate([np.arange(now, rims[-1], SLOT_S), rims]))
        lengths, middles = np.diff(edges), (edges[1:] + edges[:-1]) / 2
        spans = np.searchsorted(rims, middles, side="right") - 1
        since, recent = self._state(known, now)
        age = np.full(_PATHS, np.nan if since is None else since)
        amount = np.full(_PATHS, recent)
        happened = np.zeros((len(rims), _PATHS), bool)  # the last row is what comes before the first of the rims
        strata = (np.arange(_PATHS) + 0.5) / _PATHS  # evenly spread chances, dealt anew in each step
        for slot, span, length in zip(_slots(middles, known), spans, lengths, strict=True):
            rate = self.hazard.day[slot] * self.hazard.age[_age_bins(age + length / 2)]
            if self.fade_h:
                usual = np.isnan(age)
                rate = rate * np.exp(self.hazard.recent * np.where(usual, 0.0, amount - self.usual))
                amount = amount * np.exp(-length / HOUR_S / self.fade_h)
            comes = rng.permutation(strata) < -np.expm1(-rate * length / HOUR_S)
            happened[span] |= comes
            age = np.where(comes, 0.0, age + length)
            amount = amount + comes
        return happened[:-1].mean(axis=1)

    def _state(self, known: History, now: float) -> tuple[float | None, float]:
        """Seconds since the last event, None where one may have been missed since, and the faded count of recent ones."""
        spans = runs(known)
        if not len(known.starts) or not len(spans) or now - spans[-1, 1] > SLOT_S * 1.5:
            return None, self.usual
        last = known.starts[-1]
        if last < spans[-1, 0]:
            return None, self.usual
        near = known.starts[known.starts > now - 12 * max(self.fade_h, 1.0) * HOUR_S]
        fade = np.exp(-(now - near) / HOUR_S / self.fade_h) if self.fade_h else np.zeros(1)
        return float(now - last), float(fade.sum())


def _slots(moments: Array, known: History) -> Index:
    return (clock_s(moments, known.zone) % DAY_S // SLOT_S).astype(np.intp)


def _ages(known: History, begins: Array) -> Index:
    """Bins since the last event in the same run, at the beginning of each bin `[B]`; `UNKNOWN` where none was seen in it."""
    spans = runs(known)
    before = np.searchsorted(known.starts, begins, side="right") - 1
    last = np.append(known.starts, np.nan)[before] if len(known.starts) else np.full(len(begins), np.nan)
    last = np.where(before >= 0, last, np.nan)
    own = run_of(spans, begins + SLOT_S / 2)
    told = (own >= 0) & (before >= 0)
    told[told] = last[told] >= spans[own[told], 0]
    return _age_bins(np.where(told, begins + SLOT_S / 2 - last, np.nan))


def _age_bins(seconds: Array) -> Index:
    """Which bin of ages so many seconds are, `UNKNOWN` for nan."""
    unknown = np.isnan(seconds)
    bins = np.minimum(np.where(unknown, 0.0, seconds) // SLOT_S, AGES - 1).astype(np.intp)
    return np.where(unknown, UNKNOWN, bins)
