"""The outbox: every change of an event, in the order in which it was kept, for each who passes them on.

`home.events` writes an entry in the transaction that keeps the event (the "transactional outbox" of Richardson,
https://microservices.io/patterns/data/transactional-outbox.html): what is acknowledged is told, also after a crash in
between. Who tells it remembers how far it came under a name of its own. It is so told at least once; receivers know an
event by its `event_id`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from home.database import Database
from home.events import OUTBOX, ROWS, Event, read_row

__all__ = [
    "Entry",
    "advance",
    "advance_within",
    "entries",
    "known_position",
    "last_within",
    "position",
    "position_within",
]

_READERS = sa.Table(
    "readers", sa.MetaData(), sa.Column("name", sa.Text, primary_key=True), sa.Column("seq", sa.BigInteger)
)


@dataclass(frozen=True)
class Entry:
    """One change of an event: its place in the order, when it was kept, and the event as it stands now."""

    seq: int
    at: dt.datetime
    event: Event


def position(database: Database, reader: str) -> int:
    """The last entry that a reader is done with. One that is new begins with what comes from now on.

    Raises:
        StoreError, TableError: as `Database.write`.
    """
    there = database.read(lambda connection: known_position(connection, reader))
    return database.write(lambda connection: position_within(connection, reader)) if there is None else there


def position_within(connection: sa.Connection, reader: str) -> int:
    """As `position`, in a transaction that may write."""
    there = known_position(connection, reader)
    if there is None:
        there = last_within(connection)
        connection.execute(sa.insert(_READERS).values(name=reader, seq=there))
    return there


def known_position(connection: sa.Connection, reader: str) -> int | None:
    """As `position`, in a transaction that is open; None for one that is new."""
    there = connection.execute(sa.select(_READERS.c.seq).where(_READERS.c.name == reader)).scalar()
    return None if there is None else int(there)


def last_within(connection: sa.Connection) -> int:
    """The newest entry there is, in a transaction that is open; 0 where there is none."""
    return int(connection.execute(sa.select(sa.func.max(OUTBOX.c.seq))).scalar() or 0)


def entries(database: Database, after: int, limit: int = 200) -> list[Entry]:
    """The entries that follow one, in order.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    query = (
        sa.select(OUTBOX.c.seq, OUTBOX.c.at, ROWS)
        .join(ROWS, ROWS.c.event_id == OUTBOX.c.event_id)
        .where(OUTBOX.c.seq > after)
        .order_by(OUTBOX.c.seq)
        .limit(limit)
    )

    def work(connection: sa.Connection) -> list[Entry]:
        found = [dict(row) for row in connection.execute(query).mappings()]
        return [Entry(row.pop("seq"), row.pop("at"), read_row(row)) for row in found]

    return database.read(work)


def advance(database: Database, reader: str, seq: int) -> None:
    """Remember that a reader is done with everything up to an entry; never backwards.

    Raises:
        StoreError, TableError: as `Database.write`.
    """
    database.write(lambda connection: advance_within(connection, reader, seq))


def advance_within(connection: sa.Connection, reader: str, seq: int) -> None:
    """As `advance`, in a transaction that may write."""
    connection.execute(sa.update(_READERS).where(_READERS.c.name == reader, _READERS.c.seq < seq).values(seq=seq))
