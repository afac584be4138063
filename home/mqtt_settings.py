"""Home Assistant by MQTT: the section `mqtt` of home.yaml."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from home.section import Misplaced, Section
from home.values import ENVIRONMENT, Identifier, with_environment

__all__ = ["Mqtt"]

PORTS = {
    "mqtt": 1883,
    "mqtts": 8883,
}  # https://www.iana.org/assignments/service-names-port-numbers, mqtt and secure-mqtt
_EXAMPLE = "mqtt://homeassistant.local:1883"


def _address(text: str) -> str:
    try:
        parts = urlsplit(text)
        right = parts.scheme in PORTS and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        right = False
    if not right:
        raise ValueError(f"a broker is e.g. {_EXAMPLE}, or mqtts://broker.lan:8883 with TLS")
    if "@" in parts.netloc:
        raise ValueError("user and password stand beside the address: `user: catml`, `password: ${MQTT_PASSWORD}`")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"an address ends with the port, e.g. {_EXAMPLE}; topics are set by `topic` and `discovery`")
    return text


def _secret(text: str) -> str:
    if not ENVIRONMENT.fullmatch(text):
        raise ValueError(
            "a password does not belong in a file: write ${MQTT_PASSWORD} and set MQTT_PASSWORD in the environment"
        )
    return text


def _topic(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*", text):
        raise ValueError("a topic is letters, digits, - and _, with / between its levels, e.g. `house/catml`")
    return text


BrokerAddress = Annotated[str, AfterValidator(_address)]
Secret = Annotated[str, AfterValidator(_secret)]
Topic = Annotated[str, AfterValidator(_topic)]


class Mqtt(Section):
    """The broker that Home Assistant listens to, and under which topics CatML speaks there."""

    address: BrokerAddress = Field(description="mqtt://host:port, or mqtts://host:port with TLS")
    user: str | None = Field(default=None, min_length=1, description="None: the broker lets everybody in")
    password: Secret | None = Field(default=None, description="${NAME}: taken from the environment")
    ca: str | None = Field(
        default=None, min_length=1, description="certificate of the broker's own authority (PEM), relative to the home"
    )
    home: Identifier = Field(default="home", description="one word for this home; two at one broker need two")
    topic: Topic = Field(default="catml", description="what is known is published below it")
    discovery: Topic = Field(default="homeassistant", description="Home Assistant's discovery prefix")

    @model_validator(mode="after")
    def _belong_together(self) -> Mqtt:
        if self.password is not None and self.user is None:
            raise Misplaced("a password needs its `user`", ("password",))
        if self.ca is not None and not self.address.startswith("mqtts://"):
            raise Misplaced("a certificate is for `mqtts://`; begin `address` so, or take it away", ("ca",))
        if self.topic == self.discovery or self.topic.startswith(f"{self.discovery}/"):
            raise Misplaced(f"`{self.discovery}` is Home Assistant's own; say e.g. `catml`", ("topic",))
        return self

    @property
    def host(self) -> str:
        """Of the broker."""
        return urlsplit(self.address).hostname or ""

    @property
    def port(self) -> int:
        """Of the broker: as written, else the usual one."""
        parts = urlsplit(self.address)
        return parts.port or PORTS[parts.scheme]

    @property
    def encrypted(self) -> bool:
        """Whether it is spoken to with TLS."""
        return self.address.startswith("mqtts://")

    def login(self) -> tuple[str, str | None] | None:
        """User and password with the variable taken from the environment; None where there is no user. Never log it.

        Raises:
            WrongUse: if the variable is not set.
        """
        if self.user is None:
            return None
        password = None if self.password is None else with_environment(self.password, "`mqtt.password`")
        return self.user, password
