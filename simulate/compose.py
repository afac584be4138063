"""Cats into a drawn room: their shadows, what furniture hides of them, and the truth about what is seen."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from simulate.cat import Sprite
from simulate.lens import Lens
from simulate.surface import shadow_veil
from simulate.view import Array, View

Float32 = NDArray[np.float32]
Rectangle = tuple[int, int, int, int]  # left, top, right, bottom

NOTHING, ITSELF, THINGS, OUTSIDE = range(4)  # what hides a keypoint
COVERED = 0.35  # a pixel belongs to the cat from this cover on


@dataclass(frozen=True)
class Sighting:
    """What a picture truly shows of one cat.

    `box` x1 y1 x2 y2, tight, 0..1; `keypoints` (20, 3) x y in 0..1 and visible 1 or 0, in the order of KEYPOINTS;
    `shown` 0..1: the part of the cat's outline that neither furniture, another cat nor the frame's edge hides;
    `hidden` (20) says what hides each keypoint: NOTHING, ITSELF (the cat's own body), THINGS (furniture, people, another
    cat) or OUTSIDE (it lies off the picture; x and y still say where).
    """

    box: tuple[float, float, float, float]
    keypoints: Array
    shown: float
    hidden: tuple[int, ...] = ()


def place_cats(
    picture: Float32, depth: Float32, sprites: list[Sprite], view: View, lens: Lens | None = None
) -> tuple[list[Sighting | None], tuple[slice, slice]]:
    """Draw cats and their shadows into `picture` (h, w, 3) and `depth` (h, w), in place.

    Args:
        picture: as a pinhole shows it.
        sprites: cats, and people.
        lens: through which the picture will be seen; sightings are told as on that picture.

    Returns:
        What is seen of each cat (None: nothing), and the rows and columns that were touched, on even pixels.
    """
    touched = [_cast_shadow(picture, depth, sprite, view) for sprite in sprites]
    owner = np.full(depth.shape, -1, np.int8)
    for number, sprite in enumerate(sprites):
        height, width = sprite.cover.shape
        window = np.s_[sprite.top : sprite.top + height, sprite.left : sprite.left + width]
        nearer = sprite.depth < depth[window] + 0.015
        weight = np.where(nearer, sprite.cover, np.float32(0))
        covered = np.nonzero(weight)
        kept = (1 - weight[covered])[:, None]
        part = picture[window]
        part[covered] = part[covered] * kept + sprite.colour[covered]
        mine = nearer & (sprite.cover > COVERED)
        depth[window][mine] = sprite.depth[mine]
        owner[window][mine] = number
        touched.append((sprite.left, sprite.top, sprite.left + width, sprite.top + height))
    lens = lens or Lens(view.width, view.height)
    return [_sighting(sprite, owner, number, lens) for number, sprite in enumerate(sprites)], _even(touched, view)


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
    light = 1 - dark * (depth[window] > nearest)
    part = np.ascontiguousarray(picture[window])
    picture[window] = cv2.multiply(part, cv2.merge([light, light, light]))
    return left, top, left + dark.shape[1], top + dark.shape[0]


def _sighting(sprite: Sprite, owner: NDArray[np.int8], number: int, lens: Lens) -> Sighting | None:
    height, width = sprite.cover.shape
    mine = owner[sprite.top : sprite.top + height, sprite.left : sprite.left + width] == number
    if not mine.any():
        return None
    size = np.array([lens.width, lens.height])
    edge = np.add(_outline(mine), (sprite.left, sprite.top))
    edge = lens.bent(edge) if lens.bend else edge
    low, high = np.clip(edge.min(axis=0) / size, 0, 1), np.clip(edge.max(axis=0) / size, 0, 1)
    if (high <= low).any():
        return None
    whole = max(float((sprite.cover > COVERED).sum()), 1.0)
    keypoints = sprite.keypoints.copy()
    keypoints[:, :2] = lens.bent(keypoints[:, :2]) / size
    hidden = tuple(
        _hidden_by(straight, bent, sprite, mine) for straight, bent in zip(sprite.keypoints, keypoints, strict=True)
    )
    keypoints[:, 2] = np.equal(hidden, NOTHING)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return Sighting(box, keypoints, float(mine.sum()) / whole, hidden)


def _outline(mine: NDArray[np.bool_]) -> Array:
    """Corners (N, 2) x y of the outermost pixels of each row and column."""
    rows, cols = np.flatnonzero(mine.any(axis=1)), np.flatnonzero(mine.any(axis=0))
    first, last = mine[rows].argmax(axis=1), mine.shape[1] - mine[rows, ::-1].argmax(axis=1)
    upper, lower = mine[:, cols].argmax(axis=0), mine.shape[0] - mine[::-1, cols].argmax(axis=0)
    sides = [np.stack([x, rows + half], 1) for x in (first, last) for half in (0, 1)]
    ends = [np.stack([cols + half, y], 1) for y in (upper, lower) for half in (0, 1)]
    return np.concatenate([*sides, *ends]).astype(float)


def _hidden_by(straight: Array, bent: Array, sprite: Sprite, mine: NDArray[np.bool_]) -> int:
    if not (0 <= bent[0] < 1 and 0 <= bent[1] < 1):
        return OUTSIDE
    if not straight[2]:
        return ITSELF
    row, col = int(np.floor(straight[1])) - sprite.top, int(np.floor(straight[0])) - sprite.left
    inside = 0 <= row < mine.shape[0] and 0 <= col < mine.shape[1]
    return NOTHING if inside and mine[row, col] else THINGS
