"""The days before that a day is held against: eight weeks, without the last days, and without those that were not ordinary."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.habits.clock_hours import smooth_clock

__all__ = ["BASELINE_DAYS", "FEWEST_COUNTED", "FEWEST_DAYS", "GUARD_DAYS", "MOST_ASIDE_DAYS", "ordinary_days"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

BASELINE_DAYS = 56  # eight weeks; this and the following our choice
GUARD_DAYS = 4  # longer than the longest window
FEWEST_DAYS = 14.0  # of observed time in the baseline, below which nothing is said
FEWEST_COUNTED = 5.0  # in the baseline, below which nothing is said of how often
ASIDE, STILL_ASIDE = 6.0, 2.0  # nats from what was expected: no part of what is usual; and after such days
ASIDE_DAYS = (1, 2, 3)  # that are looked at together: one day without a visit says little, three do
BACK_DAYS = 3  # without one that end what lasts
MOST_ASIDE_DAYS = 28  # what lasts for longer is what is usual now


def ordinary_days(counts: Array, observed: Array) -> Flags:
    """Days that others may be held against: an illness that lasts would else become what is usual after GUARD_DAYS.

    Each day is told from those before it: one that with the days before it is ASIDE away from what ordinary days lead to expect is
    set aside, and so is one that is STILL_ASIDE while that lasts (Farrington et al., J. Royal Statistical Society A 159:547-563,
    1996, and Noufaily et al., Statistics in Medicine 32:1206-1222, 2013, give such days less weight). What has lasted for
    MOST_ASIDE_DAYS is ordinary from then on.

    Args:
        counts: of each day and hour of the clock `[D, 24]`.
        observed: hours of each `[D, 24]`.

    Returns:
        `[D]`.
    """
    kept, means = np.ones(len(counts), bool), np.full(len(counts), np.nan)
    totals, hours_open = counts.sum(axis=1), observed.sum(axis=1)
    lasted, back = 0, 0  # days since one was far out, and of these the last ones that were not
    for day in range(GUARD_DAYS + int(FEWEST_DAYS), len(counts)):
        past = np.arange(max(0, day - GUARD_DAYS - BASELINE_DAYS), day - GUARD_DAYS)
        past = past[kept[past]]
        if hours_open[day] == 0 or (hours_open[past] > 0).sum() < FEWEST_DAYS or totals[past].sum() < FEWEST_COUNTED:
            kept[day] = not lasted or lasted > MOST_ASIDE_DAYS  # a gap within what lasts ends nothing
            continue
        open_past, counts_past = (smooth_clock(table[past].sum(axis=0)[None])[0] for table in (observed, counts))
        means[day] = counts_past / (open_past + 1) @ observed[day]
        told = past[np.isfinite(means[past])]
        beyond = ((totals[told] - means[told]) ** 2 - means[told]).sum() / max(means[told].sum(), 1e-9)
        windows = (1,) if lasted else ASIDE_DAYS
        recent = np.where(np.isfinite(means[: day + 1]), [totals[: day + 1], means[: day + 1]], 0.0)
        seen, usual = (np.array([one[-days:].sum() for days in windows]) for one in recent)
        ratio = seen * np.log(np.maximum(seen, 1e-9) / np.maximum(usual, 1e-9)) - (seen - usual)
        out = bool((ratio / max(1 + beyond, 0.3) >= (STILL_ASIDE if lasted else ASIDE)).any())
        back = 0 if out else back + 1
        lasted = lasted + 1 if out or (lasted and back < BACK_DAYS) else 0
        kept[day] = not out or lasted > MOST_ASIDE_DAYS
    return kept
