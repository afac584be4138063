"""Small lives to learn habits from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

import numpy as np

from models.habits.history import Array, History

DAY, HOUR = 86400.0, 3600.0
UTC = ZoneInfo("UTC")
START = 1_767_225_600.0  # 2026-01-01, a midnight in UTC


def life(starts: Array, observed: Sequence[tuple[float, float]], zone: ZoneInfo = UTC) -> History:
    """Events without length, those outside the observed time left out."""
    spans = np.array(observed, np.float64).reshape(-1, 2)
    inside = np.searchsorted(spans.ravel(), starts, side="right") % 2 == 1
    own = starts[inside]
    return History(own, np.zeros(len(own)), spans, np.empty(0), zone)


def poisson(days: int, rate: Callable[[Array], Array], peak: float, seed: int) -> Array:
    """Events from `START` on of a process whose rate an hour is a function of the moment, at most `peak` (thinning)."""
    rng = np.random.default_rng(seed)
    proposed = START + np.sort(rng.uniform(0, days * DAY, rng.poisson(peak * days * 24)))
    return proposed[rng.uniform(0, peak, len(proposed)) < rate(proposed)]


def by_turns(days: int, gap_h: float, spread_h: float, seed: int) -> Array:
    """Events from `START` on with gaps around `gap_h`, without regard of the hour."""
    rng = np.random.default_rng(seed)
    gaps = np.maximum(rng.normal(gap_h, spread_h, int(1.5 * days * 24 / gap_h)), 0.1) * HOUR
    moments = START + np.cumsum(gaps)
    return moments[moments < START + days * DAY]
