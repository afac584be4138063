"""A grade counts seconds, and only those in sight."""

from __future__ import annotations

import datetime as dt

import pytest

from simulate.grade import Found, grade
from simulate.routine import Episode

NAMED = ("sleeping", "eating")


def at(second: int) -> dt.datetime:
    return dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC) + dt.timedelta(seconds=second)


DIARY = [
    Episode("miso", "sleeping", at(0), at(100), "living-room"),
    Episode("miso", "other", at(100), at(120)),
    Episode("miso", "playing", at(120), at(160), "hall"),
    Episode("miso", "eating", at(160), at(200), "hall"),
]


def test_seconds_in_both_make_precision_and_recall() -> None:
    found = [Found("sleeping", at(10), at(100)), Found("other", at(120), at(170)), Found("eating", at(170), at(210))]
    scores = {score.behaviour: score for score in grade(DIARY, found, NAMED).scores}
    assert (scores["sleeping"].true_s, scores["sleeping"].found_s, scores["sleeping"].both_s) == (100, 90, 90)
    assert scores["eating"].recall == pytest.approx(30 / 40)
    assert scores["eating"].precision == pytest.approx(30 / 40)
    assert scores["other"].true_s == 40, "playing counts as other, the time out of sight does not count"


def test_what_was_not_found_has_no_precision() -> None:
    result = grade(DIARY, [], NAMED)
    assert result.scores[0].precision is None
    assert result.scores[0].recall == 0
    assert result.presence.true_s == 180


def test_an_empty_diary_is_refused() -> None:
    with pytest.raises(ValueError, match="empty diary"):
        grade([], [], NAMED)
