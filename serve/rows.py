"""The rows that are read, as types; `of` makes them from a table's."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal, TypeVar

import pandas as pd
from pydantic import BaseModel, Field

from home.ethogram import BEHAVIOURS
from home.footage import ChunkName

__all__ = [
    "AnomalyRow", "Bout", "BudgetRow", "Camera", "Cat", "DriftRow", "Evidence", "ForecastRow", "HabitRow", "Model", "MomentRow", "Report",
    "Stretch", "of",
]  # fmt: skip

Row = TypeVar("Row", bound=BaseModel)
_AT = "2026-03-01T07:00:00Z"


class Evidence(BaseModel):
    """Where to see it: paths of this API."""

    still: str = Field(examples=["/api/v1/evidence/kitchen/chunk-20260301-070000/12.5/still.jpg"])
    clip: str = Field(examples=["/api/v1/evidence/kitchen/chunk-20260301-070000/12.5/clip.mp4"])


class Cat(BaseModel):
    """A cat of home.yaml."""

    id: str = Field(examples=["miso"])
    name: str = Field(examples=["Miso"])
    weight_kg: list[float] | None = Field(
        description="a scale reading between these is of this cat", examples=[[4.3, 5.2]]
    )


class Camera(BaseModel):
    """A camera of home.yaml; addresses stay there."""

    id: str = Field(examples=["kitchen"])
    name: str | None = Field(examples=["Kitchen"])
    room: str = Field(examples=["kitchen"])
    recorded: bool = Field(description="it has a stream; others only get imports")
    zones: dict[str, list[tuple[float, float]]] = Field(description="corners 0..1 by name")
    private: list[str] = Field(description="the owner's hours, local", examples=[["22:00-06:30"]])


class Stretch(BaseModel):
    """A time of a camera, and what the ledger says of it. Those of a local day leave no hole."""

    camera: str = Field(examples=["kitchen"])
    start: dt.datetime = Field(examples=[_AT])
    end: dt.datetime
    state: Literal["recorded", "gap", "private", "off"]
    reason: str = Field(examples=["camera_down"])
    words: str = Field(description="the reason for people", examples=["the camera did not answer"])


class Bout(BaseModel):
    """One unbroken episode of one behaviour of one cat, the part of it that lies in a local day."""

    bout_id: str = Field(examples=["3f9c2a41d07b"])
    cat: str = Field(description="id, or unknown", examples=["miso"])
    animal: int = Field(description="number among the day's animals of that cat")
    behaviour: str = Field(examples=["eating"])
    start: dt.datetime = Field(examples=[_AT])
    end: dt.datetime
    duration_s: float = Field(description="seconds in which it was seen")
    confidence: float
    cameras: list[str]
    continues_before: bool
    continues_after: bool
    why: str = Field(description="what it rests on, in words")
    box: list[float] | None = Field(description="x1 y1 x2 y2 in 0..1 on the still; null where there is none")
    evidence: Evidence | None


class BudgetRow(BaseModel):
    """Seconds of a local day that a cat spent on something; unseen and gap are no behaviours. They sum to the whole day."""

    date: dt.date
    cat: str = Field(examples=["miso"])
    animal: int
    behaviour: str = Field(examples=["sleeping"])
    seconds: float = Field(examples=[54600.0])
    bouts: int
    observed_s: float = Field(description="seconds in which it could have been seen")


class MomentRow(BaseModel):
    """One sample with its burst: what a behaviour is read from."""

    start: dt.datetime = Field(examples=[_AT])
    end: dt.datetime
    camera: str
    track_id: int
    cat: str
    behaviour: str
    confidence: float
    probabilities: dict[str, float]
    posture: str | None
    comfort: float | None = Field(description="0..1: an indicator, not a diagnosis; null where it cannot be read")
    anomaly: float | None = Field(description="0 ordinary, 1 stranger than all of this cat's past; null without one")
    reasons: list[str]
    evidence: Evidence | None


class ForecastRow(BaseModel):
    """When the next one is (`next_event`), or the chance of one in the hour that begins at `ts` (`hourly`)."""

    cat: str = Field(examples=["miso"])
    behaviour: str = Field(examples=["eating"])
    made_at: dt.datetime = Field(examples=[_AT])
    kind: Literal["next_event", "hourly"]
    ts: dt.datetime | None
    p10: dt.datetime | None = Field(
        description="before it the next one comes with 10 chances in 100; null where it abstains"
    )
    p25: dt.datetime | None
    p50: dt.datetime | None
    p75: dt.datetime | None
    p90: dt.datetime | None
    probability: float | None
    model: str
    skill: float | None = Field(description="share of the loss under seasonal naive, by the back-test")
    abstained: bool


class HabitRow(BaseModel):
    """The forecaster of one behaviour of one cat from a date on, and how right it would have been before."""

    cat: str
    behaviour: str
    made_at: dt.datetime
    model: str
    abstained: bool
    reason: str
    events: int
    observed_days: float
    asked: int
    loss_h: float | None
    naive_loss_h: float | None
    skill: float | None
    skill_low: float | None
    skill_high: float | None
    covered_50: float | None
    covered_80: float | None


class AnomalyRow(BaseModel):
    """Something unusual for a cat, on the local date on which it could first be said."""

    cat: str
    kind: str
    of: str
    start: dt.datetime
    end: dt.datetime
    raised: dt.datetime
    severity: str
    score: float
    sentence: str
    numbers: dict[str, float]
    evidence: list[dt.datetime] = Field(description="starts of the events it rests on")


class DriftRow(BaseModel):
    """One number of one camera in one night, against that camera's own ordinary nights."""

    date: dt.date
    camera: str = Field(examples=["kitchen"])
    watched: str = Field(examples=["looks"])
    deviation: float | None = Field(description="of this night, in spreads of ordinary ones; null: not compared")
    sum: float | None = Field(description="what has added up over the nights")
    bound: float | None = Field(description="a sum beyond it is an alarm")
    alarm: bool
    since: dt.date | None = Field(description="from which date on the sum has grown")
    reference_nights: int


class Report(BaseModel):
    """The page of a local day."""

    date: dt.date
    page: str = Field(examples=["/api/v1/reports/2026-03-01"])


class Model(BaseModel):
    """A network that the home reads with."""

    task: Literal["detector", "pose", "behaviour", "photo"]
    name: str
    fingerprint: str = Field(description="SHA-256 of its file")
    metric: dict[str, float] = Field(description="figures of what it had not seen, by name", examples=[{"AP50": 0.81}])


def of(kind: type[Row], rows: pd.DataFrame) -> list[Row]:
    """Rows of a table as a type: what is no number or no time is null."""
    return [kind.model_validate(_made(kind, row)) for row in rows.to_dict("records")]


def _made(kind: type[BaseModel], row: dict[Any, Any]) -> dict[str, Any]:
    plain = {str(name): _plain(value) for name, value in row.items()}
    if kind in (Bout, MomentRow):
        plain["why"] = plain.get("evidence")
        plain["evidence"] = evidence_of(str(row["chunk"]), float(row["offset_s"]))
    if kind is Bout:
        box = [plain[side] for side in ("x1", "y1", "x2", "y2")]
        plain["box"] = None if None in box else box
    if kind is MomentRow:
        plain["probabilities"] = {name: plain[f"p_{name}"] or 0.0 for name in BEHAVIOURS}
        plain["reasons"] = plain["reasons"] or []
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple | dict) or value is None:
        return dict(value) if isinstance(value, list) and value and isinstance(value[0], tuple) else value
    if getattr(getattr(value, "dtype", None), "kind", "") == "M":  # an array of moments, which knows no time zone
        return list(pd.to_datetime(value, utc=True).to_pydatetime())
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    return None if pd.isna(value) else value


def evidence_of(chunk: str, offset_s: float) -> Evidence | None:
    """Where a place in the footage is shown; None where the chunk is no footage of a camera."""
    name = ChunkName.parse(chunk)
    if name is None:
        return None
    stem = chunk.rpartition("/")[2].removesuffix(".mp4")
    place = f"/api/v1/evidence/{name.camera}/{stem}/{max(0.0, offset_s):.3f}"
    return Evidence(still=f"{place}/still.jpg", clip=f"{place}/clip.mp4")
