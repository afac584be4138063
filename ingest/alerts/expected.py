"""What the habit forecasts say: what is as usual at an hour, and what was expected and did not come.

A forecast that abstains says nothing. Nothing is missing that nobody could have seen: from when the forecast was made to the
end of its interval the behaviour must have been observed, with no more holes than the back-test allows
(`models.habits.next_event.BLINK_S`), and no event of a cat that nobody could tell may lie in it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid5

import pandas as pd

from home.alerts import Alert, Sighting
from home.clock import Span, local_date, local_dates, merge
from home.ethogram import UNKNOWN
from home.event_payloads import CatPayload
from home.events import events
from home.folder import Home
from home.table import Table
from home.tables import EPISODES, FORECASTS, OBSERVED
from ingest.alerts.joining import OURS
from models.habits.next_event import BLINK_S

__all__ = ["MISSING", "Chances", "came", "missing", "read_chances"]

MISSING = "expected_and_missing"
NEWS = dt.timedelta(
    hours=48
)  # what should have come longer ago is no news; the night's work tells of a day the night after
NEWEST = 5  # partitions: a forecast of each night, and what it disappointed may be long after its interval
_GRAVE = ("eating", "using_litter_box")  # what a cat that is not well leaves out
_INTERVAL = ("p10", "p50", "p90")


Days = Callable[[Table, Span], Iterator[pd.DataFrame]]
"""The partitions of a table over a time."""


@dataclass(frozen=True)
class Chances:
    """How likely a cat does something in an hour.

    Attributes:
        hours: of the hours that were forecast, by cat, behaviour and the hour's start.
        usual: of an hour of the local day, the mean of those that were forecast, by cat, behaviour and hour.
    """

    hours: Mapping[tuple[str, str, dt.datetime], float]
    usual: Mapping[tuple[str, str, int], float]
    home: Home

    def __call__(self, cat: str, behaviour: str, at: dt.datetime) -> float | None:
        """The chance in the hour of a moment; None where no forecast says."""
        local = at.astimezone(self.home.zone)
        start = local.replace(minute=0, second=0, microsecond=0).astimezone(dt.UTC)
        return self.hours.get((cat, behaviour, start), self.usual.get((cat, behaviour, local.hour)))


def read_chances(home: Home, now: dt.datetime) -> Chances:
    """What the newest forecasts say of the hours.

    Raises:
        StoreError, TableError: if the table cannot be read, or is damaged.
    """
    rows = _forecasts(home, now, 1)
    rows = rows[(rows["kind"] == "hourly") & ~rows["abstained"].astype(bool)].dropna(subset=["probability"])
    hours = {(row.cat, row.behaviour, row.ts.to_pydatetime()): float(row.probability) for row in rows.itertuples()}
    local = rows["ts"].dt.tz_convert(home.config.timezone).dt.hour if len(rows) else pd.Series(dtype="int64")
    mean = rows.groupby([rows["cat"], rows["behaviour"], local.rename("hour")])["probability"].mean()
    return Chances(hours, {(str(c), str(b), int(hour)): float(p) for (c, b, hour), p in mean.items()}, home)


def missing(home: Home, now: dt.datetime) -> list[Alert]:
    """What should have come by now, could have been seen, and was not: told once, of the first forecast that was disappointed.

    Raises:
        StoreError, TableError: if a table cannot be read, or is damaged.
    """
    rows = _forecasts(home, now, NEWEST)
    rows = rows[(rows["kind"] == "next_event") & ~rows["abstained"].astype(bool) & rows["cat"].isin(home.config.cats)]
    rows = rows.dropna(subset=list(_INTERVAL))
    found, days = dict[tuple[str, str], Alert](), _days(home)
    for row in rows[rows["p90"] <= now].sort_values("made_at", kind="stable").itertuples():
        # What is missing since an earlier forecast is one thing that is missing, however many nights go on forecasting it.
        if (row.cat, row.behaviour) not in found and (alert := _missed(home, row, now, days)) is not None:
            found[str(row.cat), str(row.behaviour)] = alert
    return [alert for alert in found.values() if alert.began_at > now - NEWS]


def came(home: Home, alert: Alert, now: dt.datetime) -> Alert:
    """An alert of something missing, with its end if it has come since."""
    span = Span(alert.began_at, now)
    found = _seen(home, alert.subject, str(alert.said["of"]), span, (alert.subject,), _days(home))
    return replace(alert, ended_at=found, last_at=max(alert.last_at, found)) if found else alert


def _forecasts(home: Home, now: dt.datetime, newest: int) -> pd.DataFrame:
    today = local_date(now, home.zone)
    dates = [date for date in home.tables.dates(FORECASTS) if date <= today][-newest:]
    parts = [home.tables.read(FORECASTS, date) for date in dates]
    return pd.concat(parts, ignore_index=True) if parts else FORECASTS.empty()


def _missed(home: Home, row: Any, now: dt.datetime, days: Days) -> Alert | None:
    made, low, middle, high = (getattr(row, name).to_pydatetime() for name in ("made_at", *_INTERVAL))
    whole = next((span for span in _observed(row.cat, row.behaviour, Span(made, now), days) if made in span), None)
    if whole is None or whole.end < high:
        return None
    if _seen(home, row.cat, row.behaviour, Span(made, now), (row.cat, UNKNOWN), days) is not None:
        return None
    said = {
        "of": row.behaviour,
        **{key: at.isoformat() for key, at in (("low", low), ("expected", middle), ("high", high))},
    }
    said["until"] = min(whole.end, now).isoformat()
    name = f"missing/{row.cat}/{row.behaviour}/{made.isoformat()}"
    severity = "warning" if row.behaviour in _GRAVE else "notice"
    return Alert(
        uuid5(OURS, name), "missing", MISSING, row.cat, home.config.alerts.rule(MISSING).severity or severity, high, high,
        sightings=(Sighting(name, high),), payload=said,
    )  # fmt: skip


def _observed(cat: str, behaviour: str, span: Span, days: Days) -> list[Span]:
    found = [
        Span(row.start.to_pydatetime(), row.end.to_pydatetime())
        for rows in days(OBSERVED, span)
        for row in rows[(rows["cat"] == cat) & (rows["behaviour"] == behaviour)].itertuples()
    ]
    return merge(found, BLINK_S)


def _seen(home: Home, cat: str, behaviour: str, span: Span, cats: Collection[str], days: Days) -> dt.datetime | None:
    """When it was first seen in a time, by the night's work or as it happened."""
    told = [
        row.start.to_pydatetime()
        for rows in days(EPISODES, span)
        for row in rows[rows["cat"].isin(list(cats)) & (rows["behaviour"] == behaviour)].itertuples()
    ]
    for event in [] if home.database.is_new else events(home.database, category="cat", span=span):
        said = event.payload
        if isinstance(said, CatPayload) and said.identity in cats and said.behaviour == behaviour:
            told.append(event.timestamp_utc)
    return min((at for at in told if span.start <= at < span.end), default=None)


def _days(home: Home) -> Days:
    """The partitions of a time, each read once: many forecasts ask for the same days."""
    read: dict[tuple[str, dt.date], pd.DataFrame] = {}

    def days(table: Table, span: Span) -> Iterator[pd.DataFrame]:
        for date in local_dates(span, home.zone):
            if (table.name, date) not in read:
                read[table.name, date] = home.tables.read(table, date)
            yield read[table.name, date]

    return days
