"""What the board of a local date is made from, read from the home's tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import pandas as pd

from home.clock import local_day
from home.day.day import Day
from home.day.reading import read_day
from home.ethogram import UNKNOWN
from home.folder import Home
from home.table import Table
from home.tables import ANOMALIES, BUDGET, COUNTS, DRIFT, EPISODES, FORECASTS, MOMENTS, fingerprint_of
from models.habits.history import History
from tasks.day_page.held import Held, held_of
from tasks.habit_history import Key, read_histories

__all__ = ["BUDGET_DAYS", "WEEKS", "Night", "lengths", "night_of"]

WEEKS = 4  # of which activity by weekday and the forecasts that came due are shown
BUDGET_DAYS = 14
_READERS = 4  # the store is waited for, not the processor
Got = TypeVar("Got")


@dataclass(frozen=True)
class Night:
    """A local date and the weeks before it.

    Attributes:
        day: as the day page has it.
        counted: dates of the last weeks that `counts` has worked on, in order.
        forecast: dates of the last weeks from which on something was foretold, in order.
        page: fingerprint of the day page, empty where there is none.
    """

    home: Home
    day: Day
    counted: tuple[dt.date, ...]
    forecast: tuple[dt.date, ...]
    page: str

    @property
    def date(self) -> dt.date:
        """The local date."""
        return self.day.date

    @property
    def known(self) -> bool:
        """Whether anything at all is known of this date."""
        return self.day.analysed or self.date in self.counted or any(self.day.manifest.cameras)

    @property
    def told_apart(self) -> tuple[str, ...]:
        """The cats that are known by name; in a home that has named none, all of them as one."""
        return tuple(self.home.config.cats) or (UNKNOWN,)

    @cached_property
    def histories(self) -> Mapping[Key, History]:
        """The last weeks of each cat and behaviour."""
        return read_histories(self.home, self._days_before(7 * WEEKS)[0], self.date) if self.counted else {}

    @cached_property
    def budgets(self) -> dict[dt.date, pd.DataFrame]:
        """The time budgets of the last days; those that were not analysed are left out."""
        dates = self.budget_dates
        rows = _each(lambda date: self.home.tables.read(BUDGET, date), dates)
        return {date: frame for date, frame in zip(dates, rows, strict=True) if len(frame)}

    @property
    def budget_dates(self) -> list[dt.date]:
        """The last days, in order, whether anything is known of them or not."""
        return self._days_before(BUDGET_DAYS)

    @cached_property
    def counts(self) -> pd.DataFrame:
        """Hourly counts of the date."""
        return self.home.tables.read(COUNTS, self.date)

    @cached_property
    def episodes(self) -> pd.DataFrame:
        """Events that began on the date."""
        return self.home.tables.read(EPISODES, self.date)

    @cached_property
    def anomalies(self) -> pd.DataFrame:
        """What was unusual for a cat, as could first be said on the date."""
        return self.home.tables.read(ANOMALIES, self.date)

    @cached_property
    def drift(self) -> pd.DataFrame:
        """Whether what each camera shows has changed."""
        return self.home.tables.read(DRIFT, self.date)

    @cached_property
    def held(self) -> dict[str, Held]:
        """How each animal held itself."""
        return held_of(self.home, self.day)

    @cached_property
    def forecasts(self) -> pd.DataFrame:
        """When the next event would be, as was foretold in the last weeks."""
        parts = [self.home.tables.read(FORECASTS, date) for date in self.forecast]
        rows = pd.concat(parts) if parts else FORECASTS.empty()
        return rows[(rows["kind"] == "next_event") & ~rows["abstained"].astype(bool)]

    def fingerprint(self, version: int) -> str:
        """Over everything the board shows."""
        home, date = self.home, self.date
        return fingerprint_of(
            stage="tensorboard",
            version=version,
            counts=_made_from(home, COUNTS, self.counted),
            budgets=_made_from(home, BUDGET, self.budget_dates),
            forecasts=_made_from(home, FORECASTS, self.forecast),
            day=[home.tables.fingerprint(table, date) for table in (ANOMALIES, DRIFT)],
            moments=[(camera, home.tables.fingerprint(MOMENTS, date, camera)) for camera in self.day.cameras],
            bouts=self.day.animals,
            coverage=self.day.coverage,
            quarantined=self.day.quarantined,
            page=self.page,
            names={cat: settings.name for cat, settings in home.config.cats.items()},
            timezone=home.config.timezone,
            params=[home.params.behave.model],
        )

    def _days_before(self, count: int) -> list[dt.date]:
        return [self.date - dt.timedelta(days=back) for back in range(count - 1, -1, -1)]


def night_of(home: Home, date: dt.date, page: str) -> Night:
    """Look at a local date; tables are read when they are asked for.

    Args:
        home: the home.
        date: the local date.
        page: fingerprint of its day page, empty where there is none.

    Raises:
        StoreError, TableError: if the tables cannot be read, or are damaged.
    """
    first = date - dt.timedelta(days=7 * WEEKS - 1)
    counted, forecast = (
        tuple(day for day in home.tables.dates(table) if first <= day <= date) for table in (COUNTS, FORECASTS)
    )
    return Night(home, read_day(home, date), counted, forecast, page)


def lengths(home: Home, dates: Iterable[dt.date]) -> dict[dt.date, float]:
    """Seconds of local dates: of 23, 24 or 25 hours."""
    return {date: local_day(date, home.zone).seconds for date in dates}


def _made_from(home: Home, table: Table, dates: Iterable[dt.date]) -> list[tuple[str, str | None]]:
    named = list(dates)
    return [
        (str(date), found)
        for date, found in zip(named, _each(lambda date: home.tables.fingerprint(table, date), named), strict=True)
    ]


def _each(read: Callable[[dt.date], Got], dates: Iterable[dt.date]) -> list[Got]:
    with ThreadPoolExecutor(_READERS) as readers:
        return list(readers.map(read, dates))
