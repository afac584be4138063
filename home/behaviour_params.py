"""What a researcher turns in the training of the behaviour network: the sections `behaviour_prepare behaviour_train`."""

from __future__ import annotations

from pydantic import Field

from home.config import Section

__all__ = ["BehaviourPrepareParams"]


class BehaviourPrepareParams(Section):
    """Which moments the behaviour network learns from: cats of drawn homes that play every behaviour, read as the night reads."""

    homes: int = Field(
        24, ge=2, le=10_000, description="homes that are drawn, filmed and read; each takes a minute or two"
    )
    held_out: int = Field(
        6, ge=1, le=1000, description="of these, homes that are calibrated with and never learned from"
    )
    least_s: int = Field(12, ge=5, le=600, description="shortest episode of a drill, seconds")
    most_s: int = Field(25, ge=5, le=600, description="longest episode of a drill, seconds")
    pose: str = Field("models/pose/weights/pose.onnx", description="the pose network that reads them")
    seed: int = Field(0, ge=0, description="another seed, other homes")
    folder: str = Field("data/training/behaviour", description="where the moments are written")
