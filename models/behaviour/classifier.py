"""Ask the behaviour network: the evidence of moments in, calibrated probabilities out."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from home.errors import ModelError
from models.behaviour.evidence import Evidence
from models.detector.description import described, fingerprint_of
from models.network import Network, open_network

__all__ = ["DEFAULT_WEIGHTS", "BehaviourClassifier", "BehaviourDescription", "columns"]

Array = NDArray[np.float64]

DEFAULT_WEIGHTS = Path(__file__).parent / "weights" / "behaviour.onnx"
"""The behaviour network that CatML ships."""


class BehaviourDescription(BaseModel):
    """The `model.json` beside a behaviour network.

    Attributes:
        name: what tables and pages call this model.
        evidence: names of the numbers it is asked with, in order.
        behaviours: names of its answers, in order.
        share: of each behaviour in what its probabilities were calibrated on; a sequence smoother takes it out again.
        metric: figures of homes that it did not see, by name.
        fingerprint: SHA-256 of the ONNX file; empty where nobody pinned one.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    evidence: list[str] = Field(min_length=1)
    behaviours: list[str] = Field(min_length=2)
    share: list[float]
    metric: dict[str, float] = {}
    fingerprint: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")

    def write(self, path: Path) -> None:
        """Write as `model.json`, keys in the order of this class."""
        path.write_text(json.dumps(self.model_dump(), indent=2) + "\n", encoding="utf-8")


class BehaviourClassifier:
    """A behaviour network that is ready to be asked; make one with `BehaviourClassifier.load`.

    Attributes:
        description: what it is asked with and what it answers.
        fingerprint: SHA-256 over weights and description: two with the same one answer the same.
    """

    def __init__(self, onnx: Path, description: BehaviourDescription, network: Network) -> None:
        asked, answers = 2 * len(description.evidence), len(description.behaviours)
        signature = network.signature
        if signature.input[1:] != [asked] or signature.output[1:] != [answers]:
            raise ModelError(
                f"{str(onnx)!r} takes {signature.input} and gives {signature.output}, its description says [N, {asked}] "
                f"and [N, {answers}]: a value and a mask of each evidence, a log-probability of each behaviour"
            )
        self._network, self.description = network, description
        said = description.model_dump_json(include={"evidence", "behaviours", "share"})
        self.fingerprint = hashlib.sha256(f"{fingerprint_of(onnx)}\n{said}".encode()).hexdigest()

    @classmethod
    def load(cls, source: str | Path = DEFAULT_WEIGHTS) -> BehaviourClassifier:
        """Load a behaviour network; one thread of ONNX Runtime answers a day in a second.

        Raises:
            ModelError: the file is missing, damaged, of another kind, not described, or not the one that is described.
        """
        onnx = Path(source)
        network = open_network(onnx, threads=1, runtime="onnxruntime")
        description = described(onnx, BehaviourDescription, "a behaviour network")
        if description is None:
            raise ModelError(f"nothing says how to read {str(onnx)!r}: its model.json must lie beside it")
        return cls(onnx, description, network)

    @property
    def share(self) -> Array:
        """Of each behaviour in what it was calibrated on `[K]`."""
        return np.array(self.description.share)

    def probabilities(self, evidence: Evidence) -> Array:
        """Probability of each behaviour for each moment `[N, K]`; rows sum to 1.

        Evidence that the network was not taught is left out, and what it was taught but is not there counts as missing.
        """
        values, known = columns(evidence, self.description.evidence)
        if not len(values):
            return np.zeros((0, len(self.description.behaviours)))
        told = self._network.run(np.concatenate([values, known], axis=1).astype(np.float32)).astype(float)
        likely = np.exp(told - told.max(axis=1, keepdims=True))
        return np.asarray(likely / likely.sum(axis=1, keepdims=True))


def columns(evidence: Evidence, names: list[str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Values and mask (1 known, 0 missing) of the named evidence, both `[N, M]`."""
    place = {name: index for index, name in enumerate(evidence.names)}
    values = np.zeros((len(evidence.values), len(names)), np.float32)
    known = np.zeros_like(values)
    for column, name in enumerate(names):
        if name in place:
            known[:, column] = evidence.known[:, place[name]]
            values[:, column] = evidence.values[:, place[name]] * known[:, column]
    return values, known
