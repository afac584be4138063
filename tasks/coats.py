"""What ships beside a pose network so that cats can be told apart: coats of strangers, and how one cat differs from itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.coat import IN_GREY
from models.detector.pictures import read_image
from models.pose.animals import Animal
from models.pose.predict import PoseReader
from models.strangers import Strangers, within
from tasks.portraits import read_portraits, write_portraits
from tasks.simulated_pictures import SOURCE, drawn_once

__all__ = ["CATS", "strangers_from"]

CATS = 60  # drawn, on the portraits
MOST = 1200  # strangers of one source: more say nothing new
SEED = 900_000_000
"""Of the portraits; no other pictures are drawn from it."""


def strangers_from(
    reader: PoseReader, animals: Sequence[Animal], species: str, rooms: int, folder: Path
) -> tuple[Strangers, dict[str, int]]:
    """The strangers of a network and what they are: how many of each source, how many portraits.

    Args:
        reader: the network.
        animals: from the list that it learned from; of each picture the largest of the species is taken, so that each cat
            comes once, but for the few that somebody photographed twice.
        species: of the strangers.
        rooms: in which portraits are drawn.
        folder: where they are kept.
    """
    chosen = _one_each([animal for animal in animals if animal.species == species])
    coats = np.concatenate([reader.read(read_image(each.path), each.box[None]).coats for each in chosen])
    drawn_once(folder, {"cats": CATS, "rooms": rooms, "seed": SEED}, lambda at: write_portraits(at, CATS, rooms, SEED))
    shown = list(read_portraits(folder))
    own = np.concatenate([reader.read(each.picture, each.box[None]).coats for each in shown])
    cats, coloured = np.array([each.cat for each in shown]), np.isfinite(own).all(axis=1)
    sources = list(dict.fromkeys(animal.source for animal in chosen))
    kinds = np.array([sources.index(animal.source) for animal in chosen])
    strangers = Strangers(
        coats, kinds, IN_GREY, within(own[coloured], cats[coloured]), within(own[:, IN_GREY], cats)
    )  # fmt: skip
    counts = Counter("drawn" if animal.source == SOURCE else animal.source for animal in chosen)
    return strangers, {**counts, "portraits": len(shown)}


def _one_each(animals: Sequence[Animal]) -> list[Animal]:
    largest: dict[Path, Animal] = {}
    for animal in animals:
        if animal.path not in largest or _area(animal) > _area(largest[animal.path]):
            largest[animal.path] = animal
    by_source: dict[str, list[Animal]] = {}
    for animal in largest.values():
        by_source.setdefault(animal.source, []).append(animal)
    return [animal for own in by_source.values() for animal in own[:: -(-len(own) // MOST)]]


def _area(animal: Animal) -> float:
    return float(np.prod(animal.box[2:] - animal.box[:2]))
