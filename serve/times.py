"""Dates and moments as they are asked for: written as ISO 8601 has them, in years that a home can have lived in.

Pydantic would take a number too, for seconds since 1970: who asks for `start=5` means something else.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator

__all__ = ["Day", "Instant", "Stamp"]

FIRST, LAST = 1970, 2999
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def _written(text: Any) -> Any:
    if isinstance(text, str) and not _DATE.match(text):
        raise ValueError(f"found {text[:40]!r}; YYYY-MM-DD would be right")
    return text


def _lived(day: dt.date) -> dt.date:
    if not FIRST <= day.year <= LAST:
        raise ValueError(f"found the year {day.year}; one from {FIRST} to {LAST} would be right")
    return day


Day = Annotated[dt.date, BeforeValidator(_written), AfterValidator(_lived)]
"""A local date of the home."""
Instant = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_lived)]
"""A moment, with its offset from UTC."""
Stamp = Annotated[AwareDatetime, AfterValidator(_lived)]
"""The same of a device, which may count seconds since 1970."""
