"""What an owner says was wrong: the rows of the table `corrections`. They are withdrawn, never deleted."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, fields
from typing import Literal, get_args

import sqlalchemy as sa

from home.clock import Span, iso
from home.database import Database, Moment
from home.errors import WrongUse

__all__ = ["FIELDS", "Correction", "add", "corrections", "withdraw"]

What = Literal["moment", "track", "bout"]
Field = Literal["behaviour", "cat", "posture", "not_an_animal"]
FIELDS: tuple[Field, ...] = get_args(Field)


@dataclass(frozen=True)
class Correction:
    """One thing that was otherwise than the house said.

    Attributes:
        made_at: when it was said, UTC.
        what: what the house said it of.
        camera: id of the camera.
        start, end: the time it holds for, UTC, half-open.
        track_id: the track on that camera; 0 where there was none.
        field: what was wrong; `not_an_animal` has the value `true`.
        value: what it really was: a name of the ethogram, or the id of a cat of home.yaml.
        was: what the house said; empty if it said nothing.
        by: who says so; empty where nobody was named.
        note: in the owner's words.
        id: a number that is never given twice; 0 before it is kept.
        withdrawn_at: since when it holds no longer, UTC; None while it holds.
    """

    made_at: dt.datetime
    what: What
    camera: str
    start: dt.datetime
    end: dt.datetime
    track_id: int
    field: Field
    value: str
    was: str = ""
    by: str = ""
    note: str = ""
    id: int = 0
    withdrawn_at: dt.datetime | None = None

    @property
    def span(self) -> Span:
        """The time it holds for."""
        return Span(self.start, self.end)

    @property
    def key(self) -> str:
        """Equal for two that say the same of the same: the second one adds nothing."""
        said = [self.by, self.what, self.camera, iso(self.start), iso(self.end), self.track_id, self.field, self.value]
        return hashlib.sha256("\0".join(map(str, said)).encode()).hexdigest()


_ROWS = sa.Table(
    "corrections",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text),
    sa.Column("made_at", Moment),
    sa.Column("by", sa.Text),
    sa.Column("what", sa.Text),
    sa.Column("camera", sa.Text),
    sa.Column("start", Moment),
    sa.Column("end", Moment),
    sa.Column("track_id", sa.BigInteger),
    sa.Column("field", sa.Text),
    sa.Column("value", sa.Text),
    sa.Column("was", sa.Text),
    sa.Column("note", sa.Text),
    sa.Column("withdrawn_at", Moment),
)
_NAMES = [field.name for field in fields(Correction)]


def add(database: Database, new: list[Correction]) -> list[Correction]:
    """Keep corrections, all or none.

    Returns:
        Each as it is kept, in the order given; one that was said already and holds is that earlier row.

    Raises:
        StoreError, TableError: as `Database.write`.
    """
    return database.write(lambda connection: [_added(connection, each) for each in new])


def corrections(database: Database, *, span: Span | None = None, withdrawn: bool = False) -> list[Correction]:
    """The corrections, in the order they were made: of two that contradict each other the later one counts.

    Args:
        database: where they are kept.
        span: only those that hold for some of this time.
        withdrawn: those that hold no longer too.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    query = sa.select(*(_ROWS.c[name] for name in _NAMES)).order_by(_ROWS.c.id)
    if not withdrawn:
        query = query.where(_ROWS.c.withdrawn_at.is_(None))
    if span is not None:
        query = query.where(_ROWS.c.start < span.end, _ROWS.c.end > span.start)
    return database.read(lambda connection: [Correction(**row) for row in connection.execute(query).mappings()])


def withdraw(database: Database, number: int, now: dt.datetime) -> Correction:
    """Let a correction hold no longer; the row stays and says since when. Twice changes nothing.

    Raises:
        WrongUse: if there is no correction of that number.
        StoreError, TableError: as `Database.write`.
    """

    def work(connection: sa.Connection) -> Correction:
        live = _ROWS.c.withdrawn_at.is_(None)
        connection.execute(sa.update(_ROWS).where(_ROWS.c.id == number, live).values(withdrawn_at=now))
        found = _found(connection, _ROWS.c.id == number)
        if found is None:
            last = connection.execute(sa.select(sa.func.max(_ROWS.c.id))).scalar()
            there = f"the last one is {last}" if last else "there are none yet"
            raise WrongUse(f"no correction {number}; {there} (`catml corrections` lists them)")
        return found

    return database.write(work)


def _added(connection: sa.Connection, new: Correction) -> Correction:
    same = sa.and_(_ROWS.c.key == new.key, _ROWS.c.withdrawn_at.is_(None))
    found = _found(connection, same)
    if found is None:
        values = {name: getattr(new, name) for name in _NAMES if name != "id"}
        connection.execute(sa.insert(_ROWS).values(key=new.key, **values))
        found = _found(connection, same)
    assert found is not None
    return found


def _found(connection: sa.Connection, where: sa.ColumnElement[bool]) -> Correction | None:
    query = sa.select(*(_ROWS.c[name] for name in _NAMES)).where(where)
    row = connection.execute(query).mappings().first()
    return Correction(**row) if row else None
