"""Whether something that was told was worth telling, as people say: the rows of the table `verdicts`.

A verdict is of an event or of something unusual as a whole, and nothing is learned of behaviour from it: what a cat really did
is a correction (`home.corrections`). They are withdrawn, never deleted.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from home.clock import iso
from home.database import Database, Moment

__all__ = ["Of", "Verdict", "finding_name", "judge", "unjudge", "verdicts"]

Of = Literal["finding", "event"]
"""A row of the table `anomalies`, or one of `events`."""


@dataclass(frozen=True)
class Verdict:
    """What was said of one thing.

    Attributes:
        of: what kind of thing it is.
        name: `finding_name`, or the event's id.
        right: whether it was right to tell it.
        made_at: when it was said, UTC.
        by: who says so; empty where nobody was named.
    """

    of: Of
    name: str
    right: bool
    made_at: dt.datetime
    by: str = ""


_ROWS = sa.Table(
    "verdicts",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("of", sa.Text),
    sa.Column("name", sa.Text),
    sa.Column("right", sa.Boolean),
    sa.Column("made_at", Moment),
    sa.Column("by", sa.Text),
    sa.Column("withdrawn_at", Moment),
)
_LIVE = _ROWS.c.withdrawn_at.is_(None)
_COLUMNS = ("of", "name", "right", "made_at", "by")


def finding_name(cat: str, kind: str, of: str, raised: dt.datetime) -> str:
    """What a row of `anomalies` is called: the same however often its night is read again, 16 hex digits."""
    return hashlib.sha256("\0".join((cat, kind, of, iso(raised))).encode()).hexdigest()[:16]


def judge(database: Database, new: Verdict) -> None:
    """Keep a verdict; it stands for what was said of the same before. The same again changes nothing.

    Raises:
        StoreError, TableError: as `Database.write`.
    """
    mine = sa.and_(_ROWS.c.of == new.of, _ROWS.c.name == new.name, _LIVE)

    def work(connection: sa.Connection) -> None:
        said = list(connection.execute(sa.select(_ROWS.c.right).where(mine)).scalars())
        if said == [new.right]:
            return
        connection.execute(sa.update(_ROWS).where(mine).values(withdrawn_at=new.made_at))
        connection.execute(sa.insert(_ROWS).values({name: getattr(new, name) for name in _COLUMNS}))

    database.write(work)


def unjudge(database: Database, of: Of, name: str, now: dt.datetime) -> None:
    """Let what was said of something hold no longer; the row stays and says since when.

    Raises:
        StoreError, TableError: as `Database.write`.
    """
    mine = sa.and_(_ROWS.c.of == of, _ROWS.c.name == name, _LIVE)
    database.write(lambda connection: connection.execute(sa.update(_ROWS).where(mine).values(withdrawn_at=now)))


def verdicts(database: Database, of: Of) -> dict[str, Verdict]:
    """Those that hold, by name; none where nobody ever said anything.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    if database.is_new:
        return {}
    query = sa.select(*(_ROWS.c[name] for name in _COLUMNS)).where(_ROWS.c.of == of, _LIVE).order_by(_ROWS.c.id)
    found = database.read(lambda connection: [Verdict(**row) for row in connection.execute(query).mappings()])
    return {each.name: each for each in found}
