"""Shares of seconds with the interval that a bootstrap gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.detector.bootstrap import Estimate, draws, intervals

__all__ = ["Estimate", "PerDay", "percent", "ratio"]

TIMES = 1000
DAY_MIN = 1440.0

PerDay = Mapping[str, tuple[float, Estimate]]


def ratio(part: pd.Series | NDArray, whole: pd.Series | NDArray, groups: Sequence[str] | pd.Series) -> Estimate | None:
    """Sum of `part` by sum of `whole`, drawn by groups: seconds of one stretch of one camera stand or fall together.

    None where there is nothing to divide by. Where no group has a part the interval ends at 3 of their number, as in
    `models.detector.bootstrap.estimates`.
    """
    sums = pd.DataFrame({"part": np.asarray(part, float), "whole": np.asarray(whole, float), "group": list(groups)})
    sums = sums.groupby("group", sort=True).sum()
    if not len(sums) or not sums["whole"].sum():
        return None
    weights = draws(len(sums), times=TIMES)
    parts, wholes = sums["part"].to_numpy(), sums["whole"].to_numpy()
    if not parts.any():
        return Estimate(0.0, 0.0, min(1.0, 3 / len(sums)))
    drawn = np.divide(weights @ parts, weights @ wholes, out=np.full(TIMES, np.nan), where=weights @ wholes > 0)
    return intervals({"share": np.array([parts.sum() / wholes.sum()])}, {"share": drawn})["share"]


def percent(share: Estimate | None) -> str:
    """A share in per cent with its interval."""
    return "" if share is None else f"{100 * share.value:.0f} % ({100 * share.low:.0f}–{100 * share.high:.0f})"


def per_day(share: Estimate | None) -> str:
    """A share of the time as minutes of a day."""
    if share is None:
        return ""
    return f"{DAY_MIN * share.value:.1f} ({DAY_MIN * share.low:.1f}–{DAY_MIN * share.high:.1f})"
