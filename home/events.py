"""What happened that people may want to hear of: the rows of the table `events`. They are withdrawn, never deleted."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import Annotated, Any, Literal
from uuid import UUID

import sqlalchemy as sa
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from home.clock import Span
from home.database import Database, Moment
from home.event_payloads import Payload

__all__ = ["Category", "Event", "events", "keep", "withdraw"]

Category = Literal["cat", "human", "wildlife", "anomaly"]
Rim = Annotated[float, Field(ge=0, le=1)]
_AT_ONCE = 200  # ids a statement


class Event(BaseModel):
    """One thing that happened.

    Attributes:
        event_id: of the event. One that is kept again under its id is the same event.
        stream_id: of the camera; None where it does not come from one.
        track_id: on that camera.
        timestamp_utc: when.
        frame_index: of the stream.
        bbox: `x1 y1 x2 y2` in 0..1.
        confidence: that it was so, 0..1.
        inference_latency_ms: from the frame to the event.
        gpu_enabled: whether a GPU found it.
        payload: what its category says of it.
        media: keys of pictures and clips of it, in the store.
        withdrawn_at: since when it is known not to have been so; None while it stands.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    event_id: UUID
    stream_id: str | None = None
    track_id: int | None = None
    timestamp_utc: AwareDatetime
    frame_index: int | None = Field(None, ge=0)
    bbox: tuple[Rim, Rim, Rim, Rim] | None = None
    confidence: Rim | None = None
    inference_latency_ms: float | None = Field(None, ge=0)
    gpu_enabled: bool | None = None
    payload: Payload
    media: tuple[str, ...] = ()
    withdrawn_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _box_is_one(self) -> Event:
        if self.bbox is not None and not (self.bbox[0] < self.bbox[2] and self.bbox[1] < self.bbox[3]):
            raise ValueError(f"bbox {list(self.bbox)}: x1 y1 x2 y2 with x1 < x2 and y1 < y2 would be right")
        return self


_ROWS = sa.Table(
    "events",
    sa.MetaData(),
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("category", sa.Text),
    sa.Column("stream_id", sa.Text),
    sa.Column("track_id", sa.BigInteger),
    sa.Column("timestamp_utc", Moment),
    sa.Column("frame_index", sa.BigInteger),
    sa.Column("bbox", sa.Text),
    sa.Column("confidence", sa.Double),
    sa.Column("inference_latency_ms", sa.Double),
    sa.Column("gpu_enabled", sa.Boolean),
    sa.Column("payload", sa.Text),
    sa.Column("media", sa.Text),
    sa.Column("withdrawn_at", Moment),
)
_TEXTS = ("bbox", "payload", "media")  # JSON


def keep(database: Database, new: Iterable[Event]) -> int:
    """Keep events, all or none. One that is there already is that event: what it says is what was said last.

    Returns:
        How many are new or say something else now.

    Raises:
        StoreError, TableError: as `Database.do`.
    """
    rows = [_row(each) for each in {each.event_id: each for each in new}.values()]

    def work(connection: sa.Connection) -> int:
        # Looked up first, as nothing else is writing: a database that has them already is not touched at all.
        there = {row["event_id"]: row for row in _found(connection, [row["event_id"] for row in rows])}
        fresh = [row for row in rows if row["event_id"] not in there]
        others = [row for row in rows if row["event_id"] in there and _read(row) != _read(there[row["event_id"]])]
        if fresh:
            connection.execute(sa.insert(_ROWS), fresh)
        for row in others:
            connection.execute(sa.update(_ROWS).where(_ROWS.c.event_id == row["event_id"]).values(**row))
        return len(fresh) + len(others)

    return database.do(work) if rows else 0


def events(
    database: Database, *, category: Category | None = None, span: Span | None = None, withdrawn: bool = False
) -> list[Event]:
    """The events, in order of time.

    Args:
        database: where they are kept.
        category: only of this one.
        span: only of this time.
        withdrawn: those that do not stand any more too.

    Raises:
        StoreError, TableError: as `Database.do`.
    """
    query = sa.select(_ROWS)
    if category is not None:
        query = query.where(_ROWS.c.category == category)
    if span is not None:
        query = query.where(_ROWS.c.timestamp_utc >= span.start, _ROWS.c.timestamp_utc < span.end)
    if not withdrawn:
        query = query.where(_ROWS.c.withdrawn_at.is_(None))
    query = query.order_by(_ROWS.c.timestamp_utc, _ROWS.c.event_id)
    return database.do(lambda connection: [_read(dict(row)) for row in connection.execute(query).mappings()])


def withdraw(database: Database, ids: Iterable[UUID], now: dt.datetime) -> int:
    """Let events stand no longer; the rows stay and say since when. Twice changes nothing.

    Returns:
        How many stood until now.

    Raises:
        StoreError, TableError: as `Database.do`.
    """
    wanted = sorted({str(each) for each in ids})
    stands = sa.and_(_ROWS.c.event_id.in_(wanted), _ROWS.c.withdrawn_at.is_(None))
    change = sa.update(_ROWS).where(stands).values(withdrawn_at=now)
    return database.do(lambda connection: connection.execute(change).rowcount) if wanted else 0


def _row(event: Event) -> dict[str, Any]:
    tree = event.model_dump(mode="json")
    plain = {name: getattr(event, name) for name in ("timestamp_utc", "withdrawn_at")}
    texts = {name: None if tree[name] is None else json.dumps(tree[name], ensure_ascii=False) for name in _TEXTS}
    return {**tree, **plain, **texts, "category": event.payload.category}


def _read(row: dict[str, Any]) -> Event:
    texts = {name: None if row[name] is None else json.loads(row[name]) for name in _TEXTS}
    return Event.model_validate({**{name: value for name, value in row.items() if name != "category"}, **texts})


def _found(connection: sa.Connection, ids: list[str]) -> Iterable[dict[str, Any]]:
    for first in range(0, len(ids), _AT_ONCE):
        some = sa.select(_ROWS).where(_ROWS.c.event_id.in_(ids[first : first + _AT_ONCE]))
        yield from (dict(row) for row in connection.execute(some).mappings())
