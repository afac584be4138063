"""What the coat of an animal looks like, as named numbers: its tones, its markings from head to paws, its grain.

Measured on the crop that the pose network has seen, where its joints are. Colours are those of CIELAB, in which equal steps
look equally far apart. Under infrared a picture has no colour, and black fur may shine: the numbers that need colour or
absolute brightness are NaN there, so that they are compared with nobody's.
"""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from models.pose.keypoints import KEYPOINTS

__all__ = ["COAT", "COATS", "IN_GREY", "NAMES", "coat"]

Array = NDArray[np.float64]
Float32 = NDArray[np.float32]

SIDE, GRAIN_SIDE = 64, 128  # pixels to which the crop is scaled for colours and for the grain of the fur; our choice
LIMB, JOINT = 0.09, 0.07  # of the longer side of the box: half of what a limb is wide, and around a joint
LEAST = 0.3  # confidence from which a joint says where fur is
PRIOR = 0.15  # of a sure joint: what the middle of the box counts, whatever the joints say
GREY = 1.5  # mean distance from grey in CIELAB below which a picture has no colour: sensors and codecs leave a little

PARTS: dict[str, tuple[str, ...]] = {
    "head": ("left_eye", "right_eye", "nose", "left_ear", "right_ear"),
    "chest": ("throat",),
    "back": ("withers", "tailbase"),
    "front": ("left_front_elbow", "right_front_elbow", "left_front_knee", "right_front_knee"),
    "hind": ("left_back_elbow", "right_back_elbow", "left_back_knee", "right_back_knee"),
    "paws": ("left_front_paw", "right_front_paw", "left_back_paw", "right_back_paw"),
}
_LIMBS = tuple(
    (KEYPOINTS.index(first), KEYPOINTS.index(second))
    for first, second in (
        ("left_eye", "nose"), ("right_eye", "nose"), ("left_eye", "left_ear"), ("right_eye", "right_ear"),
        ("left_ear", "right_ear"), ("nose", "throat"), ("throat", "withers"), ("withers", "tailbase"),
        *((middle, f"{side}_front_elbow") for middle in ("throat", "withers") for side in ("left", "right")),
        *(("tailbase", f"{side}_back_elbow") for side in ("left", "right")),
        *((f"{side}_{end}_{a}", f"{side}_{end}_{b}") for side in ("left", "right") for end in ("front", "back")
          for a, b in (("elbow", "knee"), ("knee", "paw"))),
    )
)  # fmt: skip
_NUMBERS = {name: tuple(map(KEYPOINTS.index, joints)) for name, joints in PARTS.items()}
_SCALES = (1, 2, 4, 8)  # of the grain, pixels of GRAIN_SIDE

NAMES = (
    *(f"{tone}_{channel}" for tone in ("dark", "middle", "bright") for channel in "Lab"),
    *(f"{tone}_from_mean" for tone in ("dark", "middle", "bright")),
    *(f"grain_{scale}" for scale in _SCALES),
    *(f"{part}_{channel}" for part in PARTS for channel in "Lab"),
    *(f"{part}_contrast" for part in PARTS),
    *(f"around_{channel}" for channel in "Lab"),
)
COAT = len(NAMES)
"""How many numbers a coat has."""
COATS = "coat 1"
"""How coats are measured; raised when the same picture would give other numbers."""
_BRIGHT = {"dark_L", "middle_L", "bright_L", "around_L"}
IN_GREY = np.array([not name.endswith(("_a", "_b")) and name not in _BRIGHT for name in NAMES])
"""Which of them a picture without colour has."""


def coat(crop: NDArray[np.uint8], points: Float32, box: Float32, there: Float32) -> Float32:
    """The numbers NAMES of an animal.

    Args:
        crop: RGB `uint8 [S,S,3]`.
        points: keypoints `[20,3]`, x y in 0..1 of the crop and confidence.
        box: of the animal, x1 y1 x2 y2 in 0..1 of the crop.
        there: the part of the crop that lies in the picture, likewise.

    Returns:
        `float32 [COAT]`; lightness and colour in hundredths of CIELAB. What needs colour is NaN in a picture without; a part
        of which no joint is seen is like the whole.
    """
    small = cv2.resize(crop, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB) / np.float32(100)
    inside = _within(box) & _within(there)
    around = _within(there) & ~_within(box)  # what it says is of the light, and corrects the tones
    body = _body(points, box) * inside + np.float32(1e-6)
    share = (body / body.sum()).astype(np.float64)
    mean, spread = _moments(lab, share)
    tones = _tones(lab, share)
    parts, contrasts = _parts(lab, points, box, inside, mean, spread)
    values = np.concatenate([
        tones.ravel(), tones[:, 0] - mean[0], _grain(crop, share), parts.ravel(), contrasts,
        lab[around].mean(axis=0) if around.sum() >= SIDE else mean,
    ])  # fmt: skip
    grey = (
        float(np.hypot(lab[..., 1], lab[..., 2])[_within(there)].mean()) * 100 < GREY if _within(there).any() else True
    )
    return np.where(IN_GREY | (not grey), values, np.nan).astype(np.float32)


def _within(box: Float32) -> NDArray[np.bool_]:
    """Which pixels `[SIDE,SIDE]` have their middle in a box."""
    middle = (np.arange(SIDE) + 0.5) / SIDE
    x, y = ((middle >= box[k]) & (middle <= box[k + 2]) for k in (0, 1))
    return np.asarray(y[:, None] & x[None])


def _body(points: Float32, box: Float32) -> Float32:
    """Where the fur is, `[SIDE,SIDE]`: along limbs and around joints as sure as these are, a little in the middle of the box."""
    longer = float(max(box[2] - box[0], box[3] - box[1])) * SIDE
    wide, radius = max(1, round(LIMB * longer)), max(1, round(JOINT * longer))
    at = [(int(x * SIDE), int(y * SIDE)) for x, y in points[:, :2]]
    body = np.zeros((SIDE, SIDE), np.float32)
    # the least sure first, so that the surest stays on top
    strokes = [(min(points[a, 2], points[b, 2]), at[a], at[b]) for a, b in _LIMBS]
    strokes += [(sure, place, place) for sure, place in zip(points[:, 2], at, strict=True)]
    for sure, first, second in sorted(strokes):
        if sure < LEAST:
            continue
        if first == second:
            cv2.circle(body, first, radius, float(sure), -1)
        else:
            cv2.line(body, first, second, float(sure), wide)
    middle = (np.arange(SIDE) + 0.5) / SIDE
    x, y = (((middle - (box[k] + box[k + 2]) / 2) / max((box[k + 2] - box[k]) / 2, 1e-3)) ** 2 for k in (0, 1))
    return np.asarray(body + PRIOR * np.exp(-2 * (y[:, None] + x[None])), np.float32)


def _moments(lab: Float32, share: Array) -> tuple[Array, Array]:
    """Mean and spread of each channel, `[3]`, over pixels that count as `share` says."""
    mean = np.tensordot(share, lab, 2)
    return mean, np.sqrt(np.maximum(np.tensordot(share, lab.astype(np.float64) ** 2, 2) - mean**2, 0))


def _tones(lab: Float32, share: Array) -> Array:
    """The mean colours `[3,3]` of the darkest, the middle and the brightest third of the fur."""
    flat = lab.reshape(-1, 3)
    order = np.argsort(flat[:, 0], kind="stable")
    weight, sorted_ = share.ravel()[order], flat[order].astype(np.float64)
    before = np.cumsum(weight) - weight
    tones = []
    for third in range(3):
        own = np.clip(np.minimum(before + weight, (third + 1) / 3) - np.maximum(before, third / 3), 0, None)
        tones.append(own @ sorted_ / max(own.sum(), 1e-12))
    return np.array(tones)


def _grain(crop: NDArray[np.uint8], share: Array) -> Array:
    """How much the fur changes over a few pixels, per scale: log of the spread of differences of Gaussians."""
    grey = cv2.cvtColor(cv2.resize(crop, (GRAIN_SIDE, GRAIN_SIDE), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    level = [cv2.GaussianBlur(grey.astype(np.float32) / 255, (0, 0), scale) for scale in (*_SCALES, 2 * _SCALES[-1])]
    fine = cv2.resize(share.astype(np.float32), (GRAIN_SIDE, GRAIN_SIDE))
    fine = fine / fine.sum()
    return np.array([
        np.log(np.sqrt(float(((first - second) ** 2 * fine).sum())) + 0.004)
        for first, second in pairwise(level)
    ])  # fmt: skip


def _parts(
    lab: Float32, points: Float32, box: Float32, inside: NDArray[np.bool_], mean: Array, spread: Array
) -> tuple[Array, Array]:
    """Colour `[6,3]` and contrast `[6]` of each part against the whole."""
    radius = max(1, round(JOINT * float(max(box[2] - box[0], box[3] - box[1])) * SIDE))
    colours, contrasts = np.zeros((len(PARTS), 3)), np.zeros(len(PARTS))
    for number, joints in enumerate(_NUMBERS.values()):
        patch = np.zeros((SIDE, SIDE), np.float32)
        for x, y, sure in points[list(joints)]:
            if sure >= LEAST:
                cv2.circle(patch, (int(x * SIDE), int(y * SIDE)), radius, float(sure), -1)
        patch *= inside
        if patch.sum() < 1:
            continue
        own, contrast = _moments(lab, (patch / patch.sum()).astype(np.float64))
        colours[number], contrasts[number] = own - mean, contrast[0] - spread[0]
    return colours, contrasts
