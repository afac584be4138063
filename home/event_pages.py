"""Events, a page at a time: a place in their order leads on, so that what is kept meanwhile moves nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from home.clock import Span
from home.database import Database
from home.events import ROWS, Category, Event, read_row

__all__ = ["Chosen", "Place", "event_of", "page"]

Place = tuple[dt.datetime, UUID]
"""Of an event in the order of time: when it was, and its id."""


@dataclass(frozen=True)
class Chosen:
    """Which events are meant; None: all.

    Attributes:
        category, stream, rule: only of these.
        span: only of this time.
        withdrawn: those that do not stand any more too.
    """

    category: Category | None = None
    stream: str | None = None
    rule: str | None = None
    span: Span | None = None
    withdrawn: bool = False


def event_of(database: Database, event_id: UUID) -> Event | None:
    """One event, withdrawn or not; None where there is none of this id.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    query = sa.select(ROWS).where(ROWS.c.event_id == str(event_id))

    def work(connection: sa.Connection) -> Event | None:
        row = connection.execute(query).mappings().first()
        return None if row is None else read_row(dict(row))

    return database.read(work)


def page(
    database: Database, chosen: Chosen, limit: int, *, after: Place | None = None, newest_first: bool = False
) -> list[Event]:
    """Events in order of time.

    Args:
        database: where they are kept.
        chosen: which.
        limit: so many at most.
        after: the last one that is known; None: from the beginning.
        newest_first: later ones first.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    order = (ROWS.c.timestamp_utc, ROWS.c.event_id)
    query = sa.select(ROWS).where(*_where(chosen))
    if after is not None:
        at, number = after[0], str(after[1])
        beyond = order[0] < at if newest_first else order[0] > at
        level = order[1] < number if newest_first else order[1] > number
        query = query.where(sa.or_(beyond, sa.and_(order[0] == at, level)))
    query = query.order_by(*(column.desc() if newest_first else column for column in order)).limit(limit)
    return database.read(lambda connection: [read_row(dict(row)) for row in connection.execute(query).mappings()])


def _where(chosen: Chosen) -> list[sa.ColumnElement[bool]]:
    wanted: list[sa.ColumnElement[bool]] = []
    for column, value in (
        (ROWS.c.category, chosen.category),
        (ROWS.c.stream_id, chosen.stream),
        (ROWS.c.rule, chosen.rule),
    ):
        if value is not None:
            wanted.append(column == value)
    if chosen.span is not None:
        wanted += [ROWS.c.timestamp_utc >= chosen.span.start, ROWS.c.timestamp_utc < chosen.span.end]
    if not chosen.withdrawn:
        wanted.append(ROWS.c.withdrawn_at.is_(None))
    return wanted
