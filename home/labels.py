"""What people saw in the footage, whatever the house saw: the rows of the table `labels`.

A correction says that a row of the house is wrong; a label needs no such row, knows whom it is about, and says of a time
also that it was watched. So they are two tables.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import sqlalchemy as sa

from home.clock import Span
from home.database import Database, Moment

__all__ = ["WATCHED", "Label", "Taken", "labels", "observers", "take"]

WATCHED = ""
"""The behaviour of a row which says that this time was watched: what is not labelled in it was not seen to happen."""


@dataclass(frozen=True, order=True)
class Label:
    """From when to when somebody did something, as one observer saw it.

    Attributes:
        camera: id of the camera.
        start, end: UTC, half-open.
        subject: id of a cat; empty where the observer did not say which.
        behaviour: of the ethogram; `WATCHED` for a time that was watched.
    """

    camera: str
    start: dt.datetime
    end: dt.datetime
    subject: str
    behaviour: str

    @property
    def span(self) -> Span:
        """The time it is about."""
        return Span(self.start, self.end)


@dataclass(frozen=True)
class Taken:
    """What taking labels in has changed: rows that are new, were there, and hold no longer."""

    new: int
    there: int
    withdrawn: int


_ROWS = sa.Table(
    "labels",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("made_at", Moment),
    sa.Column("observer", sa.Text),
    sa.Column("observation", sa.Text),
    sa.Column("camera", sa.Text),
    sa.Column("start", Moment),
    sa.Column("end", Moment),
    sa.Column("subject", sa.Text),
    sa.Column("behaviour", sa.Text),
    sa.Column("withdrawn_at", Moment),
)
_LABEL = [_ROWS.c[field.name] for field in fields(Label)]
_LIVE = _ROWS.c.withdrawn_at.is_(None)


def take(database: Database, observer: str, said: Mapping[str, Sequence[Label]], now: dt.datetime) -> Taken:
    """Keep an observer's labels, by observation. An observation that is taken in again stands for what it was before.

    Args:
        database: where they are kept.
        observer: who saw it.
        said: every label of an observation, by its name.
        now: UTC.

    Raises:
        StoreError, TableError: as `Database.write`.
    """

    def work(connection: sa.Connection) -> Taken:
        counts = [_taken(connection, observer, name, set(rows), now) for name, rows in sorted(said.items())]
        return Taken(*(sum(column) for column in zip(*counts, strict=True))) if counts else Taken(0, 0, 0)

    return database.write(work)


def _taken(
    connection: sa.Connection, observer: str, name: str, rows: set[Label], now: dt.datetime
) -> tuple[int, int, int]:
    mine = sa.and_(_ROWS.c.observer == observer, _ROWS.c.observation == name, _LIVE)
    old = {Label(*row[1:]): row[0] for row in connection.execute(sa.select(_ROWS.c.id, *_LABEL).where(mine))}
    gone = [number for label, number in old.items() if label not in rows]
    if gone:
        connection.execute(sa.update(_ROWS).where(_ROWS.c.id.in_(gone)).values(withdrawn_at=now))
    new = [
        {"made_at": now, "observer": observer, "observation": name}
        | {field.name: getattr(label, field.name) for field in fields(Label)}
        for label in sorted(rows - set(old))
    ]
    if new:
        connection.execute(sa.insert(_ROWS), new)
    return len(new), len(old) - len(gone), len(gone)


def labels(database: Database, observer: str, span: Span | None = None) -> list[Label]:
    """What an observer says, in order of camera and time; of some time only, if one is given.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    query = sa.select(*_LABEL).where(_ROWS.c.observer == observer, _LIVE).distinct()
    if span is not None:
        query = query.where(_ROWS.c.start < span.end, _ROWS.c.end > span.start)
    return database.read(lambda connection: sorted(Label(*row) for row in connection.execute(query)))


def observers(database: Database) -> list[str]:
    """Everybody who has labelled something, by name.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    query = sa.select(_ROWS.c.observer).where(_LIVE).distinct().order_by(_ROWS.c.observer)
    return database.read(lambda connection: list(connection.execute(query).scalars()))
