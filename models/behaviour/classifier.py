"""From the evidence of a moment to calibrated probabilities: a small ONNX network with its `model.json` beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from home.errors import ModelError
from models.behaviour.evidence import Evidence
from models.detector.description import described, fingerprint_of
from models.network import Network

__all__ = ["BehaviourReader", "ClassifierDescription", "columns"]

MOMENTS_AT_ONCE = 4096


class ClassifierDescription(BaseModel):
    """The `model.json` beside the ONNX file.

    Attributes:
        name: what tables and pages call this model.
        evidence: names of the numbers it takes, in order (`models.behaviour.evidence.NAMES`, `look_0` …).
        behaviours: names of its classes, in the order of its logits.
        temperature: logits are divided by it before the softmax (Guo et al., "On Calibration of Modern Neural Networks",
            ICML 2017).
        share: of each behaviour in the moments that the temperature was fitted on; empty where nobody said. What follows
            moments over time takes it out again.
        metric: figures of moments that it did not see, by name.
        fingerprint: SHA-256 of the ONNX file; empty where nobody pinned one.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    evidence: list[str] = Field(min_length=1)
    behaviours: list[str] = Field(min_length=2)
    temperature: float = Field(1.0, gt=0)
    share: list[float] = []
    metric: dict[str, float] = {}
    fingerprint: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")

    @model_validator(mode="after")
    def _each_once(self) -> ClassifierDescription:
        for names in (self.evidence, self.behaviours):
            if len(set(names)) != len(names):
                raise ValueError("a name stands twice")
        return self

    def write(self, path: Path) -> None:
        """Write as `model.json`, keys in the order of this class."""
        path.write_text(json.dumps(self.model_dump(), indent=2) + "\n", encoding="utf-8")

    def reading(self) -> str:
        """The fields that change what is read out of the model, as one line with a stable order."""
        fields = self.model_dump(include={"evidence", "behaviours", "temperature", "share"})
        return json.dumps(fields, sort_keys=True)


class BehaviourReader:
    """A classifier that is ready to run; make one with `BehaviourReader.load`.

    Attributes:
        description: how it is read and what is known of it.
        fingerprint: SHA-256 over the weights and how they are read: two with the same one say the same.
    """

    def __init__(self, onnx: Path, description: ClassifierDescription, network: Network) -> None:
        self.description, self._network = description, network
        takes, gives = [-1, 2 * len(description.evidence)], [-1, len(description.behaviours)]
        found = network.signature.input, network.signature.output
        if found != (takes, gives):
            raise ModelError(
                f"{str(onnx)!r} takes {found[0]} and gives {found[1]}, expected {takes} and {gives} (-1: any number of "
                "moments): the values of the evidence, then 1 for each that is known and 0 for each that is not"
            )
        self.fingerprint = hashlib.sha256(f"{fingerprint_of(onnx)}\n{description.reading()}".encode()).hexdigest()

    @classmethod
    def load(cls, source: str | Path, *, threads: int = 1) -> BehaviourReader:
        """Load a classifier.

        Args:
            source: an ONNX file with a `model.json` (or `NAME.json`) beside it.
            threads: threads that one run may use.

        Raises:
            ModelError: the file is missing, damaged, of another kind or not described.
        """
        from models.onnx import OnnxNetwork

        network = OnnxNetwork(source, threads=threads)
        description = described(Path(source), ClassifierDescription, "a classifier of behaviour")
        if description is None:
            raise ModelError(
                f"nothing says how to read {str(source)!r}: put its model.json beside it (name, evidence, behaviours)"
            )
        return cls(Path(source), description, network)

    def probabilities(self, moments: Evidence) -> NDArray[np.float32]:
        """How likely each behaviour is, `float32 [N,B]`, rows sum to 1; numbers that the evidence lacks count as not known."""
        taken = np.concatenate(columns(moments, self.description.evidence), axis=1)
        parts = [taken[begin : begin + MOMENTS_AT_ONCE] for begin in range(0, len(taken), MOMENTS_AT_ONCE)]
        none = np.zeros((0, len(self.description.behaviours)), np.float32)
        logits = np.concatenate([none, *(self._network.run(part) for part in parts)]) / self.description.temperature
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def columns(moments: Evidence, names: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Values and mask (1 known, 0 not) of the named evidence, both `float32 [N,M]`; what is not there is not known."""
    place = {name: index for index, name in enumerate(moments.names)}
    values, known = np.zeros((2, len(moments.values), len(names)), np.float32)
    for column, name in enumerate(names):
        if name in place:
            known[:, column] = moments.known[:, place[name]]
            values[:, column] = moments.values[:, place[name]] * known[:, column]
    return values, known
