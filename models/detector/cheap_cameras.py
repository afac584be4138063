"""Training pictures as a cheap camera at night would have taken them: grey, dark, soft, noisy, compressed."""

from __future__ import annotations

import random
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["CheapCamera", "as_cheap_camera"]

_EACH = 0.3
"""Chance of each fault where a picture has any: one or two of them, seldom all."""


class CheapCamera:
    """Ultralytics' place for a change of the picture that leaves its boxes alone."""

    def __init__(self, share: float) -> None:
        """Change this share (0..1) of the pictures."""
        self._share = share

    def __call__(self, labels: dict[str, Any]) -> dict[str, Any]:
        """Change `labels["img"]`, BGR `uint8 [H,W,3]`."""
        if random.random() < self._share:
            labels["img"] = as_cheap_camera(labels["img"])
        return labels


def as_cheap_camera(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture with some of the faults of a cheap camera; which ones, `random` says."""
    seen: NDArray[Any] = image
    if random.random() < _EACH:
        seen = cv2.cvtColor(cv2.cvtColor(seen, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if random.random() < _EACH:
        curve = 255 * (np.arange(256) / 255) ** random.uniform(1.2, 2.5)
        seen = cv2.LUT(seen, curve.astype(np.uint8))
    if random.random() < _EACH:
        seen = cv2.GaussianBlur(seen, (0, 0), random.uniform(0.4, 1.4))
    if random.random() < _EACH:
        noise = np.random.normal(0, random.uniform(2, 14), (*seen.shape[:2], 1))
        seen = np.clip(seen + noise, 0, 255).astype(np.uint8)
    if random.random() < _EACH:
        told = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, random.randint(25, 80)])[1]
        seen = np.asarray(cv2.imdecode(told, cv2.IMREAD_COLOR))
    return np.ascontiguousarray(seen, np.uint8)
