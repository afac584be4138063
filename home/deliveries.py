"""What is to be passed on to each target, and what was set aside: the rows of the table `deliveries`.

A target takes over from the outbox what it is to hear (`take_over`), and an entry stays here until its receiver has
acknowledged it. What is sent is the event as it stands then, with the number of the last entry about it, its *revision*: the same
revision always says the same, and an older one is never told after a newer one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

import sqlalchemy as sa

from home.database import Database, Moment
from home.events import OUTBOX, ROWS, Event, read_row
from home.outbox import LONGEST, advance_within, known_position, last_within, position_within

__all__ = [
    "Aside",
    "Due",
    "Queue",
    "acknowledged",
    "aside",
    "clear_within",
    "first",
    "retry",
    "set_aside",
    "still_before",
    "take_over",
]

_ROWS = sa.Table(
    "deliveries",
    sa.MetaData(),
    sa.Column("target", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("stream", sa.Text),
    sa.Column("event_id", sa.Text),
    sa.Column("at", Moment),
    sa.Column("set_aside_at", Moment),
    sa.Column("reason", sa.Text),
)
_WAITS = _ROWS.c.set_aside_at.is_(None)
Wanted = Callable[[str, str | None], bool]
"""Whether an event of a category and a rule (None: of none) is to be told."""


@dataclass(frozen=True)
class Due:
    """What comes next of a stream.

    Attributes:
        seq: of the entry.
        at: when it was kept.
        revision: the last entry about its event.
        event: as it stands.
    """

    seq: int
    at: dt.datetime
    revision: int
    event: Event


@dataclass(frozen=True)
class Aside:
    """One that its receiver will never take as it is."""

    target: str
    seq: int
    event_id: UUID
    stream: str
    at: dt.datetime
    set_aside_at: dt.datetime
    reason: str


@dataclass(frozen=True)
class Queue:
    """What a target has before it.

    Attributes:
        streams: of which something waits, sorted; "" is what comes from no camera.
        waiting: entries that wait.
        aside: entries that were set aside.
        more: whether the outbox may hold more for it than was taken over.
    """

    streams: tuple[str, ...] = ()
    waiting: int = 0
    aside: int = 0
    more: bool = False


def take_over(database: Database, wanted: Mapping[str, Wanted], limit: int = 200) -> dict[str, Queue]:
    """Take over what was kept since the last time, and see what waits; one transaction for all targets.

    Where nothing was kept since, nothing is written: it may be asked often.

    Args:
        database: where both are.
        wanted: by target, what it is to hear. An event that cannot be read is taken over all the same: `first` tells of it.
        limit: entries that are looked at for each of them.

    Returns:
        By target, what it has before it.

    Raises:
        StoreError, TableError: as `Database.write`.
    """

    def nothing_new(connection: sa.Connection) -> dict[str, Queue] | None:
        places, last = [known_position(connection, _reader(target)) for target in wanted], last_within(connection)
        is_done = all(place is not None and place >= last for place in places)
        return {target: _queue(connection, target) for target in wanted} if is_done else None

    def work(connection: sa.Connection) -> dict[str, Queue]:
        more = {target: _taken(connection, target, each, limit) for target, each in wanted.items()}
        found = {target: _queue(connection, target) for target in wanted}
        return {target: replace(queue, more=more[target]) for target, queue in found.items()}

    seen = database.read(nothing_new)
    return database.write(work) if seen is None else seen


def _reader(target: str) -> str:
    return f"deliver {target}"


def _taken(connection: sa.Connection, target: str, wanted: Wanted, limit: int) -> bool:
    reader = _reader(target)
    query = (
        sa.select(OUTBOX.c.seq, OUTBOX.c.at, ROWS.c.event_id, ROWS.c.stream_id, ROWS.c.category, ROWS.c.rule)
        .join(ROWS, ROWS.c.event_id == OUTBOX.c.event_id)
        .where(OUTBOX.c.seq > position_within(connection, reader))
        .order_by(OUTBOX.c.seq)
        .limit(limit)
    )
    told = connection.execute(query).all()
    rows = [
        {"target": target, "seq": each.seq, "stream": each.stream_id or "", "event_id": each.event_id, "at": each.at}
        for each in told
        if wanted(each.category, each.rule)
    ]
    if rows:
        connection.execute(sa.insert(_ROWS), rows)
    if told:
        advance_within(connection, reader, told[-1].seq)
    return len(told) == limit


def _queue(connection: sa.Connection, target: str) -> Queue:
    query = sa.select(_ROWS.c.stream, sa.func.count(), sa.func.count(_ROWS.c.set_aside_at))
    rows = connection.execute(query.where(_ROWS.c.target == target).group_by(_ROWS.c.stream)).all()
    streams = tuple(sorted(stream for stream, count, aside in rows if count > aside))
    return Queue(streams, sum(count - aside for _, count, aside in rows), sum(aside for _, _, aside in rows))


def first(database: Database, target: str, stream: str) -> Due | None:
    """What comes next of a stream; None where nothing waits. An event that cannot be read is set aside.

    Raises:
        StoreError, TableError: as `Database.write`.
    """
    last = sa.select(sa.func.max(OUTBOX.c.seq)).where(OUTBOX.c.event_id == _ROWS.c.event_id).scalar_subquery()
    query = (
        sa.select(_ROWS.c.seq, _ROWS.c.at, last.label("revision"), ROWS)
        .join(ROWS, ROWS.c.event_id == _ROWS.c.event_id)
        .where(_ROWS.c.target == target, _ROWS.c.stream == stream, _WAITS)
        .order_by(_ROWS.c.seq)
        .limit(1)
    )

    while (row := database.read(lambda connection: connection.execute(query).mappings().first())) is not None:
        found = dict(row)
        seq, at, revision = (found.pop(name) for name in ("seq", "at", "revision"))
        try:
            return Due(int(seq), at, int(revision), read_row(found))
        except ValueError as error:  # of another CatML, or damaged
            reason = f"it cannot be read here ({str(error).splitlines()[0]}); update CatML, then try it again"
            set_aside(database, target, int(seq), reason, dt.datetime.now(dt.UTC))
    return None


def acknowledged(database: Database, target: str, event_id: UUID, revision: int) -> None:
    """A receiver has an event in this revision: nothing older of it need be told any more.

    Raises:
        StoreError, TableError: as `Database.write`.
    """
    gone = sa.and_(_ROWS.c.target == target, _ROWS.c.event_id == str(event_id), _ROWS.c.seq <= revision)
    database.write(lambda connection: connection.execute(sa.delete(_ROWS).where(gone)))


def set_aside(database: Database, target: str, seq: int, reason: str, now: dt.datetime) -> None:
    """Let one wait no longer: what comes behind it goes on.

    Raises:
        StoreError, TableError: as `Database.write`.
    """
    mine = sa.and_(_ROWS.c.target == target, _ROWS.c.seq == seq)
    change = sa.update(_ROWS).where(mine).values(set_aside_at=now, reason=reason)
    database.write(lambda connection: connection.execute(change))


def aside(database: Database) -> list[Aside]:
    """What was set aside, by target and in order.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    columns = (_ROWS.c[name] for name in ("target", "seq", "event_id", "stream", "at", "set_aside_at", "reason"))
    query = sa.select(*columns).where(~_WAITS).order_by(_ROWS.c.target, _ROWS.c.seq)
    return database.read(
        lambda connection: [Aside(row[0], row[1], UUID(row[2]), *row[3:]) for row in connection.execute(query)]
    )


def retry(database: Database, numbers: Iterable[int] | None = None) -> int:
    """Let what was set aside wait again, in its old place.

    Args:
        database: where it is.
        numbers: `seq` of those that are meant; None: all of them.

    Returns:
        How many wait again.

    Raises:
        StoreError, TableError: as `Database.write`.
    """
    meant = ~_WAITS if numbers is None else sa.and_(~_WAITS, _ROWS.c.seq.in_(sorted(set(numbers))))
    change = sa.update(_ROWS).where(meant).values(set_aside_at=None, reason=None)
    return database.write(lambda connection: int(connection.execute(change).rowcount))


def clear_within(connection: sa.Connection, now: dt.datetime, targets: Iterable[str]) -> tuple[int, int]:
    """Let nothing wait for ever, in a transaction that may write.

    Args:
        connection: of the transaction.
        now: UTC.
        targets: that there are. For others nothing waits any more once it is old.

    Returns:
        How many entries were set aside because nobody took them for so long, and how many that were set aside for as
        long, or are of no target, are gone.
    """
    old, known = now - LONGEST, sorted(targets)
    forgotten = sa.or_(_ROWS.c.set_aside_at < old, sa.and_(_ROWS.c.at < old, _ROWS.c.target.not_in(known)))
    gone = connection.execute(sa.delete(_ROWS).where(forgotten)).rowcount
    late = sa.update(_ROWS).where(_ROWS.c.at < old, _WAITS)
    words = f"its receiver did not take it for {LONGEST.days} days"
    return int(connection.execute(late.values(set_aside_at=now, reason=words)).rowcount), int(gone)


def still_before() -> sa.Select[tuple[str]]:
    """Ids of the events that targets still have before them: what is said of them needs their last entry."""
    return sa.select(_ROWS.c.event_id)
