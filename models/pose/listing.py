"""The list of animals as JSON, one a line: what a run learns from and is measured on, to be read and compared."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from home.errors import WrongUse
from home.store import write_file
from models.pose.animals import Animal
from models.pose.keypoints import KEYPOINTS

__all__ = ["read_listed", "write_listed"]


def write_listed(animals: Iterable[Animal], path: Path) -> None:
    """Write the list; shares with four decimals."""
    lines = [
        json.dumps({
            "fold": animal.fold,
            "measured": animal.measured,
            "source": animal.source,
            "species": animal.species,
            "picture": animal.path.as_posix(),
            "box": [round(value, 4) for value in animal.box.tolist()],
            "keypoints": [[round(x, 4), round(y, 4), int(state)] for x, y, state in animal.keypoints.tolist()],
        })
        for animal in animals
    ]  # fmt: skip
    write_file(path, ("\n".join(lines) + "\n").encode())


def read_listed(path: Path) -> list[Animal]:
    """The animals of a list.

    Raises:
        WrongUse: there is no list, or a line of it cannot be read.
    """
    if not path.is_file():
        raise WrongUse(f"no list of animals at {str(path)!r}; `python -m tasks.pose_prepare` writes it")
    animals = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            points = np.array(row["keypoints"], np.float32).reshape(len(KEYPOINTS), 3)
            box = np.array(row["box"], np.float32).reshape(4)
            animals.append(
                Animal(
                    Path(row["picture"]),
                    row["source"],
                    row["species"],
                    box,
                    points,
                    int(row["fold"]),
                    bool(row["measured"]),
                )
            )
        except (ValueError, KeyError, TypeError) as error:
            raise WrongUse(f"{path}:{number} is no animal of the list ({error!r}); write it again") from error
    return animals
