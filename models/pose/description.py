"""`model.json` of a pose network: what one has to know to run it, and of its making to trust it."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.detector.description import described
from models.pose.crop import AROUND

__all__ = ["PoseDescription", "read_pose_description"]


class PoseDescription(BaseModel):
    """The `model.json` beside an ONNX file.

    Attributes:
        name: what tables and pages call this model.
        input_size: side in pixels of the square crop.
        around: side of the crop, in longer sides of the box.
        keypoints: names in the order of the output.
        looks: how many numbers say what the animal looks like.
        metric: figures of pictures that it did not see, by name.
        fingerprint: SHA-256 of the ONNX file; empty where nobody pinned one.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    input_size: int = Field(ge=32, le=1024, multiple_of=32)
    around: float = Field(AROUND, ge=1, le=3)
    keypoints: list[str] = Field(min_length=1)
    looks: int = Field(ge=1, le=4096)
    metric: dict[str, float] = {}
    fingerprint: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")

    @model_validator(mode="after")
    def _each_once(self) -> PoseDescription:
        if len(set(self.keypoints)) != len(self.keypoints):
            raise ValueError("a keypoint is named twice")
        return self

    @property
    def numbers(self) -> int:
        """How many numbers the network gives for a crop: x, y and confidence a keypoint, then the looks."""
        return 3 * len(self.keypoints) + self.looks

    def write(self, path: Path) -> None:
        """Write as `model.json`, keys in the order of this class."""
        path.write_text(json.dumps(self.model_dump(), indent=2) + "\n", encoding="utf-8")

    def reading(self) -> str:
        """The fields that change what is read out of the model, as one line with a stable order."""
        fields = self.model_dump(include={"input_size", "around", "keypoints", "looks"})
        return json.dumps(fields, sort_keys=True)


def read_pose_description(onnx: Path) -> PoseDescription | None:
    """The description beside an ONNX file, or None where there is none.

    Raises:
        ModelError: the description is wrong, or the ONNX file is not the one it describes.
    """
    return described(onnx, PoseDescription, "a pose network")
