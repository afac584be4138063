"""Whether the networks that the night reads with are there and whole."""

from __future__ import annotations

from collections.abc import Iterator

from home.champion import behaviour_model
from home.errors import CatMLError
from home.folder import Home
from ingest.finding import Finding
from models.detector.description import SHORT

__all__ = ["models"]


def models(home: Home) -> Iterator[Finding]:
    """One finding for the detector, the pose network and the behaviour network."""
    yield _detector(home)
    yield _pose(home)
    yield _behaviour(home)


def _detector(home: Home) -> Finding:
    from models.detector.predict import Detector

    name, what = home.params.detect.model, "detector"
    path = home.file(name)
    if path.suffix != ".onnx":
        there = "" if path.is_file() else ", and is asked of its hub"
        return Finding(what, "warn", f"{name} is converted in the first night{there}", "an .onnx file needs neither")
    try:
        params = home.params.detect
        detector = Detector.load(path, threads=1, classes=params.classes, runtime=params.runtime, mode=params.mode)
    except CatMLError as error:
        return Finding(what, "fail", str(error), "put it there, or name another under `detect.model` in params.yaml")
    size = detector.input_size
    told = f"{detector.description.name}, {size} x {size}, {detector.network.runtime}"
    return Finding(what, "ok", f"{told}, fingerprint {detector.fingerprint[:SHORT]}")


def _pose(home: Home) -> Finding:
    from models.pose.predict import PoseReader

    params = home.params.pose
    if not params.model:
        return Finding("pose", "ok", "left out: `pose.model` is empty")
    path = home.file(params.model)
    if path.suffix != ".onnx":
        return Finding(
            "pose", "warn", f"{params.model} is converted in the first night", "an .onnx file needs none of it"
        )
    try:
        reader = PoseReader.load(path, threads=1, runtime=params.runtime)
    except CatMLError as error:
        return Finding("pose", "fail", str(error), "put it there, or name another under `pose.model` in params.yaml")
    size = reader.input_size
    return Finding(
        "pose", "ok", f"{reader.description.name}, {size} x {size}, fingerprint {reader.fingerprint[:SHORT]}"
    )


def _behaviour(home: Home) -> Finding:
    from models.behaviour.classifier import BehaviourReader

    what = "behaviour"
    if not home.params.behave.model:
        return Finding(what, "ok", "told by rules: `behave.model` is empty")
    try:
        reader = BehaviourReader.load(behaviour_model(home))
    except CatMLError as error:
        return Finding(what, "fail", str(error), "put it there, or name another under `behave.model` in params.yaml")
    return Finding(what, "ok", f"{reader.description.name}, fingerprint {reader.fingerprint[:SHORT]}")
