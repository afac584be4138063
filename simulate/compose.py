"""Cats into a drawn room: their shadows, what furniture hides of them, and the truth about what is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulate.cat import Sprite
from simulate.surface import shadow_veil
from simulate.view import Array, View

Float32 = NDArray[np.float32]
Rectangle = tuple[int, int, int, int]  # left, top, right, bottom

COVERED = 0.35  # a pixel belongs to the cat from this cover on


@dataclass(frozen=True)
class Sighting:
    """What a picture truly shows of one cat.

    `box` x1 y1 x2 y2, tight, 0..1; `keypoints` (20, 3) x y in 0..1 and visible 1 or 0, in the order of KEYPOINTS;
    `shown` 0..1: the part of the cat's outline that neither furniture, another cat nor the frame's edge hides.
    """

    box: tuple[float, float, float, float]
    keypoints: Array
    shown: float


def place_cats(
    picture: Float32, depth: Float32, sprites: list[Sprite], view: View
) -> tuple[list[Sighting | None], tuple[slice, slice]]:
    """Draw cats and their shadows into `picture` (h, w, 3) and `depth` (h, w), in place.

    Returns:
        What is seen of each cat (None: nothing), and the rows and columns that were touched, on even pixels.
    """
    touched = [_cast_shadow(picture, depth, sprite, view) for sprite in sprites]
    owner = np.full(depth.shape, -1, np.int8)
    for number, sprite in enumerate(sprites):
        height, width = sprite.cover.shape
        window = np.s_[sprite.top : sprite.top + height, sprite.left : sprite.left + width]
        nearer = sprite.depth < depth[window] + 0.015
        weight = np.where(nearer, sprite.cover, 0)[..., None]
        picture[window] = picture[window] * (1 - weight) + sprite.colour * (weight > 0)
        mine = nearer & (sprite.cover > COVERED)
        depth[window][mine] = sprite.depth[mine]
        owner[window][mine] = number
        touched.append((sprite.left, sprite.top, sprite.left + width, sprite.top + height))
    return [_sighting(sprite, owner, number, view) for number, sprite in enumerate(sprites)], _even(touched, view)


def _even(rectangles: list[Rectangle], view: View) -> tuple[slice, slice]:
    """Rows and columns around rectangles, grown to even pixels: chroma is stored at half the size."""
    left, top = (min((r[k] for r in rectangles), default=0) // 2 * 2 for k in (0, 1))
    right, bottom = (-(-max((r[k] for r in rectangles), default=0) // 2) * 2 for k in (2, 3))
    return slice(top, min(bottom, view.height)), slice(left, min(right, view.width))


def _cast_shadow(picture: Float32, depth: Float32, sprite: Sprite, view: View) -> Rectangle:
    strength = 0.6 * np.exp(-sprite.shadow_height / 0.12)
    veil = shadow_veil(view, sprite.shadow, sprite.shadow_radius, strength, 0.035)
    if veil is None:
        return sprite.left, sprite.top, sprite.left, sprite.top
    left, top, dark = veil
    window = np.s_[top : top + dark.shape[0], left : left + dark.shape[1]]
    nearest = float(view.project(sprite.shadow)[1].min()) - 0.12  # what stands in front of the cat takes no shadow
    picture[window] *= 1 - np.where(depth[window] > nearest, dark, 0)[..., None]
    return left, top, left + dark.shape[1], top + dark.shape[0]


def _sighting(sprite: Sprite, owner: NDArray[np.int8], number: int, view: View) -> Sighting | None:
    height, width = sprite.cover.shape
    mine = owner[sprite.top : sprite.top + height, sprite.left : sprite.left + width] == number
    rows, cols = np.flatnonzero(mine.any(axis=1)), np.flatnonzero(mine.any(axis=0))
    if len(rows) == 0:
        return None
    whole = max(float((sprite.cover > COVERED).sum()), 1.0)
    left, top = sprite.left + cols[0], sprite.top + rows[0]
    right, bottom = sprite.left + cols[-1] + 1, sprite.top + rows[-1] + 1
    keypoints = sprite.keypoints.copy()
    for i, (x, y, visible) in enumerate(keypoints):
        row, col = int(np.floor(y)) - sprite.top, int(np.floor(x)) - sprite.left
        inside = 0 <= row < mine.shape[0] and 0 <= col < mine.shape[1]
        keypoints[i, 2] = float(bool(visible) and inside and bool(mine[row, col]))
    keypoints[:, :2] /= (view.width, view.height)
    box = (left / view.width, top / view.height, right / view.width, bottom / view.height)
    return Sighting((float(box[0]), float(box[1]), float(box[2]), float(box[3])), keypoints, float(mine.sum()) / whole)
