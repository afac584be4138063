"""Who else hears what happens: the section `deliver` of home.yaml."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from home.section import Misplaced, Section
from home.values import ENVIRONMENT, WebAddress, with_environment

__all__ = ["Target"]

API = "/api/v1/events"


def _secret(text: str) -> str:
    if not ENVIRONMENT.fullmatch(text):
        raise ValueError("a key does not belong in a file: write ${CABIN_KEY} and set CABIN_KEY in the environment")
    return text


Secret = Annotated[str, AfterValidator(_secret)]
Categories = Annotated[list[Literal["cat", "human", "wildlife", "anomaly", "system"]], Field(min_length=1)]


class Target(Section):
    """One address that events are posted to, as JSON: the API of another home, or any other."""

    url: WebAddress = Field(description="e.g. https://cats.example/api/v1/events")
    key: Secret | None = Field(
        default=None, description="sent as `Authorization: Bearer …`; ${NAME} of the environment"
    )
    categories: Categories | None = Field(default=None, description="only events of these; None: of all")
    rules: list[str] | None = Field(default=None, min_length=1, description="only what these rules made events")
    pictures: bool = Field(default=False, description="whether pictures of events are sent too")
    upload: WebAddress | None = Field(
        default=None, description="where pictures are posted; without it `upload` beside `events` of a home's API"
    )
    timeout_s: float = Field(default=10.0, ge=0.1, le=120, description="a receiver that is silent for so long hangs")
    longest_wait_s: float = Field(default=60.0, ge=0.1, le=3600, description="between two tries at most")

    @model_validator(mode="after")
    def _fit(self) -> Target:
        for name in ("url", "upload"):
            address = getattr(self, name)
            if self.key is not None and address is not None and not _is_sure(address):
                raise Misplaced("https:// would be right: a key would be read on its way", (name,))
        if self.pictures and self.upload is None and not urlsplit(self.url).path.endswith(API):
            right = f"pictures go to the API of a home, whose address ends with {API}, or to an address in `upload`"
            raise Misplaced(right, ("pictures",))
        return self

    @property
    def upload_url(self) -> str | None:
        """Where pictures are posted; None where none leaves."""
        if not self.pictures:
            return None
        return self.upload or urlsplit(self.url)._replace(path=urlsplit(self.url).path[: -len("events")] + "upload", query="").geturl()  # fmt: skip

    def secret(self) -> str | None:
        """The key, from the environment. Never log it.

        Raises:
            WrongUse: the variable is not set.
        """
        return None if self.key is None else with_environment(self.key, "a target's `key`")


def _is_sure(address: str) -> bool:
    """Whether nobody reads what is sent there: TLS, or this machine."""
    parts = urlsplit(address)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
