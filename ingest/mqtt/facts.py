"""What is known of the cats and cameras beyond this very moment, as Home Assistant is told it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from home.event_payloads import SystemPayload
from home.folder import Home

__all__ = ["CatFacts", "Comfort", "Coverage", "Facts", "Meal", "Oddity", "Sighting", "Visit"]


@dataclass(frozen=True)
class Sighting:
    """Where and when a cat was seen, and who says so: `live`, `events` or `night`."""

    at: dt.datetime
    camera: str
    source: str


@dataclass(frozen=True)
class Meal:
    """When a cat began to eat, until when (None: not known), and who told of it: cameras, feeders, `live`, `events`."""

    start: dt.datetime
    end: dt.datetime | None
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Visit:
    """What was forecast of the next visit to the litter box.

    Attributes:
        at: by then it has come with a chance of one half; None where the forecast abstains.
        low, high: the 80 % interval.
        made_at: nothing later was known to it.
        skill: share of the loss under seasonal naive, by the back-test.
        came: a visit since it was made, so that it is of the past.
    """

    at: dt.datetime | None
    low: dt.datetime | None
    high: dt.datetime | None
    made_at: dt.datetime
    skill: float | None
    came: dt.datetime | None = None


@dataclass(frozen=True)
class Comfort:
    """The mean comfort score of a local day, 0..1, and of how many moments; None where too few could be read."""

    score: float | None
    date: dt.date
    moments: int


@dataclass(frozen=True)
class Oddity:
    """Whether something was unusual on the last local day that was judged.

    Attributes:
        date: that day.
        told: severity, sentence and start of each thing, the worst first.
        judged: what could be judged; with nothing told and nothing judged, nobody knows.
    """

    date: dt.date
    told: tuple[tuple[str, str, dt.datetime], ...]
    judged: tuple[str, ...]


@dataclass(frozen=True)
class CatFacts:
    """What tables and events say of one cat; None where they say nothing."""

    seen: Sighting | None = None
    meal: Meal | None = None
    visit: Visit | None = None
    comfort: Comfort | None = None
    oddity: Oddity | None = None


@dataclass(frozen=True)
class Coverage:
    """Seconds of a camera's local day up to what is certain, by state and by reason of a gap."""

    until: dt.datetime
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class Facts:
    """All of it, as it was gathered last.

    Attributes:
        home: as home.yaml was then.
        cats: by id.
        coverage: by camera; one whose ledger cannot be read now is not in it.
        recording: by camera whether its recorder gets its picture; one without a recorder is not in it.
        faults: of the house that are not over; None while the database cannot be asked.
    """

    home: Home
    cats: Mapping[str, CatFacts] = field(default_factory=dict)
    coverage: Mapping[str, Coverage] = field(default_factory=dict)
    recording: Mapping[str, bool] = field(default_factory=dict)
    faults: tuple[SystemPayload, ...] | None = None
