"""Whether the network knows what it does not see: what its confidence is worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.pose.animals import HIDDEN, SEEN, UNKNOWN
from models.pose.measure import auc
from models.pose.readings import Readings, fit_sure, sureness

__all__ = ["SURE", "confidence", "crossed", "fitted", "hidden_joints", "reliability", "unmarked_joints"]

SURE = 0.5
"""Confidence from which a joint counts as read."""
WILD = 0.3
"""Longer sides of the box: a joint that is placed farther off is somewhere else on the animal, or beside it."""
BINS = 10

Array = NDArray[np.float64]


def fitted(parts: Sequence[Readings]) -> list[float]:
    """The numbers of confidence under which it is the share of what is right, over all of these readings."""
    seen, peak, right = [], [], []
    for told in parts:
        known, good = told.known()
        seen.append(told.seen[known])
        peak.append(told.peak[known])
        right.append(good[known])
    return fit_sure(np.concatenate(seen), np.concatenate(peak), np.concatenate(right))


def confidence(told: Readings, sure: Sequence[float]) -> Array:
    """Of each joint, `[N,20]`."""
    return sureness(sure, told.seen, told.peak)


def crossed(real: Sequence[Readings], drawn: Sequence[Readings]) -> Array:
    """Confidence of the real animals `[N,20]`, each fold's by numbers fitted on the others; with one fold, on its own halves.

    Args:
        real: of each fold, what its network says of the animals that it never saw.
        drawn: what the same networks say of drawn animals that none of them saw.
    """
    if len(real) == 1:
        return _halved(real[0], drawn)
    parts = []
    for number, told in enumerate(real):
        others = [each for k, each in enumerate(real) if k != number]
        parts.append(confidence(told, fitted([*others, *drawn])))
    return np.concatenate(parts)


def _halved(told: Readings, drawn: Sequence[Readings]) -> Array:
    _, picture = np.unique(told.picture, return_inverse=True)
    result = np.zeros(told.seen.shape)
    for half in (0, 1):
        mine = picture % 2 == half
        result[mine] = confidence(told.of(mine), fitted([told.of(~mine), *drawn]))
    return result


def reliability(told: Readings, sure: Array) -> dict[str, Any]:
    """Is a confidence the share of what is right? And how far off is what it is sure of?

    `ece` is the expected calibration error over ten bins of equal width (Naeini et al., AAAI 2015).
    """
    known, right = told.known()
    far = told.errors()
    bins, gap = [], 0.0
    for number in range(BINS):
        inside = known & (sure >= number / BINS) & (sure < (number + 1) / BINS + (number == BINS - 1))
        if inside.any():
            said, was = float(sure[inside].mean()), float(right[inside].mean())
            gap += abs(said - was) * float(inside.sum())
            bins.append(
                {"from": number / BINS, "joints": int(inside.sum()), "said": _round(said), "right": _round(was)}
            )
    marked = told.true[..., 2] == SEEN
    read = marked & (sure >= SURE)
    return {
        "ece": _round(gap / max(1, int(known.sum()))),
        "read": _round(read.sum() / max(1, int(marked.sum()))),
        "right_of_read": _round(np.mean(right[read])) if read.any() else None,
        "mean_error_of_read": _round(np.mean(far[read])) if read.any() else None,
        "mean_error_of_all": _round(np.nanmean(far)) if marked.any() else None,
        "auc_right": _round(auc(sure[marked], right[marked])),
        "bins": bins,
    }


def hidden_joints(told: Readings, sure: Array) -> dict[str, Any]:
    """What is said of joints that are known to be hidden."""
    hidden, seen = (told.true[..., 2] == state for state in (HIDDEN, SEEN))
    far = np.hypot(*np.moveaxis(told.found - told.true[..., :2], 2, 0)) / told.longer[:, None]
    return {
        "hidden": int(hidden.sum()),
        "auc_seen": _round(auc(sure[hidden | seen], seen[hidden | seen])),
        "hidden_but_sure": _round(np.mean(sure[hidden] >= SURE)),
        "hidden_and_wild": _round(np.mean(far[hidden] > WILD)),
        "sure_hidden_and_wild": _round(np.mean((far > WILD)[hidden & (sure >= SURE)]))
        if (hidden & (sure >= SURE)).any()
        else 0.0,
    }


def unmarked_joints(told: Readings, sure: Array) -> dict[str, Any]:
    """What is said of joints of photos that nobody marked: most of them are hidden, not all."""
    marked, unmarked = (told.true[..., 2] == state for state in (SEEN, UNKNOWN))
    if not unmarked.any():
        return {"unmarked": 0}
    return {
        "unmarked": int(unmarked.sum()),
        "auc_marked": _round(auc(sure[marked | unmarked], marked[marked | unmarked])),
        "unmarked_but_sure": _round(np.mean(sure[unmarked] >= SURE)),
    }


def _round(value: Any) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
