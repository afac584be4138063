"""A local month: which dates it has, and which one is over."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from home.errors import WrongUse

__all__ = ["Month", "month_of", "parse_month"]


@dataclass(frozen=True, order=True)
class Month:
    """A month of the calendar; `str()` of it is `2026-11`."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def first(self) -> dt.date:
        """Its first date."""
        return dt.date(self.year, self.number, 1)

    @property
    def last(self) -> dt.date:
        """Its last date."""
        return self.after.first - dt.timedelta(days=1)

    @property
    def before(self) -> Month:
        """The month before it."""
        return month_of(self.first - dt.timedelta(days=1))

    @property
    def after(self) -> Month:
        """The month after it."""
        return month_of(self.first + dt.timedelta(days=31))

    @property
    def dates(self) -> list[dt.date]:
        """All of its dates, in order."""
        return [self.first + dt.timedelta(days=day) for day in range((self.last - self.first).days + 1)]


def month_of(date: dt.date) -> Month:
    """The month in which a date lies."""
    return Month(date.year, date.month)


def parse_month(text: str) -> Month:
    """A month that was typed.

    Raises:
        WrongUse: if it is not of the form YYYY-MM, or of no year that Python knows.
    """
    if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text) and dt.MINYEAR < int(text[:4]) < dt.MAXYEAR:
        return Month(int(text[:4]), int(text[5:]))
    raise WrongUse(f"{text!r} is not a month; it must be YYYY-MM, e.g. 2026-03")
