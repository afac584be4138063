"""The networks that a home reads with, with their figures."""

from __future__ import annotations

from home.champion import behaviour_model
from home.folder import Home
from models.behaviour.classifier import ClassifierDescription
from models.detector.description import described, fingerprint_of, read_description
from models.pose.description import read_pose_description
from serve.rows import Model

__all__ = ["networks_of"]


def networks_of(home: Home) -> list[Model]:
    """The detector, and pose and behaviour where the home reads them.

    Raises:
        ModelError: a description is damaged.
    """
    params, found = home.params, []
    detector = home.file(params.detect.model)
    if detector.suffix == ".onnx" and (told := read_description(detector)):
        found.append(Model(task="detector", name=told.name, fingerprint=fingerprint_of(detector), metric=told.metric))
    if params.pose.model and (posed := read_pose_description(home.file(params.pose.model))):
        file = home.file(params.pose.model)
        found.append(Model(task="pose", name=posed.name, fingerprint=fingerprint_of(file), metric=posed.metric))
    if params.behave.model:
        file = behaviour_model(home)
        own = described(file, ClassifierDescription, "a classifier of behaviour")
        if own:
            found.append(Model(task="behaviour", name=own.name, fingerprint=fingerprint_of(file), metric=own.metric))
    return found
