"""The axis of a timeline: a stretch of UTC drawn to scale, labelled in the home's local time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import elevation

from home.clock import Span, merge
from home.config import Place
from home.look import clock_time

HOURS_APART = 3
# Seconds between labels of a zoomed axis: the smallest that gives no more than LABELS, so that 360 px hold them.
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
LABELS = 5
# The sun's upper edge on the horizon, with refraction: degrees of its centre (USNO's definition of sunrise).
HORIZON = -0.833
# A day whose footage comes to no more than this share of it gets a second timeline, of the footage alone.
SHORT = 1 / 8
MOST_ZOOMS = 12


@dataclass(frozen=True)
class Tick:
    """A label on the axis; `minutes` follows `hour` where there is room for it."""

    at: float
    hour: str
    minutes: str


@dataclass(frozen=True)
class Change:
    """Where the clocks change: place on the axis, and what they change from and to."""

    at: float
    words: str


@dataclass(frozen=True)
class Axis:
    """A stretch of time from the left edge (0) to the right edge (100 %)."""

    span: Span
    zone: ZoneInfo

    def at(self, moment: dt.datetime) -> float:
        """The place of a moment, percent, kept on the axis."""
        share = (moment - self.span.start) / (self.span.end - self.span.start)
        return 100 * min(1.0, max(0.0, share))

    def day_ticks(self) -> list[Tick]:
        """Every third local hour, and both ends; an hour that the clocks skip is not there, one they repeat is there twice."""
        ticks = []
        for moment in _steps(self.span, 900):
            local = moment.astimezone(self.zone)
            if (local.minute == 0 and local.hour % HOURS_APART == 0) or moment == self.span.start:
                ticks.append(Tick(self.at(moment), f"{local:%H}", f":{local:%M}"))
        return [*ticks, Tick(100.0, "24", ":00")]

    def zoom_ticks(self) -> list[Tick]:
        """At most a handful of round local times."""
        step = next((step for step in STEPS if self.span.seconds / step <= LABELS), STEPS[-1] * HOURS_APART)
        return [
            Tick(self.at(moment), clock_time(moment, self.zone, step < 60), "") for moment in _steps(self.span, step)
        ]

    def changes(self) -> list[Change]:
        """Where the clocks are put forward or back: none on most days."""
        found = []
        for before, after in pairwise(_steps(self.span, 900)):
            local, then = before.astimezone(self.zone), after.astimezone(self.zone)
            if local.utcoffset() != then.utcoffset():
                reached = (local + dt.timedelta(seconds=900)).replace(tzinfo=None)
                found.append(Change(self.at(after), f"{reached:%H:%M} becomes {then:%H:%M}"))
        return found


def _steps(span: Span, step_s: int) -> list[dt.datetime]:
    """The multiples of `step_s` in a span. Offsets of zones are multiples of 15 min, so local time is as round as UTC."""
    first = -(-span.start.timestamp() // step_s) * step_s
    count = int((span.end.timestamp() - first) // step_s) + 1
    moments = [dt.datetime.fromtimestamp(first + step_s * number, dt.UTC) for number in range(count)]
    return [moment for moment in moments if moment < span.end]


def nights(span: Span, place: Place) -> list[Span]:
    """When the sun is below the horizon at a place, to the minute; a polar day has none, a polar night is one.

    Sampled rather than solved, because near the poles there may be no sunrise to solve for.
    """
    observer, minute = Observer(place.latitude, place.longitude), dt.timedelta(minutes=1)
    dark = [
        Span(moment, min(moment + minute, span.end))
        for moment in _steps(span, 60)
        if elevation(observer, moment, with_refraction=False) < HORIZON
    ]
    return merge(dark)


def zooms(recorded: list[Span], day: Span) -> list[Span]:
    """The stretches to draw larger, when all the footage of a day is too short to be read on the axis of the day."""
    if not recorded or sum(span.seconds for span in recorded) > day.seconds * SHORT:
        return []
    groups = merge(recorded, tolerance_s=900)
    longest = sorted(groups, key=lambda span: -span.seconds)[:MOST_ZOOMS]
    return sorted(longest)
