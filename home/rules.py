"""Rules of home.yaml: what, of all that is seen live, is an event."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from home.ethogram import BEHAVIOURS, UNKNOWN
from home.section import Misplaced, Section
from home.values import DailyHours, Identifier

if TYPE_CHECKING:
    from home.config import Camera

__all__ = ["Rule", "check_rules", "in_hours", "zone_kind"]


class Rule(Section):
    """One rule: it holds while all that it names is so. Each track fires it once."""

    kind: str = Field(
        default="cat",
        alias="class",
        min_length=1,
        description="of the detector: one of `detect.classes` in params.yaml",
    )
    cameras: list[Identifier] = Field(default=[], description="only on these; none named: on all")
    zone: Identifier | None = Field(
        default=None, description="only in this zone; `food_bowl` is `food_bowl_2` too, `food_bowl_2` only itself"
    )
    behaviour: str | None = Field(default=None, description="only while a cat does this")
    cat: Identifier | None = Field(default=None, description="only this cat; `unknown`: only one that is none of ours")
    duration_s: float = Field(default=0.0, ge=0, le=86_400, description="only once all of it was so for so long")
    hours: list[DailyHours] = Field(
        default=[], description="only then, by the clock on the wall; over midnight is fine"
    )
    risk: Literal["info", "warn", "critical"] = Field(
        default="info", description="how much it matters; carried by events of people and of other animals"
    )

    @field_validator("behaviour")
    @classmethod
    def _of_the_ethogram(cls, name: str | None) -> str | None:
        if name is not None and name not in BEHAVIOURS:
            raise ValueError(f"a behaviour is one of {', '.join(BEHAVIOURS)}{_meant(name, BEHAVIOURS)}")
        return name


def check_rules(rules: Mapping[str, Rule], cameras: Mapping[str, Camera], cats: Iterable[str]) -> None:
    """See that what rules name is there.

    Raises:
        Misplaced: the first camera, zone or cat that is not; where it stands, and what there is.
    """
    known_cats = [*cats, UNKNOWN]
    for name, rule in rules.items():
        for place, camera in enumerate(rule.cameras):
            if camera not in cameras:
                raise Misplaced(_right("cameras", camera, cameras), ("rules", name, "cameras", place))
        if rule.zone is not None:
            watched = rule.cameras or list(cameras)
            zones = sorted({zone for camera in watched for zone in cameras[camera].zones})
            if not any(matches(rule.zone, zone) for zone in zones):
                where = f"zones of {', '.join(rule.cameras)}" if rule.cameras else "zones of the cameras"
                raise Misplaced(_right(where, rule.zone, zones), ("rules", name, "zone"))
        if rule.cat is not None and rule.cat not in known_cats:
            raise Misplaced(_right("cats", rule.cat, known_cats), ("rules", name, "cat"))
        for key in ("behaviour", "cat"):
            if rule.kind != "cat" and getattr(rule, key) is not None:
                raise Misplaced(f"it is known of cats only, and this rule is of `{rule.kind}`", ("rules", name, key))


def matches(wanted: str, zone: str) -> bool:
    """Whether a zone of a camera is one that a rule names: itself, or one more of its kind."""
    return zone == wanted or zone_kind(zone) == wanted


def zone_kind(zone: str) -> str:
    """`food_bowl` of `food_bowl_2`."""
    return re.sub(r"_\d+$", "", zone)


def in_hours(hours: Iterable[str], moment: dt.datetime, zone: ZoneInfo) -> bool:
    """Whether a moment lies in one of the stretches of each day, e.g. `22:00-06:30`; always, if there are none."""
    stretches = [tuple(dt.time.fromisoformat(edge) for edge in each.split("-")) for each in hours]
    now = moment.astimezone(zone).time().replace(tzinfo=None)
    return not stretches or any(
        begin <= now < end if begin < end else now >= begin or now < end for begin, end in stretches
    )


def _right(what: str, found: str, there: Iterable[str]) -> str:
    names = list(there)
    return f"the {what} are: {', '.join(names) or 'none yet'}{_meant(found, names)}"


def _meant(found: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(found, list(names), n=1)
    return f"; did you mean `{near[0]}`?" if near else ""
