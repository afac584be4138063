"""True counts of a diary: bouts and seconds of each behaviour by local day or hour, and how much of it was seen."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from home.clock import Span, local_dates, local_day
from home.ethogram import BEHAVIOURS
from simulate.routine import Episode

__all__ = ["Tally", "daily", "hourly", "tally"]


@dataclass
class Tally:
    """What one cat did of one behaviour in one span.

    Attributes:
        cat, behaviour, span: of what.
        bouts: that begin in it; episodes of one behaviour that follow each other without a break are one.
        seconds: spent on it.
        in_sight_s: of these, in front of a camera.
        seen_s: of these, in front of a camera while it was recorded.
        seen_bouts: of the bouts, those of which any part was seen.
    """

    cat: str
    behaviour: str
    span: Span
    bouts: int = 0
    seconds: float = 0.0
    in_sight_s: float = 0.0
    seen_s: float = 0.0
    seen_bouts: int = 0


def daily(
    diary: Sequence[Episode], whole: Span, zone: ZoneInfo, missing: Mapping[str, Sequence[Span]] | None = None
) -> list[Tally]:
    """A row per cat, local date and behaviour, zeros included; the first and last may be parts of days."""
    days = [inside for date in local_dates(whole, zone) if (inside := local_day(date, zone).overlap(whole))]
    return tally(diary, days, missing)


def hourly(
    diary: Sequence[Episode], whole: Span, zone: ZoneInfo, missing: Mapping[str, Sequence[Span]] | None = None
) -> list[Tally]:
    """A row per cat, hour and behaviour; hours are counted from each local midnight, so days have 23 to 25 of them."""
    hours = []
    for date in local_dates(whole, zone):
        day = local_day(date, zone)
        begins = [day.start + dt.timedelta(hours=number) for number in range(round(day.seconds / 3600))]
        hours += [inside for begin in begins if (inside := Span(begin, begin + dt.timedelta(hours=1)).overlap(whole))]
    return tally(diary, hours, missing)


def tally(
    diary: Sequence[Episode], spans: Sequence[Span], missing: Mapping[str, Sequence[Span]] | None = None
) -> list[Tally]:
    """Counts per cat, span and behaviour.

    Args:
        diary: episodes by cat, then time.
        spans: in order, without overlap.
        missing: per camera, when it was not recorded, in order.

    Returns:
        A row for each cat, span and behaviour, in that order, zeros included.
    """
    gaps = {camera: list(spans_) for camera, spans_ in (missing or {}).items()}
    starts = [span.start for span in spans]
    rows = {
        cat: [{name: Tally(cat, name, span) for name in BEHAVIOURS} for span in spans]
        for cat in dict.fromkeys(episode.cat for episode in diary)
    }
    before: Episode | None = None
    began: Tally | None = None  # the row that the bout going on is counted in, until any of it was seen
    for episode in diary:
        parts = _parts(episode, rows[episode.cat], spans, starts, gaps.get(episode.camera or "", []))
        if before is None or not _follows(before, episode):
            began = next((row for row, _ in parts if episode.start in row.span), None)
            if began is not None:
                began.bouts += 1
        if began is not None and any(seen for _, seen in parts):
            began.seen_bouts += 1
            began = None
        before = episode
    return [row for of_cat in rows.values() for of_span in of_cat for row in of_span.values()]


def _parts(
    episode: Episode,
    rows: list[dict[str, Tally]],
    spans: Sequence[Span],
    starts: list[dt.datetime],
    gaps: list[Span],
) -> list[tuple[Tally, float]]:
    """Add the seconds of an episode to the rows of the spans it touches; returns these, and what was seen in each."""
    own, touched = Span(episode.start, episode.end), []
    number = max(bisect_right(starts, episode.start) - 1, 0)
    while number < len(spans) and starts[number] < episode.end:
        both = own.overlap(spans[number])
        if both is not None:
            row = rows[number][episode.behaviour]
            seen = _seen_s(both, gaps) if episode.camera is not None else 0.0
            row.seconds += both.seconds
            row.in_sight_s += both.seconds if episode.camera is not None else 0.0
            row.seen_s += seen
            touched.append((row, seen))
        number += 1
    return touched


def _follows(before: Episode, episode: Episode) -> bool:
    return (before.cat, before.behaviour, before.end) == (episode.cat, episode.behaviour, episode.start)


def _seen_s(part: Span, gaps: list[Span]) -> float:
    """Seconds of a part outside the gaps (sorted, apart)."""
    number = max(bisect_right(gaps, part.start, key=lambda gap: gap.start) - 1, 0)
    hidden = 0.0
    while number < len(gaps) and gaps[number].start < part.end:
        both = part.overlap(gaps[number])
        hidden += both.seconds if both else 0.0
        number += 1
    return part.seconds - hidden
