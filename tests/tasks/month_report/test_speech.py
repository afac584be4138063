"""The words of both languages, and how numbers are said."""

from __future__ import annotations

import datetime as dt
import re
import string
from zoneinfo import ZoneInfo

import pytest

from home.coverage import REASONS
from home.ethogram import BEHAVIOURS
from home.speech.more_words import MORE_WORDS
from home.speech.page_words import PAGE_WORDS
from home.speech.speech import Speech, amount_s
from home.speech.words import MONTHS, WEEKDAYS, WORDS
from models.habits.sentences import sentence
from tasks.month_report.found import found
from tasks.month_report.numbers import Alarm

TABLES = (WORDS, PAGE_WORDS, MORE_WORDS)
ALL = {key: both for table in TABLES for key, both in table.items()}
BERLIN = ZoneInfo("Europe/Berlin")
EN, DE = Speech("en", BERLIN), Speech("de", BERLIN)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_no_page_is_half_translated() -> None:
    """Both languages fill the same places and have the same forms; nothing that is a sentence is the same in both."""
    assert sum(map(len, TABLES)) == len(ALL), "a key stands in two tables"
    for key, (english, german) in ALL.items():
        assert english and german, key
        assert places(english) == places(german), key
        assert english.count("|") == german.count("|"), key
        if re.search(r"[a-z]{3,} [a-z]{3,} [a-z]{3,}", english):
            assert english != german, key
    assert {len(names) for names in MONTHS.values()} == {12} and {len(names) for names in WEEKDAYS.values()} == {7}


def test_every_behaviour_and_reason_has_its_words() -> None:
    for behaviour in BEHAVIOURS:
        assert {behaviour, f"did_{behaviour}", f"n_{behaviour}"} <= set(ALL)
    assert {f"why_{reason}" for reason in REASONS} <= set(ALL)


@pytest.mark.parametrize(
    ("number", "english", "german"),
    [(1.0, "once", "einmal"), (2.04, "twice", "zweimal"), (2.6, "2.6 times", "2,6-mal"), (9.4, "9 times", "9-mal")],
)
def test_how_often(number: float, english: str, german: str) -> None:
    assert (EN.times(number), DE.times(number)) == (english, german)


@pytest.mark.parametrize(
    ("key", "number", "english", "german"),
    [
        ("eating", 1, "1 meal", "1 Mahlzeit"),
        ("eating", 0, "0 meals", "0 Mahlzeiten"),
        ("using_litter_box", 2, "2 visits to the litter box", "2 Gänge aufs Katzenklo"),
    ],
)
def test_plurals(key: str, number: int, english: str, german: str) -> None:
    assert (EN.events(key, number), DE.events(key, number)) == (english, german)


def test_dates_times_and_shares() -> None:
    moment = dt.datetime(2026, 3, 29, 1, 0, tzinfo=dt.UTC)  # the hour that the clocks skip is over
    assert (EN.moment(moment), DE.moment(moment)) == ("29 March, 03:00", "29. März, 03:00")
    assert (EN.day(moment.date()), DE.day(moment.date(), short=True)) == ("Sunday 29 March", "So, 29. März")
    assert [EN.percent(share) for share in (0, 0.001, 0.744, 0.999, 1)] == ["0 %", "< 1 %", "74 %", "> 99 %", "100 %"]
    assert EN.length(86400 * 4 + 3600 * 5) == "4 days 5 h" and DE.length(86400 * 22) == "22 Tage"
    assert EN.listed(["a", "b, c", "d"]) == "a, b, c, and d" and DE.listed(["a", "b", "c"]) == "a, b und c"


@pytest.mark.parametrize(("seconds", "told"), [(51_543, 51_600), (4_000, 3_900), (1_234, 1_260), (42, 40), (0, 0)])
def test_no_more_digits_than_are_known(seconds: float, told: float) -> None:
    assert amount_s(seconds) == told


@pytest.mark.parametrize(
    ("kind", "of", "numbers", "german"),
    [
        ("none", "eating", {"seen": 72_000.0, "usual": 50_000.0}, "Fressen: 20 h beobachtete Zeit lang nichts; fast alle Pausen dieser Katze sind kürzer als 14 h."),
        ("less", "eating", {"hours": 24.0, "observed_h": 12.0, "seen": 300.0, "usual": 900.0}, "Fressen: 5 min in 24 h, davon 12 h beobachtet; üblich wären 15 min."),
        ("shorter", "using_litter_box", {"hours": 24.0, "observed_h": 24.0, "seen": 19.0, "usual": 62.0}, "Katzenklo: im Mittel 19 s in 24 h; üblich wären 62 s."),
        ("up_often", "night", {"hours": 24.0, "seen": 25.0, "usual": 12.4}, "Nachts 25-mal auf in 24 h; üblich wären 12,4."),
        ("drift_up", "hunched_rest", {"seen": 0.31, "usual": 0.1}, "Hunched rest ist höher als sonst: 0,31; üblich wären 0,1."),
    ],
)  # fmt: skip
def test_what_is_unusual_in_german_has_the_numbers_of_the_english(
    kind: str, of: str, numbers: dict[str, float], german: str
) -> None:
    moment = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    alarm = Alarm(
        kind=kind,
        of=of,
        start=moment,
        end=moment,
        raised=moment,
        severity="notice",
        score=9,
        numbers=numbers,
        evidence=[],
    )
    assert found(alarm, DE) == german
    assert found(alarm, EN) == sentence(kind, of, numbers)
