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


def bouts(found: list[Found]) -> tuple[int, int, int]:
    score = grade(DIARY, found, NAMED).scores[0]
    return score.true_bouts, score.found_bouts, score.same_bouts


def test_a_bout_is_found_when_half_of_both_is_shared() -> None:
    """The diary's nap lasts 100 s; the middle of the next two shares 50, and 49."""
    assert bouts([Found("sleeping", at(50), at(100))]) == (1, 1, 1)
    assert bouts([Found("sleeping", at(51), at(100))]) == (1, 1, 0)
    assert bouts([Found("sleeping", at(0), at(200))]) == (1, 1, 1)
    assert bouts([Found("sleeping", at(0), at(201))]) == (1, 1, 0)


def test_a_bout_that_was_found_in_two_parts_counts_once() -> None:
    parts = [Found("sleeping", at(0), at(60)), Found("sleeping", at(60), at(100))]
    result = grade(DIARY, parts, NAMED)
    assert bouts(parts) == (1, 2, 1)
    assert result.bouts == pytest.approx(2 / (1 + 1 + 2))  # one of two true ones, and one found too many


def test_two_cats_are_two_cat_seconds_each_second() -> None:
    diary = [*DIARY, Episode("tofu", "sleeping", at(0), at(100), "hall", subtype="curled")]
    one, two = [Found("sleeping", at(0), at(100))], [Found("sleeping", at(0), at(100))] * 2
    assert grade(diary, one, NAMED).scores[0].recall == 0.5
    assert grade(diary, two, NAMED).scores[0].recall == 1.0
    assert grade(DIARY, two, NAMED).scores[0].precision == 0.5


def test_what_a_cat_does_without_a_break_is_one_bout() -> None:
    turned = [
        Episode("miso", "sleeping", at(0), at(50), "hall", subtype="curled"),
        Episode("miso", "sleeping", at(50), at(100), "hall", subtype="stretched"),
        Episode("miso", "sleeping", at(101), at(200), "hall", subtype="curled"),
    ]
    assert grade(turned, [], NAMED).scores[0].true_bouts == 2


def test_a_budget_is_right_where_both_agree() -> None:
    """In sight: 100 s asleep, 40 s of something else, 40 s at the bowl."""
    assert grade(DIARY, [], NAMED).budget == 0.0
    right = [Found("sleeping", at(0), at(100)), Found("other", at(120), at(160)), Found("eating", at(160), at(200))]
    assert grade(DIARY, right, NAMED).budget == 1.0
    assert grade(DIARY, right[:2], NAMED).budget == pytest.approx(140 / 180)
    assert grade(DIARY, [*right, Found("eating", at(200), at(220))], NAMED).budget == pytest.approx(180 / 200)
