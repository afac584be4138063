"""Local days of 23, 24 and 25 hours, and arithmetic of spans against a second-by-second count."""

from __future__ import annotations

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from home.clock import UTC, Span, intersect, iso, local_dates, local_day, merge, parse_moment, subtract, utc_dates

BERLIN = ZoneInfo("Europe/Berlin")
ZERO = dt.datetime(2026, 3, 1, tzinfo=UTC)


def at(second: float) -> dt.datetime:
    return ZERO + dt.timedelta(seconds=second)


def span(start: float, end: float) -> Span:
    return Span(at(start), at(end))


# Whole seconds below 60, so that a set of seconds is an exact model of a list of spans.
spans = st.lists(st.tuples(st.integers(0, 59), st.integers(1, 30)).map(lambda p: span(p[0], p[0] + p[1])), max_size=8)


def seconds(parts: list[Span]) -> set[int]:
    """The model: every second that lies in any span."""
    return {n for n in range(120) if any(at(n) in part for part in parts)}


def apart_and_sorted(parts: list[Span]) -> bool:
    return all(a.end < b.start for a, b in itertools.pairwise(parts)) and all(p.start < p.end for p in parts)


@pytest.mark.parametrize(
    ("date", "hours"), [("2026-03-28", 24), ("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)]
)
def test_a_local_day_has_its_hours(date: str, hours: int) -> None:
    # Germany changes its clocks on 29 March and 25 October 2026.
    day = local_day(dt.date.fromisoformat(date), BERLIN)
    assert day.seconds == hours * 3600
    assert day.end == local_day(dt.date.fromisoformat(date) + dt.timedelta(days=1), BERLIN).start


def test_a_day_that_begins_at_one_in_the_morning() -> None:
    # Cuba changes its clocks at midnight: 8 March 2026 has no 00:00 to 01:00.
    day = local_day(dt.date(2026, 3, 8), ZoneInfo("America/Havana"))
    assert day.seconds == 23 * 3600 and day.end == local_day(dt.date(2026, 3, 9), ZoneInfo("America/Havana")).start


def test_dates_that_a_span_touches() -> None:
    day = local_day(dt.date(2026, 3, 1), BERLIN)  # 23:00 UTC to 23:00 UTC
    assert local_dates(day, BERLIN) == [dt.date(2026, 3, 1)]
    assert utc_dates(day) == [dt.date(2026, 2, 28), dt.date(2026, 3, 1)]


@given(spans)
def test_merge_keeps_every_second_and_joins_what_touches(parts: list[Span]) -> None:
    merged = merge(parts)
    assert seconds(merged) == seconds(parts) and apart_and_sorted(merged)
    assert merge(merged) == merged and merge(parts[::-1]) == merged


@given(spans, st.integers(0, 59), st.integers(1, 40))
def test_subtract_is_set_difference(parts: list[Span], start: int, length: int) -> None:
    whole = span(start, start + length)
    rest = subtract(whole, parts)
    assert seconds(rest) == seconds([whole]) - seconds(parts) and apart_and_sorted(rest)


@given(spans, spans)
def test_intersect_is_set_intersection(first: list[Span], second: list[Span]) -> None:
    both = intersect(first, second)
    assert seconds(both) == seconds(first) & seconds(second) and apart_and_sorted(both)
    assert both == intersect(second, first)


def test_merge_over_a_seam() -> None:
    assert merge([span(0, 10), span(11, 20)], tolerance_s=1.0) == [span(0, 20)]
    assert merge([span(0, 10), span(11.5, 20)], tolerance_s=1.0) == [span(0, 10), span(11.5, 20)]


def test_a_span_holds_its_start_and_not_its_end() -> None:
    assert at(0) in span(0, 10) and at(10) not in span(0, 10)
    assert span(0, 10).overlap(span(10, 20)) is None and span(5, 4).seconds == 0


def test_parse_moment() -> None:
    assert parse_moment("2026-03-01T08:00:00", BERLIN) == dt.datetime(2026, 3, 1, 7, tzinfo=UTC)
    assert parse_moment("2026-03-01T08:00:00+03:00", BERLIN) == dt.datetime(2026, 3, 1, 5, tzinfo=UTC)
    assert parse_moment("2026-03-01 08:00Z", BERLIN) == dt.datetime(2026, 3, 1, 8, tzinfo=UTC)


def test_an_hour_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match=r"does not exist in Europe/Berlin: the clocks skip that hour"):
        parse_moment("2026-03-29T02:30:00", BERLIN)
    with pytest.raises(ValueError, match="Invalid isoformat"):
        parse_moment("yesterday", BERLIN)


def test_iso_always_has_microseconds() -> None:
    assert iso(dt.datetime(2026, 3, 1, 8, tzinfo=BERLIN)) == "2026-03-01T07:00:00.000000Z"
