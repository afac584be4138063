"""The networks that a home reads with, with their figures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from home.champion import behaviour_model
from home.folder import Home
from models.behaviour.classifier import ClassifierDescription
from models.detector.description import described, fingerprint_of, read_description
from models.photo.predict import DEFAULT_WEIGHTS, PhotoDescription
from models.pose.description import read_pose_description
from serve.rows import Model

__all__ = ["InUse", "in_use", "networks_of"]


@dataclass(frozen=True)
class InUse:
    """A network: what it is for, its file, its name, and its figures as its description has them."""

    task: Literal["detector", "pose", "behaviour", "photo"]
    file: Path
    name: str
    metric: dict[str, float]


def in_use(home: Home) -> list[InUse]:
    """The detector, pose and behaviour where the home reads them, and the reader of photos; what is not described is left out.

    Raises:
        ModelError: a description is damaged.
    """
    params, found = home.params, list[InUse]()
    file = home.file(params.detect.model)
    if file.suffix == ".onnx" and (seen := read_description(file)):
        found.append(InUse("detector", file, seen.name, seen.metric))
    if params.pose.model and (posed := read_pose_description(home.file(params.pose.model))):
        found.append(InUse("pose", home.file(params.pose.model), posed.name, posed.metric))
    if params.behave.model:
        file = behaviour_model(home)
        if own := described(file, ClassifierDescription, "a classifier of behaviour"):
            found.append(InUse("behaviour", file, own.name, own.metric))
    if found and (photos := described(DEFAULT_WEIGHTS, PhotoDescription, "a reader of photos")):
        found.append(InUse("photo", DEFAULT_WEIGHTS, photos.name, photos.metric))
    return found


def networks_of(home: Home) -> list[Model]:
    """The same as rows of the API.

    Raises:
        ModelError: a description is damaged.
    """
    return [
        Model(task=each.task, name=each.name, fingerprint=fingerprint_of(each.file), metric=each.metric)
        for each in in_use(home)
    ]
