"""Pictures with boxes: what the detector learns from and is measured on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from home.errors import FootageError
from models.detector.classes import ClassMap
from models.detector.labels import Folder, Label, check_label, open_folder

__all__ = ["Picture", "pictures_of", "read_folder", "read_image"]


def _no_boxes() -> NDArray[np.float32]:
    return np.zeros((0, 4), np.float32)


@dataclass(frozen=True)
class Picture:
    """One picture and the animals in it.

    Attributes:
        path: where it lies.
        source: name of the folder it came with.
        boxes: `float32 [N,4]` x1 y1 x2 y2 as shares 0..1.
        labelled: somebody looked: no box then means that there is no animal.
        split: `train`, `val`, `test`, or `left out` with the reason in `note`.
        note: why it is where it is, for people.
        classes: class of each box; where nobody said, they are of the one class that others are of, or `cat`.
        fold: the part of the measured pictures that it goes with, from 0; -1 for what always trains.
        measured: detectors are measured on it; a copy of such a picture has its fold and is not measured.
        clip: what it is a frame of, the same for all frames of a clip; empty where it is a picture of its own.
    """

    path: Path
    source: str
    boxes: NDArray[np.float32] = field(default_factory=_no_boxes)
    labelled: bool = True
    split: str = "train"
    note: str = ""
    classes: tuple[str, ...] = ()
    fold: int = -1
    measured: bool = False
    clip: str = ""

    def __post_init__(self) -> None:
        if len(self.classes) != len(self.boxes):
            if len(set(self.classes)) > 1:
                raise ValueError(f"{self.path}: {len(self.boxes)} boxes with {len(self.classes)} classes")
            object.__setattr__(self, "classes", (self.classes or ("cat",))[:1] * len(self.boxes))


def read_folder(folder: Path, *, species: str = "cat", classes: ClassMap | None = None) -> list[Picture]:
    """All pictures of a folder in order of their names; `open_folder` says which kinds of folders there are.

    Args:
        folder: its name becomes the source of its pictures.
        species: the one class to learn, where `classes` is not given.
        classes: which labels give a box, and of which class.

    Raises:
        WrongUse: the folder has no pictures, or a label cannot be read; file and line are told.
    """
    return pictures_of(open_folder(folder), classes or ClassMap((species,)))


def pictures_of(folder: Folder, classes: ClassMap) -> list[Picture]:
    """The pictures of a folder that was read, with the boxes of the classes that are learned, cut at the edges.

    Raises:
        WrongUse: a box lies off its picture.
    """
    boxes: dict[Path, list[list[float]]] = defaultdict(list)
    names: dict[Path, list[str]] = defaultdict(list)
    for label in folder.labels:
        check_label(label)
        name = classes.of(label.own, named=bool(folder.names))
        if name is not None:
            boxes[label.picture].append(_corners(label))
            names[label.picture].append(name)
    return [
        Picture(
            path, folder.path.name, np.clip(np.array(boxes[path], np.float32).reshape(-1, 4), 0, 1),
            path in folder.looked, classes=tuple(names[path]),
        )
        for path in folder.images
    ]  # fmt: skip


def read_image(path: Path) -> NDArray[np.uint8]:
    """A picture as RGB `uint8 [H,W,3]`.

    Raises:
        FootageError: it is missing or damaged.
    """
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise FootageError(f"{str(path)!r} cannot be read as a picture")
    return np.ascontiguousarray(image[..., ::-1], np.uint8)


def _corners(label: Label) -> list[float]:
    half_width, half_height = label.width / 2, label.height / 2
    return [label.x - half_width, label.y - half_height, label.x + half_width, label.y + half_height]
