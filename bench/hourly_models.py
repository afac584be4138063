"""StatsForecast's models of hourly counts as candidates: they cost seconds a week and cat and win nothing (docs/habits.md).

Their forecast of each hour, the waiting time following as from a Poisson process of that rate. Not among the project's
dependencies: `pip install statsforecast==2.1.1`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.habits.history import Array, History
from models.habits.local_time import DAY_S, HOUR_S, clock_s
from models.habits.next_event import Candidate, Fitted, waits_from
from models.habits.next_event_simple import AHEAD, HourProfile

__all__ = ["HOURLY"]

_MEMORY_S, _LEAST_H, _AHEAD_H = 42 * DAY_S, 60, 16 * 24


def _ets() -> Any:
    from statsforecast.models import AutoETS

    return AutoETS(model="ZZZ", season_length=24)


def _mstl() -> Any:
    from statsforecast.models import MSTL, AutoETS

    return MSTL(season_length=24, trend_forecaster=AutoETS(model="ZZN"))


@dataclass(frozen=True)
class Hourly:
    """Gaps are filled with the mean of the same hour first (FACTS), a rate under one event in four days is not believed."""

    name: str
    make: Callable[[], Any]

    def fit(self, known: History, now: float) -> Fitted:
        last = now // HOUR_S * HOUR_S
        first = max(float(known.observed[0, 0]) // HOUR_S * HOUR_S, last - _MEMORY_S)
        rims = np.arange(first, last + 1, HOUR_S)
        if len(rims) < _LEAST_H:
            return HourProfile().fit(known, now)
        seconds = known.observed_s(rims)
        counts = np.histogram(known.starts, rims)[0] * HOUR_S / np.maximum(seconds, 1)
        hour = (clock_s(rims[:-1], known.zone) % DAY_S // HOUR_S).astype(np.intp)
        seen = seconds > HOUR_S / 2
        usual = np.bincount(hour, counts * seen, 24) / np.maximum(np.bincount(hour, seen, 24), 1)
        rate = self.make().fit(np.where(seen, counts, usual[hour])).predict(h=_AHEAD_H)["mean"]
        return _Rates(last, np.maximum(np.asarray(rate, np.float64), 1 / 96))


@dataclass(frozen=True)
class _Rates:
    begin: float
    rate: Array

    def _expected(self, moments: Array) -> Array:
        rims = self.begin + np.arange(len(self.rate) + 1) * HOUR_S
        return np.interp(moments, rims, np.concatenate([[0.0], np.cumsum(self.rate)]))

    def waits(self, known: History, now: float) -> Array:
        ahead = AHEAD[AHEAD < _AHEAD_H * HOUR_S - 8 * DAY_S]
        return waits_from(self._expected(now + ahead) - self._expected(np.array([now])), ahead)

    def chances(self, known: History, now: float, rims: Array) -> Array:
        return 1 - np.exp(-np.diff(self._expected(rims)))


HOURLY: tuple[Candidate, ...] = (Hourly("AutoETS", _ets), Hourly("MSTL", _mstl))
