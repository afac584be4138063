"""What devices measure: taken in, read out, and summed up."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from home.clock import Span
from home.folder import Home
from home.telemetry import Reading, Summary, keep, readings_after, summaries
from serve.paging import Page
from serve.problems import Problem
from serve.times import Instant, Stamp

__all__ = ["router"]

router = APIRouter(prefix="/api/v1", tags=["telemetry"])

MOST = 500  # reports in one request
_MOST_VALUE = 1e300  # what is more is no measurement, and no number of JSON
_NAMES = 40  # readings of one report
_AHEAD = dt.timedelta(minutes=5)  # a clock may be so wrong


class Report(BaseModel):
    """What a device measured at one moment: any number or yes and no, by its name."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "device": "esp32-hall",
                    "ts": "2026-03-01T07:00:00Z",
                    "ear_value": 0.31,
                    "is_drowsy": False,
                    "duration_ms": 120,
                }
            ]
        },
    )

    device: str = Field(min_length=1, max_length=63, description="its id, in your words")
    ts: Stamp | None = Field(default=None, description="when, with its offset; without one, now")
    cat: str = Field(default="", max_length=63, description="id of the cat it is of; empty where none is meant")
    units: dict[str, Annotated[str, Field(max_length=20)]] = Field(
        default={}, description="unit of a reading, by its name"
    )
    ear_value: float | None = Field(
        default=None, description="how far the eyes are open, by their height over their width"
    )
    is_drowsy: bool | None = None
    duration_ms: float | None = Field(default=None, ge=0, description="for how long")

    @model_validator(mode="after")
    def _numbers(self) -> Report:
        values = self.values()
        if not values:
            raise ValueError("it holds no reading: a number or true or false, by its name, e.g. ear_value")
        if len(values) > _NAMES:
            raise ValueError(f"{len(values)} readings in one report; {_NAMES} at most")
        for name, value in values.items():
            if not isinstance(value, bool | int | float) or not abs(value) <= _MOST_VALUE:
                raise ValueError(f"{name}: found {str(value)[:40]!r}; a number, true or false would be right")
            if not name.strip() or len(name) > 60:
                raise ValueError("the name of a reading has 1 to 60 characters")
        return self

    def values(self) -> dict[str, Any]:
        """The readings by name."""
        told = {name: getattr(self, name) for name in ("ear_value", "is_drowsy", "duration_ms")}
        return {name: value for name, value in told.items() if value is not None} | (self.model_extra or {})

    def readings(self, now: dt.datetime) -> list[Reading]:
        """As rows."""
        ts = self.ts.astimezone(dt.UTC) if self.ts else now
        if ts > now + _AHEAD:
            raise Problem(422, "invalid", "The request is not as it should be", f"ts {ts.isoformat()} is still to come")
        units = {"duration_ms": "ms", **self.units}
        return [
            Reading(self.device, ts, name, float(value), units.get(name, ""), self.cat)
            for name, value in self.values().items()
        ]


class Taken(BaseModel):
    """What was kept of a request; what was there already is left alone."""

    readings: int = Field(description="numbers in the request", examples=[3])
    new: int = Field(description="of them not known before", examples=[3])


class TelemetryRow(BaseModel):
    """One number that a device measured."""

    device: str = Field(examples=["esp32-hall"])
    ts: dt.datetime = Field(examples=["2026-03-01T07:00:00Z"])
    name: str = Field(examples=["ear_value"])
    value: float = Field(description="of yes and no 1 and 0", examples=[0.31])
    unit: str = Field(examples=[""])
    cat: str = Field(examples=[""])


class SummaryRow(BaseModel):
    """One device's readings of one name."""

    device: str
    name: str
    unit: str
    count: int
    least: float
    most: float
    mean: float
    share_above_zero: float = Field(description="of yes and no, how often yes")
    first: dt.datetime
    last: dt.datetime
    per_hour: float | None = Field(
        description="readings an hour between the first and the last; null where there is one"
    )


class Statistics(BaseModel):
    """All that was measured in a time, summed up."""

    start: dt.datetime | None
    end: dt.datetime | None
    readings: int
    devices: int
    by_name: list[SummaryRow]


class LastHour(BaseModel):
    """What came within an hour."""

    readings: int
    drowsy: int = Field(description="`is_drowsy` that are true")
    drowsy_rate: float | None = Field(description="of all `is_drowsy`; null where there was none")
    mean_ear_value: float | None
    mean_duration_ms: float | None
    silent: list[str] = Field(description="devices that told something before and nothing in this hour")


class Dashboard(BaseModel):
    """How it stands."""

    made_at: dt.datetime
    totals: LastHour = Field(description="the same over all there is; `silent` is empty")
    last_hour: LastHour


@router.post("/telemetry", status_code=201)
def post(request: Request, reports: Report | Annotated[list[Report], Field(min_length=1, max_length=MOST)]) -> Taken:
    """Keep what a device measured: one report, or up to 500. Sent twice it is kept once."""
    now = dt.datetime.now(dt.UTC)
    rows = [row for each in (reports if isinstance(reports, list) else [reports]) for row in each.readings(now)]
    return Taken(readings=len(rows), new=keep(_home(request).database, rows))


@router.get("/telemetry")
def get(
    request: Request,
    device: Annotated[str | None, Query(max_length=63)] = None,
    name: Annotated[str | None, Query(max_length=60)] = None,
    start: Instant | None = None,
    end: Instant | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query(pattern=r"^\d{1,18}$", description="`next` of the page before")] = None,
) -> Page[TelemetryRow]:
    """Readings in the order in which they came."""
    found = readings_after(
        _home(request).database, int(cursor or 0), limit, device=device, name=name, span=_span(start, end)
    )
    items = [TelemetryRow(**vars(reading)) for _, reading in found]
    return Page[TelemetryRow](items=items, next=str(found[-1][0]) if len(found) == limit else None)


@router.get("/statistics")
def statistics(
    request: Request,
    device: Annotated[str | None, Query(max_length=63)] = None,
    start: Instant | None = None,
    end: Instant | None = None,
) -> Statistics:
    """Totals and rates of what was measured, by device and name."""
    sums = summaries(_home(request).database, device=device, span=_span(start, end))
    return Statistics(
        start=start, end=end, readings=sum(each.count for each in sums), devices=len({each.device for each in sums}),
        by_name=[_row(each) for each in sums],
    )  # fmt: skip


@router.get("/dashboard")
def dashboard(request: Request) -> Dashboard:
    """Totals, rates and the last hour."""
    now = dt.datetime.now(dt.UTC)
    database = _home(request).database
    ever = summaries(database)
    lately = summaries(database, span=Span(now - dt.timedelta(hours=1), now + _AHEAD))
    heard = {each.device for each in lately}
    silent = sorted({each.device for each in ever} - heard)
    return Dashboard(made_at=now, totals=_hour(ever, []), last_hour=_hour(lately, silent))


def _row(summary: Summary) -> SummaryRow:
    hours = (summary.last - summary.first).total_seconds() / 3600
    told = {name: value for name, value in vars(summary).items() if name != "above_zero"}
    rate = (summary.count - 1) / hours if hours > 0 else None
    return SummaryRow(**told, share_above_zero=summary.above_zero / summary.count, per_hour=rate)


def _hour(sums: list[Summary], silent: list[str]) -> LastHour:
    drowsy = [each for each in sums if each.name == "is_drowsy"]
    asked, yes = sum(each.count for each in drowsy), sum(each.above_zero for each in drowsy)
    return LastHour(
        readings=sum(each.count for each in sums), drowsy=yes, drowsy_rate=yes / asked if asked else None,
        mean_ear_value=_mean(sums, "ear_value"), mean_duration_ms=_mean(sums, "duration_ms"), silent=silent,
    )  # fmt: skip


def _mean(sums: list[Summary], name: str) -> float | None:
    own = [each for each in sums if each.name == name]
    count = sum(each.count for each in own)
    return sum(each.mean * each.count for each in own) / count if count else None


def _span(start: dt.datetime | None, end: dt.datetime | None) -> Span | None:
    if start is None and end is None:
        return None
    first = (start or dt.datetime.min.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    last = (end or dt.datetime.max.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    return Span(first, last)


def _home(request: Request) -> Home:
    home: Home = request.app.state.home
    return home
