"""Dark outlines, as the flat style draws them: where one thing stands before another."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

STEP = 0.025  # a bend or jump in depth, as part of the distance, that gets a line
INK = 0.12  # what is left of the light under a line


def outline_room(picture: Float32, depth: Float32) -> None:
    """Lines one pixel wide into `picture` (h, w, 3), in place, at edges of `depth` (h, w)."""
    known = np.where(np.isfinite(depth), depth, 20).astype(np.float32)
    bend = np.abs(cv2.Laplacian(known, cv2.CV_32F, ksize=1)) / known
    picture[bend > STEP] *= INK


def outline_cat(colour: Float32, cover: Float32, depth: Float32, pixels_per_m: float) -> None:
    """Lines along the silhouette and where limbs cross, into a premultiplied `colour` (h, w, 3), in place."""
    width = max(1, round(0.005 * pixels_per_m))
    body = (cover > 0.5).astype(np.uint8)
    edge = body - cv2.erode(body, np.ones((2 * width + 1, 2 * width + 1), np.uint8), borderValue=1)
    known = np.where(body > 0, depth, 0).astype(np.float32)
    nearest = cv2.erode(np.where(body > 0, depth, np.inf).astype(np.float32), np.ones((3, 3), np.uint8))
    crossing = (known - nearest > 0.03) & (body > 0)
    colour[(edge > 0) | crossing] *= INK
