"""home.yaml: what the owner says about the home. Validators do no I/O; `catml check` does."""

from __future__ import annotations

import datetime as dt
import os
import re
from typing import Annotated
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from home.clock import Span, merge
from home.errors import WrongUse

IDENTIFIER = re.compile(r"[a-z][a-z0-9_-]{0,62}")
ENVIRONMENT = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
CAMERA_SCHEMES = ("rtsp", "rtsps", "http", "https", "file")
STORE_SCHEMES = ("s3", "file")

Corner = tuple[float, float]


class Section(BaseModel):
    """A part of a configuration file: no key that is not known, nothing changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _identifier(text: str) -> str:
    if not IDENTIFIER.fullmatch(text):
        raise ValueError(
            "an id is lower case letters, digits, - and _, begins with a letter, 63 at most: e.g. living-room"
        )
    return text


Identifier = Annotated[str, AfterValidator(_identifier)]


def _polygon(corners: list[Corner]) -> list[Corner]:
    if len(corners) < 3:
        raise ValueError(f"a zone needs 3 corners or more, each [x, y] in 0..1; {len(corners)} given")
    for x, y in corners:
        if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
            raise ValueError(
                f"corner [{x:g}, {y:g}] lies off the frame; x and y run from 0 to 1 (`catml snapshot` shows a grid)"
            )
    # Shoelace formula: the area a zone must have to be more than a line.
    shifted = corners[1:] + corners[:1]
    area = abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(corners, shifted, strict=True))) / 2
    if area < 1e-6:
        raise ValueError("the corners lie on one line; give them in order around the zone")
    return corners


Zone = Annotated[list[Corner], AfterValidator(_polygon)]


def _daily_hours(text: str) -> str:
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", text)
    if not match:
        raise ValueError('private hours are local times in quotes, e.g. "22:00-06:30"')
    if match[1] + match[2] == match[3] + match[4]:
        raise ValueError('private hours must begin and end at different times, e.g. "22:00-06:30"')
    return text


DailyHours = Annotated[str, AfterValidator(_daily_hours)]


class Place(Section):
    """Where the home stands, for sunrise and sunset only; it is never sent anywhere."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class StoreConfig(Section):
    """Where footage and tables are kept: folders (relative to the home) or `s3://bucket/prefix`."""

    footage: str = "data/footage"
    tables: str = "data/tables"
    endpoint_url: str | None = Field(default=None, description="for S3 servers other than Amazon's")

    @field_validator("footage", "tables")
    @classmethod
    def _address(cls, text: str) -> str:
        scheme, separator, rest = text.partition("://")
        if separator and scheme not in STORE_SCHEMES:
            raise ValueError(f"a store is a folder or s3://bucket/prefix; {scheme}:// is not known")
        if not text or (separator and not rest.strip("/")):
            raise ValueError("a store is a folder or s3://bucket/prefix")
        if separator and "@" in rest.split("/")[0]:
            raise ValueError(
                "keys do not belong in an address: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment"
            )
        return text

    @field_validator("endpoint_url")
    @classmethod
    def _endpoint(cls, text: str | None) -> str | None:
        if text is not None and (urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).hostname):
            raise ValueError("an S3 endpoint is http://host:port or https://host")
        return text


class Camera(Section):
    """One camera. Without a URL it only gets imports, and its other hours are `off`."""

    name: str | None = None
    url: str | None = None
    zones: dict[Identifier, Zone] = Field(default_factory=dict)
    private: list[DailyHours] = Field(default_factory=list)

    @field_validator("url")
    @classmethod
    def _readable(cls, text: str | None) -> str | None:
        if text is None:
            return None
        try:
            parts = urlsplit(ENVIRONMENT.sub("x", text))
            port_ok = parts.port is None or parts.port > 0
        except ValueError:
            raise ValueError("a camera URL is e.g. rtsp://192.168.1.20:554/stream1; this one cannot be read") from None
        if parts.scheme not in CAMERA_SCHEMES:
            raise ValueError(f"a camera URL begins with {', '.join(s + '://' for s in CAMERA_SCHEMES)}")
        if parts.scheme != "file" and (not parts.hostname or not port_ok):
            raise ValueError("a camera URL names a host, e.g. rtsp://192.168.1.20:554/stream1")
        credentials = text.split("://", 1)[1].split("/")[0].rpartition("@")[0]
        if ":" in credentials and not ENVIRONMENT.fullmatch(credentials.split(":", 1)[1]):
            raise ValueError(
                "a password does not belong in a file: write rtsp://user:${CAMERA_PASSWORD}@host/… and set CAMERA_PASSWORD in the environment"
            )
        return text

    def address(self) -> str:
        """The URL with `${NAME}` taken from the environment. Never log it: `safe_address` is for people.

        Raises:
            WrongUse: if the camera has no URL, or a variable is not set.
        """
        if self.url is None:
            raise WrongUse("this camera has no `url` in home.yaml: it only gets imports")

        def value(match: re.Match[str]) -> str:
            if match[1] not in os.environ:
                raise WrongUse(f"the environment variable {match[1]} is not set; home.yaml names it in a camera's url")
            return os.environ[match[1]]

        return ENVIRONMENT.sub(value, self.url)

    @property
    def safe_address(self) -> str:
        """The URL without credentials and query, for logs and messages."""
        if self.url is None:
            return "(imports only)"
        parts = urlsplit(self.url)
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


class Cat(Section):
    """One cat of the home."""

    name: str = Field(min_length=1, max_length=60)


class HomeConfig(Section):
    """The whole of home.yaml."""

    timezone: str
    place: Place | None = None
    store: StoreConfig = Field(default_factory=StoreConfig)
    cameras: dict[Identifier, Camera] = Field(default_factory=dict)
    cats: dict[Identifier, Cat] = Field(default_factory=dict)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, text: str) -> str:
        try:
            ZoneInfo(text)
        except (KeyError, ValueError, OSError):
            raise ValueError("a time zone is a name of the IANA list, e.g. Europe/Berlin or America/New_York") from None
        return text

    @field_validator("cats")
    @classmethod
    def _different_names(cls, cats: dict[str, Cat]) -> dict[str, Cat]:
        names = [cat.name for cat in cats.values()]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice or "unknown" in cats:
            raise ValueError(
                f"two cats are named {twice[0]!r}; each needs its own name" if twice else "`unknown` is not a cat's id"
            )
        return cats

    @property
    def zone(self) -> ZoneInfo:
        """The time zone the home lives in."""
        return ZoneInfo(self.timezone)
