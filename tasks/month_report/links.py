"""Where a number leads: to the card of its bout on the page of its day, else to its place in the footage, else nowhere."""

from __future__ import annotations

import datetime as dt
import math
import os
import urllib.parse
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from home.clock import local_date
from home.folder import Home
from home.look import css_name
from home.speech.month import Month
from home.tables import BOUTS
from tasks.day_page.pictures import Box
from tasks.month_report.numbers import Event
from tasks.report import FOLDER as DAYS
from tasks.report import page_dates

__all__ = ["FOLDER", "Links", "Place", "links_of"]

FOLDER = "months"


@dataclass(frozen=True)
class Place:
    """Where a bout lies in the footage, and where on the frame the animal is (None: not known)."""

    chunk: str
    offset_s: float
    box: Box | None


@dataclass(frozen=True)
class Links:
    """The links of one month's reports.

    Attributes:
        home: whose.
        pages: dates that have a page.
        places: of the bouts, by local date and id.
    """

    home: Home
    pages: Collection[dt.date]
    places: dict[tuple[dt.date, str], Place]

    def day(self, date: dt.date) -> str:
        """To the page of a date; empty if there is none."""
        return f"../../{DAYS}/{date.isoformat()}.html" if date in self.pages else ""

    def event(self, event: Event) -> str:
        """To the bout of an event: its card, or its footage where that lies on this disk; empty for what a device told."""
        for bout in event.bouts:
            page = self.day(local_date(event.start, self.home.zone))
            if page:
                return f"{page}#bout-{css_name(bout)}"
            place = self.place(event, bout)
            if place is not None and (clip := self._clip(place)):
                return clip
        return ""

    def place(self, event: Event, bout: str) -> Place | None:
        """Where a bout of an event lies in the footage."""
        return self.places.get((local_date(event.start, self.home.zone), bout))

    def _clip(self, place: Place) -> str:
        footage, data = self.home.footage.folder, self.home.data.folder
        if footage is None or data is None or not (footage / place.chunk).exists():
            return ""
        relative = os.path.relpath(footage / place.chunk, data / FOLDER / "month")
        return f"{urllib.parse.quote(Path(relative).as_posix())}#t={int(place.offset_s)}"


def links_of(home: Home, month: Month) -> Links:
    """The links of a month.

    Raises:
        StoreError, TableError: if the bouts cannot be read.
    """
    places = {}
    for date in home.tables.dates(BOUTS):
        if month.first <= date <= month.last:
            rows = home.tables.read(BOUTS, date)
            columns = (rows[name].tolist() for name in ("bout_id", "chunk", "offset_s", "x1", "y1", "x2", "y2"))
            for bout, chunk, offset_s, *box in zip(*columns, strict=True):
                known = (box[0], box[1], box[2], box[3]) if all(map(math.isfinite, box)) else None
                places[date, str(bout)] = Place(chunk, offset_s, known)
    pages = {date for date in page_dates(home) if month.first <= date <= month.last}
    return Links(home, pages, places)
