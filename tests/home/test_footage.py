"""Chunk names, exact starts, and which chunks are looked at for a day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from home.clock import UTC, Span, local_day
from home.footage import ChunkName, chunk_boundary, find_chunks, start_comment, start_of
from home.store import Store

SEVEN = dt.datetime(2026, 3, 1, 7, tzinfo=UTC)


@given(
    st.integers(0, 32_000_000_000).map(lambda second: dt.datetime.fromtimestamp(second, UTC)),
    st.integers(0, 20),
    st.from_regex(r"[a-z][a-z0-9_-]{0,20}", fullmatch=True),
)
def test_a_name_says_what_it_was_made_of(start: dt.datetime, copy: int, camera: str) -> None:
    name = ChunkName(camera, start, copy)
    assert ChunkName.parse(name.key) == name


def test_names_are_the_contract() -> None:
    assert ChunkName("hall", SEVEN).key == "hall/chunk-20260301-070000.mp4"
    assert ChunkName("hall", SEVEN, 2).key == "hall/chunk-20260301-070000-2.mp4"


@pytest.mark.parametrize(
    "key",
    [
        "hall/chunk-20260301-070000.mp4.tmp",
        "hall/chunk-20260301-070000.mkv",
        "hall/chunk-20261301-070000.mp4",  # month 13
        "hall/chunk-20260301-250000.mp4",
        "hall/sub/chunk-20260301-070000.mp4",
        "chunk-20260301-070000.mp4",
        "hall/.tmp-chunk-20260301-070000.mp4-1-2",
        "hall/chunk-20260301-070000.mp4x7f3a.partial",  # what a killed rclone leaves
    ],
)
def test_what_is_no_chunk_is_passed_over(key: str) -> None:
    assert ChunkName.parse(key) is None


def test_boundaries_are_multiples_of_five_minutes() -> None:
    assert chunk_boundary(SEVEN) == SEVEN + dt.timedelta(minutes=5)
    assert chunk_boundary(SEVEN + dt.timedelta(minutes=4, seconds=59.9)) == SEVEN + dt.timedelta(minutes=5)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store("footage", tmp_path)


def names(store: Store, span: Span) -> list[str]:
    return [name.key.removeprefix("hall/chunk-").removesuffix(".mp4") for name, _ in find_chunks(store, "hall", span)]


def test_a_local_day_is_looked_for_over_the_utc_days_it_touches(store: Store) -> None:
    # 1 March in Berlin is 28 February 23:00 to 1 March 23:00 UTC.
    for stamp in ("20260228-225500", "20260228-230000", "20260301-120000", "20260301-225500", "20260301-230000"):
        store.write(f"hall/chunk-{stamp}.mp4", b"x")
    store.write("hall-2/chunk-20260301-120000.mp4", b"x")
    store.write("hall/notes.txt", b"x")
    day = local_day(dt.date(2026, 3, 1), ZoneInfo("Europe/Berlin"))
    # 22:55 is in, because it may reach over 23:00; of the chunk at the end nothing lies in the day.
    assert names(store, day) == ["20260228-225500", "20260228-230000", "20260301-120000", "20260301-225500"]


def test_the_chunk_that_reaches_over_the_start_is_on_another_utc_day(store: Store) -> None:
    for stamp in ("20260228-235000", "20260228-235730", "20260301-000230"):
        store.write(f"hall/chunk-{stamp}.mp4", b"x")
    midnight = dt.datetime(2026, 3, 1, tzinfo=UTC)
    assert names(store, Span(midnight, midnight + dt.timedelta(days=1))) == ["20260228-235730", "20260301-000230"]


def test_a_long_chunk_before_the_start_is_looked_at(store: Store) -> None:
    store.write("hall/chunk-20260301-060000.mp4", b"x")  # others record in files of an hour
    assert names(store, Span(SEVEN, SEVEN + dt.timedelta(hours=1))) == ["20260301-060000"]


def test_chunks_of_one_second_are_all_found_in_order(store: Store) -> None:
    for suffix in ("", "-1", "-2", "-10"):
        store.write(f"hall/chunk-20260301-070000{suffix}.mp4", b"x")
    found = names(store, Span(SEVEN, SEVEN + dt.timedelta(hours=1)))
    assert found == ["20260301-070000", "20260301-070000-1", "20260301-070000-2", "20260301-070000-10"]


def test_the_exact_start_is_in_the_comment_else_in_the_name() -> None:
    exact = SEVEN + dt.timedelta(microseconds=123456)
    key = ChunkName("hall", SEVEN).key
    assert start_comment(exact) == "catml-start=2026-03-01T07:00:00.123456Z"
    assert start_of(start_comment(exact), key) == exact
    assert start_of("made by a phone", key) == start_of(None, key) == start_of("catml-start=soon", key) == SEVEN
    assert start_of(None, "/anywhere/hall/chunk-20260301-070000.mp4") == SEVEN
    assert start_of(None, "hall/film.mp4") is None
