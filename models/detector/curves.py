"""What a detector gets right and what it mixes up, as arrays that TensorBoard draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from home.look import THEME, rgb
from models.detector.boxes import match, overlap
from models.detector.trainer import Seen

__all__ = ["Counts", "confusion", "confusion_picture", "counts_by_score"]

OVERLAP = 0.5  # from which a box is the animal's (PASCAL VOC)
SCORE = 0.3  # from which a box counts in the confusion matrix: what `detect.confidence` ships with


@dataclass(frozen=True)
class Counts:
    """Right and wrong boxes of one class from each score on, arrays `[T]` over scores 0..1 in equal steps.

    Attributes:
        right, wrong, missed: numbers of boxes; of animals without one.
        precision, recall: shares 0..1; without any box precision is 1.
    """

    right: NDArray[np.float64]
    wrong: NDArray[np.float64]
    missed: NDArray[np.float64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]


def counts_by_score(seen: Sequence[Seen], number: int, steps: int = 127) -> Counts | None:
    """Count one class over all pictures, None where they show none of it."""
    animals, right, scores = 0, [], []
    for one in seen:
        mine = one.found_classes == number
        truth = one.true[one.true_classes == number]
        animals += len(truth)
        right.append(match(one.found[mine], one.scores[mine], truth, OVERLAP))
        scores.append(one.scores[mine])
    if not animals:
        return None
    hit, score = np.concatenate(right), np.concatenate(scores)
    above = score[None, :] >= np.linspace(0, 1, steps)[:, None]
    hits, all_ = (above & hit).sum(1).astype(float), above.sum(1).astype(float)
    precision = np.divide(hits, all_, out=np.ones(steps), where=all_ > 0)
    return Counts(hits, all_ - hits, animals - hits, precision, hits / animals)


def confusion(seen: Sequence[Seen], classes: int) -> NDArray[np.int64]:
    """How often what (row) was taken for what (column), `[classes + 1, classes + 1]`; the last of both is nothing.

    Each box from `SCORE` on is paired with the free animal it overlaps most, of whatever class.
    """
    table = np.zeros((classes + 1, classes + 1), np.int64)
    for one in seen:
        sure = one.scores >= SCORE
        found, kinds = one.found[sure], one.found_classes[sure]
        free = np.ones(len(one.true), bool)
        pairs = overlap(found, one.true)
        for index in range(len(found)):
            best = int(np.argmax(np.where(free, pairs[index], -1))) if free.any() else -1
            row = classes
            if best >= 0 and pairs[index, best] >= OVERLAP:
                row, free[best] = int(one.true_classes[best]), False
            table[row, kinds[index]] += 1
        for missed in one.true_classes[free]:
            table[missed, classes] += 1
    return table


def confusion_picture(table: NDArray[np.int64], classes: Sequence[str]) -> NDArray[np.uint8]:
    """The table as a picture, RGB `uint8 [H,W,3]`: the darker a cell, the larger its share of the row.

    A table with one row more than classes has what is nothing in it: there, the share of its column, how much of what was
    said is false. Large and bold, for TensorBoard shows it smaller and without smoothing.
    """
    with_nothing = len(table) > len(classes)
    names, margin = [*classes, *(["nothing"] if with_nothing else [])], 220
    cell = max(48, min(220, 2200 // len(names)))
    side = margin + cell * len(names)
    picture = np.full((side, side, 3), rgb(THEME["page"][0]), np.uint8)
    ink, accent = np.array(rgb(THEME["text"][0])), np.array(rgb(THEME["accent"][0]))
    shares = table / np.maximum(table.sum(1, keepdims=True), 1)
    if with_nothing:
        shares[-1] = table[-1] / np.maximum(table.sum(0), 1)
    for row, column in np.ndindex(*table.shape):
        top, left = margin + row * cell, margin + column * cell
        picture[top : top + cell, left : left + cell] = rgb(THEME["line"][0])
        if row == column == len(classes):  # nothing there and nothing said: nobody can count it
            picture[top + 2 : top + cell - 2, left + 2 : left + cell - 2] = rgb(THEME["page"][0])
            continue
        fill = 255 - shares[row, column] * (255 - accent)
        picture[top + 2 : top + cell - 2, left + 2 : left + cell - 2] = fill.astype(np.uint8)
        write = np.array([255, 255, 255]) if shares[row, column] > 0.5 else ink
        _centred(picture, str(table[row, column]), (left + cell // 2, top + cell // 2), write, cell - 40, 2.4)
    for number, name in enumerate(names):
        middle = margin + number * cell + cell // 2
        _centred(picture, name, (middle, margin - 34), ink, cell - 20, 1.3)
        _centred(picture, name, (margin // 2, middle), ink, margin - 20, 1.3)
    _centred(picture, "rows: what it is", (side // 2, 44), ink, side - 20, 1.3)
    _centred(picture, "columns: what was said", (side // 2, 104), ink, side - 20, 1.3)
    return picture


def _centred(picture: NDArray[np.uint8], text: str, at: tuple[int, int], ink: NDArray, room: int, scale: float) -> None:
    """Text of that size, or smaller where there is not so much room."""
    plain = text.encode("ascii", "replace").decode()
    (width, height), _ = cv2.getTextSize(plain, cv2.FONT_HERSHEY_SIMPLEX, scale, 3)
    if width > room:
        scale *= room / width
        (width, height), _ = cv2.getTextSize(plain, cv2.FONT_HERSHEY_SIMPLEX, scale, 3)
    colour = tuple(int(value) for value in ink)
    place = (at[0] - width // 2, at[1] + height // 2)
    cv2.putText(picture, plain, place, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, 3, cv2.LINE_AA)
