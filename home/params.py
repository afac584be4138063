"""params.yaml: what a researcher turns, a section per stage. `as_yaml` writes the file that ships, comments included."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from home.behaviour_params import BehaviourPrepareParams, BehaviourTrainParams
from home.config import MayBeEmpty, Misplaced, Section
from home.ethogram import BEHAVIOURS
from home.pose_params import PoseExportParams, PosePrepareParams, PoseTrainParams
from home.serve_params import ServeParams
from home.training_params import EvaluateParams, ExportParams, PrepareParams, TrainParams
from home.watch_params import WatchParams


class NightlyParams(Section):
    """The night as a whole."""

    look_back_days: int = Field(7, ge=1, le=366, description="days before today that are looked at for late footage")
    threads: int = Field(2, ge=1, le=256, description="CPU threads the night may use")


class ExtractParams(Section):
    """Which frames are looked at."""

    sample_period_s: float = Field(
        5.0, ge=0.2, le=60, description="one sample every so many seconds while something moves"
    )
    heartbeat_s: float = Field(60.0, ge=1, le=3600, description="one sample every so many seconds while nothing moves")
    thumbnail_width: int = Field(
        160, ge=64, le=640, description="width of the grey picture that movement is judged on, pixels"
    )
    min_movement: float = Field(
        0.0006, gt=0, lt=1, description="share of the picture that must move for a sample to be kept"
    )


class DetectParams(Section):
    """Animals on samples, and their tracks."""

    model: str = Field(
        "models/detector/weights/detector.onnx",
        description="an ONNX file of the contract, or a name such as yolo26n.pt",
    )
    mode: Literal["fast", "accurate"] = Field(
        "accurate",
        description="accurate, or fast for a small computer; see modes.json beside the model",
    )
    runtime: Literal["auto", "onnxruntime", "openvino"] = Field(
        "auto", description="what runs the model; auto takes OpenVINO where it is installed"
    )
    classes: list[str] = Field(["cat"], min_length=1, description="classes of the model that are kept")
    confidence: float = Field(0.3, gt=0, lt=1, description="below this a box is no detection")
    confidence_low: float = Field(0.1, gt=0, lt=1, description="boxes down to this carry a known track on (ByteTrack)")
    max_gap_s: float = Field(
        150.0, gt=0, le=3600, description="a track is present between two detections at most this far apart"
    )

    @model_validator(mode="after")
    def _low_is_low(self) -> DetectParams:
        if self.confidence_low > self.confidence:
            raise Misplaced(f"it must not be more than `confidence` ({self.confidence:g})", ("confidence_low",))
        return self


class PoseParams(Section):
    """Keypoints of the animals: one look at a still one, a burst where it moves."""

    model: str = Field(
        "models/pose/weights/pose.onnx",
        description="an ONNX file with its model.json beside it; empty: no pose is read",
    )
    runtime: Literal["auto", "onnxruntime", "openvino"] = Field(
        "auto", description="what runs the model; auto takes OpenVINO where it is installed"
    )
    burst_s: float = Field(2.0, ge=0, le=10, description="length of a burst after its sample; 0: samples only")
    burst_fps: float = Field(5.0, gt=0, le=30, description="frames a second of a burst")
    min_movement: float = Field(
        0.01,
        ge=0,
        le=1,
        description="share of its box that must move, in and around it, for an animal's burst to be read",
    )


class IdentifyParams(Section):
    """Which cat is which."""

    least: float = Field(0.9, gt=0.5, lt=1, description="probability that a track is of a cat, before it has its name")
    strangers: float = Field(
        0.05, gt=0, lt=1, description="share of cats of other homes that may be taken for one of this home"
    )


class BehaveParams(Section):
    """What an animal does in each moment."""

    model: str = Field(
        "models/behaviour/weights/behaviour.onnx",
        description="an ONNX file with its model.json beside it; empty: the rules of `bouts` alone",
    )
    promote: Literal["ask", "auto"] = Field(
        "ask",
        description="a better network of `catml train behaviour` waits for `catml promote behaviour`, or is put in place",
    )
    past_days: int = Field(14, ge=2, le=366, description="days before each day that its cats are compared with")
    unusual_rate: float = Field(
        0.01, gt=0, lt=1, description="share of ordinary moments that are called unusual for a cat, over many days"
    )


class DriftParams(Section):
    """Whether what the cameras show changes from night to night."""

    reference_nights: int = Field(
        14,
        ge=8,
        le=366,
        description="nights of a camera that others are compared with: its first ones for cats, those just before for rooms",
    )
    since: dt.date | None = Field(
        None, description='local date on which these begin anew, in quotes, "YYYY-MM-DD"; null: the first there is'
    )


class BoutsParams(Section):
    """From detections to bouts."""

    sleeping_after_s: float = Field(120.0, gt=0, description="a cat that lies still for this long sleeps")
    still_drift: float = Field(
        0.35, gt=0, lt=2, description="a box that drifts less than this share of its size in that time is still"
    )
    zone_after_s: float = Field(
        8.0, ge=0, description="a cat at a bowl or in a litter box for this long is not just passing by"
    )
    lone_confidence: float = Field(
        0.6, ge=0, le=1, description="an animal seen on one sample only counts from this confidence on"
    )
    minimum_s: float = Field(8.0, ge=0, description="an episode shorter than this joins its neighbour")
    merge_gap_s: float = Field(
        30.0, ge=0, description="two episodes of one behaviour at most this far apart are one bout"
    )


class CountsParams(Section):
    """Events and seconds by the hour, from bouts and device logs."""

    same_event_s: float = Field(
        240.0,
        ge=0,
        le=3600,
        description="what a device and a camera, or a device twice, tell of at most so far apart is one event",
    )
    meal_gap_s: float = Field(600.0, ge=0, le=7200, description="visits to a bowl at most so far apart are one meal")


class HabitsParams(Section):
    """When each cat does what next."""

    behaviours: list[str] = Field(
        ["eating", "using_litter_box", "sleeping"], description="that are foretold, each for each cat"
    )

    @field_validator("behaviours")
    @classmethod
    def _are_known(cls, names: list[str]) -> list[str]:
        for name in names:
            if name not in BEHAVIOURS:
                raise ValueError(f"no behaviour {name!r}; there are: {', '.join(BEHAVIOURS)}")
        return names

    memory_days: int = Field(84, ge=7, le=3650, description="that a forecaster learns from")
    back_test_days: int = Field(
        56, ge=7, le=3650, description="in which forecasters are compared, by what came after each forecast"
    )
    promote: Literal["ask", "auto"] = Field(
        "auto",
        description="models that a week learned and that are no worse are put in place, or wait for `catml promote habits`",
    )


class ReportParams(Section):
    """The day page."""

    picture_width: int = Field(480, ge=120, le=1920, description="width of a bout's picture, pixels")
    keep_days: int = Field(90, ge=1, description="day pages hold pictures: older ones are deleted after so many days")


class VersionParams(Section):
    """The snapshot of a night in Git and DVC."""

    push: bool = Field(False, description="also push to the home's own Git and DVC remotes")


class SimulateParams(Section):
    """The small home that `dvc repro` begins with in a fresh clone."""

    start: str = Field(
        "2026-03-01T09:00:00Z", description="UTC moment at which the footage begins; with `days`, on the first of them"
    )
    minutes: int = Field(6, ge=1, le=1440, description="length of the footage")
    cameras: int = Field(2, ge=1, le=4, description="number of cameras")
    cats: int = Field(1, ge=1, le=4, description="number of cats")
    seed: int = Field(1, ge=0, description="same seed, same home")
    days: int = Field(0, ge=0, le=3660, description="days of lives like those of real cats; 0: a short scripted round")
    footage: str = Field(
        "",
        description='with `days`, what of it is filmed: "START/MINUTES" in local time; empty: a lively part of day one',
    )
    illnesses: list[str] = Field([], description='with `days`, what is to be found: "CAT KIND ONSET [DAYS]"')

    @model_validator(mode="after")
    def _diary(self) -> SimulateParams:
        for name in ("footage", "illnesses"):
            if getattr(self, name) and not self.days:
                raise Misplaced("it is a part of a diary; say how many `days` that has", (name,))
        return self

    @field_validator("start")
    @classmethod
    def _moment(cls, text: str) -> str:
        try:
            aware = dt.datetime.fromisoformat(text).tzinfo is not None
        except (TypeError, ValueError):
            aware = False
        if not aware:
            raise ValueError('it must be a moment with its offset, in quotes, e.g. "2026-03-01T09:00:00Z"')
        return text


class Params(Section):
    """The whole of params.yaml. A section or key that is left out has its default."""

    nightly: Annotated[NightlyParams, MayBeEmpty] = Field(default_factory=NightlyParams)
    extract: Annotated[ExtractParams, MayBeEmpty] = Field(default_factory=ExtractParams)
    detect: Annotated[DetectParams, MayBeEmpty] = Field(default_factory=DetectParams)
    pose: Annotated[PoseParams, MayBeEmpty] = Field(default_factory=PoseParams)
    identify: Annotated[IdentifyParams, MayBeEmpty] = Field(default_factory=IdentifyParams)
    behave: Annotated[BehaveParams, MayBeEmpty] = Field(default_factory=BehaveParams)
    bouts: Annotated[BoutsParams, MayBeEmpty] = Field(default_factory=BoutsParams)
    counts: Annotated[CountsParams, MayBeEmpty] = Field(default_factory=CountsParams)
    habits: Annotated[HabitsParams, MayBeEmpty] = Field(default_factory=HabitsParams)
    drift: Annotated[DriftParams, MayBeEmpty] = Field(default_factory=DriftParams)
    report: Annotated[ReportParams, MayBeEmpty] = Field(default_factory=ReportParams)
    version: Annotated[VersionParams, MayBeEmpty] = Field(default_factory=VersionParams)
    serve: Annotated[ServeParams, MayBeEmpty] = Field(default_factory=ServeParams)
    watch: Annotated[WatchParams, MayBeEmpty] = Field(default_factory=WatchParams)
    simulate: Annotated[SimulateParams, MayBeEmpty] = Field(default_factory=SimulateParams)
    prepare: Annotated[PrepareParams, MayBeEmpty] = Field(default_factory=PrepareParams)
    train: Annotated[TrainParams, MayBeEmpty] = Field(default_factory=TrainParams)
    export: Annotated[ExportParams, MayBeEmpty] = Field(default_factory=ExportParams)
    evaluate: Annotated[EvaluateParams, MayBeEmpty] = Field(default_factory=EvaluateParams)
    pose_prepare: Annotated[PosePrepareParams, MayBeEmpty] = Field(default_factory=PosePrepareParams)
    pose_train: Annotated[PoseTrainParams, MayBeEmpty] = Field(default_factory=PoseTrainParams)
    pose_export: Annotated[PoseExportParams, MayBeEmpty] = Field(default_factory=PoseExportParams)
    behaviour_prepare: Annotated[BehaviourPrepareParams, MayBeEmpty] = Field(default_factory=BehaviourPrepareParams)
    behaviour_train: Annotated[BehaviourTrainParams, MayBeEmpty] = Field(default_factory=BehaviourTrainParams)


def as_yaml(params: Params | None = None) -> str:
    """The file as text, one commented line a key, so that what is documented is what is validated."""
    params = params or Params()
    lines = [
        "# What a researcher turns, a section per stage. `--set stage.param=value` overrides one value for one run."
    ]
    for name, section in params:
        doc = (type(section).__doc__ or "").splitlines()[0]
        lines += ["", f"# {doc}", f"{name}:"]
        for key, field in type(section).model_fields.items():
            lines += [f"  # {field.description}", *_entry(key, getattr(section, key))]
    return "\n".join(lines) + "\n"


def _entry(key: str, value: Any) -> list[str]:
    if isinstance(value, list) and value:
        return [f"  {key}:", *(f"    - {_scalar(item)}" for item in value)]
    return [f"  {key}: {_scalar(value)}"]


def _scalar(value: Any) -> str:
    if value == []:
        return "[]"
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "null"
    return f'"{value}"' if isinstance(value, str) else f"{value}"
