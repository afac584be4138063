"""The numbers of a report, under names that stay: what `CAT.json` and `home.json` hold, and what the page is filled with."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict

__all__ = [
    "Alarm",
    "Behaviour",
    "Changed",
    "Compared",
    "Day",
    "Event",
    "Foretold",
    "Gap",
    "Heatmap",
    "Next",
    "Numbers",
    "Peak",
    "Rhythm",
    "Source",
    "Wave",
    "Weight",
]


class _Rows(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Compared(_Rows):
    """A day of this month against one of the month before: the difference, 95 % by a bootstrap of days, and whether it is sure."""

    month: str
    then: float
    difference: float
    low: float
    high: float
    sure: bool


class Behaviour(_Rows):
    """One behaviour in the month.

    Attributes:
        events, seconds: that were seen, as counted.
        observed_s: in which it could have been seen; `of_s` is the whole of the month so far.
        unknown_events: of cats that nobody could tell, each of which may be one of this cat's.
        timed: most events have a length; else a device only said when.
        enough: observed for long enough to speak of a day.
        watched_h: hours of the clock that were ever watched: what a day below is a day of.
        events_a_day, seconds_a_day: in so many observed hours; None where it is not enough.
        events_then, seconds_then: against the month before; None where either is not enough.
    """

    behaviour: str
    events: int
    seconds: float
    observed_s: float
    of_s: float
    unknown_events: int
    timed: bool
    enough: bool
    watched_h: int
    events_a_day: float | None
    seconds_a_day: float | None
    events_then: Compared | None
    seconds_then: Compared | None


class Heatmap(_Rows):
    """Activity by weekday, Monday first, and hour of the home's clock; None was not observed. `of` is a behaviour, or `awake`."""

    of: str
    unit: Literal["minutes_an_hour", "events_an_hour"]
    values: list[list[float | None]]


class Wave(_Rows):
    """The daily wave: when it is highest, and how surely there is one; hours are local, None where there is none."""

    top_h: float | None
    within_h: float | None
    p: float
    share_of_mean: float | None


class Peak(_Rows):
    """Whether the day has two peaks: their local hours, and the share of redrawn days that have them too."""

    hours: list[float]
    confidence: float


class Rhythm(_Rows):
    """The shape of a day: daily wave, peaks, and how evenly the hours are used, 0 to 1 with 95 %; None: too little is known."""

    of: str
    wave: Wave | None
    peaks: Peak | None
    evenness: float | None
    evenness_low: float | None
    evenness_high: float | None


class Changed(_Rows):
    """A habit that changed on a date of this month: events in 24 observed hours before and from then on."""

    behaviour: str
    date: dt.date
    before: float
    after: float


class Foretold(_Rows):
    """A forecast that was made, and what came true.

    Attributes:
        came: when the next event was seen; None where none was before a gap, or the outcome is `unseen`.
        outcome: `hit` (within the 8-in-10 interval), `early`, `late`, or `unseen`: the interval was not watched to its end.
    """

    behaviour: str
    made_at: dt.datetime
    p10: dt.datetime
    p25: dt.datetime
    p50: dt.datetime
    p75: dt.datetime
    p90: dt.datetime
    came: dt.datetime | None
    outcome: Literal["hit", "early", "late", "unseen"]


class Next(_Rows):
    """What the newest forecast says of a behaviour; moments are None where it abstains."""

    behaviour: str
    made_at: dt.datetime
    abstained: bool
    reason: str
    p10: dt.datetime | None
    p50: dt.datetime | None
    p90: dt.datetime | None


class Alarm(_Rows):
    """Something unusual, with the starts of the events it rests on."""

    kind: str
    of: str
    start: dt.datetime
    end: dt.datetime
    raised: dt.datetime
    severity: str
    score: float
    numbers: dict[str, float]
    evidence: list[dt.datetime]


class Event(_Rows):
    """One event; `bouts` are those of the cameras, by their ids on the day page."""

    behaviour: str
    start: dt.datetime
    end: dt.datetime
    seconds: float
    sources: list[str]
    bouts: list[str]


class Day(_Rows):
    """One date: by behaviour, events, seconds and observed seconds."""

    date: dt.date
    seconds: float
    behaviours: dict[str, tuple[int, float, float]]


class Gap(_Rows):
    """A stretch in which a camera or device told of nothing, and why."""

    source: str
    start: dt.datetime
    end: dt.datetime
    state: str
    reason: str


class Source(_Rows):
    """A camera or device: the share of each date in which it told of what was to be seen, and its gaps.

    `cats` are those it tells of, none named for any.
    """

    id: str
    name: str
    kind: Literal["camera", "device"]
    cats: list[str]
    shares: dict[dt.date, float]
    gaps: list[Gap]


class Weight(_Rows):
    """Readings of a scale in kg: their middle one, how many, and that of the month before."""

    kg: float
    readings: int
    then_kg: float | None


class Numbers(_Rows):
    """All of one report; `cat` is None in that of the home, whose behaviours are of all of its cats together.

    `sentences` say what was, `footing` what they rest on and what could not be seen. `looked_days`: nights that were judged.
    """

    schema_version: int
    month: str
    timezone: str
    language: str
    cat: str | None
    name: str
    over: bool
    until: dt.date
    sentences: list[str]
    footing: list[str]
    looked_days: int
    behaviours: list[Behaviour]
    heatmaps: list[Heatmap]
    rhythms: list[Rhythm]
    changes: list[Changed]
    foretold: list[Foretold]
    next: list[Next]
    alarms: dict[str, list[Alarm]]
    weight: Weight | None
    days: list[Day]
    events: list[Event]
    sources: list[Source]
    fingerprint: str
