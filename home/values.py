"""The values of home.yaml: ids, zones, hours, addresses. What is wrong with one is said with what would be right."""

from __future__ import annotations

import difflib
import os
import re
import unicodedata
from typing import Annotated, Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator

from home.errors import WrongUse

IDENTIFIER = re.compile(r"[a-z][a-z0-9_-]{0,62}")
ENVIRONMENT = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
CAMERA_SCHEMES = ("rtsp", "rtsps", "http", "https", "file")
STORE_SCHEMES = ("s3", "file")
DATABASE_SCHEMES = ("postgresql", "postgres")
PASSWORD = re.compile(r"(?i)(?:pass(?:word|wd)?|pwd|token)=(?!\$\{)[^&_/\s]+")


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


def _store_address(text: str) -> str:
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


StoreAddress = Annotated[str, AfterValidator(_store_address)]


def _local_folder(text: str) -> str:
    if "://" in text or not text.strip():
        raise ValueError("it is a folder on a disk of this machine, relative to the home or from /")
    return text


LocalFolder = Annotated[str, AfterValidator(_local_folder)]


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return bool(parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0))
    except ValueError:
        return False


def _endpoint(text: str) -> str:
    if not _is_web_address(text):
        raise ValueError("an S3 endpoint is http://host:port or https://host")
    if "@" in urlsplit(text).netloc:
        raise ValueError(
            "keys do not belong in an address: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment"
        )
    return text


Endpoint = Annotated[str, AfterValidator(_endpoint)]


def _web_address(text: str) -> str:
    if not _is_web_address(text) or "@" in urlsplit(text).netloc:
        raise ValueError("it is an address such as http://127.0.0.1:9997, without a user or a password")
    return text


WebAddress = Annotated[str, AfterValidator(_web_address)]


def _camera_url(text: str) -> str:
    if ENVIRONMENT.fullmatch(text):
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


def _from_environment(credentials: str) -> bool:
    """True for `user` and `user:${NAME}`: no password stands in the text."""
    _, colon, password = credentials.partition(":")
    return not colon or ENVIRONMENT.fullmatch(password) is not None


CameraUrl = Annotated[str, AfterValidator(_camera_url)]


def _database_address(text: str) -> str:
    if ENVIRONMENT.fullmatch(text):
        return text
    scheme, separator, rest = text.partition("://")
    example = "postgresql://catml:${CATML_DATABASE_PASSWORD}@nas.local/catml"
    if not text.strip() or (separator and scheme not in DATABASE_SCHEMES):
        raise ValueError(f"a database is a file on a disk of this machine, or e.g. {example}")
    if not separator:
        return text
    authority, at, where = rest.rpartition("@")
    if (at and not _from_environment(authority)) or PASSWORD.search(text):
        raise ValueError(f"a password does not belong in a file: write {example} and set it in the environment")
    try:
        parts = urlsplit("postgresql://" + ENVIRONMENT.sub("1", where))
        right = bool(parts.hostname and parts.path.strip("/") and (parts.port is None or parts.port > 0))
    except ValueError:
        right = False
    if not right:
        raise ValueError(f"the address of a database names its host and the database, e.g. {example}")
    return text


DatabaseAddress = Annotated[str, AfterValidator(_database_address)]


def with_environment(text: str, key: str) -> str:
    """An address with `${NAME}` taken from the environment. Never log it.

    Args:
        text: as it stands in home.yaml.
        key: what it is called there, for the message.

    Raises:
        WrongUse: if a variable is not set.
    """

    def value(match: re.Match[str]) -> str:
        if match[1] not in os.environ:
            raise WrongUse(
                f"the environment variable {match[1]} is not set; {key} in home.yaml needs it: export {match[1]}=…"
            )
        found = os.environ[match[1]]
        # A password may hold any character; before the @ of an address it must be percent-encoded (RFC 3986, 3.2.1).
        return quote(found, safe="") if "@" in text[match.end() :] else found

    return ENVIRONMENT.sub(value, text)


def _time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"a time zone is a name of the IANA list: did you mean {_nearest_zone(text)}?") from None
    return text


def _nearest_zone(text: str) -> str:
    """The IANA name that ends like `text`, or is spelt most like it; Europe/Berlin where none is near."""
    names = sorted(available_timezones())
    city = text.replace(" ", "_").casefold()
    ends = [name for name in names if name.casefold().rpartition("/")[2] == city]
    return [*ends, *difflib.get_close_matches(text, names, n=1, cutoff=0.7), "Europe/Berlin"][0]


TimeZone = Annotated[str, AfterValidator(_time_zone)]
