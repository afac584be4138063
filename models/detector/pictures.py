"""Pictures with boxes, as people keep them: YOLO folders and folders with keypoints."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from home.errors import FootageError, WrongUse

__all__ = ["Picture", "read_folder", "read_image"]

_KINDS = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}


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
    """

    path: Path
    source: str
    boxes: NDArray[np.float32] = field(default_factory=_no_boxes)
    labelled: bool = True
    split: str = "train"
    note: str = ""


def read_folder(folder: Path, *, species: str = "cat") -> list[Picture]:
    """All pictures of a folder in order of their names.

    - `images/` and `annotations.json`: keypoint annotations; animals of another `species` give no box.
    - `images/` and `labels/`: every line of `labels/NAME.txt` is one animal, whatever its class number:
      `class x y width height`, shares of the picture, as Ultralytics has it. No file, no animal.
    - neither: the pictures in this folder and those below it, which nobody labelled.

    Raises:
        WrongUse: the folder has no pictures, or a label cannot be read; file and line are told.
    """
    inner = folder / "images"
    images = _images(inner.glob("*") if inner.is_dir() else folder.rglob("*"))
    if not images:
        raise WrongUse(f"no pictures in {str(folder)!r}; a folder in YOLO format has images/ and labels/")
    annotations, labels = folder / "annotations.json", folder / "labels"
    if annotations.is_file():
        boxes = _keypoint_boxes(annotations, species)
        return [Picture(path, folder.name, boxes.get(path.name, _no_boxes())) for path in images]
    if labels.is_dir():
        return [Picture(path, folder.name, _yolo_boxes(labels / f"{path.stem}.txt")) for path in images]
    return [Picture(path, folder.name, labelled=False) for path in images]


def read_image(path: Path) -> NDArray[np.uint8]:
    """A picture as RGB `uint8 [H,W,3]`.

    Raises:
        FootageError: it is missing or damaged.
    """
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise FootageError(f"{str(path)!r} cannot be read as a picture")
    return np.ascontiguousarray(image[..., ::-1], np.uint8)


def _images(paths: Iterable[Path]) -> list[Path]:
    return sorted(path for path in paths if path.suffix.lower() in _KINDS)


def _yolo_boxes(path: Path) -> NDArray[np.float32]:
    if not path.is_file():
        return _no_boxes()
    boxes = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            _, x, y, width, height = (float(value) for value in line.split())
        except ValueError:
            raise WrongUse(
                f"{path}:{number}: found {line!r}; a label is `class x y width height`, shares 0..1"
            ) from None
        if not (0 < width <= 1.001 and 0 < height <= 1.001 and 0 <= x <= 1 and 0 <= y <= 1):
            raise WrongUse(f"{path}:{number}: found {line!r}; x, y, width and height are shares 0..1 of the picture")
        boxes.append([x - width / 2, y - height / 2, x + width / 2, y + height / 2])
    return np.clip(np.array(boxes, np.float32).reshape(-1, 4), 0, 1)


def _keypoint_boxes(path: Path, species: str) -> dict[str, NDArray[np.float32]]:
    found: dict[str, list[list[float]]] = {}
    try:
        for entry in json.loads(path.read_text(encoding="utf-8"))["annotations"]:
            if entry["species"] == species:
                x1, y1, x2, y2 = entry["bbox_xyxy"]
                width, height = entry["width"], entry["height"]
                found.setdefault(entry["file"], []).append([x1 / width, y1 / height, x2 / width, y2 / height])
    except (ValueError, KeyError, TypeError) as error:
        raise WrongUse(f"{str(path)!r} is no list of keypoint annotations: {error!r}") from error
    return {name: np.clip(np.array(boxes, np.float32), 0, 1) for name, boxes in found.items()}
