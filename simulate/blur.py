"""Broad blurs at the price of narrow ones."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
NARROW = 4.0  # pixels; a broader blur is done on a smaller picture


def blurred(picture: Float32, sigma: float) -> Float32:
    """A picture (h, w) or (h, w, 3) under a Gaussian of `sigma` pixels; broad ones to within a few per cent."""
    factor = int(sigma / NARROW * 2)
    height, width = picture.shape[:2]
    if factor < 2 or min(height, width) < 4 * factor:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)
    small = cv2.resize(picture, (-(-width // factor), -(-height // factor)), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), sigma / factor)
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
