"""Local days in UTC. A home's day has 23, 24 or 25 hours; everything stored is UTC.

Nothing in this module asks for the present time: callers hand it in.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

UTC = dt.UTC


@dataclass(frozen=True, order=True)
class Span:
    """A half-open stretch of time, `start <= t < end`, both tz-aware UTC."""

    start: dt.datetime
    end: dt.datetime

    @property
    def seconds(self) -> float:
        """Length in seconds; 0 for an empty span, never negative."""
        return max(0.0, (self.end - self.start).total_seconds())

    def overlap(self, other: Span) -> Span | None:
        """The part both share, or None."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Span(start, end) if start < end else None

    def __contains__(self, moment: dt.datetime) -> bool:
        return self.start <= moment < self.end


def local_day(date: dt.date, zone: ZoneInfo) -> Span:
    """The UTC span of a local date: 23 h, 24 h or 25 h long."""
    start = dt.datetime.combine(date, dt.time(), zone).astimezone(UTC)
    end = dt.datetime.combine(date + dt.timedelta(days=1), dt.time(), zone).astimezone(UTC)
    return Span(start, end)


def local_date(moment: dt.datetime, zone: ZoneInfo) -> dt.date:
    """The local date a UTC moment falls on."""
    return moment.astimezone(zone).date()


def local_dates(span: Span, zone: ZoneInfo) -> list[dt.date]:
    """Every local date a span touches, in order."""
    first = local_date(span.start, zone)
    last = local_date(span.end - dt.timedelta(microseconds=1), zone)
    return [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]


def utc_dates(span: Span) -> list[dt.date]:
    """Every UTC date a span touches, in order: the prefixes under which its chunks are named."""
    return local_dates(span, ZoneInfo("UTC"))


def merge(spans: list[Span], tolerance_s: float = 0.0) -> list[Span]:
    """Join spans that touch, overlap, or lie at most `tolerance_s` seconds apart; sorted."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and (span.start - merged[-1].end).total_seconds() <= tolerance_s:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def subtract(whole: Span, parts: list[Span]) -> list[Span]:
    """What remains of `whole` without `parts`; sorted."""
    rest, start = [], whole.start
    for part in merge(parts):
        if part.start > start:
            rest.append(Span(start, min(part.start, whole.end)))
        start = max(start, part.end)
        if start >= whole.end:
            return rest
    if start < whole.end:
        rest.append(Span(start, whole.end))
    return rest


def intersect(first: list[Span], second: list[Span]) -> list[Span]:
    """The times that lie in both lists; sorted."""
    return merge([both for a in first for b in second if (both := a.overlap(b))])


def parse_moment(text: str, zone: ZoneInfo) -> dt.datetime:
    """An ISO 8601 moment as UTC; without an offset it is local time of the home.

    Raises:
        ValueError: if it is not ISO 8601, or names an hour that the clock change skips.
    """
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        local = moment.replace(tzinfo=zone)
        moment = local.astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
            raise ValueError(
                f"{text!r} does not exist in {zone.key}: the clocks skip that hour; give an offset, e.g. {text}+00:00"
            )
    return moment.astimezone(UTC)


def iso(moment: dt.datetime) -> str:
    """A UTC moment as `2026-03-01T07:00:00.123456Z`, always with microseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
