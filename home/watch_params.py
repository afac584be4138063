"""What a researcher turns in watching live: the section `watch`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from home.section import Misplaced, Section

__all__ = ["WatchParams"]


class WatchParams(Section):
    """Watching live: how often a camera is looked at, what becomes a track, and when a camera is told to be gone."""

    fps: float = Field(5.0, ge=1, le=15, description="frames a second of each camera that are taken, at most")
    heartbeat_s: float = Field(
        2.0, ge=0.2, le=60, description="where nothing moves the detector looks once every so many seconds"
    )
    mode: Literal["fast", "accurate"] = Field("fast", description="of the detector; see modes.json beside the model")
    threads: int = Field(2, ge=1, le=64, description="CPU threads that one look may use")
    score: float = Field(0.3, gt=0, lt=1, description="below this a box begins no track")
    score_low: float = Field(0.1, gt=0, lt=1, description="boxes down to this carry a track on that they overlap")
    iou: float = Field(
        0.45, gt=0, lt=1, description="a box that overlaps the place foretold for a track by this much is its next one"
    )
    sightings: int = Field(3, ge=1, le=100, description="a track counts once it was found on so many frames")
    cooldown_s: float = Field(10.0, gt=0, le=600, description="lost and found again within this time is the same track")
    pose_every_s: float = Field(
        5.0,
        ge=0.5,
        le=600,
        description="a track's pose is read once every so many seconds, with a burst where it moves",
    )
    behaviour_moments: int = Field(
        2, ge=1, le=20, description="a behaviour is said of the mean of so many of a track's last moments"
    )
    behaviour_least: float = Field(0.6, ge=0, lt=1, description="and only if it is that likely; below, nobody can tell")
    coats: int = Field(
        12, ge=1, le=100, description="a track that was looked at so often and is of no known cat is a stranger"
    )
    offline_after_s: float = Field(
        30.0, ge=5, le=86_400, description="a camera without frames for so long is told to be offline"
    )
    slow_after_s: float = Field(
        60.0, ge=5, le=86_400, description="frames that are dropped for so long are told of, and again when that ends"
    )
    slow_share: float = Field(0.5, gt=0, le=1, description="share of frames that must be dropped for that")
    keep_days: int = Field(30, ge=1, le=3660, description="pictures of events are deleted after so many days")

    @model_validator(mode="after")
    def _low_is_low(self) -> WatchParams:
        if self.score_low > self.score:
            raise Misplaced(f"it must not be more than `score` ({self.score:g})", ("score_low",))
        return self
