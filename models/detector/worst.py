"""The worst of what a detector said, to be looked at: animals it missed, and things it surely took for one."""

from __future__ import annotations

from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from models.detector.boxes import overlap
from models.detector.judge import PictureSet, Verdict
from models.detector.predict import Detections
from models.detector.sheet import Tile

__all__ = ["worst_false", "worst_misses"]

LOOSE = 0.1  # a box that lies less than this over any animal is something else altogether
SHOWN = 0.1  # boxes from this score on are drawn


def worst_misses(verdict: Verdict, pictures: PictureSet, most: int, confidence: float) -> list[Tile]:
    """Pictures with an animal that no box of `confidence` fits; lowest score first, of equal ones the largest animal."""
    if pictures.truth is None:
        return []
    ranked = []
    for number, (one, boxes) in enumerate(zip(verdict.found, pictures.truth, strict=True)):
        if len(boxes):
            score = _best_over(one, boxes)
            size = np.sqrt(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1))
            worst = int(np.lexsort((-size, score))[0])
            ranked.append((round(float(score[worst]), 2), -float(size[worst]), number))
    chosen = [entry for entry in sorted(ranked)[:most] if entry[0] < confidence]
    told = {number: f"missed: {f'only {score:.2f}' if score else 'no box fits'}" for score, _, number in chosen}
    return _tiles(verdict, pictures, told)


def worst_false(verdict: Verdict, pictures: PictureSet, most: int, confidence: float) -> list[Tile]:
    """Pictures with the surest box that lies over no animal; those below `confidence` are nearly said."""
    if pictures.truth is None:
        return []
    ranked = []
    for number, (one, boxes) in enumerate(zip(verdict.found, pictures.truth, strict=True)):
        lone = overlap(one.boxes, boxes).max(1, initial=0.0) < LOOSE
        if lone.any():
            ranked.append((-float(one.scores[lone].max()), number))
    chosen = [entry for entry in sorted(ranked)[:most] if -entry[0] >= SHOWN]
    told = {n: f"{'false' if -score >= confidence else 'nearly said'}: {-score:.2f}" for score, n in chosen}
    return _tiles(verdict, pictures, told)


def _best_over(one: Detections, boxes: NDArray[np.float32]) -> NDArray[np.float64]:
    """The best score `[M]` of a box that fits each animal at an overlap of 0.5."""
    fits = overlap(one.boxes, boxes) >= 0.5
    return np.asarray(np.where(fits, one.scores[:, None], 0.0).max(0, initial=0.0))


def _tiles(verdict: Verdict, pictures: PictureSet, captions: dict[int, str]) -> list[Tile]:
    """Tiles in the order of the captions; the pictures are read once, in their own order."""
    assert pictures.truth is not None
    tiles = {}
    for number, image in enumerate(pictures.images()) if captions else ():
        if number in captions:
            one = verdict.found[number]
            said = one.scores >= SHOWN
            told = [f"{score:.2f}" for score in one.scores[said]]
            name = PurePath(pictures.names[number]).name
            tiles[number] = Tile(image, pictures.truth[number], one.boxes[said], told, f"{captions[number]}, {name}")
    return [tiles[number] for number in captions]
