"""home.yaml: what the owner says about the home. Validators do no I/O; `catml check` does."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from home.alert_settings import AlertSettings
from home.clock import Span, merge
from home.deliver_settings import Target
from home.errors import WrongUse
from home.ethogram import BEHAVIOURS
from home.mqtt_settings import Mqtt
from home.rules import Rule, check_rules
from home.section import MayBeEmpty as MayBeEmpty
from home.section import Misplaced as Misplaced
from home.section import Section as Section
from home.values import (
    CameraUrl,
    Corner,
    DailyHours,
    DatabaseAddress,
    Endpoint,
    Identifier,
    LocalFolder,
    StoreAddress,
    TimeZone,
    WebAddress,
    Zone,
    with_environment,
)


class Place(Section):
    """Where the home stands, for sunrise and sunset only; it is never sent anywhere."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class StoreConfig(Section):
    """Where footage and tables are kept: folders (relative to the home) or `s3://bucket/prefix`; and rows."""

    footage: StoreAddress = "data/footage"
    tables: StoreAddress = "data/tables"
    endpoint_url: Endpoint | None = Field(default=None, description="for S3 servers other than Amazon's")
    database: DatabaseAddress = Field(
        default="data/rows.sqlite",
        description="what people say and devices measure: a SQLite file, or the address of a PostgreSQL database",
    )


class Camera(Section):
    """One camera. Without a URL it only gets imports, and its other hours are `off`."""

    name: str | None = None
    url: CameraUrl | None = None
    sub_url: CameraUrl | None = Field(default=None, description="the camera's second, smaller stream")
    record: Literal["main", "sub"] = Field(default="main", description="which of the two is recorded")
    codec: Literal["auto", "copy", "h264"] = Field(
        default="auto", description="auto: H.264 and H.265 are copied, MJPEG is encoded to H.264"
    )
    audio: bool = Field(default=False, description="record sound too, where mp4 can hold it")
    retention_days: int | None = Field(default=None, ge=1, description="older footage is deleted; None: as `retention`")
    room: str = Field(
        default="", description="what it looks at; what two cameras of two rooms see at once is two animals"
    )
    zones: Annotated[dict[Identifier, Zone], MayBeEmpty] = Field(default_factory=dict)
    private: list[DailyHours] = Field(default_factory=list)

    @model_validator(mode="after")
    def _streams(self) -> Camera:
        if self.record == "sub" and self.sub_url is None:
            raise Misplaced("`record: sub` needs the address of that stream in `sub_url`", ("record",))
        return self

    @property
    def recorded_url(self) -> str | None:
        """The stream that is recorded, as home.yaml has it; None for a camera that only gets imports."""
        return self.sub_url if self.record == "sub" else self.url

    def address(self) -> str:
        """The recorded stream's URL with `${NAME}` taken from the environment. Never log it: `safe_address` is for people.

        Raises:
            WrongUse: if the camera has no URL, or a variable is not set.
        """
        url = self.recorded_url
        if url is None:
            raise WrongUse("this camera has no `url` in home.yaml: it only gets imports")
        return with_environment(url, "a camera's `url`")

    @property
    def safe_address(self) -> str:
        """The recorded stream's URL without credentials and query, for logs and messages."""
        if self.recorded_url is None:
            return "(imports only)"
        parts = urlsplit(self.recorded_url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

    def zones_of(self, kind: str) -> list[list[Corner]]:
        """The polygons of one kind: `food_bowl` and, where there are several, `food_bowl_2` and so on."""
        return [polygon for name, polygon in self.zones.items() if re.sub(r"_\d+$", "", name) == kind]

    def private_spans(self, day: Span, zone: ZoneInfo) -> list[Span]:
        """The owner's private hours that fall into a UTC span, as wall-clock local times."""
        spans = []
        first = day.start.astimezone(zone).date() - dt.timedelta(days=1)
        for offset in range((day.end.astimezone(zone).date() - first).days + 1):
            date = first + dt.timedelta(days=offset)
            for hours in self.private:
                begin, end = (dt.time.fromisoformat(part) for part in hours.split("-"))
                start = dt.datetime.combine(date, begin, zone)
                stop = dt.datetime.combine(date + dt.timedelta(days=int(end <= begin)), end, zone)
                inside = Span(start.astimezone(dt.UTC), stop.astimezone(dt.UTC)).overlap(day)
                if inside:
                    spans.append(inside)
        return merge(spans)


class Recording(Section):
    """How the recorder keeps footage until the store has it."""

    spool: LocalFolder = Field(default="data/spool", description="a folder on a local disk, relative to the home")
    spool_gb: float = Field(default=20.0, gt=0, description="the spool holds no more than this")
    spool_days: float | None = Field(default=None, gt=0, description="and nothing older than this; None: no such limit")
    when_full: Literal["drop_oldest", "stop"] = Field(
        default="drop_oldest", description="what to lose when the spool is full: the oldest footage, or what comes now"
    )
    uploads: int = Field(default=2, ge=1, le=16, description="chunks that are uploaded side by side")
    port: int = Field(default=9464, ge=0, le=65535, description="for /metrics and /ready on this machine; 0: none")


class Retention(Section):
    """What footage is deleted, if any."""

    days: int | None = Field(default=None, ge=1, description="older footage is deleted; None: it is kept for ever")
    most_share: float = Field(
        default=0.2, gt=0, le=1, description="a run that would delete more than this share of a camera deletes nothing"
    )


class Relay(Section):
    """A MediaMTX server that asks each camera once, for everybody."""

    rtsp: CameraUrl = Field(default="rtsp://127.0.0.1:8554", description="where recorder and watcher read")
    api: WebAddress = Field(default="http://127.0.0.1:9997", description="its control API")


class Cat(Section):
    """One cat of the home."""

    name: str = Field(min_length=1, max_length=60)
    weight_kg: list[float] | None = Field(
        default=None, min_length=2, max_length=2, description="a scale reading between these is of this cat"
    )

    @field_validator("weight_kg")
    @classmethod
    def _from_to(cls, limits: list[float] | None) -> list[float] | None:
        if limits is not None and not 0 < limits[0] < limits[1]:
            raise ValueError("two weights in kg, the lighter one first, e.g. `[4.3, 5.2]`")
        return limits


class LogColumns(Section):
    """How the CSV of a device is read: which column holds what."""

    start: str = Field(description="column of the time at which it begins")
    end: str | None = Field(default=None, description="column of the time at which it ends")
    duration_s: str | None = Field(default=None, description="column of the seconds it takes, in place of `end`")
    format: str | None = Field(default=None, description="of the times, as Python's strptime has it; None: ISO 8601")
    timezone: TimeZone | None = Field(default=None, description="of times without an offset; None: the home's")
    cat: str | None = Field(default=None, description="column that names the cat")
    value: str | None = Field(default=None, description="column of a reading")
    unit: str = Field(default="", description="of that reading; lb becomes kg, oz becomes g")
    only: Annotated[dict[str, str], MayBeEmpty] = Field(
        default_factory=dict, description="only rows with this text in that column"
    )
    delimiter: str = Field(default=",", min_length=1, max_length=1)

    @model_validator(mode="after")
    def _one_length(self) -> LogColumns:
        if self.end is not None and self.duration_s is not None:
            raise Misplaced("it cannot stand beside `end`; take one of them away", ("duration_s",))
        return self


class Device(Section):
    """A feeder, a litter box, a fountain: something that writes a log of its own."""

    name: str | None = None
    behaviour: str | None = Field(default=None, description="what its rows tell of; None: readings only")
    until: dt.date | None = Field(default=None, description="local date from which on it is not in use any more")
    silent_after_h: float = Field(
        default=48.0, gt=0, le=24 * 60, description="a silence longer than this is a device that did not report"
    )
    csv: LogColumns | None = Field(default=None, description="how `catml import-log --kind csv` reads its log")

    @field_validator("behaviour")
    @classmethod
    def _of_the_ethogram(cls, name: str | None) -> str | None:
        if name is not None and name not in BEHAVIOURS:
            raise ValueError(f"a behaviour is one of {', '.join(BEHAVIOURS)}")
        return name

    @field_validator("until", mode="before")
    @classmethod
    def _date(cls, value: Any) -> Any:
        try:
            return dt.date.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            raise ValueError('a local date, in quotes, "YYYY-MM-DD"') from None


class HomeConfig(Section):
    """The whole of home.yaml."""

    timezone: TimeZone
    language: Literal["en", "de"] = Field(default="en", description="of the monthly report")
    place: Place | None = None
    store: Annotated[StoreConfig, MayBeEmpty] = Field(default_factory=StoreConfig)
    recording: Annotated[Recording, MayBeEmpty] = Field(default_factory=Recording)
    retention: Annotated[Retention, MayBeEmpty] = Field(default_factory=Retention)
    relay: Annotated[Relay | None, MayBeEmpty] = None
    cameras: Annotated[dict[Identifier, Annotated[Camera, MayBeEmpty]], MayBeEmpty] = Field(default_factory=dict)
    cats: Annotated[dict[Identifier, Cat], MayBeEmpty] = Field(default_factory=dict)
    devices: Annotated[dict[Identifier, Annotated[Device, MayBeEmpty]], MayBeEmpty] = Field(default_factory=dict)
    alerts: Annotated[AlertSettings, MayBeEmpty] = Field(default_factory=AlertSettings)
    mqtt: Mqtt | None = None
    rules: Annotated[dict[Identifier, Annotated[Rule, MayBeEmpty]], MayBeEmpty] = Field(default_factory=dict)
    deliver: Annotated[dict[Identifier, Target], MayBeEmpty] = Field(default_factory=dict)

    @field_validator("cats")
    @classmethod
    def _different_names(cls, cats: dict[str, Cat]) -> dict[str, Cat]:
        if "unknown" in cats:
            raise Misplaced("`unknown` is kept for a cat that was not recognised; choose another id", ("unknown",))
        owner: dict[str, str] = {}
        for key, cat in cats.items():
            first = owner.setdefault(cat.name.strip().casefold(), key)
            if first != key:
                raise Misplaced(f"`{first}` has that name already; each cat needs its own", (key, "name"))
        weighed = sorted((cat.weight_kg, key) for key, cat in cats.items() if cat.weight_kg is not None)
        for (low, lighter), (high, key) in itertools.pairwise(weighed):
            if high[0] < low[1]:
                raise Misplaced(f"`{lighter}` may weigh as much; they must not overlap", (key, "weight_kg"))
        return cats

    @model_validator(mode="after")
    def _rules_name_what_is_there(self) -> HomeConfig:
        check_rules(self.rules, self.cameras, self.cats)
        return self

    @property
    def recorded_cameras(self) -> list[str]:
        """Ids of the cameras that have a stream to record."""
        return [camera for camera, settings in self.cameras.items() if settings.recorded_url is not None]

    def retention_days(self, camera: str) -> int | None:
        """After how many days a camera's footage is deleted; None: never."""
        return self.cameras[camera].retention_days or self.retention.days

    @property
    def zone(self) -> ZoneInfo:
        """The time zone the home lives in."""
        return ZoneInfo(self.timezone)
