"""Soft bodies as many overlapping spheres, and their surface as a camera sees it.

A body is swept: spheres along a curve (a spine, a leg, a cushion's rim). The spheres are splatted into a depth buffer and
the normals smoothed on the picture, which melts them into one skin (screen-space smoothing, van der Laan et al., I3D 2009).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

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
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    count = int(np.clip(np.ceil(lengths.sum() / (spacing * radii.mean())), len(points), 40))
    at = np.linspace(0, len(points) - 1, count)
    centre, up_at = catmull_rom(points, at), catmull_rom(ups, at)
    axis = unit(np.gradient(centre, axis=0)) if count > 1 else np.array([[1.0, 0.0, 0.0]])
    up_at = unit(up_at - axis * np.sum(up_at * axis, axis=1, keepdims=True))
    steps = np.linalg.norm(np.diff(centre, axis=0), axis=1)
    return Blobs(
        centre,
        np.interp(at, np.arange(len(points)), radii),
        axis,
        up_at,
        np.concatenate([[0.0], np.cumsum(steps)]),
        np.full(count, part),
    )


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
    depth = np.full((height, width), np.inf, np.float32)
    index = np.full((height, width), -1, np.int32)
    for i in map(int, np.flatnonzero(near)):
        _splat_one(i, pixel[i] - (left, top), radius_px[i], distance[i], blobs.radius[i], depth, index)
    rows, cols = np.nonzero(index >= 0)
    if len(rows) == 0:
        return None
    sphere = index[rows, cols]
    radial = _radial(rows, cols, sphere, pixel - (left, top), radius_px, view)
    scale = view.focal / float(np.median(distance[near]))
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


def _splat_one(
    i: int, centre: Array, radius_px: float, distance: float, radius: float, depth: Float32, index: NDArray[np.int32]
) -> None:
    height, width = depth.shape
    x0, x1 = max(int(centre[0] - radius_px), 0), min(int(centre[0] + radius_px) + 2, width)
    y0, y1 = max(int(centre[1] - radius_px), 0), min(int(centre[1] + radius_px) + 2, height)
    if x1 <= x0 or y1 <= y0:
        return
    dx = (np.arange(x0, x1, dtype=np.float32) + np.float32(0.5 - centre[0])) / np.float32(radius_px)
    dy = (np.arange(y0, y1, dtype=np.float32) + np.float32(0.5 - centre[1])) / np.float32(radius_px)
    bulge = 1.0 - dx[None, :] ** 2 - dy[:, None] ** 2
    nearer = np.float32(distance) - np.float32(radius) * np.sqrt(np.maximum(bulge, 0))
    window = depth[y0:y1, x0:x1]
    wins = (bulge > 0) & (nearer < window)
    window[wins] = nearer[wins]
    index[y0:y1, x0:x1][wins] = i


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
