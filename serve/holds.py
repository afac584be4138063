"""Footage that is kept whatever its age, over the API: what `catml hold` does."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field

from home.folder import Home
from home.holds import Hold, add_hold, read_holds, release

__all__ = ["HoldAsked", "HoldRow", "router"]

router = APIRouter(prefix="/api/v1/holds", tags=["holds"])


class HoldAsked(BaseModel):
    """What is to be kept."""

    model_config = ConfigDict(extra="forbid")

    camera: str = Field(max_length=63, examples=["kitchen"])
    start: str = Field(
        max_length=40, description="ISO 8601; local time without an offset", examples=["2026-03-01T07:00"]
    )
    end: str = Field(max_length=40, examples=["2026-03-01T07:10"])
    note: str = Field(default="", max_length=500, description="what for", examples=["for the vet"])


class HoldRow(BaseModel):
    """What is kept."""

    id: int
    camera: str
    start: dt.datetime
    end: dt.datetime
    note: str
    made: dt.datetime


@router.get("")
def holds(request: Request) -> list[HoldRow]:
    """All that is held, in the order it was asked for."""
    return [_row(each) for each in read_holds(_home(request))]


@router.post("", status_code=201)
def hold(request: Request, asked: HoldAsked) -> HoldRow:
    """Keep the footage of a time until it is released."""
    made = add_hold(_home(request), asked.camera, asked.start, asked.end, asked.note.strip(), dt.datetime.now(dt.UTC))
    return _row(made)


@router.delete("/{number}", status_code=204, response_class=Response)
def let_go(request: Request, number: Annotated[int, InPath(ge=1, le=2**53)]) -> Response:
    """Treat it by its age again."""
    release(_home(request), number)
    return Response(status_code=204)


def _row(each: Hold) -> HoldRow:
    return HoldRow(id=each.id, camera=each.camera, start=each.start, end=each.end, note=each.note, made=each.made)


def _home(request: Request) -> Home:
    home: Home = request.app.state.home
    return home
