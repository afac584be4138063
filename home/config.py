"""home.yaml: what the owner says about the home. Validators do no I/O; `catml check` does."""

from __future__ import annotations

import datetime as dt
import difflib
import os
import re
import unicodedata
from typing import Annotated, Any
from urllib.parse import quote, urlsplit, urlunsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from home.clock import Span, merge
from home.errors import WrongUse

IDENTIFIER = re.compile(r"[a-z][a-z0-9_-]{0,62}")
ENVIRONMENT = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
CAMERA_SCHEMES = ("rtsp", "rtsps", "http", "https", "file")
STORE_SCHEMES = ("s3", "file")
PASSWORD = re.compile(r"(?i)(?:pass(?:word|wd)?|pwd|token)=(?!\$\{)[^&_/\s]+")


class Misplaced(ValueError):
    """A mistake in one of several values; `at` leads from where the validator sits to the wrong one."""

    def __init__(self, message: str, at: tuple[str | int, ...]) -> None:
        super().__init__(message)
        self.at = at


class Section(BaseModel):
    """A part of a configuration file: no unknown key, no guessing of types, nothing changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _empty_is_default(value: Any) -> Any:
    """A section whose lines are all commented out reads as nothing; it stands for its defaults."""
    return {} if value is None else value


MayBeEmpty = BeforeValidator(_empty_is_default)


def _identifier(text: str) -> str:
    if not IDENTIFIER.fullmatch(text):
        plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
        slug = re.sub(r"[^a-z0-9_-]+", "-", plain).strip("-_0123456789")[:63]
        example = slug if IDENTIFIER.fullmatch(slug) else "living-room"
        raise ValueError(
            f"an id begins with a letter and has only a-z, 0-9, - and _ (63 at most), e.g. `{example}`; `name` may be anything"
        )
    return text


Identifier = Annotated[str, AfterValidator(_identifier)]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _corner(value: Any) -> Any:
    if not (isinstance(value, list | tuple) and len(value) == 2 and all(map(_is_number, value))):
        raise ValueError("a corner is [x, y], two numbers between 0 and 1")
    for name, number in zip("xy", value, strict=True):
        if not 0.0 <= number <= 1.0:
            raise ValueError(
                f"{name} = {number:g} lies off the frame; x and y run from 0 to 1 (`catml snapshot CAMERA` shows a grid)"
            )
    return tuple(value)


def _corners(value: Any) -> Any:
    if not isinstance(value, list) or any(_is_number(corner) for corner in value):
        raise ValueError("a zone is a list of corners, each [x, y]: e.g. [[0.1, 0.2], [0.4, 0.2], [0.4, 0.6]]")
    return value


Corner = Annotated[tuple[float, float], BeforeValidator(_corner)]


def _polygon(corners: list[Corner]) -> list[Corner]:
    if len(corners) < 3:
        raise ValueError(f"a zone needs 3 corners or more, each [x, y]; this one has {len(corners)}")
    # Shoelace formula: the area a zone must have to be more than a line.
    shifted = corners[1:] + corners[:1]
    area = abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(corners, shifted, strict=True))) / 2
    if area < 1e-6:
        raise ValueError("the corners lie on one line; give them in order around the zone")
    return corners


Zone = Annotated[list[Corner], BeforeValidator(_corners), AfterValidator(_polygon)]


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
        if not text or (separator and not rest.strip("/")) or re.match("(?i)s3:(?!//)", text):
            raise ValueError("a store is a folder or s3://bucket/prefix")
        if scheme == "s3" and ("@" in rest or ":" in rest.split("/")[0]):
            raise ValueError(
                "keys do not belong in an address: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment"
            )
        return text

    @field_validator("endpoint_url")
    @classmethod
    def _endpoint(cls, text: str | None) -> str | None:
        if text is None:
            return None
        try:
            parts = urlsplit(text)
            right = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
        except ValueError:
            right = False
        if not right:
            raise ValueError("an S3 endpoint is http://host:port or https://host")
        if "@" in parts.netloc:
            raise ValueError(
                "keys do not belong in an address: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment"
            )
        return text


class Camera(Section):
    """One camera. Without a URL it only gets imports, and its other hours are `off`."""

    name: str | None = None
    url: str | None = None
    zones: Annotated[dict[Identifier, Zone], MayBeEmpty] = Field(default_factory=dict)
    private: list[DailyHours] = Field(default_factory=list)

    @field_validator("url")
    @classmethod
    def _readable(cls, text: str | None) -> str | None:
        if text is None or ENVIRONMENT.fullmatch(text):
            return text
        authority, at, _ = text.partition("://")[2].rpartition("@")
        if (at and not _from_environment(authority)) or PASSWORD.search(text):
            raise ValueError(
                "a password does not belong in a file: write rtsp://user:${CAMERA_PASSWORD}@host/path "
                "and set CAMERA_PASSWORD in the environment"
            )
        try:
            parts = urlsplit(ENVIRONMENT.sub("1", text))
            port_ok = parts.port is None or parts.port > 0
        except ValueError:
            raise ValueError("a camera URL is e.g. rtsp://192.168.1.20:554/stream1; this one cannot be read") from None
        if parts.scheme not in CAMERA_SCHEMES:
            raise ValueError(
                f"a camera URL begins with {', '.join(s + '://' for s in CAMERA_SCHEMES)}: "
                "e.g. rtsp://192.168.1.20:554/stream1"
            )
        if parts.scheme == "file" and not parts.path:
            raise ValueError("a file URL names a file, e.g. file:///videos/kitchen.mp4")
        if parts.scheme != "file" and (not parts.hostname or not port_ok):
            raise ValueError("a camera URL names a host, e.g. rtsp://192.168.1.20:554/stream1")
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
                raise WrongUse(
                    f"the environment variable {match[1]} is not set; a camera's `url` in home.yaml needs it: export {match[1]}=…"
                )
            found = os.environ[match[1]]
            # A password may hold any character; before the @ of an address it must be percent-encoded (RFC 3986, 3.2.1).
            return quote(found, safe="") if "@" in self.url[match.end() :] else found  # type: ignore[index]

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


def _nearest_zone(text: str) -> str:
    """The IANA name that ends like `text`, or is spelt most like it; Europe/Berlin where none is near."""
    names = sorted(available_timezones())
    city = text.replace(" ", "_").casefold()
    ends = [name for name in names if name.casefold().rpartition("/")[2] == city]
    return [*ends, *difflib.get_close_matches(text, names, n=1, cutoff=0.7), "Europe/Berlin"][0]


def _from_environment(credentials: str) -> bool:
    """True for `user` and `user:${NAME}`: no password stands in the text."""
    _, colon, password = credentials.partition(":")
    return not colon or ENVIRONMENT.fullmatch(password) is not None


class Cat(Section):
    """One cat of the home."""

    name: str = Field(min_length=1, max_length=60)


class HomeConfig(Section):
    """The whole of home.yaml."""

    timezone: str
    place: Place | None = None
    store: Annotated[StoreConfig, MayBeEmpty] = Field(default_factory=StoreConfig)
    cameras: Annotated[dict[Identifier, Annotated[Camera, MayBeEmpty]], MayBeEmpty] = Field(default_factory=dict)
    cats: Annotated[dict[Identifier, Cat], MayBeEmpty] = Field(default_factory=dict)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, text: str) -> str:
        try:
            ZoneInfo(text)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"a time zone is a name of the IANA list: did you mean {_nearest_zone(text)}?") from None
        return text

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
        return cats

    @property
    def zone(self) -> ZoneInfo:
        """The time zone the home lives in."""
        return ZoneInfo(self.timezone)
