"""What an event says beyond when and where, by its category: each is validated by its own model."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, FiniteFloat, model_validator

from home.ethogram import BEHAVIOURS, POSTURES

__all__ = ["AnomalyPayload", "CatPayload", "HumanPayload", "Payload", "SystemPayload", "WildlifePayload"]

Share = Annotated[float, Field(ge=0, le=1)]


class _Payload(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CatPayload(_Payload):
    """A cat was seen: which (`unknown` where nobody can tell), what it did, how it held itself, and the comfort score, 0..1."""

    category: Literal["cat"] = "cat"
    identity: str = Field(min_length=1)
    behaviour: str = ""
    posture: str = ""
    comfort: Share | None = None

    @model_validator(mode="after")
    def _are_known(self) -> CatPayload:
        for name, value, known in (("behaviour", self.behaviour, BEHAVIOURS), ("posture", self.posture, POSTURES)):
            if value and value not in known:
                raise ValueError(f"no {name} {value!r}; there are: {', '.join(known)}")
        return self


class HumanPayload(_Payload):
    """A person was seen: how, `x y confidence` of keypoints in 0..1, and how much it matters."""

    category: Literal["human"] = "human"
    pose_label: str = ""
    pose_confidence: Share | None = None
    keypoints: tuple[tuple[Share, Share, Share], ...] = ()
    risk_level: Literal["info", "warn", "critical"] = "info"


class WildlifePayload(_Payload):
    """Another animal was seen: which, how surely, how much of a threat, and what it may be about."""

    category: Literal["wildlife"] = "wildlife"
    species: str = Field(min_length=1)
    species_confidence: Share
    threat_level: str = ""
    behavior_hint: str = ""


class AnomalyPayload(_Payload):
    """Something was unusual for a cat: an indicator for people to look, never a diagnosis.

    Attributes:
        cat: its id.
        kind, of: as in the table `anomalies`.
        severity: notice, warning or urgent.
        score: nats.
        sentence: in English, without the name of the cat.
        numbers: that are in the sentence.
        evidence: starts of the events of the cat it rests on.
        start, end: of the time it is of; of one that lasts, the end of what was known when it was last looked at.
        known_until: when it was last looked at: the end of that local date.
    """

    category: Literal["anomaly"] = "anomaly"
    cat: str = Field(min_length=1)
    kind: str = Field(min_length=1)
    of: str = Field(min_length=1)
    severity: Literal["notice", "warning", "urgent"]
    score: FiniteFloat
    sentence: str = Field(min_length=1)
    numbers: dict[str, FiniteFloat] = {}
    evidence: tuple[AwareDatetime, ...] = ()
    start: AwareDatetime
    end: AwareDatetime
    known_until: AwareDatetime

    @model_validator(mode="after")
    def _in_order(self) -> AnomalyPayload:
        if not self.start <= self.end:
            raise ValueError(f"it ends at {self.end}, before it starts at {self.start}")
        return self


class SystemPayload(_Payload):
    """The house itself has a fault, or had one: nobody watches while it lasts.

    Attributes:
        kind: what is wrong.
        of: whose fault: a camera's id, a disk, a flow; no address, no credentials.
        severity: notice, warning or urgent.
        sentence: in English: what was found, and what would help.
        start: when it began.
        end: when it was over; None while it lasts.
    """

    category: Literal["system"] = "system"
    kind: Literal["camera_offline", "disk_nearly_full", "flow_failed", "stream_slow"]
    of: str = Field(min_length=1)
    severity: Literal["notice", "warning", "urgent"]
    sentence: str = Field(min_length=1)
    start: AwareDatetime
    end: AwareDatetime | None = None

    @model_validator(mode="after")
    def _in_order(self) -> SystemPayload:
        if self.end is not None and not self.start <= self.end:
            raise ValueError(f"it ends at {self.end}, before it starts at {self.start}")
        return self


Payload = Annotated[
    CatPayload | HumanPayload | WildlifePayload | AnomalyPayload | SystemPayload, Field(discriminator="category")
]
