"""What a researcher turns in the API and the pages: the section `serve`."""

from __future__ import annotations

import ipaddress
from typing import Literal

from pydantic import Field, field_validator

from home.config import Section

__all__ = ["ServeParams"]


class ServeParams(Section):
    """The API and the pages: what is taken in, how much at once, and from whom."""

    upload_mb: float = Field(64.0, gt=0, le=4096, description="a photo or clip that is larger is refused, megabytes")
    snapshot_mb: float = Field(10.0, gt=0, le=1024, description="a picture of an event that is larger is refused")
    media_link_hours: float = Field(
        24.0, ge=0.1, le=24 * 366, description="a link to a picture of an event opens it for so long"
    )
    photo_megapixels: float = Field(50.0, gt=0, le=1000, description="a photo of more pixels is refused")
    clip_megapixels: float = Field(9.0, gt=0, le=100, description="a clip whose frames have more pixels is refused")
    clip_seconds: float = Field(60.0, gt=0, le=3600, description="a clip that is longer is refused")
    clip_frames: int = Field(3600, ge=1, le=1_000_000, description="a clip of more frames is refused")
    photo_decode_s: float = Field(10.0, gt=0, le=600, description="CPU seconds that decoding a photo may take")
    clip_decode_s: float = Field(60.0, gt=0, le=3600, description="CPU seconds that decoding a clip may take")
    decode_mb: int = Field(1024, ge=256, le=65_536, description="memory that decoding one file may take, megabytes")
    photos_at_once: int = Field(2, ge=1, le=64, description="photos that are looked at side by side; clips: one")
    photos_waiting: int = Field(16, ge=0, le=1000, description="photos that may wait; one more is told to come again")
    clips_waiting: int = Field(2, ge=0, le=1000, description="clips that may wait; one more is told to come again")
    requests_per_minute: int = Field(900, ge=1, le=1_000_000, description="of one key or one person")
    session_days: float = Field(14.0, gt=0, le=366, description="after so many days one logs in again")
    log: Literal["plain", "json"] = Field(
        "plain", description="the log on standard error: lines for people, or one object of JSON a line"
    )
    trusted_proxies: list[str] = Field(
        [], description="addresses of reverse proxies whose X-Forwarded-For and -Proto are believed; []: nobody's"
    )
    origins: list[str] = Field(
        [], description="other web pages that may ask the API with a key, e.g. https://cats.example; []: none"
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, addresses: list[str]) -> list[str]:
        for address in addresses:
            try:
                ipaddress.ip_network(address)
            except ValueError:
                raise ValueError(f"found {address!r}; an address such as 127.0.0.1, or a network 10.0.0.0/24") from None
        return addresses

    @field_validator("origins")
    @classmethod
    def _origins(cls, origins: list[str]) -> list[str]:
        for origin in origins:
            scheme, separator, rest = origin.partition("://")
            if scheme not in ("http", "https") or not separator or not rest or "/" in rest or "*" in rest:
                raise ValueError(f"found {origin!r}; an origin is e.g. https://cats.example, without a path or `*`")
        return origins
