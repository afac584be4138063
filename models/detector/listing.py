"""The list of training pictures as CSV: one line a picture, so that a split can be read, compared and kept in Git."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from home.errors import WrongUse
from models.detector.pictures import Picture

__all__ = ["read_listing", "write_listing"]

_COLUMNS = ("split", "source", "picture", "boxes", "note")


def write_listing(pictures: Iterable[Picture], path: Path) -> None:
    """Write the list; boxes as `x1 y1 x2 y2` with four decimals, separated by semicolons."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for picture in pictures:
            boxes = ";".join(" ".join(f"{value:.4f}" for value in box) for box in picture.boxes)
            writer.writerow([picture.split, picture.source, picture.path.as_posix(), boxes, picture.note])


def read_listing(path: Path, split: str | None = None) -> list[Picture]:
    """The pictures of a list, of one split or all.

    Raises:
        WrongUse: there is no list, or a line of it cannot be read.
    """
    if not path.is_file():
        raise WrongUse(f"no list of pictures at {str(path)!r}; `python -m tasks.prepare` writes it")
    pictures = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            try:
                values = [[float(value) for value in box.split()] for box in row["boxes"].split(";") if box]
                boxes = np.array(values, np.float32).reshape(-1, 4)
                picture = Picture(Path(row["picture"]), row["source"], boxes, True, row["split"], row["note"])
            except (KeyError, ValueError, AttributeError) as error:
                raise WrongUse(f"{path}:{number}: found {row!r}; expected the columns {', '.join(_COLUMNS)}") from error
            if split in (None, picture.split):
                pictures.append(picture)
    return pictures
