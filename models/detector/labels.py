"""Labels of pictures as they stand in their files, with file and line, before anything is made of them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from home.errors import WrongUse
from models.detector.classes import names_of

__all__ = ["Folder", "Label", "check_label", "open_folder"]

KINDS = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}
OVER = 0.001
"""How much wider than its picture a box may be: programs round to three digits."""


@dataclass(frozen=True)
class Label:
    """One animal of one picture.

    Attributes:
        picture: path of the picture.
        file, line: where the label stands; in a JSON file the number of its entry, from 1.
        own: what the folder calls its class: a name, or a number in digits where it has no names.
        x, y, width, height: of its box, centre and size, shares of the picture.
        text: the line as it stands.
    """

    picture: Path
    file: Path
    line: int
    own: str
    x: float
    y: float
    width: float
    height: float
    text: str


@dataclass(frozen=True)
class Folder:
    """A folder of pictures with what people wrote of them.

    Attributes:
        path: of the folder; its name is the source of its pictures.
        images: its pictures, sorted.
        labels: of all pictures, in their order.
        looked: the pictures somebody labelled, if only as empty.
        names: its class names in the order of their numbers; empty where it states none.
    """

    path: Path
    images: list[Path]
    labels: list[Label]
    looked: frozenset[Path]
    names: list[str]


def open_folder(folder: Path) -> Folder:
    """Read a folder and all its labels; their values are not judged.

    - `images/` and `annotations.json`: keypoint annotations, whose species are the classes.
    - `images/` and `labels/`, also one level down or up (`images/train`, `train/images`): every line of
      `labels/NAME.txt` is `class x y width height`, shares of the picture, as Ultralytics has it, or `class` and an
      outline `x y x y x y …`, around which the box is laid.
    - neither: the pictures in this folder and those below it, which nobody labelled.

    Raises:
        WrongUse: the folder has no pictures, or a label that is no five numbers; file and line are told.
    """
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in KINDS)
    inner = [path for path in found if "images" in path.relative_to(folder).parts[:-1]]
    images = inner or found
    if not images:
        raise WrongUse(f"no pictures in {str(folder)!r}; a folder in YOLO format has images/ and labels/")
    annotations = folder / "annotations.json"
    if annotations.is_file():
        labels = _keypoint_labels(annotations, {path.name: path for path in images})
        return Folder(folder, images, labels, frozenset(images), sorted({label.own for label in labels}))
    names = names_of(folder)
    files = {path: _label_file(folder, path) for path in inner}
    looked = frozenset(path for path, file in files.items() if file.is_file())
    labels = [label for path in images if path in looked for label in _lines(path, files[path], names)]
    return Folder(folder, images, labels, looked, names)


def check_label(label: Label) -> None:
    """Refuse a box that no picture can hold.

    Raises:
        WrongUse: with file, line and what would be right.
    """
    size_right = 0 < label.width <= 1 + OVER and 0 < label.height <= 1 + OVER
    if not (size_right and 0 <= label.x <= 1 and 0 <= label.y <= 1):
        raise WrongUse(
            f"{label.file}:{label.line}: found {label.text!r}; x, y, width and height are shares 0..1 of the picture"
        )


def _label_file(folder: Path, image: Path) -> Path:
    """`labels` for the last `images` of the path, as Ultralytics has it."""
    parts = list(image.relative_to(folder).parts)
    last = len(parts) - 2 - parts[-2::-1].index("images")
    parts[last] = "labels"
    return folder.joinpath(*parts).with_suffix(".txt")


def _lines(picture: Path, file: Path, names: list[str]) -> Iterable[Label]:
    for number, line in enumerate(file.read_text(encoding="utf-8-sig", errors="replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            own, *place = (float(value) for value in line.split())
            x, y, width, height = place if len(place) == 4 else _around(place)
            if own != int(own) or not all(map(math.isfinite, (x, y, width, height))):
                raise ValueError
        except (ValueError, OverflowError):
            raise WrongUse(
                f"{file}:{number}: found {line!r}; a label is `class x y width height`, a number and shares 0..1, or a class and "
                "the corners `x y` of an outline"
            ) from None
        known = names and 0 <= own < len(names)
        yield Label(
            picture, file, number, names[int(own)] if known else f"{int(own)}", x, y, width, height, line.strip()
        )


def _around(corners: list[float]) -> tuple[float, float, float, float]:
    """The box around an outline `x y x y x y …`, as labels of segmentation have it."""
    if len(corners) < 6 or len(corners) % 2:
        raise ValueError
    left, right = min(corners[::2]), max(corners[::2])
    top, bottom = min(corners[1::2]), max(corners[1::2])
    return (left + right) / 2, (top + bottom) / 2, right - left, bottom - top


def _keypoint_labels(path: Path, images: dict[str, Path]) -> list[Label]:
    labels = []
    try:
        for number, entry in enumerate(json.loads(path.read_text(encoding="utf-8"))["annotations"], 1):
            x1, y1, x2, y2 = entry["bbox_xyxy"]
            wide, high = float(entry["width"]), float(entry["height"])
            box = ((x1 + x2) / 2 / wide, (y1 + y2) / 2 / high, (x2 - x1) / wide, (y2 - y1) / high)
            if entry["file"] in images:
                told = f"{entry['species']} {entry['bbox_xyxy']}"
                labels.append(Label(images[entry["file"]], path, number, entry["species"], *box, told))
    except (ValueError, KeyError, TypeError, ZeroDivisionError) as error:
        raise WrongUse(f"{str(path)!r} is no list of keypoint annotations: {error!r}") from error
    return labels
