"""What an animal looks like, in a few numbers: enough to tell a black cat from a ginger one, no identity."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["appearance", "likeness"]

_SIDE = 32
_HUES, _LEVELS = 12, 12
# Below this saturation a pixel has no colour worth naming: a grey coat, or an infrared picture.
_GREY = 40


def appearance(crop: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A histogram of colour and brightness, the middle of the box counting most.

    Args:
        crop: RGB `uint8 [h,w,3]`, the picture within a box.

    Returns:
        `float32 [24]` of length 1: the square root of a histogram, so that the dot product of two is their
        Bhattacharyya coefficient (Bhattacharyya 1943).
    """
    small = cv2.cvtColor(cv2.resize(crop, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2HSV)
    line = np.hanning(_SIDE + 2)[1:-1]
    weight = np.outer(line, line)
    hue, saturation, level = (small[..., channel].astype(np.int64) for channel in range(3))
    coloured = saturation > _GREY
    hues = np.bincount((hue * _HUES // 180)[coloured], weight[coloured], _HUES)
    levels = np.bincount((level * _LEVELS // 256).ravel(), weight.ravel(), _LEVELS)
    histogram = np.concatenate([hues, levels])
    return np.sqrt(histogram / histogram.sum()).astype(np.float32)


def likeness(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bhattacharyya coefficients of `[N,D]` against `[M,D]` appearances: `float32 [N,M]`, 1 is the same."""
    return np.asarray(np.clip(first @ second.T, 0, 1), np.float32)
