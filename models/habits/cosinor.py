"""One wave a day through a cat's activity: its mean, how far it swings, and when it is highest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from models.habits.rhythm import Days

__all__ = ["Cosinor", "cosinor"]

_LEAST_DAYS = 5


@dataclass(frozen=True)
class Cosinor:
    """`mean + amplitude * cos(2 pi (t - acrophase_h) / period_h)` of the share of time (or events an hour) by local hour t.

    Attributes:
        mean, amplitude: with intervals of 95 % (`mean_low` …), the amplitude's not below 0.
        acrophase_h: the local hour of the highest point, 0 to `period_h`, and half its interval; nan where there is no rhythm.
        p: of no rhythm at all.
        explained: share of the variance of hours that the wave takes.
        period_h: of the wave.
    """

    mean: float
    mean_low: float
    mean_high: float
    amplitude: float
    amplitude_low: float
    amplitude_high: float
    acrophase_h: float
    acrophase_within_h: float
    p: float
    explained: float
    period_h: float


def cosinor(days: Days, period_h: float = 24.0) -> Cosinor | None:
    """Least squares over observed hours, each weighed by how long it was observed (Nelson et al. 1979; Cornelissen 2014).

    The hours of a day are alike, so that the usual standard errors are too small: those here let whole days vary (a sandwich
    estimator with days as clusters, Liang and Zeger 1986); amplitude and acrophase follow by the delta method (Bingham et al. 1982).

    Returns:
        None with fewer than five observed days, or where nothing happened.
    """
    amount, observed = (values.reshape(-1, 24, 4).sum(axis=2) for values in (days.amount(), days.observed_s))
    seen = observed.sum(axis=1) > 0
    number = int(seen.sum())
    if number < _LEAST_DAYS or not amount.any():
        return None
    amount, observed = amount[seen], observed[seen]
    rate = amount / np.maximum(observed, 1e-9)
    weight = observed / 3600
    angle = 2 * np.pi * (np.arange(24) + 0.5) / period_h
    design = np.column_stack([np.ones(24), np.cos(angle), np.sin(angle)])
    bread = np.linalg.pinv(np.einsum("dh,hi,hj->ij", weight, design, design))
    parts = bread @ np.einsum("dh,dh,hi->i", weight, rate, design)
    off = rate - design @ parts
    scores = np.einsum("dh,dh,hi->di", weight, off, design)
    spread = bread @ (scores.T @ scores) @ bread * number / (number - 3)
    within = float(stats.t.ppf(0.975, number - 3))
    mean, (cos, sin) = float(parts[0]), parts[1:]
    amplitude = float(np.hypot(cos, sin))
    along = np.array([cos, sin]) / max(amplitude, 1e-12)
    across = np.array([-sin, cos]) / max(amplitude, 1e-12) ** 2
    swing = within * float(np.sqrt(max(along @ spread[1:, 1:] @ along, 0.0)))
    turn = within * float(np.sqrt(max(across @ spread[1:, 1:] @ across, 0.0))) * period_h / (2 * np.pi)
    wald = float(parts[1:] @ np.linalg.pinv(spread[1:, 1:]) @ parts[1:]) / 2
    p = float(stats.f.sf(wald, 2, number - 3))
    level = within * float(np.sqrt(max(spread[0, 0], 0.0)))
    usual = float((weight * rate).sum() / weight.sum())
    explained = 1 - float((weight * off**2).sum() / max((weight * (rate - usual) ** 2).sum(), 1e-12))
    rhythmic = p < 0.05
    return Cosinor(
        mean, mean - level, mean + level,
        amplitude, max(0.0, amplitude - swing), amplitude + swing,
        float(np.arctan2(sin, cos) % (2 * np.pi) * period_h / (2 * np.pi)) if rhythmic else float("nan"),
        min(turn, period_h / 2) if rhythmic else float("nan"),
        p, explained, period_h,
    )  # fmt: skip
