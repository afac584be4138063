"""The list of training pictures as CSV: one line a picture, so that a split can be read, compared and kept in Git."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from home.errors import WrongUse
from home.store import write_file
from models.detector.pictures import Picture

__all__ = ["read_listing", "write_listing"]

_COLUMNS = ("split", "fold", "measured", "source", "picture", "boxes", "note")


def write_listing(pictures: Iterable[Picture], path: Path) -> None:
    """Write the list; boxes as `x1 y1 x2 y2 class` with four decimals, separated by semicolons."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for picture in pictures:
        fold, measured = "" if picture.fold < 0 else picture.fold, "yes" if picture.measured else ""
        place = picture.path.as_posix()
        writer.writerow([picture.split, fold, measured, picture.source, place, _boxes(picture), picture.note])
    write_file(path, text.getvalue().encode())


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
                picture = _picture(row)
            except (KeyError, ValueError, AttributeError) as error:
                raise WrongUse(f"{path}:{number}: found {row!r}; expected the columns {', '.join(_COLUMNS)}") from error
            if split in (None, picture.split):
                pictures.append(picture)
    return pictures


def _boxes(picture: Picture) -> str:
    rows = zip(picture.boxes, picture.classes, strict=True)
    return ";".join(" ".join([*(f"{value:.4f}" for value in box), name]) for box, name in rows)


def _picture(row: dict[str, str]) -> Picture:
    entries = [box.split(" ", 4) for box in row["boxes"].split(";") if box]
    boxes = np.array([[float(value) for value in entry[:4]] for entry in entries], np.float32).reshape(-1, 4)
    return Picture(
        Path(row["picture"]), row["source"], boxes, True, row["split"], row["note"],
        classes=tuple(entry[4] for entry in entries if len(entry) > 4),
        fold=int(row.get("fold") or -1), measured=row.get("measured") == "yes",
    )  # fmt: skip
