"""From a picture to what a detector sees, and boxes back again."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["PAD", "Letterbox", "fit", "place", "reduced", "to_picture"]

PAD = 114
"""Grey of the border, 0..255: what YOLO models are trained with."""


@dataclass(frozen=True)
class Letterbox:
    """Where a picture lies on the canvas, in pixels of the canvas.

    Attributes:
        canvas: height and width of the canvas.
        size: height and width of the scaled picture.
        top: rows of border above the picture.
        left: columns of border left of the picture.
    """

    canvas: tuple[int, int]
    size: tuple[int, int]
    top: int
    left: int


def fit(height: int, width: int, side: int, *, stride: int | None = None) -> Letterbox:
    """Scale a picture so that its longer side is `side`, its proportions kept, and centre it.

    Args:
        height, width: size of the picture in pixels.
        side: side of the square canvas in pixels.
        stride: where the model takes any size, the canvas is cut down to the next multiple of this around the
            picture; border rows cost time and show nothing.
    """
    scale = side / max(height, width)
    size = max(1, round(height * scale)), max(1, round(width * scale))
    canvas = (side, side) if stride is None else (-(-size[0] // stride) * stride, -(-size[1] // stride) * stride)
    return Letterbox(canvas, size, (canvas[0] - size[0]) // 2, (canvas[1] - size[1]) // 2)


def place(image: NDArray[np.uint8], box: Letterbox, out: NDArray[np.float32], *, levels: float, bgr: bool) -> None:
    """Write one picture onto its canvas.

    Args:
        image: RGB `uint8 [H,W,3]`.
        box: from `fit(H, W, …)`.
        out: `float32 [3, canvas height, canvas width]`, overwritten.
        levels: value of a full channel on the canvas, 1.0 or 255.0.
        bgr: the model wants blue first.
    """
    height, width = box.size
    if image.shape[:2] != box.size:
        image = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)  # type: ignore[assignment]
    out.fill(PAD / 255.0 * levels)
    channels = image[..., ::-1] if bgr else image
    inside = out[:, box.top : box.top + height, box.left : box.left + width]
    np.multiply(channels.transpose(2, 0, 1), np.float32(levels / 255.0), out=inside, dtype=np.float32)


def to_picture(boxes: NDArray[np.float32], box: Letterbox) -> NDArray[np.float32]:
    """Boxes `[N,4]` x1 y1 x2 y2 in canvas pixels as shares 0..1 of the picture, cut off at its edges."""
    shift = np.array([box.left, box.top, box.left, box.top], np.float32)
    scale = np.array([box.size[1], box.size[0], box.size[1], box.size[0]], np.float32)
    return np.clip((boxes - shift) / scale, 0.0, 1.0)


def reduced(picture: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    """A picture `uint8 [h,w,3]` scaled down to a longest side of so many pixels; a smaller one stays as it is.

    It is halved as often as that goes, and the rest is done on what is left: a third of the time of one step.
    """
    while max(picture.shape[:2]) >= 2 * longest and min(picture.shape[:2]) > 1:
        picture = _resized(picture, picture.shape[0] // 2, picture.shape[1] // 2)
    scale = longest / max(picture.shape[:2])
    if scale >= 1:
        return picture
    return _resized(picture, max(1, round(picture.shape[0] * scale)), max(1, round(picture.shape[1] * scale)))


def _resized(picture: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
