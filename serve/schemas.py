"""What the API says of a photo or clip, as types."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

__all__ = ["Box", "Drawn", "ModelVersion", "Point", "PredictedAnimal", "Prediction"]

Mode = Literal["fast", "accurate"]


class Box(BaseModel):
    """A box on the upright picture, corners as shares 0..1 of its width and height."""

    x1: float = Field(examples=[0.21])
    y1: float = Field(examples=[0.34])
    x2: float = Field(examples=[0.58])
    y2: float = Field(examples=[0.77])


class Point(BaseModel):
    """One joint; where its confidence is low its place is a guess."""

    name: str = Field(examples=["nose"])
    x: float = Field(examples=[0.31])
    y: float = Field(examples=[0.41])
    confidence: float = Field(examples=[0.92])


class PredictedAnimal(BaseModel):
    """One animal of a photo or clip."""

    behavior: str = Field(description="the likeliest behaviour of the ethogram", examples=["sleeping"])
    confidence: float = Field(description="its probability", examples=[0.61])
    pose: str | None = Field(
        description="how it holds itself: relaxed, stressed, in_pain, alert or playful; null where nothing is clear",
        examples=["relaxed"],
    )
    comfort_score: float | None = Field(
        description="0..1, 1 is no sign of discomfort: an indicator, not a diagnosis; null where it cannot be read, as "
        "on every photo",
        examples=[0.94],
    )
    anomaly_flag: bool | None = Field(
        description="whether this is unusual for this cat; null for a cat without a past", examples=[None]
    )
    box: Box
    detection_confidence: float = Field(description="that there is an animal", examples=[0.91])
    species: str = Field(examples=["cat"])
    probabilities: dict[str, float] = Field(examples=[{"sleeping": 0.61, "other": 0.2, "grooming": 0.19}])
    keypoints: list[Point]
    posture_scores: dict[str, float] = Field(description="each 0..1 by itself; empty where nothing is said")
    anomaly_score: float | None = Field(description="0 ordinary, 1 stranger than all of its past", examples=[None])
    reasons: list[str] = Field(description="why this is said, or why it is not", examples=[["curled up"]])
    at_s: float = Field(description="second of the clip that box and keypoints are of; 0 of a photo", examples=[0.0])
    from_s: float = Field(description="when it was first seen", examples=[0.0])
    to_s: float = Field(description="when it was last seen", examples=[0.0])
    moments: int = Field(description="looks that were read together", examples=[1])


class ModelVersion(BaseModel):
    """A network that had part in the answer."""

    name: str = Field(examples=["catml-detector"])
    fingerprint: str = Field(description="SHA-256 of its weights and how they are read", examples=["9f2c…"])


class Drawn(BaseModel):
    """The picture with what was seen drawn into it."""

    media_type: str = Field(examples=["image/jpeg"])
    width: int
    height: int
    data: str = Field(description="base64")


class Prediction(BaseModel):
    """What was seen on a photo or clip."""

    kind: Literal["photo", "clip"]
    format: str = Field(examples=["JPEG"])
    width: int = Field(description="pixels as sent, upright", examples=[4032])
    height: int = Field(examples=[3024])
    seconds: float | None = Field(description="of a clip, how much of it was seen", examples=[None])
    frames: int = Field(description="that were looked at", examples=[1])
    damaged: bool = Field(description="some of a clip could not be decoded, and was not seen")
    mode: Mode
    animals: list[PredictedAnimal]
    models: dict[str, ModelVersion]
    milliseconds: dict[str, float] = Field(
        description="by step",
        examples=[{"wait": 0.1, "decode": 14.0, "detect": 21.0, "pose": 9.0, "behaviour": 2.0, "total": 47.0}],
    )
    note: str = Field(description="what a comfort score is and is not")
    annotated: Drawn | None = None
