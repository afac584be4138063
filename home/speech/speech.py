"""How numbers, times and lists are said in a language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from home.ethogram import BEHAVIOURS
from home.look import clock_time, duration, mark_of
from home.speech.month import Month, parse_month
from home.speech.more_words import MORE_WORDS
from home.speech.page_words import PAGE_WORDS
from home.speech.words import LANGUAGES, MONTHS, WEEKDAYS, WORDS

__all__ = ["Speech", "amount_s"]

_ALL = {**WORDS, **PAGE_WORDS, **MORE_WORDS}


@dataclass(frozen=True)
class Speech:
    """One language and the home's zone."""

    language: str
    zone: ZoneInfo

    def say(self, key: str, *fills: object, **named: object) -> str:
        """The words under a key, filled."""
        return _ALL[key][LANGUAGES.index(self.language)].format(*fills, **named)

    def counted(self, key: str, number: float, *fills: object) -> str:
        """The words under a key in the form that a number asks for, with the number: `1 meal`, `3 meals`."""
        one, many = _ALL[key][LANGUAGES.index(self.language)].split("|")
        return (one if number == 1 else many).format(*fills, n=self.number(number))

    def number(self, value: float, digits: int = 1) -> str:
        """As people write it: `9`, `2.6`, in German `2,6`; no digits behind that say nothing."""
        text = f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"
        return text.replace(".", ",") if self.language == "de" else text

    def percent(self, share: float) -> str:
        """`74 %`; what is there but rounds to nothing, or is short of all, is told as such."""
        whole = round(100 * share)
        if (share and not whole) or (share < 1 and whole == 100):
            return "< 1 %" if not whole else "> 99 %"
        return f"{whole} %"

    def times(self, number: float) -> str:
        """How often: `once`, `3 times`, `2.6 times`."""
        told = self.number(number, 0 if number >= 5.5 else 1)
        return self.say({"1": "once", "2": "twice"}.get(told, "times"), n=told)

    def listed(self, parts: Iterable[str]) -> str:
        """`a`, `a and b`, `a, b and c`; English sets a comma before the last where parts hold commas themselves."""
        *first, last = list(parts)
        if not first:
            return last
        comma = "," if self.language == "en" and any("," in part for part in [*first, last]) else ""
        return f"{', '.join(first)}{comma} {self.say('and')} {last}"

    def label(self, behaviour: str) -> str:
        """A behaviour's name; one of the home's own ethogram has its own."""
        return self.say(behaviour) if behaviour in _ALL else mark_of(behaviour).label

    def reason(self, reason: str) -> str:
        """Why nothing was observed; a reason that is not known here stays as the ledger has it."""
        return self.say(f"why_{reason}") if f"why_{reason}" in _ALL else reason.replace("_", " ")

    def events(self, behaviour: str, number: int) -> str:
        """`3 meals`, `1 visit to the litter box`."""
        return self.counted(f"n_{behaviour}" if behaviour in BEHAVIOURS else "n_other", number)

    def month(self, month: Month | str) -> str:
        """`October`."""
        found = parse_month(month) if isinstance(month, str) else month
        return MONTHS[self.language][found.number - 1]

    def month_year(self, month: Month) -> str:
        """`October 2026`."""
        return f"{self.month(month)} {month.year}"

    def date(self, date: dt.date) -> str:
        """`1 March`, `1. März`."""
        return f"{date.day}{'.' if self.language == 'de' else ''} {MONTHS[self.language][date.month - 1]}"

    def weekday(self, number: int, short: bool = False) -> str:
        """Monday is 0; short: `Mon`, `Mo`."""
        name = WEEKDAYS[self.language][number]
        return name[: 3 if self.language == "en" else 2] if short else name

    def day(self, date: dt.date, short: bool = False) -> str:
        """`Sunday 1 March`, `Sonntag, 1. März`."""
        return f"{self.weekday(date.weekday(), short)}{',' if self.language == 'de' else ''} {self.date(date)}"

    def clock(self, moment: dt.datetime) -> str:
        """Local time of day: `18:40`."""
        return clock_time(moment, self.zone)

    def moment(self, moment: dt.datetime) -> str:
        """`1 March, 18:40`."""
        return f"{self.date(moment.astimezone(self.zone).date())}, {self.clock(moment)}"

    def hour(self, hour: float) -> str:
        """A local hour as a time to the quarter: `18:45`."""
        quarters = round(hour * 4) % 96
        return f"{quarters // 4:02d}:{quarters % 4 * 15:02d}"

    def length(self, seconds: float) -> str:
        """A length of time; a long one in days and hours: `22 days 5 h`."""
        if seconds < 3 * 86400:
            return duration(seconds)
        days, hours = divmod(round(seconds / 3600), 24)
        told = self.counted("day_long", days)
        return f"{told} {hours} h" if hours and days < 10 else told


def amount_s(seconds: float) -> float:
    """A mean length of time to as many digits as are known of it: to 10 min from 3 h on, 5 min from 1 h on, else to the minute."""
    step = 600 if seconds >= 3 * 3600 else 300 if seconds >= 3600 else 60 if seconds >= 300 else 10
    return max(step, round(seconds / step) * step) if seconds else 0.0
