"""One local day as the day page tells it: animals, their budgets and bouts, and what the cameras recorded."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

from home.clock import Span, merge
from home.look import clock_time
from home.manifest import Manifest, Rejected

# Times of day within a stretch shorter than this are told with their seconds.
SHORT_S = 120
FOLDER = "reports"  # of the pages, in data/
NOT_BEHAVIOURS = ("unseen", "gap")


@dataclass(frozen=True)
class Bout:
    """A row of the bouts table.

    Attributes:
        anchor: its id on the page, unique there.
        box: x1 y1 x2 y2 in 0..1 on the upright picture; None if the row has none.
    """

    id: str
    anchor: str
    behaviour: str
    span: Span
    duration_s: float
    confidence: float
    cameras: tuple[str, ...]
    camera: str
    chunk: str
    offset_s: float
    box: tuple[float, float, float, float] | None
    evidence: str
    continues_before: bool
    continues_after: bool


@dataclass(frozen=True)
class Share:
    """A row of the time budget: seconds of the day, number of bouts, and seconds in which it could have been seen."""

    behaviour: str
    seconds: float
    bouts: int
    observed_s: float


@dataclass(frozen=True)
class Animal:
    """One row of the day: a cat of the home, or a numbered animal that was not recognised.

    Attributes:
        cat: id of the cat, or `unknown`.
        number: 1..n among the day's rows of that cat.
        name: how tables and pictures call it.
        subject: how a sentence begins.
        budget: behaviours in the ethogram's order, then unseen and gap; sums to the whole day.
        bouts: in order of time.
    """

    cat: str
    number: int
    name: str
    subject: str
    budget: tuple[Share, ...]
    bouts: tuple[Bout, ...]

    @property
    def key(self) -> str:
        """Part of the page's anchors, unique on the page."""
        return f"{self.cat}-{self.number}"

    @property
    def seen_s(self) -> float:
        """Seconds in sight of a camera."""
        return sum(share.seconds for share in self.budget if share.behaviour not in NOT_BEHAVIOURS)


@dataclass(frozen=True)
class Stretch:
    """A stretch of one state of the footage, and why (empty for `recorded`)."""

    span: Span
    state: str
    reason: str


@dataclass(frozen=True)
class Fixture:
    """A thing that looks like a cat day and night and is muted; where it stands, and when it was there."""

    camera: str
    box: tuple[float, float, float, float]
    seen: Span


@dataclass(frozen=True)
class Unusual:
    """A sentence on what was unusual.

    Attributes:
        severity: notice, warning or urgent; empty where nothing was unusual.
        sentence: whole.
        links: to what it rests on, each with its words: bouts of the page, pages of other days.
    """

    severity: str
    sentence: str
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Known:
    """What is known of who is who: tracks of the day, those that have a name, and those of them whose name people gave."""

    tracks: int
    named: int
    said: int


@dataclass(frozen=True)
class Day:
    """All that the page of a local day says.

    Attributes:
        analysed: whether the night's work has written this day's bouts and budget.
        cameras: id to what people call it.
        coverage: the whole day of each camera, without holes.
        unread: chunks that could not be used, and why.
        quarantined: rows that broke their table's rules and were set aside.
        detector: name of the model that looked; empty if none did.
        reader: name of the model that read behaviours; empty where the rules did.
        known: None where nothing tells cats apart.
        drifted: what each camera shows that is not as it was, in words.
        unusual: what was unusual for a cat, or that nothing was, a sentence each; none of what could not be judged.
    """

    date: dt.date
    zone: ZoneInfo
    span: Span
    analysed: bool
    animals: tuple[Animal, ...]
    cameras: dict[str, str]
    coverage: dict[str, tuple[Stretch, ...]]
    fixtures: tuple[Fixture, ...]
    manifest: Manifest
    unread: tuple[Rejected, ...]
    quarantined: int
    detector: str
    reader: str = ""
    known: Known | None = None
    drifted: tuple[str, ...] = ()
    unusual: tuple[Unusual, ...] = ()

    @cached_property
    def recorded(self) -> list[Span]:
        """When at least one camera recorded."""
        return merge([part.span for row in self.coverage.values() for part in row if part.state == "recorded"])

    @cached_property
    def without_footage(self) -> list[Stretch]:
        """When no camera recorded, with the reasons of all of them."""
        edges = sorted(
            {edge for row in self.coverage.values() for part in row for edge in (part.span.start, part.span.end)}
        )
        joined: list[Stretch] = []
        for start, end in pairwise(edges):
            there = [part for row in self.coverage.values() for part in row if start in part.span]
            if any(part.state == "recorded" for part in there):
                continue
            reason = _joint_reason(there)
            if joined and joined[-1].span.end == start and joined[-1].reason == reason:
                start = joined.pop().span.start
            joined.append(Stretch(Span(start, end), "gap", reason))
        return joined if edges else [Stretch(self.span, "gap", "home.yaml has no camera")]

    def from_to(self, span: Span) -> str:
        """`02:10 to 05:20`, local, with seconds where it is short; the end of the day is 24:00."""
        short = span.seconds < SHORT_S
        end = "24:00" if span.end == self.span.end else clock_time(span.end, self.zone, short)
        return f"{clock_time(span.start, self.zone, short)} to {end}"


def _joint_reason(parts: list[Stretch]) -> str:
    """What kept all cameras from recording, each reason once: faults if there were any, else private hours, else `off`."""
    for state in ("gap", "private", "off"):
        reasons = sorted({part.reason or part.state for part in parts if part.state == state})
        if reasons:
            return ", ".join(reasons)
    return "nobody knows"
