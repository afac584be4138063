"""The networks that watching looks with, loaded once and shared by all cameras."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from home.champion import behaviour_model
from home.errors import WrongUse
from home.folder import Home
from models.behaviour.classifier import BehaviourReader
from models.detector.predict import Detector
from models.identity import Recogniser
from models.pose.predict import PoseReader

__all__ = ["Eyes", "load_eyes"]

_SHAPES = ((9, 16), (3, 4))
"""Height to width of what cameras send: OpenVINO compiles a network anew for each shape, which the first frame would wait for."""


@dataclass(frozen=True)
class Eyes:
    """What there is to look with; None where the home has none.

    Attributes:
        detector: finds.
        poses, behaviours: read cats.
        recogniser: knows the home's cats.
    """

    detector: Detector
    poses: PoseReader | None
    behaviours: BehaviourReader | None
    recogniser: Recogniser | None

    def warm(self) -> None:
        """Look once at nothing, so that no frame waits for what only the first look needs."""
        side = self.detector.input_size
        for high, wide in _SHAPES:
            picture = np.zeros((side * high // wide, side, 3), np.uint8)
            self.detector.detect([picture], 0.5)
        if self.poses is not None:
            self.poses.read(picture, np.array([[0.2, 0.2, 0.8, 0.8]], np.float32), coats_too=False)


def load_eyes(home: Home, recogniser: Recogniser | None = None) -> Eyes:
    """Load the networks that params.yaml names, as the night does.

    Raises:
        ModelError: one cannot be loaded.
        WrongUse: a rule is of a class that the detector is not asked for.
    """
    params, cache = home.params, home.root / "data" / "cache" / "models"
    for name, rule in home.config.rules.items():
        if rule.kind not in params.detect.classes:
            known = ", ".join(params.detect.classes)
            raise WrongUse(
                f"rules.{name}.class in {home.root / 'home.yaml'}: found {rule.kind!r}; `detect.classes` in params.yaml has: "
                f"{known}. A detector that knows more is named there as `detect.model`"
            )
    named = home.file(params.detect.model)
    detector = Detector.load(
        str(named) if named.exists() else params.detect.model, threads=params.watch.threads,
        classes=params.detect.classes, cache=cache, runtime=params.detect.runtime, mode=params.watch.mode,
    )  # fmt: skip
    poses = behaviours = None
    if params.pose.model:
        poses = PoseReader.load(
            home.file(params.pose.model), threads=params.watch.threads, cache=cache, runtime=params.pose.runtime
        )
        behaviours = BehaviourReader.load(behaviour_model(home)) if params.behave.model else None
    return Eyes(detector, poses, behaviours, recogniser if poses is not None else None)
