"""Soft bodies as many overlapping spheres, and their surface as a camera sees it.

A body is swept: spheres along a curve (a spine, a leg, a cushion's rim). The spheres are splatted into a depth buffer and
the normals smoothed on the picture, which melts them into one skin (screen-space smoothing, van der Laan et al., I3D 2009).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from simulate.blur import blurred
from simulate.view import NEAR_M, Array, View, unit

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Blobs:
    """N spheres in metres; `axis` and `up` (unit) orient the skin's pattern, `along` is the metres run along the part."""

    centre: Array  # (N, 3)
    radius: Array  # (N,)
    axis: Array  # (N, 3) direction of growth
    up: Array  # (N, 3) the back of the part, perpendicular to axis
    along: Array  # (N,)
    part: NDArray[np.int64]  # (N,)

    def placed(self, rotation: Array, offset: Array, scale: float = 1.0) -> Blobs:
        """The same body turned by a (3, 3) rotation, scaled and moved to `offset`."""
        return replace(
            self,
            centre=self.centre * scale @ rotation.T + offset,
            radius=self.radius * scale,
            axis=self.axis @ rotation.T,
            up=self.up @ rotation.T,
        )


@dataclass(frozen=True)
class Relief:
    """The visible skin of blobs on a picture: a window at (left, top), M skin pixels inside it, row-major."""

    left: int
    top: int
    shape: tuple[int, int]  # height, width of the window
    rows: NDArray[np.intp]  # (M,)
    cols: NDArray[np.intp]  # (M,)
    sphere: NDArray[np.int32]  # (M,) which sphere is seen
    depth: Float32  # (height, width) metres from the camera, inf where there is no skin
    normal: Float32  # (M, 3) smoothed, in the world
    radial: Float32  # (M, 3) from the sphere's centre to the skin, unit, in the world
    crease: Float32  # (M,) 0..1, how deep the point lies below its surroundings
    rim: Float32  # (M,) 0..1, how far the skin turns away from the camera: there light shines through hair


def sweep(points: Array, radii: Array, part: int, up: Array, spacing: float = 0.4) -> Blobs:
    """Spheres along a Catmull-Rom curve through `points` (K, 3) with `radii` (K,), `up` (3,) or (K, 3)."""
    points, radii = np.asarray(points, float), np.asarray(radii, float)
    ups = np.broadcast_to(np.asarray(up, float), points.shape)
    lengths = _lengths(points)
    count = int(np.clip(np.ceil(lengths.sum() / (spacing * radii.mean())), len(points), 40))
    smooth, straight, slope = _weights(len(points), count)
    centre = smooth @ points
    axis = unit(slope @ points)
    up_at = smooth @ ups
    up_at = unit(up_at - axis * (up_at * axis).sum(-1, keepdims=True))
    run = np.concatenate([[0.0], np.cumsum(_lengths(centre))])
    return Blobs(centre, straight @ radii, axis, up_at, run, np.full(count, part))


def _lengths(points: Array) -> Array:
    steps = points[1:] - points[:-1]
    return np.asarray(np.sqrt((steps * steps).sum(-1)), float)


@lru_cache(maxsize=512)
def _weights(points: int, count: int) -> tuple[Array, Array, Array]:
    """(count, points) each: what every point adds to the curve, to straight lines between them, and to its direction."""
    at = np.linspace(0, points - 1, count)
    smooth = catmull_rom(np.eye(points), at)
    straight = np.stack([np.interp(at, np.arange(points), row) for row in np.eye(points)], axis=1)
    return smooth, straight, np.gradient(smooth, axis=0)


def catmull_rom(points: Array, at: Array) -> Array:
    """Values (len(at), D) of the curve through `points` (K, D) at parameters 0..K-1 (Catmull and Rom, 1974)."""
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    low = np.clip(np.floor(at).astype(int), 0, len(points) - 2)
    t = (at - low)[:, None]
    a, b, c, d = (padded[low + k] for k in range(4))
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def join(bodies: list[Blobs]) -> Blobs:
    """Several bodies as one."""
    return Blobs(*(np.concatenate([getattr(b, name) for b in bodies]) for name in Blobs.__dataclass_fields__))


def splat(blobs: Blobs, view: View, smooth_m: float = 0.012) -> Relief | None:
    """Draw the spheres into a depth buffer; None if nothing of them is in the picture.

    `smooth_m` is the width over which neighbouring spheres melt into each other.
    """
    pixel, distance = view.project(blobs.centre)
    near = distance > NEAR_M + blobs.radius
    radius_px = np.where(near, blobs.radius * view.focal / np.maximum(distance, NEAR_M), 0.0)
    window = _window(pixel[near], radius_px[near], view)
    if window is None:
        return None
    left, top, width, height = window
    depth, index = _surface(pixel - (left, top), radius_px, distance, blobs.radius, (height, width))
    rows, cols = np.nonzero(index >= 0)
    if len(rows) == 0:
        return None
    sphere = index[rows, cols]
    radial = _radial(rows, cols, sphere, pixel - (left, top), radius_px, view)
    scale = view.focal / float(distance[near].mean())
    normal = _melted(radial, rows, cols, (height, width), smooth_m * scale)
    crease = _crease(depth, rows, cols, 0.03 * scale)
    rim = np.clip(1 + normal @ view.rotation[2].astype(np.float32), 0, 1) ** 2
    return Relief(left, top, (height, width), rows, cols, sphere, depth, normal, radial, crease, rim)


def _window(pixel: Array, radius_px: Array, view: View) -> tuple[int, int, int, int] | None:
    if len(pixel) == 0:
        return None
    low = np.floor((pixel - radius_px[:, None]).min(axis=0)).astype(int) - 4
    high = np.ceil((pixel + radius_px[:, None]).max(axis=0)).astype(int) + 4
    low, high = np.maximum(low, 0), np.minimum(high, (view.width, view.height))
    if (high <= low).any():
        return None
    return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])


def _surface(
    centre: Array, radius_px: Array, distance: Array, radius: Array, shape: tuple[int, int]
) -> tuple[Float32, NDArray[np.int32]]:
    """The nearest spheres: depth (h, w), inf where there is none, and index (h, w), -1 there. Radius 0: not drawn.

    Large spheres one by one; the many small ones all at once, each on a square of the same size.
    """
    depth, index = np.full(shape, np.inf, np.float32), np.full(shape, -1, np.int32)
    middle, spread = centre.astype(np.float32), radius_px.astype(np.float32)
    reach, bulge = distance.astype(np.float32), radius.astype(np.float32)
    small = (spread > 0) & (spread <= SMALL_PX)
    for i in np.flatnonzero(spread > SMALL_PX).tolist():
        _draw_one(i, middle[i], spread[i], reach[i], bulge[i], depth, index)
    for low, high in pairwise(SMALL_STEPS):
        which = np.flatnonzero(small & (spread > low) & (spread <= high))
        if len(which):
            _draw_many(which, middle[which], spread[which], reach[which], bulge[which], high, depth, index)
    return depth, index


def _draw_one(
    i: int, centre: Float32, spread: np.float32, reach: np.float32, radius: np.float32, depth: Float32,
    index: NDArray[np.int32],
) -> None:  # fmt: skip
    height, width = depth.shape
    x0, x1 = max(int(centre[0] - spread), 0), min(int(centre[0] + spread) + 2, width)
    y0, y1 = max(int(centre[1] - spread), 0), min(int(centre[1] + spread) + 2, height)
    if x1 <= x0 or y1 <= y0:
        return
    dx = (_PIXELS[x0:x1] - centre[0]) / spread
    dy = (_PIXELS[y0:y1] - centre[1]) / spread
    inside = (np.float32(1) - dx * dx) - (dy * dy)[:, None]
    nearer = reach - radius * np.sqrt(np.maximum(inside, 0))
    window = depth[y0:y1, x0:x1]
    wins = (inside > 0) & (nearer < window)
    np.copyto(window, nearer, where=wins)
    np.copyto(index[y0:y1, x0:x1], np.int32(i), where=wins)


def _draw_many(
    which: NDArray[np.intp], centre: Float32, spread: Float32, reach: Float32, radius: Float32, size: int,
    depth: Float32, index: NDArray[np.int32],
) -> None:  # fmt: skip
    """Spheres no wider than `size` pixels to each side; where two are equally near, the one with the lower number shows."""
    height, width = depth.shape
    side = np.arange(2 * size + 2)
    corner = np.floor(centre).astype(np.intp) - size
    x, y = corner[:, :1] + side, corner[:, 1:] + side
    dx = (x.astype(np.float32) + np.float32(0.5) - centre[:, :1]) / spread[:, None]
    dy = (y.astype(np.float32) + np.float32(0.5) - centre[:, 1:]) / spread[:, None]
    across = np.where((x >= 0) & (x < width), np.float32(1) - dx * dx, np.float32(-9))
    down = np.where((y >= 0) & (y < height), dy * dy, np.float32(9))
    inside = across[:, None, :] - down[:, :, None]
    number, row, col = np.nonzero(inside > 0)
    nearer = reach[number] - radius[number] * np.sqrt(inside[number, row, col])
    at = y[number, row] * width + x[number, col]
    nearest = nearer < depth.reshape(-1)[at]
    number, nearer, at = number[nearest], nearer[nearest], at[nearest]
    order = np.lexsort((-number, -nearer))  # the last of equal places is kept
    depth.reshape(-1)[at[order]] = nearer[order]
    index.reshape(-1)[at[order]] = which[number[order]]


SMALL_STEPS = (0, 2, 4, 7, 11)
SMALL_PX = SMALL_STEPS[-1]
_PIXELS = np.arange(8192, dtype=np.float32) + np.float32(0.5)


def _radial(
    rows: NDArray[np.intp],
    cols: NDArray[np.intp],
    sphere: NDArray[np.int32],
    pixel: Array,
    radius_px: Array,
    view: View,
) -> Float32:
    right = (cols + 0.5 - pixel[sphere, 0]) / radius_px[sphere]
    down = (rows + 0.5 - pixel[sphere, 1]) / radius_px[sphere]
    towards = np.sqrt(np.maximum(1 - right**2 - down**2, 0))
    return (np.stack([right, down, -towards], axis=1) @ view.rotation).astype(np.float32)


def _melted(
    radial: Float32, rows: NDArray[np.intp], cols: NDArray[np.intp], shape: tuple[int, int], sigma: float
) -> Float32:
    field = np.zeros((*shape, 3), np.float32)
    field[rows, cols] = radial
    if sigma > 0.5:
        field = blurred(field, sigma)
    normal = field[rows, cols]
    return normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-6)


def _crease(depth: Float32, rows: NDArray[np.intp], cols: NDArray[np.intp], sigma: float) -> Float32:
    """Depth unsharp mask (Luft et al., SIGGRAPH 2006): skin behind its surroundings is darker."""
    skin = np.isfinite(depth).astype(np.float32)
    known = np.where(skin > 0, depth, 0).astype(np.float32)
    around = known if sigma <= 0.3 else blurred(known, sigma)
    weight = skin if sigma <= 0.3 else blurred(skin, sigma)
    behind = depth[rows, cols] - around[rows, cols] / np.maximum(weight[rows, cols], 1e-3)
    return np.clip(behind / 0.05, 0, 1).astype(np.float32)
