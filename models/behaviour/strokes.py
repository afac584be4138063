"""What moves over a burst: the whole body, the head and the paws against it, and how often they beat.

Licking, nodding over a bowl, raking litter and beating at a neck are strokes of one to a few a second. They are looked for
at the frequencies that a burst of 2 s at 5 frames a second can hold (up to half its rate; faster ones appear slower). The
frames need not be evenly spaced: what is taken is the amplitude of the best sine of each frequency (as in Lomb,
Astrophysics and Space Science 39:447, 1976).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.behaviour.body import (
    FOREPAWS,
    HEAD,
    HINDPAWS,
    HOCKS,
    POINTS,
    SEEN,
    THROAT,
    TORSO,
    WRISTS,
    body_size,
    highest,
    length,
    lowest,
)  # fmt: skip

__all__ = ["STROKES", "strokes"]

Array = NDArray[np.float64]

FREQUENCIES_HZ = (0.5, 1.0, 1.5, 2.0, 2.5)
LONGEST_STEP_S = 0.5  # frames further apart say nothing of how a paw went
FEWEST_STEPS = 4  # of which a part is seen, for its strokes to be read
LIMBS = {"forepaw": ((FOREPAWS[0], WRISTS[0]), (FOREPAWS[1], WRISTS[1])),
         "hindpaw": ((HINDPAWS[0], HOCKS[0]), (HINDPAWS[1], HOCKS[1]))}  # fmt: skip

STROKES = {
    "body_speed": "mean speed of throat, withers and root of the tail over the burst, body sizes a second",
    "body_way": "how far they went from its first frame to its last, body sizes",
    "head_speed": "mean speed of the head against the body, body sizes a second",
    "forepaw_speed": "the same of the faster forepaw",
    "forepaw_slower": "the same of the slower forepaw",
    "hindpaw_speed": "the same of the faster hind paw",
    "hindpaw_slower": "the same of the slower hind paw",
    "box_speed": "mean speed of the middle of the box, body sizes a second",
    "box_way": "how far it went, body sizes",
    "box_growth": "mean change of the root of its area, parts a second",
    "box_bend": "mean change of height over width, parts a second",
} | {
    f"{part}_{frequency:g}_hz": f"amplitude of strokes of the {whose} against the body at {frequency:g} Hz, body sizes"
    for part, whose in (("head", "head"), ("forepaw", "forepaw that beats more"), ("hindpaw", "hind paw that beats more"))
    for frequency in FREQUENCIES_HZ
}  # fmt: skip
"""What each number is, and its unit."""


def strokes(times: Array, keypoints: Array, boxes: Array) -> Array:
    """Numbers `[N, len(STROKES)]`, NaN where nothing was read.

    Args:
        times: seconds after the sample `[N,F]`, the sample itself among them; NaN where there is no frame.
        keypoints: `[N,F,20,3]` x y on the square, confidence.
        boxes: `[N,F,4]` on the square; the first one gives the size.
    """
    size = body_size(boxes[:, 0])
    passed = np.diff(times, axis=1)
    passed = np.where((passed > 0) & (passed <= LONGEST_STEP_S), passed, np.nan)
    confidence = np.where(np.isfinite(keypoints).all(axis=-1), keypoints[..., 2], 0.0)
    confidence = np.where(confidence >= SEEN, confidence, 0.0)
    weight = np.minimum(confidence[:, 1:], confidence[:, :-1]) * np.isfinite(passed)[..., None]
    steps = np.nan_to_num(np.diff(keypoints[..., :2], axis=1)) / size[:, None, None, None]
    body, held = _mean(steps, weight, TORSO)
    rest, held_rest = _mean(steps, weight, tuple(range(POINTS)))
    body, held = np.where(held[..., None] > 0, body, rest), np.where(held > 0, held, held_rest)
    out = [_speed(body, held, passed), _way(body, held)]
    beats, speeds = [], {}
    for part, limbs in {"head": ((*HEAD, *THROAT),), **LIMBS}.items():
        paths = [_against(steps, weight, limb, body, held) for limb in limbs]
        speeds[part] = np.stack([_speed(path, own, passed) for path, own in paths], axis=1)
        beats.append(highest(np.stack([_beats(path, own, times) for path, own in paths], axis=1)))
    out += [speeds["head"][:, 0]]
    out += [best(speeds[part]) for part in LIMBS for best in (highest, lowest)]
    return np.column_stack([*out, *_of_boxes(boxes, passed, size), *beats])


def _mean(steps: Array, weight: Array, part: tuple[int, ...]) -> tuple[Array, Array]:
    """Mean step of a part `[N,F-1,2]`, weighted, and its weight `[N,F-1]`."""
    own = weight[:, :, part]
    total = own.sum(axis=2)
    return (steps[:, :, part] * own[..., None]).sum(axis=2) / np.maximum(total, 1e-9)[..., None], total


def _against(steps: Array, weight: Array, part: tuple[int, ...], body: Array, held: Array) -> tuple[Array, Array]:
    """Steps of a part against the body, and their weights."""
    own, total = _mean(steps, weight, part)
    total = total * (held > 0)
    return (own - body) * (total > 0)[..., None], total


def _speed(steps: Array, weight: Array, passed: Array) -> Array:
    """Mean speed `[N]`; NaN where no step was seen."""
    total = weight.sum(axis=1)
    speed = (np.nan_to_num(length(steps) / passed) * weight).sum(axis=1) / np.maximum(total, 1e-9)
    return np.where(total > 0, speed, np.nan)


def _way(steps: Array, weight: Array) -> Array:
    """How far all steps lead `[N]`."""
    return np.where(weight.sum(axis=1) > 0, length((steps * (weight > 0)[..., None]).sum(axis=1)), np.nan)


def _beats(steps: Array, weight: Array, times: Array) -> Array:
    """Amplitude of strokes at each of the frequencies `[N, len(FREQUENCIES_HZ)]`, NaN where too few steps were seen."""
    seen = weight > 0
    path = np.cumsum(steps, axis=1)
    count = np.maximum(seen.sum(axis=1), 1)
    path = (path - (path * seen[..., None]).sum(axis=1, keepdims=True) / count[:, None, None]) * seen[..., None]
    phase = 2 * np.pi * np.nan_to_num(times[:, 1:])[..., None] * np.array(FREQUENCIES_HZ)
    wave = np.exp(-1j * phase)
    amplitude = 2 * np.abs(np.einsum("nfd,nfk->nkd", path, wave)) / count[:, None, None]
    return np.where((seen.sum(axis=1) >= FEWEST_STEPS)[:, None], np.sqrt((amplitude**2).sum(axis=2)), np.nan)


def _of_boxes(boxes: Array, passed: Array, size: Array) -> list[Array]:
    centre = (boxes[..., :2] + boxes[..., 2:]) / 2
    steps = np.diff(centre, axis=1) / size[:, None, None]
    seen = np.isfinite(steps).all(axis=2) & np.isfinite(passed)
    sides = np.maximum(boxes[..., 2:] - boxes[..., :2], 1e-9)
    growth = np.abs(np.diff(np.log(body_size(boxes)), axis=1))
    bend = np.abs(np.diff(np.log(sides[..., 1] / sides[..., 0]), axis=1))
    weight, steps = seen.astype(float), np.nan_to_num(steps)
    changes = [_speed(np.nan_to_num(change)[..., None], weight, passed) for change in (growth, bend)]
    return [_speed(steps, weight, passed), _way(steps, weight), *changes]
