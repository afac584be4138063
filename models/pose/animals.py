"""Animals with known keypoints: read from folders in the form of Animal-Pose, and put into folds that share no picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from home.errors import WrongUse
from models.detector.pictures import Picture, read_image
from models.detector.split import assign_folds, copy_groups, difference_hash
from models.pose.keypoints import KEYPOINTS

__all__ = ["HIDDEN", "SEEN", "UNKNOWN", "Animal", "in_folds", "read_animals"]

HIDDEN, UNKNOWN, SEEN = -1, 0, 1
"""What is known of a keypoint: it is hidden and lies there, nobody marked it, it is seen there."""


@dataclass(frozen=True)
class Animal:
    """One animal of one picture.

    Attributes:
        path: of the picture.
        source: name of the folder it came with.
        species: `cat` or another.
        box: `float32 [4]` x1 y1 x2 y2 as shares 0..1 of the picture.
        keypoints: `float32 [20,3]` x y as shares 0..1, and SEEN, HIDDEN or UNKNOWN.
        fold: the part of the measured pictures that it goes with, from 0; -1 for what always trains.
        measured: pose is measured on it; a copy of such a picture has its fold and is not measured.
    """

    path: Path
    source: str
    species: str
    box: NDArray[np.float32]
    keypoints: NDArray[np.float32]
    fold: int = -1
    measured: bool = False


def read_animals(folder: Path) -> list[Animal]:
    """The animals of `folder/annotations.json` with at least one keypoint, whose pictures lie in `folder/images`.

    Raises:
        WrongUse: there is no such file, or an entry of it is wrong.
    """
    file = folder / "annotations.json"
    try:
        tree = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WrongUse(f"{str(file)!r} is no list of keypoint annotations: {error}") from error
    names = tree.get("keypoint_names") if isinstance(tree, dict) else None
    if names is None or list(names) != list(KEYPOINTS):
        raise WrongUse(f"{str(file)!r} has the keypoints {names}, expected {', '.join(KEYPOINTS)}")
    animals = []
    for number, entry in enumerate(tree.get("annotations", []), 1):
        try:
            animals.append(_animal(folder, entry))
        except (ValueError, KeyError, TypeError) as error:
            raise WrongUse(
                f"{file}: entry {number} is wrong ({error!r}); expected file, species, width, height, bbox_xyxy and 20 x y seen"
            ) from error
    return [animal for animal in animals if animal.keypoints[:, 2].any()]


def _animal(folder: Path, entry: dict[str, Any]) -> Animal:
    wide, high = float(entry["width"]), float(entry["height"])
    box = np.clip(np.array(entry["bbox_xyxy"], np.float32) / (wide, high, wide, high), 0, 1).astype(np.float32)
    points = np.array(entry["keypoints"], np.float32).reshape(len(KEYPOINTS), 3)
    if not (box[2:] > box[:2]).all():
        raise ValueError(f"the box {entry['bbox_xyxy']} is empty")
    points[:, :2] /= (wide, high)
    points[:, 2] = np.sign(points[:, 2])
    return Animal(folder / "images" / str(entry["file"]), folder.name, str(entry["species"]), box, points)


def in_folds(
    animals: Sequence[Animal], *, species: str, sources: Sequence[str], folds: int, copy_bits: int, seed: int
) -> list[Animal]:
    """Give the measured animals their folds; all animals of one picture and of its copies have one.

    Args:
        animals: of all folders.
        species: that is measured.
        sources: folders whose animals of that species are measured; drawn ones only train.
        folds: how many there are.
        copy_bits: pictures whose hashes differ in at most so many bits are copies (`models.detector.split`).
        seed: another one gives other folds.

    Raises:
        FootageError: a picture cannot be read.
    """
    measured = [animal.species == species and animal.source in sources for animal in animals]
    of_picture: dict[Path, Picture] = {}
    for animal, counts in zip(animals, measured, strict=True):
        if animal.source in sources:  # what is drawn is no copy of a photo
            known = of_picture.get(animal.path)
            of_picture[animal.path] = Picture(
                animal.path, animal.source, measured=counts or bool(known and known.measured)
            )
    pictures = list(of_picture.values())
    groups = copy_groups([difference_hash(read_image(picture.path)) for picture in pictures], copy_bits)
    folded = assign_folds(pictures, groups, folds=folds, seed=seed)
    fold_of = {picture.path: picture.fold for picture in folded}
    return [
        replace(animal, fold=fold_of.get(animal.path, -1), measured=counts)
        for animal, counts in zip(animals, measured, strict=True)
    ]
