"""The outbox: every change of an event, in the order in which it was kept, for each who passes them on.

`home.events` writes an entry in the transaction that keeps the event (the "transactional outbox" of Richardson,
https://microservices.io/patterns/data/transactional-outbox.html): what is acknowledged is told, also after a crash in
between. Who tells it remembers how far it came under a name of its own. It is so told at least once; receivers know an
event by its `event_id`.

What all of them have had goes after a while. One that does not come for long keeps nothing beyond that, and is told how much
it has not had.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from home.database import Database
from home.events import OUTBOX, ROWS, Event, read_row

KEPT = dt.timedelta(days=7)
"""What all readers have had goes then."""
LONGEST = dt.timedelta(days=90)
"""What some reader has not had goes then."""

__all__ = [
    "KEPT",
    "LONGEST",
    "Entry",
    "advance",
    "advance_within",
    "clear_within",
    "entries",
    "known_position",
    "last",
    "last_within",
    "missed",
    "missed_is_told",
    "position",
    "position_within",
]

_READERS = sa.Table(
    "readers",
    sa.MetaData(),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger),
    sa.Column("missed", sa.BigInteger),
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
        connection.execute(sa.insert(_READERS).values(name=reader, seq=there, missed=0))
    return there


def known_position(connection: sa.Connection, reader: str) -> int | None:
    """As `position`, in a transaction that is open; None for one that is new."""
    there = connection.execute(sa.select(_READERS.c.seq).where(_READERS.c.name == reader)).scalar()
    return None if there is None else int(there)


def last(database: Database) -> int:
    """The newest entry there is; 0 where there is none.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    return database.read(last_within)


def last_within(connection: sa.Connection) -> int:
    """As `last`, in a transaction that is open."""
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


def clear_within(connection: sa.Connection, now: dt.datetime, held: sa.Select[tuple[str]]) -> dict[str, int]:
    """Let go of what is not needed any more, in a transaction that may write.

    Args:
        connection: of the transaction.
        now: UTC.
        held: ids of events whose entries stay, however old they are.

    Returns:
        How many entries each reader will never have, of those that have had all until now.
    """
    free = OUTBOX.c.event_id.not_in(held)
    too_old = sa.and_(OUTBOX.c.at < now - LONGEST, free)
    lost = sa.select(sa.func.count()).where(too_old, OUTBOX.c.seq > _READERS.c.seq).scalar_subquery()
    known = {name: (before, count) for name, before, count in connection.execute(
        sa.select(_READERS.c.name, _READERS.c.missed, lost)
    )}  # fmt: skip
    for name, (before, count) in known.items():
        if count:
            connection.execute(sa.update(_READERS).where(_READERS.c.name == name).values(missed=before + count))
    slowest = sa.select(sa.func.min(_READERS.c.seq)).scalar_subquery()
    passed = sa.and_(OUTBOX.c.at < now - KEPT, free, OUTBOX.c.seq <= sa.func.coalesce(slowest, OUTBOX.c.seq))
    connection.execute(sa.delete(OUTBOX).where(sa.or_(too_old, passed)))
    return {name: count for name, (before, count) in known.items() if count and not before}


def missed(database: Database) -> dict[str, int]:
    """How many entries each reader will never have, by name; those that have had all are left out.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    query = sa.select(_READERS.c.name, _READERS.c.missed).where(_READERS.c.missed > 0).order_by(_READERS.c.name)
    return database.read(lambda connection: {name: int(count) for name, count in connection.execute(query)})


def missed_is_told(database: Database) -> None:
    """It was said what each reader has not had.

    Raises:
        StoreError, TableError: as `Database.write`.
    """
    database.write(lambda connection: connection.execute(sa.update(_READERS).values(missed=0)))
