"""What detectors say of sets of pictures, and what that is worth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.detector.bootstrap import Difference, Estimate, differences, draws, estimates, intervals
from models.detector.marks import Marks, mark
from models.detector.measure import LOWEST
from models.detector.pictures import Picture, read_image
from models.detector.predict import Detections

__all__ = ["Finder", "PictureSet", "Verdict", "judge", "of_pictures", "versus"]

Image = NDArray[np.uint8]


class Finder(Protocol):
    """What finds animals: a `Detector`, or several of which each answers for its fold."""

    def detect(self, images: Sequence[Image], confidence: float = 0.25) -> list[Detections]:
        """One answer per picture."""
        ...


@dataclass(frozen=True)
class PictureSet:
    """Pictures that detectors are measured on.

    Attributes:
        name: in tables.
        names: of each picture, for people.
        images: gives all of them in order, RGB, anew each time.
        truth: boxes `[M,4]` of each; None where nobody drew any but each picture shows an animal (clips).
        groups: pictures of one name are drawn together in the bootstrap.
        folds: number of the fold of each, where they have one.
        classes: of the true boxes of each picture.
    """

    name: str
    names: Sequence[str]
    images: Callable[[], Iterable[Image]]
    truth: Sequence[NDArray[np.float32]] | None
    groups: Sequence[str]
    folds: Sequence[int] = field(default_factory=tuple)
    classes: Sequence[Sequence[str]] | None = None


@dataclass(frozen=True)
class Verdict:
    """One detector on one set: its boxes from `LOWEST` on, and its figures with their intervals.

    Attributes:
        model, set_name: names.
        found: its boxes, one answer a picture.
        marks: what they are worth; None where the set has no boxes.
        figures: of all classes together, by name.
        by_class: the same of each class alone, where the set has several.
    """

    model: str
    set_name: str
    found: list[Detections]
    marks: Marks | None
    figures: dict[str, Estimate]
    by_class: dict[str, dict[str, Estimate]] = field(default_factory=dict)


def of_pictures(name: str, pictures: Sequence[Picture]) -> PictureSet:
    """A set of labelled pictures that are read when they are asked for."""

    def images() -> Iterator[Image]:
        return (read_image(picture.path) for picture in pictures)

    names = [picture.path.as_posix() for picture in pictures]
    boxes, folds = [picture.boxes for picture in pictures], [picture.fold for picture in pictures]
    return PictureSet(name, names, images, boxes, names, folds, [picture.classes for picture in pictures])


def judge(
    name: str, models: Finder | Sequence[Finder], pictures: PictureSet, *, confidence: float, times: int
) -> Verdict:
    """Measure a detector on a set.

    Args:
        name: of the detector, in tables.
        models: the detector, or one for each fold of the set: picture i is answered by model `folds[i]`.
        pictures: the set.
        confidence: score from which a box is reported in daily use.
        times: resamples for the intervals.

    Raises:
        ValueError: a picture has no fold, or its fold no model.
        FootageError: a picture cannot be read.
    """
    found = list(_answers(models, pictures))
    weights = draws(len(found), groups=pictures.groups, times=times)
    if pictures.truth is None:
        seen = np.array([bool((one.scores >= confidence).any()) for one in found], float)
        ones = np.ones((1, len(found)))
        shares = [{"found": each @ seen / np.maximum(each.sum(1), 1)} for each in (ones, weights)]
        return Verdict(name, pictures.name, found, None, intervals(*shares) if found else {})
    marks = mark(found, pictures.truth, pictures.classes)
    kinds = sorted({kind for classes in pictures.classes or () for kind in classes})
    by_class = {
        kind: estimates(_of_class(kind, found, pictures), weights, confidence=confidence)
        for kind in (kinds if len(kinds) > 1 else ())
    }
    return Verdict(name, pictures.name, found, marks, estimates(marks, weights, confidence=confidence), by_class)


def versus(
    first: Verdict, second: Verdict, pictures: PictureSet, *, confidence: float, times: int
) -> dict[str, Difference]:
    """What the second has more than the first on a set that both were measured on; nothing where it has no boxes."""
    if first.marks is None or second.marks is None:
        return {}
    weights = draws(first.marks.pictures, groups=pictures.groups, times=times)
    return differences(first.marks, second.marks, weights, confidence=confidence)


def _of_class(kind: str, found: Sequence[Detections], pictures: PictureSet) -> Marks:
    """What is left of answers and boxes when only one class is asked for."""
    own = [
        Detections(one.boxes[mine], one.scores[mine], one.classes[mine])
        for one in found
        for mine in (one.classes == kind,)
    ]
    truth = [
        boxes[np.array([name == kind for name in classes], bool)]
        for boxes, classes in zip(pictures.truth or (), pictures.classes or (), strict=True)
    ]
    return mark(own, truth)


def _answers(models: Finder | Sequence[Finder], pictures: PictureSet) -> Iterator[Detections]:
    for number, image in enumerate(pictures.images()):
        model = _of_fold(models, pictures, number) if isinstance(models, Sequence) else models
        yield model.detect([image], LOWEST)[0]


def _of_fold(models: Sequence[Finder], pictures: PictureSet, number: int) -> Finder:
    fold = pictures.folds[number] if pictures.folds else -1
    if not 0 <= fold < len(models):
        raise ValueError(
            f"{pictures.names[number]}: its fold is {fold}; there are models of the folds 0 to {len(models) - 1}"
        )
    return models[fold]
