"""How well joints are placed, and whether the network knows when they are not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.pose.animals import SEEN
from models.pose.keypoints import SIGMAS

__all__ = ["auc", "average_precision", "errors", "pck", "similarity"]

NEAR = 0.1
"""Of the box's longer side: a joint that is placed nearer is right (PCK@0.1)."""
AREA = 0.53
"""Of the box: how much of it the animal fills, as CrowdPose takes it where there is no outline (Li et al., CVPR 2019)."""
OVERLAPS = np.arange(0.5, 0.96, 0.05)


def errors(found: NDArray[np.float32], true: NDArray[np.float32], longer: NDArray[np.float32]) -> NDArray[np.float64]:
    """How far off each joint is, in longer sides of the box, `[N,20]`; NaN where nobody marked it as seen.

    Args:
        found: `[N,20,2+]` x y in pixels.
        true: `[N,20,3]` x y in pixels, and SEEN, HIDDEN or UNKNOWN.
        longer: longer side of each box, pixels, `[N]`.
    """
    far = np.hypot(*np.moveaxis(found[..., :2].astype(np.float64) - true[..., :2], 2, 0)) / longer[:, None]
    return np.where(true[..., 2] == SEEN, far, np.nan)


def pck(far: NDArray[np.float64], weights: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Share of the joints that are right, `[R]`: one for each row of `weights` `[R,N]`, or one for all."""
    right, marked = np.nansum(far < NEAR, axis=1), np.sum(~np.isnan(far), axis=1)
    times = np.ones((1, len(far))) if weights is None else weights
    return np.asarray(times @ right / np.maximum(times @ marked, 1))


def similarity(found: NDArray[np.float32], true: NDArray[np.float32], area: NDArray[np.float32]) -> NDArray[np.float64]:
    """Object keypoint similarity of each animal, `[N]` 0..1 (Lin et al., ECCV 2014).

    Args:
        found, true: as for `errors`.
        area: of each box, square pixels, `[N]`.
    """
    squared = ((found[..., :2].astype(np.float64) - true[..., :2]) ** 2).sum(2)
    wide = (2 * np.array(SIGMAS)) ** 2 * 2 * (AREA * area[:, None] + 1e-9)
    seen = true[..., 2] == SEEN
    return np.asarray((np.exp(-squared / wide) * seen).sum(1) / np.maximum(seen.sum(1), 1))


def average_precision(
    likeness: NDArray[np.float64], scores: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """OKS-AP as COCO has it, over similarities of 0.5 to 0.95 and 101 recalls, where each true box is read once, `[R]`.

    Args:
        likeness: of each animal, `[N]`.
        scores: of each reading, `[N]`.
        weights: how often each counts, `[R,N]`.
    """
    order = np.argsort(-scores, kind="stable")
    times = (np.ones((1, len(scores))) if weights is None else weights)[:, order]
    all_ = np.cumsum(times, axis=1)
    whole = np.maximum(all_[:, -1:], 1)
    steps = np.linspace(0, 1, 101)
    result = np.zeros(len(times))
    for least in OVERLAPS:
        right = np.cumsum(times * (likeness[order] >= least), axis=1)
        precision = np.maximum.accumulate((right / np.maximum(all_, 1e-9))[:, ::-1], axis=1)[:, ::-1]
        recall = right / whole
        for row in range(len(times)):
            at = np.searchsorted(recall[row], steps, side="left")
            result[row] += np.append(precision[row], 0.0)[at].mean()
    return result / len(OVERLAPS)


def auc(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """Area under the ROC curve: how often a positive one has the higher score; ties count half. NaN without both."""
    from scipy.stats import rankdata

    ups, downs = int(positive.sum()), int((~positive).sum())
    if not ups or not downs:
        return float("nan")
    ranks = rankdata(scores)
    return float((ranks[positive].sum() - ups * (ups + 1) / 2) / (ups * downs))
