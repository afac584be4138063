"""A detector that is sure of itself labels what people left unlabelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.detector.boxes import overlap
from models.detector.pictures import Picture, read_image
from models.detector.predict import Detector

__all__ = ["complete"]

_SURE = 0.5
_DOUBTFUL = 0.15
_SAME = 0.4
"""Overlap from which the teacher's box and a person's are the same animal: people and models cut tails differently."""


def complete(pictures: Sequence[Picture], teacher: Detector) -> list[Picture]:
    """Add the animals that a teacher sees and nobody labelled; a picture it is in doubt about is left out.

    Training against an animal that nobody labelled teaches the model to overlook it. People's boxes are never changed,
    and where they say that there is no animal they are believed: what fools the teacher is what is worth learning.
    """
    result = []
    for picture in pictures:
        if picture.labelled and not len(picture.boxes):
            result.append(picture)
            continue
        found = teacher.detect([read_image(picture.path)], _DOUBTFUL)[0]
        new = np.ones(len(found), bool)
        if len(picture.boxes) and len(found):
            new = overlap(found.boxes, picture.boxes).max(1) < _SAME
        if (new & (found.scores < _SURE)).any():
            result.append(replace(picture, split="left out", note="perhaps an unlabelled animal"))
        elif new.any():
            boxes = np.concatenate([picture.boxes, found.boxes[new]])
            result.append(
                replace(
                    picture,
                    boxes=boxes,
                    labelled=True,
                    note=f"{int(new.sum())} labelled by the teacher",
                    classes=(*picture.classes, *found.classes[new].tolist()),
                )
            )
        elif not picture.labelled:
            result.append(replace(picture, split="left out", note="the teacher sees no animal, and nobody looked"))
        else:
            result.append(picture)
    return result
