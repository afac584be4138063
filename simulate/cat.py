"""The articulated cat as a camera sees it: skin, fur, eyes, whiskers and the shadow under it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from simulate.blobs import Blobs, Relief, splat
from simulate.blur import blurred
from simulate.coat import Part, colour, hair
from simulate.flesh import Body, flesh, keypoints
from simulate.light import Light, falloff
from simulate.outline import outline_cat
from simulate.pose import POSTURES
from simulate.skeleton import Manner, Pose, blended
from simulate.view import Array, View, cross, single, unit

Float32 = NDArray[np.float32]

SUPERSAMPLE = 2  # a cat is drawn this much finer than the picture, then averaged down
LARGE_FROM = 200.0  # pixels per metre from which it is not: hair makes its outline soft
SPARSE = 0.12  # cover below which single hairs are not drawn
WHISKERS_FROM = 260.0  # pixels per metre below which whiskers are too thin to be seen


@dataclass(frozen=True)
class Stance:
    """One cat at one moment: a posture of POSTURES at time `t`, standing at `at` (metres), facing `heading` (radians)."""

    posture: str
    t: float
    at: tuple[float, float, float]
    heading: float
    manner: Manner = field(default_factory=Manner)
    before: Stance | None = None  # the stance it comes from, while it changes posture
    settled: float = 1.0  # 0..1, how far it has come

    def coming_from(self, before: Stance, settled: float) -> Stance:
        """This stance on the way from `before`, `settled` 0..1 of it done."""
        return replace(self, before=before, settled=settled)

    def pose(self) -> Pose:
        """The joints in body axes."""
        pose = POSTURES[self.posture](self.t, self.manner)
        return pose if self.before is None else blended(self.before.pose(), pose, self.settled)

    def facing(self) -> float:
        """The heading, turning the short way from the one before."""
        if self.before is None:
            return self.heading
        turn = (self.heading - self.before.heading + np.pi) % (2 * np.pi) - np.pi
        return float(self.before.heading + turn * self.settled)


@dataclass(frozen=True)
class Sprite:
    """A cat as drawn: a window (h, w) of a picture at (left, top).

    `colour` (h, w, 3) reflected light, premultiplied by `cover` (h, w) 0..1; `depth` (h, w) metres from the camera.
    `keypoints` (20, 3): x y in pixels of the whole picture, and 1 where the cat itself does not hide the point, else 0.
    `shadow` (N, 3): points in the world over which the cat stands, `shadow_radius` (N,) metres, `shadow_height` (N,).
    """

    left: int
    top: int
    colour: Float32
    cover: Float32
    depth: Float32
    keypoints: Array
    shadow: Array
    shadow_radius: Array
    shadow_height: Array


def draw_cat(body: Body, stance: Stance, view: View, light: Light) -> Sprite | None:
    """The cat as `view` sees it, before furniture hides any of it; None if it is out of the picture."""
    pose = stance.pose()
    turn, at = heading_matrix(stance.facing()), np.asarray(stance.at, float)
    blobs = flesh(pose, body).placed(turn, at, body.size)
    away = max(float(view.project(blobs.centre)[1].mean()), 0.1)
    k = SUPERSAMPLE if view.focal / away < LARGE_FROM else 1
    fine = replace(view, width=view.width * k, height=view.height * k)
    relief = splat(blobs, fine, 0.010 * body.size)
    if relief is None:
        return None
    scale = fine.focal / away
    skin = _skin(blobs, relief, body, light, fine, scale)
    left, top, painted, cover, depth = _downsampled(relief, skin, body, scale, k)
    if light.flat:
        outline_cat(painted, cover, depth, scale / k)
    points = keypoints(pose) * body.size @ turn.T + at
    pixels, _ = view.project(points)
    visible = _seen(points, relief, fine, body.size)
    face = unit(np.asarray(view.eye) - points[2]) @ (pose.head_axes[0] @ turn.T)
    if scale / k > WHISKERS_FROM and visible[2] and face > 0.15:
        _whiskers(painted, pose, turn, at, body, view, (left, top), light)
    shading = np.flatnonzero(~np.isin(blobs.part, (Part.EAR, Part.EAR_INNER, Part.EYE, Part.LID)))[::2]
    centre, radius = blobs.centre[shading], blobs.radius[shading]  # neighbours overlap: the others add nothing
    foot = centre * [1, 1, 0] + [0, 0, at[2]]
    return Sprite(left, top, painted, cover, depth, np.column_stack([pixels, visible]), foot, radius,
                  np.maximum(centre[:, 2] - radius - at[2], 0))  # fmt: skip


def heading_matrix(heading: float) -> Array:
    """(3, 3) rotation about the vertical by `heading` radians; 0 faces along x."""
    cos, sin = np.cos(heading), np.sin(heading)
    return np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])


def _skin(blobs: Blobs, relief: Relief, body: Body, light: Light, fine: View, scale: float) -> Float32:
    """Reflected light (M, 3) of every skin pixel."""
    s = relief.sphere
    part = blobs.part[s]
    frame = np.stack([blobs.axis, blobs.up, cross(blobs.axis, blobs.up)], axis=1).astype(np.float32)
    on_axis, on_up, on_side = np.einsum("ikj,ij->ki", frame[s], relief.radial)
    # Spheres of the head have their axis across the face: there the pattern runs from the nose to the nape.
    head = np.isin(blobs.part, (Part.HEAD, Part.MUZZLE))[s]
    along = single(blobs.along)[s] + single(blobs.radius)[s] * np.where(head, -on_side, on_axis)
    angle = np.arctan2(np.where(head, on_axis, on_side), on_up)
    fur = _without_seams(colour(body.coat, part, along, on_up, angle, scale), relief, 0.0038 * scale)
    if light.flat:
        bright = fur.mean(axis=1, keepdims=True)
        fur = fur / np.maximum(bright, 0.01) * (np.round(bright * 6) + 0.35) / np.float32(6.35)
    else:
        strands = hair(body.coat, along, angle, scale)[:, None]
        fur = np.clip(fur * (1 + 0.24 * strands) + 0.012 * strands, 0, 1)
    wrapped = light.shade(relief.normal, wrap=0.4)
    wrapped *= _reach(relief, light, fine)[:, None]
    lit = (
        fur * wrapped
        if light.flat
        else (fur + 0.10 * relief.rim[:, None] * (0.25 + fur)) * wrapped * (1 - 0.55 * relief.crease[:, None])
    )
    _features(lit, fur, part, on_axis, on_up, body, light, wrapped)
    return lit


def _reach(relief: Relief, light: Light, fine: View) -> Float32:
    """How much of the light reaches each skin pixel (M,)."""
    x = single(2 * (relief.left + relief.cols) / fine.width - 1)
    y = single(2 * (relief.top + relief.rows) / fine.height - 1)
    return falloff(light, relief.depth[relief.rows, relief.cols], x, y)


def _without_seams(fur: Float32, relief: Relief, sigma: float) -> Float32:
    """Colours (M, 3) run into each other over `sigma` pixels: parts of the body have no edges in the fur."""
    if sigma < 0.6:
        return fur
    field = np.zeros((*relief.shape, 4), np.float32)
    field[relief.rows, relief.cols, :3] = fur
    field[relief.rows, relief.cols, 3] = 1
    soft = cv2.GaussianBlur(field, (0, 0), sigma)[relief.rows, relief.cols]
    return np.asarray(soft[:, :3] / soft[:, 3:], np.float32)


def _features(
    lit: Float32, fur: Float32, part: NDArray[np.int64], on_axis: Float32, on_up: Float32, body: Body, light: Light,
    shade: Float32,
) -> None:  # fmt: skip
    """Eyes, nose and the inside of the ears, painted over `lit` (M, 3) in place."""
    inner = part == Part.EAR_INNER
    pink = single([0.62, 0.42, 0.38])
    lit[inner] = (0.5 * fur[inner] + 0.5 * pink * (0.35 + 0.65 * np.mean(body.coat.base))) * shade[inner] * 0.85
    lit[part == Part.NOSE] = single(body.coat.nose) * shade[part == Part.NOSE]
    lit[part == Part.LID] = 0.3 * fur[part == Part.LID] * shade[part == Part.LID]
    eye = part == Part.EYE
    if not eye.any():
        return
    x, y = on_axis[eye], on_up[eye]
    wide = 0.62 if light.name != "day" else 0.26
    pupil = (x / wide) ** 2 + (y / 0.72) ** 2 < 1
    rim = x**2 + y**2 > 0.80
    iris = single(body.coat.eyes) * (0.55 + 0.5 * np.clip(-y, -0.3, 1))[:, None] * 0.95
    iris = np.where(pupil[:, None], np.float32(0.02), iris)
    if light.infrared:
        iris = np.where(pupil[:, None], np.float32(0.95), np.float32(0.45))
    iris = np.where(rim[:, None], single([0.03, 0.025, 0.02]), iris)
    glint = (x - 0.22) ** 2 + (y - 0.35) ** 2 < 0.03
    lit[eye] = np.where(glint[:, None], np.float32(0.95), iris)


def _downsampled(
    relief: Relief, skin: Float32, body: Body, scale: float, k: int
) -> tuple[int, int, Float32, Float32, Float32]:
    """The skin as a premultiplied window at the picture's own pixels, its outline roughened by hair."""
    pad_top, pad_left = relief.top % k, relief.left % k
    height = -(-(relief.shape[0] + pad_top) // k) * k
    width = -(-(relief.shape[1] + pad_left) // k) * k
    rows, cols = relief.rows + pad_top, relief.cols + pad_left
    fine = np.zeros((height, width, 4), np.float32)
    fine[rows, cols, :3] = skin
    fine[rows, cols, 3] = 1.0
    fine = _furry(fine, body.coat.fluff, scale)
    small = np.asarray(cv2.resize(fine, (width // k, height // k), interpolation=cv2.INTER_AREA), np.float32)
    deep = np.full((height, width), np.inf, np.float32)
    deep[pad_top : pad_top + relief.shape[0], pad_left : pad_left + relief.shape[1]] = relief.depth
    depth = np.minimum.reduce([deep[y::k, x::k] for y in range(k) for x in range(k)])
    depth[np.isinf(depth)] = relief.depth[relief.rows, relief.cols].mean()
    return relief.left // k, relief.top // k, small[..., :3].copy(), small[..., 3].copy(), depth


def _furry(fine: Float32, fluff: float, scale: float) -> Float32:
    """Push the outline in and out by hair tips: `fine` (h, w, 4) premultiplied colour and cover."""
    hair_px = 0.0045 * fluff * scale
    if hair_px < 1.0:
        return fine
    soft = blurred(fine, min(hair_px, 6.0))
    thick = soft[..., 3]
    tile = _hair_tips()
    noise = np.tile(tile, [-(-side // len(tile)) for side in fine.shape[:2]])[: fine.shape[0], : fine.shape[1]]
    cover = np.clip(3 * thick + noise, 0, 1)
    bare = fine[..., 3] == 0
    fine[thick <= SPARSE] = 0
    edge = np.flatnonzero(((cover < 1) | bare) & (thick > SPARSE))  # elsewhere the skin stays as it is
    rim, around, cover = fine.reshape(-1, 4)[edge], soft.reshape(-1, 4)[edge], cover.reshape(-1)[edge, None]
    rim[:, :3] = np.where(bare.reshape(-1)[edge, None], around[:, :3] / around[:, 3:], rim[:, :3]) * cover
    rim[:, 3:] = cover
    fine.reshape(-1, 4)[edge] = rim
    return fine


@lru_cache(maxsize=1)
def _hair_tips() -> Float32:
    noise = np.random.default_rng(5).normal(size=(256, 256)).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 1.0) * (3.0 * 0.14 * 3.0) - 1.0, np.float32)


def _seen(points: Array, relief: Relief, fine: View, size: float) -> NDArray[np.float64]:
    """1 for points (K, 3) that lie just under the visible skin, 0 for those on the far side or off the picture."""
    pixels, depth = fine.project(points)
    out = np.zeros(len(points))
    for i, (x, y) in enumerate(pixels - (relief.left, relief.top)):
        col, row = int(np.floor(x)), int(np.floor(y))
        if 0 <= row < relief.shape[0] and 0 <= col < relief.shape[1] and np.isfinite(relief.depth[row, col]):
            out[i] = depth[i] - relief.depth[row, col] < 0.055 * size
    return out


def _whiskers(
    painted: Float32, pose: Pose, turn: Array, at: Array, body: Body, view: View, corner: tuple[int, int], light: Light
) -> None:
    """Six hairs a side, drawn over `painted` (h, w, 3) in place."""
    bright = float(np.mean(light.key) + np.mean(light.ambient)) * 0.75
    veil = np.zeros(painted.shape[:2], np.uint8)
    for side in (1.0, -1.0):
        for rise in (-0.022, 0.0, 0.02):
            root = np.array([0.046, side * 0.016, -0.019 + 0.2 * rise])
            tip = np.array([0.035, side * 0.075, -0.022 + rise])
            line = (pose.head + np.stack([root, tip]) @ pose.head_axes) * body.size @ turn.T + at
            ends = np.round((view.project(line)[0] - corner) * 16).astype(int)
            cv2.line(veil, tuple(map(int, ends[0])), tuple(map(int, ends[1])), 110, 1, cv2.LINE_AA, 4)
    drawn = np.nonzero(veil)
    weight = single(veil[drawn] / 255)[:, None]
    painted[drawn] = painted[drawn] * (1 - weight) + weight * bright
