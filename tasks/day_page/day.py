"""One local day as the day page needs it, read from the home's tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from home.clock import Span, local_day, merge
from home.config import Camera, HomeConfig
from home.coverage import complete
from home.folder import Home
from home.look import BEHAVIOURS, clock_time
from home.manifest import Manifest, Rejected, read_manifest
from home.tables import BOUTS, BUDGET, COVERAGE, DETECTIONS, FIXTURES, FRAMES

REASONS = {"recorder_down": "recorder was down", "owner's hours": "private hours", "imports only": "no recording was planned"}
SHORT_S = 120
NOT_BEHAVIOURS = ("unseen", "gap")


@dataclass(frozen=True)
class Bout:
    """A row of the bouts table; `box` is x1 y1 x2 y2 in 0..1 on the upright picture, None if the row has none."""

    id: str
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
class Day:
    """All that the page of a local day says.

    Attributes:
        analysed: whether the night's work has written this day's bouts and budget.
        cameras: id to what people call it.
        coverage: the whole day of each camera, without holes.
        unread: chunks that could not be used, and why.
        quarantined: rows that broke their table's rules and were set aside.
        detector: name of the model that looked; empty if none did.
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

    @cached_property
    def recorded(self) -> list[Span]:
        """When at least one camera recorded."""
        return merge([part.span for row in self.coverage.values() for part in row if part.state == "recorded"])

    @cached_property
    def without_footage(self) -> list[Stretch]:
        """When no camera recorded, with the reasons of all of them."""
        edges = sorted({edge for row in self.coverage.values() for part in row for edge in (part.span.start, part.span.end)})
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


def read_day(home: Home, date: dt.date) -> Day:
    """Read a day. Absent tables are a day that was not analysed, not an error."""
    bouts, budget = home.tables.read(BOUTS, date), home.tables.read(BUDGET, date)
    cameras, manifest = _cameras(home, date), read_manifest(home.data, date)
    detected = [home.tables.notes(DETECTIONS, date, camera) for camera in cameras]
    return Day(
        date=date,
        zone=home.zone,
        span=local_day(date, home.zone),
        analysed=home.tables.fingerprint(BUDGET, date) is not None,
        animals=tuple(_animals(bouts, budget, home.config)),
        cameras={camera: settings.name or camera for camera, settings in cameras.items()},
        coverage={
            camera: tuple(
                Stretch(_span(row), row.state, reason_words(row.reason))
                for row in complete(home.tables, camera, settings, date, home.zone).itertuples()
            )
            for camera, settings in cameras.items()
        },
        fixtures=tuple(
            Fixture(row.camera, (row.x1, row.y1, row.x2, row.y2), Span(row.first.to_pydatetime(), row.last.to_pydatetime()))
            for row in home.tables.read(FIXTURES, date).sort_values(["camera", "x1", "y1"]).itertuples()
        ),
        manifest=manifest,
        unread=tuple(_unread(home, date, list(cameras), manifest)),
        quarantined=sum(notes.get("rejected", 0) for notes in [*detected, home.tables.notes(BOUTS, date)]),
        detector=", ".join(sorted({notes["model"] for notes in detected if "model" in notes})),
    )


def reason_words(reason: str) -> str:
    """The ledger's reason as people say it: `recorder_down` is `recorder was down`."""
    return REASONS.get(reason, reason.replace("_", " "))


def _cameras(home: Home, date: dt.date) -> dict[str, Camera]:
    """Those of home.yaml, then those that recorded once and are no longer in it."""
    gone = [camera for camera in home.tables.cameras(COVERAGE, date) if camera not in home.config.cameras]
    return {**home.config.cameras, **{camera: Camera() for camera in gone}}


def _unread(home: Home, date: dt.date, cameras: list[str], manifest: Manifest) -> Iterator[Rejected]:
    """Chunks that could not be opened, then those that broke while they were decoded."""
    for camera in cameras:
        yield from manifest.cameras[camera].rejected if camera in manifest.cameras else ()
        damaged = home.tables.notes(FRAMES, date, camera).get("damaged", {})
        yield from (Rejected(key, reason) for key, reason in sorted(damaged.items()))


def _animals(bouts: pd.DataFrame, budget: pd.DataFrame, config: HomeConfig) -> list[Animal]:
    keys = {(str(row.cat), int(row.animal)) for frame in (bouts, budget) for row in frame.itertuples()}
    seen = {(str(row.cat), int(row.animal)) for row in budget.itertuples() if row.behaviour not in NOT_BEHAVIOURS and row.seconds}
    # A named cat that was not seen has its row; a numbered one is only there because it was seen, or stands for "none was".
    keys = {key for key in keys if key[0] in config.cats or key in seen} or set(sorted(keys)[:1])
    order = [*config.cats, *sorted({cat for cat, _ in keys} - set(config.cats))]
    strangers = sum(cat not in config.cats for cat, _ in keys)
    animals = []
    for cat, number in sorted(keys, key=lambda key: (order.index(key[0]), key[1])):
        name, subject = _called(cat, number, config, strangers, len(keys))
        mine = [frame[(frame["cat"] == cat) & (frame["animal"] == number)] for frame in (bouts, budget)]
        rows = mine[0].sort_values(["start", "end", "behaviour", "bout_id"]).itertuples()
        shares = sorted((_share(row) for row in mine[1].itertuples()), key=_ethogram_order)
        animals.append(Animal(cat, number, name, subject, tuple(shares), tuple(_bout(row) for row in rows)))
    return animals


def _called(cat: str, number: int, config: HomeConfig, strangers: int, animals: int) -> tuple[str, str]:
    """Name and subject of an animal. One that was not recognised gets a number, never a guess."""
    if cat in config.cats:
        return config.cats[cat].name, config.cats[cat].name
    if strangers > 1:
        return f"Cat {number}", f"Cat {number}"
    if animals > 1:
        return "Another cat", "Another cat, not recognised,"
    return "Cat", "A cat"


def _ethogram_order(share: Share) -> tuple[int, str]:
    order: Sequence[str] = [*BEHAVIOURS, *NOT_BEHAVIOURS]
    # A home's own behaviour stands before `other`, which stays the last of what was seen.
    return (order.index(share.behaviour) if share.behaviour in order else order.index("other") - 1, share.behaviour)


def _share(row: Any) -> Share:
    return Share(row.behaviour, float(row.seconds), int(row.bouts), float(row.observed_s))


def _bout(row: Any) -> Bout:
    box = (float(row.x1), float(row.y1), float(row.x2), float(row.y2))
    return Bout(
        id=str(row.bout_id),
        behaviour=row.behaviour,
        span=_span(row),
        duration_s=float(row.duration_s),
        confidence=float(row.confidence),
        cameras=tuple(row.cameras),
        camera=row.camera,
        chunk=row.chunk,
        offset_s=float(row.offset_s),
        box=box if np.isfinite(box).all() else None,
        evidence=row.evidence,
        continues_before=bool(row.continues_before),
        continues_after=bool(row.continues_after),
    )


def _span(row: Any) -> Span:
    return Span(row.start.to_pydatetime(), row.end.to_pydatetime())


def _joint_reason(parts: list[Stretch]) -> str:
    """What kept all cameras from recording: faults and private hours before `off`, each said once."""
    told = [part for part in parts if part.state != "off"] or parts
    return ", ".join(sorted({part.reason or part.state for part in told}))
