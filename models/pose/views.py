"""A crop as the network sees it while it learns: turned, scaled, shifted, flipped, grey, dark, noisy, partly covered."""

from __future__ import annotations

import random
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.detector.cheap_cameras import as_cheap_camera
from models.detector.letterbox import PAD
from models.pose.animals import HIDDEN, SEEN, Animal
from models.pose.crop import AROUND, cut, square_around, to_crop
from models.pose.keypoints import MIRROR

__all__ = ["Sample", "recoloured", "sample_of", "seen_as"]

REACH = 1.8
"""Side of what is kept of a picture, in longer sides of the box: room to turn, shift and scale."""
KEPT = 288  # pixels of that side: a box is then 160 pixels long
TURN_DEG, TURNED = 35.0, 0.6
SCALE, SHIFT = 0.25, 0.06  # logarithm of the scale; shares of the crop: boxes of a detector are not exact
GREY = 0.15  # share of the crops without colour, as infrared cameras give
COVERED = 0.5  # share with something in front


@dataclass(frozen=True)
class Sample:
    """One animal, cut out with some room around it.

    Attributes:
        jpeg: the square, encoded: a thousand of them are 30 MB.
        points: `float32 [20,3]` x y as shares 0..1 of the square, and SEEN, HIDDEN or UNKNOWN.
        real: a photo; of a drawn one it is known which points are hidden.
    """

    jpeg: bytes
    points: NDArray[np.float32]
    real: bool

    def image(self) -> NDArray[np.uint8]:
        """BGR `uint8 [288,288,3]`."""
        return np.asarray(cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def sample_of(animal: Animal, picture: NDArray[np.uint8], *, real: bool) -> Sample:
    """Cut an animal out of its picture, RGB `uint8 [h,w,3]`."""
    height, width = picture.shape[:2]
    square = square_around(animal.box, height, width, REACH)
    kept = cut(picture, square, KEPT)
    points = animal.keypoints.copy()
    points[:, :2] = to_crop(points[:, :2], square, height, width)
    encoded = cv2.imencode(".jpg", kept[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])[1]
    return Sample(encoded.tobytes(), points, real)


def seen_as(
    sample: Sample,
    size: int,
    rng: np.random.Generator | None = None,
    *,
    cheap: float = 0.0,
    cover: Sample | None = None,
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The crop and its points.

    Args:
        sample: the animal.
        size: side of the crop, pixels.
        rng: draws the changes; None gives the crop as it is read in earnest.
        cheap: share of the crops with faults of cheap cameras; those draw from `random` and `numpy.random`.
        cover: of its picture a piece may lie in front.

    Returns:
        RGB `uint8 [size,size,3]` and `float32 [20,3]` as in `Sample`, shares of this crop.
    """
    turn, scale, shift, flips = (0.0, 1.0, np.zeros(2), False) if rng is None else _drawn(rng)
    matrix = _matrix(size, turn, scale, shift, flips)
    image = np.asarray(
        cv2.warpAffine(sample.image(), matrix, (size, size), flags=cv2.INTER_LINEAR, borderValue=(PAD, PAD, PAD)),
        np.uint8,
    )
    points = sample.points.copy()
    points[:, :2] = (points[:, :2] * KEPT @ matrix[:, :2].T + matrix[:, 2]) / size
    if flips:
        points = points[list(MIRROR)]
    if rng is not None:
        if cover is not None and rng.random() < COVERED:
            image, points = _covered(rng, image, points, cover)
        image = recoloured(rng, image)
        if random.random() < cheap:
            image = as_cheap_camera(image)
    outside = ((points[:, :2] < 0) | (points[:, :2] >= 1)).any(axis=1)
    points[outside & (points[:, 2] == SEEN), 2] = HIDDEN
    return np.ascontiguousarray(image[..., ::-1]), points


def _drawn(rng: np.random.Generator) -> tuple[float, float, NDArray[np.float64], bool]:
    turn = float(rng.normal(0, TURN_DEG / 2)) if rng.random() < TURNED else 0.0
    scale = float(np.exp(rng.uniform(-SCALE, SCALE)))
    return float(np.clip(turn, -TURN_DEG, TURN_DEG)), scale, rng.normal(0, SHIFT, 2), bool(rng.random() < 0.5)


def _matrix(size: int, turn: float, scale: float, shift: NDArray[np.float64], flips: bool) -> NDArray[np.float64]:
    """From pixels of the square to pixels of the crop, `[2,3]`."""
    zoom = scale * size * REACH / AROUND / KEPT
    angle = np.radians(turn)
    linear = zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if flips:
        linear = np.diag([-1.0, 1.0]) @ linear
    middle = size / 2 + shift * size
    return np.concatenate([linear, (middle - linear @ np.full(2, KEPT / 2))[:, None]], axis=1)


def _covered(
    rng: np.random.Generator, image: NDArray[np.uint8], points: NDArray[np.float32], cover: Sample
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Lay a piece of another picture over the crop: the points under it are hidden, in a photo too."""
    size = image.shape[0]
    wide, high = (rng.uniform(0.12, 0.5, 2) * size).astype(int)
    left, top = (int(rng.integers(0, size - side)) for side in (wide, high))
    other = cover.image()
    x, y = (int(rng.integers(0, KEPT - side)) for side in (wide, high))
    image, points = image.copy(), points.copy()
    image[top : top + high, left : left + wide] = other[y : y + high, x : x + wide]
    place = points[:, :2] * size
    under = ((place >= (left, top)) & (place < (left + wide, top + high))).all(axis=1)
    points[under & (points[:, 2] == SEEN), 2] = HIDDEN
    return image, points


def recoloured(rng: np.random.Generator, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture `uint8 [h,w,3]` in another light and another white; sometimes without any colour."""
    if rng.random() < GREY:
        image = np.repeat(np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)[..., None], 3, axis=2)
    gain = np.exp(rng.uniform(-0.35, 0.35)) * np.exp(rng.normal(0, 0.06, 3))
    curve = np.arange(256)[:, None] * gain + rng.uniform(-18, 18)
    return np.asarray(cv2.LUT(image, np.clip(curve, 0, 255).astype(np.uint8)[None]), np.uint8)
