"""What a trained network says of animals whose joints are known, and how sure it may be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.detector.pictures import read_image
from models.pose.animals import HIDDEN, SEEN, Animal
from models.pose.crop import cut, square_around, to_picture
from models.pose.measure import NEAR, errors

__all__ = ["Readings", "crops_of", "fit_sure", "joined", "readings", "sureness"]

BATCH = 32
RIDGE = 1e-3  # of the fit: keeps it finite where everything is right


@dataclass(frozen=True)
class Readings:
    """Of N animals, lengths in pixels of the picture.

    Attributes:
        found: `float32 [N,20,2]` x y.
        peak: `[N,20]` share of the map of places around its peak, 0..1.
        seen: `[N,20]` score of being seen, a logit.
        true: `float32 [N,20,3]` x y, and SEEN, HIDDEN or UNKNOWN.
        size: width and height of the picture, `float32 [N,2]`.
        longer, area: of the boxes, `[N]`.
        fold: `[N]`.
        picture: path of each, `[N]`: animals of one picture stand or fall together.
    """

    found: NDArray[np.float32]
    peak: NDArray[np.float64]
    seen: NDArray[np.float64]
    true: NDArray[np.float32]
    size: NDArray[np.float32]
    longer: NDArray[np.float32]
    area: NDArray[np.float32]
    fold: NDArray[np.int64]
    picture: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.longer)

    def of(self, chosen: NDArray[np.bool_]) -> Readings:
        """Those of some animals, `[N]`."""
        return Readings(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def errors(self) -> NDArray[np.float64]:
        """As `models.pose.measure.errors`."""
        return errors(self.found, self.true, self.longer)

    def known(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Joints of which it is known whether a sure word of them is right, and whether it is, `[N,20]` each.

        It is right where the joint is seen and placed near; of a hidden one nothing sure can be said.
        """
        far = self.errors()
        return (self.true[..., 2] == SEEN) | (self.true[..., 2] == HIDDEN), np.nan_to_num(far, nan=np.inf) < NEAR


def crops_of(animals: Sequence[Animal], size: int) -> Iterator[tuple[NDArray[np.uint8], Any, tuple[int, int]]]:
    """The crop of each animal as it is read in earnest, its square, and height and width of its picture."""
    last: tuple[Path | None, Any] = (None, None)
    for animal in animals:
        if animal.path != last[0]:
            last = animal.path, read_image(animal.path)
        height, width = last[1].shape[:2]
        square = square_around(animal.box, height, width)
        yield cut(last[1], square, size), square, (height, width)


def readings(network: Any, animals: Sequence[Animal]) -> Readings:
    """Read every animal in its true box, as PyTorch runs the network."""
    import torch

    parts: list[tuple[Any, ...]] = []
    shown = list(crops_of(animals, network.size))
    for start in range(0, len(shown), BATCH):
        batch = np.stack([crop for crop, _, _ in shown[start : start + BATCH]])
        with torch.no_grad():
            maps, seen = network(torch.from_numpy(batch).permute(0, 3, 1, 2).float() / 255)
            parts.append((*network.placed(maps), seen))
    x, y, peak, seen = (np.concatenate([part[k].numpy() for part in parts]) for k in range(4))
    places = np.stack([x, y], 2)
    size = np.array([(width, height) for _, _, (height, width) in shown], np.float32)
    found = np.stack(
        [
            to_picture(place, square, height, width) * (width, height)
            for place, (_, square, (height, width)) in zip(places, shown, strict=True)
        ]
    )
    boxes = np.stack([animal.box for animal in animals])
    sides = (boxes[:, 2:] - boxes[:, :2]) * size
    true = np.stack([animal.keypoints for animal in animals])
    true[..., :2] *= size[:, None]
    return Readings(
        found.astype(np.float32), peak.astype(np.float64), seen.astype(np.float64), true, size, sides.max(1), sides.prod(1),
        np.array([animal.fold for animal in animals]), np.array([animal.path.as_posix() for animal in animals]),
    )  # fmt: skip


def joined(parts: Sequence[Readings]) -> Readings:
    """All of them, one after the other."""
    return Readings(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Readings)))


def sureness(sure: Sequence[float], seen: NDArray[np.float64], peak: NDArray[np.float64]) -> NDArray[np.float64]:
    """Confidence 0..1 from both signs; as the network computes it in an exported file."""
    return np.asarray(1 / (1 + np.exp(-(sure[0] * seen + sure[1] * np.log(peak + 1e-6) + sure[2]))))


def fit_sure(seen: NDArray[np.float64], peak: NDArray[np.float64], right: NDArray[np.bool_]) -> list[float]:
    """The three numbers of `sureness` under which it is the share of what is right: logistic regression.

    (Platt, "Probabilistic Outputs for Support Vector Machines", 1999, with two signs instead of one.)

    Args:
        seen, peak: of joints, `[M]`.
        right: whether a sure word of them would be right, `[M]`.
    """
    signs = np.stack([seen, np.log(peak + 1e-6), np.ones_like(seen)], 1)
    weights = np.zeros(3)
    for _ in range(50):  # Newton's method; it needs less than ten
        shares = 1 / (1 + np.exp(-signs @ weights))
        slope = signs.T @ (right - shares) - RIDGE * weights
        bend = (signs * (shares * (1 - shares))[:, None]).T @ signs + RIDGE * np.eye(3)
        step = np.linalg.solve(bend, slope)
        weights += step
        if np.abs(step).max() < 1e-9:
            break
    return [round(float(value), 6) for value in weights]
