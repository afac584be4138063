"""Holds: a time of a camera that stays, in a file that is written whole and believed only if all of it makes sense."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from home.clock import UTC, Span
from home.errors import CatMLError, TableError, WrongUse
from home.folder import Home, open_home
from home.holds import Hold, add_hold, read_holds, release
from home.terminal import Terminal
from ingest.holds import hold
from tests.ingest.archive import chunk, day, processes, shelve

NOW = dt.datetime(2026, 3, 31, 3, tzinfo=UTC)


def added(home: Home, start: str, end: str, camera: str = "kitchen") -> Hold:
    return add_hold(home, camera, start, end, "", NOW)


def test_what_is_added_is_read_and_can_be_released(cats_home: Home) -> None:
    assert read_holds(cats_home) == []
    first = add_hold(cats_home, "kitchen", "2026-03-01T08:00", "2026-03-01T09:30", "Miso limps", NOW)
    # Berlin is an hour ahead of UTC in winter.
    assert first.span == Span(dt.datetime(2026, 3, 1, 7, tzinfo=UTC), dt.datetime(2026, 3, 1, 8, 30, tzinfo=UTC))
    second = add_hold(cats_home, "hall", "2026-03-01T08:00Z", "2026-03-02T08:00Z", "", NOW)
    assert read_holds(open_home(cats_home.root)) == [first, second] and (first.id, second.id) == (1, 2)
    assert release(cats_home, 2) == second and read_holds(cats_home) == [first]
    assert added(cats_home, "2026-03-01T08:00", "2026-03-01T09:00").id == 3  # a number is never given twice


@pytest.mark.parametrize(
    ("span", "reaches"),
    [
        (("07:55", "08:00"), False),
        (("07:55", "08:00:01"), True),
        (("09:29", "09:40"), True),
        (("09:30", "09:35"), False),
    ],
)
def test_what_a_hold_covers(cats_home: Home, span: tuple[str, str], reaches: bool) -> None:
    found = added(cats_home, "2026-03-01T08:00Z", "2026-03-01T09:30Z")
    start, end = (dt.datetime.fromisoformat(f"2026-03-01T{time}+00:00") for time in span)
    assert found.covers("kitchen", Span(start, end)) is reaches
    assert not found.covers("hall", Span(start, end))


def test_the_hour_that_comes_twice_is_held_twice(cats_home: Home) -> None:
    # In Berlin 02:00 to 03:00 comes twice on 2026-10-25: first at 00:00 UTC, again at 01:00 UTC.
    found = added(cats_home, "2026-10-25T02:00", "2026-10-25T02:30")
    assert found.span == Span(dt.datetime(2026, 10, 25, 0, tzinfo=UTC), dt.datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    assert added(cats_home, "2026-10-25T02:00+02:00", "2026-10-25T02:30+02:00").span.seconds == 1800


@pytest.mark.parametrize(
    ("camera", "start", "end", "words"),
    [
        ("garden", "2026-03-01T08:00", "2026-03-01T09:00", "no camera 'garden'"),
        ("kitchen", "yesterday", "2026-03-01T09:00", "START: 'yesterday' is not a time"),
        ("kitchen", "2026-03-01T08:00", "nine", "END: 'nine' is not a time"),
        ("kitchen", "2026-03-01T08:00", "2026-03-01T08:00", "must lie after START"),
        ("kitchen", "2026-03-29T02:30", "2026-03-29T04:00", "the clocks skip that hour"),
    ],
)
def test_holds_that_cannot_be(cats_home: Home, camera: str, start: str, end: str, words: str) -> None:
    with pytest.raises(WrongUse, match=words):
        added(cats_home, start, end, camera)
    assert not (cats_home.root / "data" / "holds.json").exists()


def test_releasing_what_is_not_held(cats_home: Home) -> None:
    added(cats_home, "2026-03-01T08:00", "2026-03-01T09:00")
    with pytest.raises(WrongUse, match="no hold 7; there are: 1"):
        release(cats_home, 7)


GOOD = {
    "id": 1, "camera": "kitchen", "start": "2026-03-01T08:00:00Z", "end": "2026-03-01T09:00:00Z", "note": "",
    "made": "2026-03-02T08:00:00Z",
}  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        json.dumps({"holds": [GOOD], "next": 2}).encode(),
        json.dumps({"schema_version": 2, "holds": [GOOD], "next": 2}).encode(),
        json.dumps({"schema_version": 1, "holds": [GOOD], "next": 1}).encode(),
        json.dumps({"schema_version": 1, "holds": GOOD, "next": 2}).encode(),
        *(
            json.dumps({"schema_version": 1, "holds": [{**GOOD, name: value}], "next": 9}).encode()
            for name, value in [
                ("start", "2026-03-01T08:00:00"),
                ("start", "2026-03-01T10:00:00Z"),
                ("end", None),
                ("camera", 3),
                ("id", "1"),
                ("colour", "red"),
            ]
        ),
    ],
)
def test_a_file_that_is_not_wholly_right_is_not_believed(cats_home: Home, content: bytes) -> None:
    cats_home.data.write("holds.json", content)
    with pytest.raises(TableError, match=r"data/holds\.json: these are no holds"):
        read_holds(cats_home)
    with pytest.raises(CatMLError):
        added(cats_home, "2026-03-01T08:00", "2026-03-01T09:00")
    assert cats_home.data.read("holds.json") == content  # nothing of it is lost


def add_ten(root: str) -> None:
    home = open_home(Path(root))
    for _ in range(10):
        added(home, "2026-03-01T08:00", "2026-03-01T09:00")


def test_two_at_a_time_lose_nothing(cats_home: Home) -> None:
    both = [processes().Process(target=add_ten, args=(str(cats_home.root),)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert [each.id for each in read_holds(cats_home)] == [*range(1, 21)]


def test_the_command(cats_home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    shelve(cats_home, [chunk("kitchen", day(3)), chunk("kitchen", day(3, 13))])
    hold(cats_home, Terminal(), "kitchen", "2026-03-28T13:02", "2026-03-28T13:20", "the vase")
    out, err = capsys.readouterr()
    assert (
        "Hold 1 keeps kitchen from 2026-03-28 13:02:00 CET" in out and "(the vase): 1 chunk, until" in out and not err
    )
    hold(cats_home, Terminal(quiet=True), "hall", "2026-03-28T13:02", "2026-03-28T13:20")
    assert "there is no footage of that time" in capsys.readouterr().err
    hold(cats_home, Terminal())
    assert "the vase" in capsys.readouterr().out
    hold(cats_home, Terminal(as_json=True), release_id=2)
    tree = json.loads(capsys.readouterr().out)
    assert [each["id"] for each in tree["holds"]] == [1]
    with pytest.raises(WrongUse, match="catml hold CAMERA START END"):
        hold(cats_home, Terminal(), "kitchen", "2026-03-28T13:02")
