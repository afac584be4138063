"""What is known of the home, to be read: cats, cameras, coverage, bouts, budgets, moments, forecasts, anomalies, reports, models."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, TypeVar

import pandas as pd
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from home.coverage import REASONS, complete
from home.folder import Home, today
from home.table import Table
from home.tables import ANOMALIES, BOUTS, BUDGET, DRIFT, FORECASTS, HABITS, MOMENTS
from serve.networks import networks_of
from serve.paging import AskedPage, Page, Partitions, paged
from serve.rows import (
    AnomalyRow,
    Bout,
    BudgetRow,
    Camera,
    Cat,
    DriftRow,
    ForecastRow,
    HabitRow,
    Model,
    MomentRow,
    Report,
    Stretch,
    of,
)
from serve.times import Day

__all__ = ["router"]

router = APIRouter(prefix="/api/v1", tags=["read"])
Row = TypeVar("Row", bound=BaseModel)

CatAsked = Annotated[str | None, Query(description="id of a cat, or unknown", max_length=63, examples=["miso"])]
BehaviourAsked = Annotated[str | None, Query(description="of the ethogram", max_length=63, examples=["eating"])]
CameraAsked = Annotated[str | None, Query(description="id of a camera", max_length=63, examples=["kitchen"])]
# A report holds pictures and its own style, and no script; it stands alone.
_REPORT_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    "; sandbox allow-popups"
)


@router.get("/cats")
def cats(request: Request) -> list[Cat]:
    """The cats of home.yaml."""
    config = _home(request).config
    return [Cat(id=key, name=each.name, weight_kg=each.weight_kg) for key, each in config.cats.items()]


@router.get("/cameras")
def cameras(request: Request) -> list[Camera]:
    """The cameras of home.yaml."""
    return [
        Camera(
            id=key, name=each.name, room=each.room, recorded=each.recorded_url is not None, zones=each.zones,
            private=list(each.private),
        )
        for key, each in _home(request).config.cameras.items()
    ]  # fmt: skip


@router.get("/coverage")
def coverage(
    request: Request,
    date: Annotated[Day | None, Query(description="local date; without one, today")] = None,
    camera: CameraAsked = None,
) -> list[Stretch]:
    """What was recorded of a local day and what was not, with the reasons; the day of each camera, without holes."""
    home = _home(request)
    day = date or today(home)
    chosen = home.config.cameras if camera is None else {camera: home.camera(camera)}
    return [
        Stretch(**{**row, "words": REASONS.get(row["reason"], row["reason"])})
        for name, settings in chosen.items()
        for row in complete(home.tables, name, settings, day, home.zone).to_dict("records")
    ]


@router.get("/bouts")
def bouts(request: Request, asked: AskedPage, cat: CatAsked = None, behaviour: BehaviourAsked = None) -> Page[Bout]:
    """What the cats did, bout by bout, each with its evidence. One over midnight is in both days under one id."""
    return _page(request, BOUTS, Bout, asked, {"cat": cat, "behaviour": behaviour})


@router.get("/budgets")
def budgets(
    request: Request, asked: AskedPage, cat: CatAsked = None, behaviour: BehaviourAsked = None
) -> Page[BudgetRow]:
    """How each cat spent each local day."""
    return _page(request, BUDGET, BudgetRow, asked, {"cat": cat, "behaviour": behaviour}, by=None)


@router.get("/moments")
def moments(
    request: Request,
    asked: AskedPage,
    camera: CameraAsked = None,
    cat: CatAsked = None,
    behaviour: BehaviourAsked = None,
) -> Page[MomentRow]:
    """What bouts were read from, look by look, each with its evidence."""
    home, partitions = _home(request), _partitions(request)
    chosen = list(home.config.cameras) if camera is None else [camera]
    if camera is not None:
        home.camera(camera)

    def rows_of(date: dt.date) -> pd.DataFrame:
        parts = [_chosen(partitions.read(MOMENTS, date, each), {"cat": cat, "behaviour": behaviour}) for each in chosen]
        full = [part for part in parts if len(part)]
        rows = pd.concat(full, ignore_index=True) if full else MOMENTS.empty()
        return rows.sort_values(["start", "camera", "track_id"], kind="stable")

    rows, following = paged(partitions.dates(MOMENTS), rows_of, asked)
    return Page[MomentRow](items=of(MomentRow, rows), next=following)


@router.get("/forecasts")
def forecasts(
    request: Request, asked: AskedPage, cat: CatAsked = None, behaviour: BehaviourAsked = None
) -> Page[ForecastRow]:
    """What each cat will do next, as it was said on each date; where nothing is surely better than before, it abstains."""
    return _page(request, FORECASTS, ForecastRow, asked, {"cat": cat, "behaviour": behaviour}, by=None)


@router.get("/habits")
def habits(
    request: Request, asked: AskedPage, cat: CatAsked = None, behaviour: BehaviourAsked = None
) -> Page[HabitRow]:
    """The forecasters, and how right they would have been."""
    return _page(request, HABITS, HabitRow, asked, {"cat": cat, "behaviour": behaviour}, by=None)


@router.get("/anomalies")
def anomalies(request: Request, asked: AskedPage, cat: CatAsked = None) -> Page[AnomalyRow]:
    """What was unusual for a cat."""
    return _page(request, ANOMALIES, AnomalyRow, asked, {"cat": cat}, by="raised")


@router.get("/reports")
def reports(request: Request, asked: AskedPage) -> Page[Report]:
    """The local days that have a page."""
    names = [entry.key.rpartition("/")[2] for entry in _home(request).data.list("reports/")]
    dates = sorted(dt.date.fromisoformat(name[:-5]) for name in names if re.fullmatch(r"\d{4}-\d\d-\d\d\.html", name))
    rows, following = paged(dates, lambda date: pd.DataFrame({"date": [date]}), asked)
    items = [Report(date=date, page=f"/api/v1/reports/{date}") for date in (rows["date"] if len(rows) else [])]
    return Page[Report](items=items, next=following)


@router.get("/reports/{date}", response_class=HTMLResponse)
def report(request: Request, date: Annotated[Day, Path(examples=["2026-03-01"])]) -> HTMLResponse:
    """The page of a local day."""
    text = _home(request).data.read(f"reports/{date.isoformat()}.html").decode()
    return HTMLResponse(text, headers={"Content-Security-Policy": _REPORT_POLICY})


@router.get("/drift")
def drift(request: Request, asked: AskedPage, camera: CameraAsked = None) -> Page[DriftRow]:
    """Whether what each camera shows is still what it showed, night by night."""
    return _page(request, DRIFT, DriftRow, asked, {"camera": camera}, by=None)


@router.get("/models")
def models(request: Request) -> list[Model]:
    """The networks that the home reads with, with their figures."""
    return networks_of(_home(request))


def _page(
    request: Request,
    table: Table,
    kind: type[Row],
    asked: AskedPage,
    chosen: dict[str, str | None],
    by: str | None = "start",
) -> Page[Row]:
    partitions = _partitions(request)

    def rows_of(date: dt.date) -> pd.DataFrame:
        rows = _chosen(partitions.read(table, date), chosen)
        rows = rows if by is None else rows.sort_values(by, kind="stable")
        return rows.assign(date=date) if kind in (BudgetRow, DriftRow) else rows

    rows, following = paged(partitions.dates(table), rows_of, asked)
    return Page[kind](items=of(kind, rows), next=following)  # type: ignore[valid-type]


def _chosen(rows: pd.DataFrame, chosen: dict[str, str | None]) -> pd.DataFrame:
    for column, value in chosen.items():
        if value is not None:
            rows = rows[rows[column] == value]
    return rows


def _home(request: Request) -> Home:
    home: Home = request.app.state.home
    return home


def _partitions(request: Request) -> Partitions:
    partitions: Partitions = request.app.state.partitions
    return partitions
