"""Figures of pose with their intervals, and the plain baseline beside them: the mean pose put into the box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.detector.bootstrap import Estimate, draws, intervals
from models.pose.animals import SEEN, Animal
from models.pose.keypoints import KEYPOINTS
from models.pose.measure import average_precision, pck, similarity
from models.pose.readings import Readings

__all__ = ["by_keypoint", "judged", "mean_pose"]


def judged(told: Readings, scores: NDArray[np.float64], times: int) -> dict[str, Estimate]:
    """PCK@0.1 and OKS-AP with intervals over pictures.

    Args:
        told: what was said of the animals.
        scores: how sure each whole pose is, `[N]`.
        times: resamples.
    """
    weights = draws(len(told), groups=told.picture.tolist(), times=times)
    far, likeness = told.errors(), similarity(told.found, told.true, told.area)
    whole = {"pck": pck(far), "oks_ap": average_precision(likeness, scores)}
    drawn = {"pck": pck(far, weights), "oks_ap": average_precision(likeness, scores, weights)}
    return intervals(whole, drawn)


def by_keypoint(told: Readings, times: int) -> dict[str, tuple[int, Estimate]]:
    """Of each keypoint how many were marked, and its PCK@0.1."""
    far, weights = told.errors(), draws(len(told), groups=told.picture.tolist(), times=times)
    result = {}
    for number, name in enumerate(KEYPOINTS):
        one = far[:, number : number + 1]
        count = int((~np.isnan(one)).sum())
        if count:
            result[name] = count, intervals({name: pck(one)}, {name: pck(one, weights)})[name]
    return result


def mean_pose(told: Readings, animals: Sequence[Animal]) -> Readings:
    """The readings of one who always says the mean pose of the other folds, stretched into the box.

    Args:
        told: of the same animals, in the same order.
        animals: from whose boxes the poses are taken; those of another fold speak for a fold. With one fold, all do.
    """
    boxes = np.stack([animal.box for animal in animals]).astype(np.float64)
    points = np.stack([animal.keypoints for animal in animals])
    fold = np.array([animal.fold for animal in animals])
    sides = boxes[:, 2:] - boxes[:, :2]
    places = (points[..., :2] - boxes[:, None, :2]) / sides[:, None]
    seen = points[..., 2] == SEEN
    said = np.zeros_like(places)
    for number in np.unique(fold):
        others = fold != number if (fold != number).any() else fold == number
        weight = (seen & others[:, None])[..., None]
        mean = (places * weight).sum(0) / np.maximum(weight.sum(0), 1)
        mine = fold == number
        said[mine] = boxes[mine, None, :2] + mean * sides[mine, None]
    size = told.size.astype(np.float64)
    return replace(told, found=(said * size[:, None]).astype(np.float32), peak=np.full(told.peak.shape, 0.5))
