"""What the backbone of a network makes of each animal: a vector, and the picture it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.detector.boxes import overlap
from models.detector.trainer import Seen

__all__ = ["Crop", "crops_of", "vectors_of"]

SIDE = 96  # pixels of a crop as the network gets it
AROUND = 0.1  # of the box's size is shown on each side
SCORE = 0.3
OVERLAP = 0.5


@dataclass(frozen=True)
class Crop:
    """A square cut out around one box.

    Attributes:
        image: RGB `uint8 [96,96,3]`.
        kind: number of its class.
        fate: `found`, `missed`, or `false` for a box where there is nothing.
        score: of the network's box, 0 where it is missed.
    """

    image: NDArray[np.uint8]
    kind: int
    fate: str
    score: float


def crops_of(seen: Sequence[Seen], most: int) -> list[Crop]:
    """The animals of the pictures that were kept, and what was taken for one, at most so many."""
    crops: list[Crop] = []
    for one in seen:
        if one.image is None or len(crops) >= most:
            break
        sure = one.scores >= SCORE
        pairs = overlap(one.true, one.found[sure])
        for box, kind, row in zip(one.true, one.true_classes, pairs, strict=True):
            best = int(np.argmax(row)) if len(row) else -1
            hit = best >= 0 and row[best] >= OVERLAP
            score = float(one.scores[sure][best]) if hit else 0.0
            crops.append(Crop(_cut(one.image, box), int(kind), "found" if hit else "missed", score))
        for number in np.flatnonzero(sure):
            if not len(one.true) or overlap(one.found[number : number + 1], one.true).max() < OVERLAP:
                false = _cut(one.image, one.found[number])
                crops.append(Crop(false, int(one.found_classes[number]), "false", float(one.scores[number])))
    return crops[:most]


def vectors_of(network: Any, crops: Sequence[Crop]) -> NDArray[np.float32]:
    """`float32 [N,C]`: the mean over the picture of the last layer of the backbone.

    Args:
        network: an Ultralytics detection model in evaluation mode.
        crops: what to look at.
    """
    import torch

    last = network.model[len(network.yaml["backbone"]) - 1]
    kept: list[Any] = []
    handle = last.register_forward_hook(lambda _module, _inputs, output: kept.append(output))
    device = next(network.parameters()).device
    try:
        with torch.inference_mode():
            for start in range(0, len(crops), 32):
                part = np.stack([crop.image for crop in crops[start : start + 32]])
                network(torch.from_numpy(part).permute(0, 3, 1, 2).to(device).float() / 255)
    finally:
        handle.remove()
    return np.concatenate([output.float().mean((2, 3)).cpu().numpy() for output in kept])


def _cut(image: NDArray[np.uint8], box: NDArray[np.float32]) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    size = np.array([width, height])
    low, high = box[:2] * size, box[2:] * size
    middle, half = (low + high) / 2, (0.5 + AROUND) * max(*(high - low), 4.0)
    x1, y1 = np.maximum(0, np.floor(middle - half)).astype(int)
    x2, y2 = np.minimum(size, np.ceil(middle + half)).astype(int)
    cut = image[y1 : max(y2, y1 + 1), x1 : max(x2, x1 + 1)]
    scale = SIDE / max(cut.shape[:2])
    small = cv2.resize(cut, (max(1, round(cut.shape[1] * scale)), max(1, round(cut.shape[0] * scale))))
    square = np.full((SIDE, SIDE, 3), 114, np.uint8)  # the grey of letterboxes, which the network knows
    top, left = (SIDE - small.shape[0]) // 2, (SIDE - small.shape[1]) // 2
    square[top : top + small.shape[0], left : left + small.shape[1]] = small
    return square
