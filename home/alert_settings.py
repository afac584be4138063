"""The section `alerts` of home.yaml: what is told, to whom, when, and what is left for the morning."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from home.alert_schemes import OPEN_SCHEMES, SCHEMES
from home.section import MayBeEmpty, Section
from home.values import ENVIRONMENT, PASSWORD, Identifier, WebAddress

__all__ = ["HOUSE_RULES", "AlertSettings", "AlertsOfRule", "Channel", "Severity"]

# What the house finds by itself, beside the rules of home.yaml.
HOUSE_RULES = (
    "anomaly", "camera_offline", "disk_nearly_full", "expected_and_missing", "flow_failed", "human", "stream_slow", "wildlife",
)  # fmt: skip

Severity = Literal["notice", "warning", "urgent"]
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
Told = Literal["cat", "human", "wildlife", "anomaly", "system", "missing"]


class _Secret(ValueError):
    """A mistake in a value that is not shown: nobody can tell which part of it is secret."""

    hidden = True


def _channel_url(text: str) -> str:
    if ENVIRONMENT.fullmatch(text):
        return text
    example = "mailto://me:${SMTP_PASSWORD}@mail.example.org?from=cats@example.org&to=me@example.org"
    scheme, separator, rest = text.partition("://")
    if not separator or not rest:
        raise _Secret(f"a channel is an address as Apprise has them, e.g. {example}")
    if scheme.lower() not in SCHEMES:
        raise _Secret(f"{scheme}:// is no service that Apprise knows; e.g. mailto, ntfy, slack, tgram, json: {example}")
    authority, at, _ = rest.partition("?")[0].rpartition("@")
    if (at and not _from_environment(authority)) or PASSWORD.search(text):
        raise _Secret(f"a password does not belong in a file: write {example} and set it in the environment")
    if scheme.lower() not in OPEN_SCHEMES and not ENVIRONMENT.search(text):
        name = re.sub(r"\W", "_", scheme).upper()
        raise _Secret(
            f"an address of {scheme}:// holds a secret, which does not belong in a file: write {scheme}://${{{name}_TOKEN}}/… "
            "or the whole address as ${NAME}, and set it in the environment"
        )
    return text


def _from_environment(credentials: str) -> bool:
    """True for `user` and `user:${NAME}`: no password stands in the text."""
    _, colon, password = credentials.partition(":")
    return not colon or ENVIRONMENT.fullmatch(password) is not None


def _quiet_hours(text: str) -> str:
    begin, dash, end = text.partition("-")
    if not (dash and _CLOCK.fullmatch(begin) and _CLOCK.fullmatch(end) and begin != end):
        raise ValueError('quiet hours are one stretch of the day, two local times in quotes, e.g. "22:00-07:00"')
    return text


def _clock(text: str) -> str:
    if not _CLOCK.fullmatch(text):
        raise ValueError('a local time of day in quotes, e.g. "07:30"')
    return text


def _page_url(text: str) -> str:
    if urlsplit(text).query or urlsplit(text).fragment:
        raise ValueError("it is where the pages are, e.g. http://cats.local:8000, without ? and #")
    return text.rstrip("/")


ChannelUrl = Annotated[str, AfterValidator(_channel_url)]
QuietHours = Annotated[str, AfterValidator(_quiet_hours)]
ClockTime = Annotated[str, AfterValidator(_clock)]
PageUrl = Annotated[WebAddress, AfterValidator(_page_url)]


class Channel(Section):
    """One way to the owner: an address of Apprise, and what goes there."""

    url: ChannelUrl = Field(description="as Apprise has it; what is secret in it is `${NAME}` of the environment")
    pictures: bool = Field(default=False, description="whether pictures of the home may leave it on this way")
    language: Literal["en", "de"] | None = Field(default=None, description="None: as `language` of the home")
    rules: list[str] = Field(default_factory=list, description="only what these made; empty: all")
    categories: list[Told] = Field(default_factory=list, description="only these; empty: all")
    least: Severity = Field(default="notice", description="what is less severe is not told here")
    alerts: bool = Field(default=True, description="whether alerts come here, and not the digest alone")
    digest: ClockTime | None = Field(default=None, description="local time at which the day before is told")


class AlertsOfRule(Section):
    """What is otherwise for one rule."""

    severity: Severity | None = Field(default=None, description="None: as its events say")
    tell: Literal["at_once", "grouped"] = Field(
        default="at_once",
        description="at_once: with the first event of a group; grouped: after `group_minutes`, with all",
    )
    cooldown_minutes: float | None = Field(default=None, ge=0, le=10_080, description="None: as that of all")
    unless_expected: bool = Field(default=False, description="silent where the cat does so at this hour as a habit")


class AlertSettings(Section):
    """What is told as unusual, and how."""

    false_alarms_per_month: float = Field(
        default=1.0, gt=0, le=30, description="of each cat, all that is watched together; fewer alarms are later ones"
    )
    url: PageUrl | None = Field(default=None, description="where people reach the pages: alerts lead there")
    channels: Annotated[dict[Identifier, Channel], MayBeEmpty] = Field(default_factory=dict)
    rules: Annotated[dict[str, Annotated[AlertsOfRule, MayBeEmpty]], MayBeEmpty] = Field(default_factory=dict)
    quiet_hours: QuietHours | None = Field(default=None, description="local: what is not urgent waits for their end")
    group_minutes: float = Field(default=10.0, ge=0, le=1440, description="a pause longer than this ends a group")
    cooldown_minutes: float = Field(default=30.0, ge=0, le=10_080, description="of one rule and one cat")

    @property
    def group(self) -> dt.timedelta:
        """The longest pause within a group."""
        return dt.timedelta(minutes=self.group_minutes)

    def rule(self, name: str) -> AlertsOfRule:
        """What is set for a rule; the defaults where nothing is."""
        return self.rules.get(name, AlertsOfRule())

    def cooldown(self, name: str) -> dt.timedelta:
        """How long after an alert of a rule and a cat the next one is silent."""
        own = self.rule(name).cooldown_minutes
        return dt.timedelta(minutes=self.cooldown_minutes if own is None else own)

    def ways(self, wanted: Callable[[Channel], bool]) -> list[str]:
        """Ids of the channels of which that is true."""
        return [name for name, channel in self.channels.items() if wanted(channel)]
