"""What happened that people may want to hear of: the rows of the table `events`. They are withdrawn, never deleted."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

import sqlalchemy as sa
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, FiniteFloat, model_validator

from home.clock import Span
from home.database import Database, Moment
from home.event_payloads import Payload

__all__ = ["OUTBOX", "ROWS", "Category", "Event", "events", "keep", "kept_within", "read_row", "withdraw"]

Category = Literal["cat", "human", "wildlife", "anomaly", "system"]
Rim = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=-(2**63), lt=2**63)]  # what a column holds
Name = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f]*$")]  # PostgreSQL keeps no NUL
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
        rule: of `home.yaml` that made it one; None where none did.
        payload: what its category says of it.
        media: keys of pictures and clips of it, in the store.
        withdrawn_at: since when it is known not to have been so; None while it stands.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    event_id: UUID
    stream_id: Name | None = None
    track_id: Count | None = None
    timestamp_utc: AwareDatetime
    frame_index: Count | None = Field(None, ge=0)
    bbox: tuple[Rim, Rim, Rim, Rim] | None = None
    confidence: Rim | None = None
    inference_latency_ms: FiniteFloat | None = Field(None, ge=0)
    gpu_enabled: bool | None = None
    rule: Name | None = None
    payload: Payload
    media: tuple[str, ...] = ()
    withdrawn_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _box_is_one(self) -> Event:
        if self.bbox is not None and not (self.bbox[0] < self.bbox[2] and self.bbox[1] < self.bbox[3]):
            raise ValueError(f"bbox {list(self.bbox)}: x1 y1 x2 y2 with x1 < x2 and y1 < y2 would be right")
        return self


ROWS = sa.Table(
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
    sa.Column("rule", sa.Text),
    sa.Column("payload", sa.Text),
    sa.Column("media", sa.Text),
    sa.Column("withdrawn_at", Moment),
)
# What is to be told of them, written with them in one transaction and read by `home.outbox`.
OUTBOX = sa.Table(
    "outbox",
    sa.MetaData(),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("event_id", sa.Text),
    sa.Column("at", Moment),
)
_TEXTS = ("bbox", "payload", "media")  # JSON


def keep(database: Database, new: Iterable[Event]) -> int:
    """Keep events, all or none. One that is there already is that event: what it says is what was said last.

    Returns:
        How many are new or say something else now.

    Raises:
        StoreError, TableError: as `Database.write`.
    """
    wanted = list(new)
    return database.write(lambda connection: kept_within(connection, wanted)) if wanted else 0


def kept_within(connection: sa.Connection, new: Iterable[Event]) -> int:
    """As `keep`, in a transaction that is open."""
    rows = [_row(each) for each in {each.event_id: each for each in new}.values()]
    # Looked up first, as nothing else is writing: a database that has them already is not touched at all.
    there = {row["event_id"]: row for row in _found(connection, [row["event_id"] for row in rows])}
    fresh = [row for row in rows if row["event_id"] not in there]
    others = [row for row in rows if row["event_id"] in there and read_row(row) != read_row(there[row["event_id"]])]
    if fresh:
        connection.execute(sa.insert(ROWS), fresh)
    for row in others:
        connection.execute(sa.update(ROWS).where(ROWS.c.event_id == row["event_id"]).values(**row))
    _announce(connection, [row["event_id"] for row in fresh + others])
    return len(fresh) + len(others)


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
        StoreError, TableError: as `Database.read`.
    """
    query = sa.select(ROWS)
    if category is not None:
        query = query.where(ROWS.c.category == category)
    if span is not None:
        query = query.where(ROWS.c.timestamp_utc >= span.start, ROWS.c.timestamp_utc < span.end)
    if not withdrawn:
        query = query.where(ROWS.c.withdrawn_at.is_(None))
    query = query.order_by(ROWS.c.timestamp_utc, ROWS.c.event_id)
    return database.read(lambda connection: [read_row(dict(row)) for row in connection.execute(query).mappings()])


def withdraw(database: Database, ids: Iterable[UUID], now: dt.datetime) -> int:
    """Let events stand no longer; the rows stay and say since when. Twice changes nothing.

    Returns:
        How many stood until now.

    Raises:
        StoreError, TableError: as `Database.write`.
    """
    wanted = sorted({str(each) for each in ids})
    stands = sa.and_(ROWS.c.event_id.in_(wanted), ROWS.c.withdrawn_at.is_(None))

    def work(connection: sa.Connection) -> int:
        standing = sorted(connection.execute(sa.select(ROWS.c.event_id).where(stands)).scalars())
        connection.execute(sa.update(ROWS).where(stands).values(withdrawn_at=now))
        _announce(connection, standing)
        return len(standing)

    return database.write(work) if wanted else 0


def _announce(connection: sa.Connection, ids: list[str]) -> None:
    if ids:
        now = dt.datetime.now(dt.UTC)
        connection.execute(sa.insert(OUTBOX), [{"event_id": each, "at": now} for each in ids])


def _row(event: Event) -> dict[str, Any]:
    tree = event.model_dump(mode="json")
    plain = {name: getattr(event, name) for name in ("timestamp_utc", "withdrawn_at")}
    texts = {name: None if tree[name] is None else json.dumps(tree[name], ensure_ascii=False) for name in _TEXTS}
    return {**tree, **plain, **texts, "category": event.payload.category}


def read_row(row: Mapping[str, Any]) -> Event:
    """The event of one of `ROWS`."""
    texts = {name: None if row[name] is None else json.loads(row[name]) for name in _TEXTS}
    return Event.model_validate({**{name: value for name, value in row.items() if name != "category"}, **texts})


def _found(connection: sa.Connection, ids: list[str]) -> Iterable[dict[str, Any]]:
    for first in range(0, len(ids), _AT_ONCE):
        some = sa.select(ROWS).where(ROWS.c.event_id.in_(ids[first : first + _AT_ONCE]))
        yield from (dict(row) for row in connection.execute(some).mappings())
