"""What a researcher turns in the training of the behaviour network: the sections `behaviour_prepare behaviour_train`."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator, model_validator

from home.config import Misplaced, Section

__all__ = ["BehaviourPrepareParams", "BehaviourTrainParams"]


class BehaviourPrepareParams(Section):
    """Which moments the behaviour network learns from: cats of drawn homes that play every behaviour, read as the night reads."""

    homes: int = Field(24, ge=1, le=10_000, description="homes to draw, film and read; each takes a minute or two")
    held_out: int = Field(6, ge=1, le=1000, description="as many more, which are never learned from")
    least_s: int = Field(12, ge=5, le=600, description="shortest episode, seconds")
    most_s: int = Field(25, ge=5, le=600, description="longest episode, seconds")
    photos: list[str] = Field([], description="folders FOLDER/BEHAVIOUR/*.jpg of single photos of cats")
    rename: list[str] = Field([], description="`folder: behaviour` for folders of other names, e.g. `loafing: other`")
    listed: str = Field(
        "", description="CSV of cats in other pictures: picture,x0,y0,x1,y1,behaviour, boxes in pixels; empty: none"
    )
    pictures: str = Field(".", description="folder that the pictures of `listed` are named from")
    sources: list[str] = Field([], description="`name: what it is and its terms` of the photos, for the card")
    folds: int = Field(5, ge=2, le=20, description="parts that the photos are measured in")
    pose: str = Field("models/pose/weights/pose.onnx", description="the pose network that reads them")
    seed: int = Field(0, ge=0, le=1000, description="another seed, other homes")
    folder: str = Field("data/training/behaviour/moments", description="where the moments of each home are written")

    @field_validator("rename")
    @classmethod
    def _two_names(cls, lines: list[str]) -> list[str]:
        for line in lines:
            if not all(part.strip() for part in line.partition(": ")):
                raise ValueError(f"found {line!r}; write `folder: behaviour`, e.g. `loafing: other`")
        return lines

    @model_validator(mode="after")
    def _least_is_least(self) -> BehaviourPrepareParams:
        if self.least_s > self.most_s:
            raise Misplaced(f"it must not be more than `most_s` ({self.most_s})", ("least_s",))
        return self


class BehaviourTrainParams(Section):
    """How the behaviour network is trained."""

    name: str = Field("catml-behaviour", description="name in tables and pages")
    hidden: int = Field(96, ge=4, le=4096, description="width of its two layers")
    looks: int = Field(24, ge=1, le=1024, description="width that looks are brought down to: many numbers, few animals")
    epochs: int = Field(40, ge=1, le=2000, description="passes over the moments")
    batch: int = Field(256, ge=2, le=65_536, description="moments per step")
    rate: float = Field(0.003, gt=0, lt=1, description="highest learning rate (AdamW, one cycle)")
    decay: float = Field(0.02, ge=0, lt=1, description="weight decay (AdamW)")
    dropout: float = Field(0.2, ge=0, lt=1, description="share of the hidden numbers left out in training")
    missing: float = Field(0.25, ge=0, lt=1, description="share of the moments that lose each kind of evidence")
    missing_looks: float = Field(0.5, ge=0, le=1, description="share of the moments that lose their looks")
    wrong_zones: float = Field(
        0.15, ge=0, le=1, description="weight of moments whose zones lie elsewhere; 1: as much as right ones"
    )
    replay: int = Field(
        100,
        ge=1,
        le=10_000,
        description="moments of each behaviour that go with the network, for a home's own training",
    )
    photos: float = Field(
        0.2, gt=0, le=10, description="what photos of a behaviour weigh together, against its moments in homes"
    )
    seed: int = Field(0, ge=0, description="seed of weights and order")
    folder: str = Field("data/training/behaviour/export", description="where behaviour.onnx and model.json are written")

    def learning(self) -> dict[str, Any]:
        """Those that the network's own training takes."""
        return self.model_dump(exclude={"name", "wrong_zones", "photos", "replay", "folder"})
