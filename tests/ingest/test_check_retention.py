"""What `catml check` says of old footage: a retention that cannot be is told with file and line."""

from __future__ import annotations

import datetime as dt

import pytest

from home.clock import UTC
from home.holds import add_hold
from ingest.check_retention import retention
from ingest.finding import Finding
from tests.conftest import HomeFactory


def test_kept_for_ever(home_factory: HomeFactory) -> None:
    assert list(retention(home_factory())) == [Finding("retention", "ok", "footage is kept: for ever")]


def test_days_by_camera_and_holds(home_factory: HomeFactory) -> None:
    home = home_factory(cameras="  kitchen: {retention_days: 60}\n  hall: {}\n")
    add_hold(home, "hall", "2026-03-01T08:00", "2026-03-01T09:00", "", dt.datetime(2026, 3, 2, tzinfo=UTC))
    [found] = retention(home)
    assert (found.state, found.found) == ("ok", "footage is kept: kitchen 60 days, hall for ever; 1 hold")


@pytest.mark.parametrize(
    ("cameras", "more", "overrides", "place", "right"),
    [
        # home.yaml: 1 timezone, 2 cameras, 3 kitchen, then what follows.
        ("  kitchen: {}\n", "retention:\n  # days\n  days: 6\n", {}, ":6: retention.days: found 6", "looks back 7"),
        (
            "  kitchen:\n    retention_days: 3\n",
            "",
            {},
            ":4: cameras.kitchen.retention_days: found 3",
            "7 days or more",
        ),
        (
            "  kitchen: {}\n",
            "retention: {days: 8}\n",
            {"nightly.look_back_days": "9"},
            ":4: retention.days: found 8",
            "9",
        ),
    ],
)
def test_shorter_than_the_look_back(
    home_factory: HomeFactory, cameras: str, more: str, overrides: dict[str, str], place: str, right: str
) -> None:
    home = home_factory(cameras=cameras, more=more, overrides=overrides)
    [found] = retention(home)
    assert found.state == "fail" and found.found == f"{home.root / 'home.yaml'}{place}" and right in found.right


def test_a_mistake_for_all_cameras_is_told_once(home_factory: HomeFactory) -> None:
    home = home_factory(cameras="  kitchen: {}\n  hall: {}\n", more="retention: {days: 2}\n")
    assert [found.state for found in retention(home)] == ["fail"]


@pytest.mark.parametrize(("share", "states"), [(0.12, ["warn"]), (0.13, ["ok"])])
def test_a_share_below_a_days(home_factory: HomeFactory, share: float, states: list[str]) -> None:
    # Of 8 days one is due: 0.125.
    home = home_factory(more=f"retention:\n  days: 7\n  most_share: {share}\n")
    found = list(retention(home))
    assert [each.state for each in found] == states
    assert states == ["ok"] or "retention.most_share: found 0.12" in found[0].found


def test_holds_that_cannot_be_read(home_factory: HomeFactory) -> None:
    home = home_factory()
    home.data.write("holds.json", b"[")
    [found] = retention(home)
    assert (found.what, found.state) == ("holds", "fail") and "nothing is deleted" in found.right
