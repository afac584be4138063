"""What devices measured: the rows of the table `telemetry`, any number with its device, time and unit."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

import sqlalchemy as sa

from home.clock import Span, iso
from home.database import Database, Moment
from home.errors import WrongUse

__all__ = ["Reading", "Summary", "keep", "readings", "readings_after", "summaries"]

_AT_ONCE = 1000  # rows a statement


@dataclass(frozen=True, order=True)
class Reading:
    """One number that a device measured.

    Attributes:
        device: its id.
        ts: when, UTC.
        name: what was measured, in the device's words: `weight recorded`.
        value: the number.
        unit: of it, e.g. `kg`, `g`, `°C`; empty where it has none.
        cat: whose it is: id of a cat, `unknown`, or empty where no cat is meant.
    """

    device: str
    ts: dt.datetime
    name: str
    value: float
    unit: str = ""
    cat: str = ""


_ROWS = sa.Table(
    "telemetry",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("device", sa.Text),
    sa.Column("ts", Moment),
    sa.Column("name", sa.Text),
    sa.Column("value", sa.Double),
    sa.Column("unit", sa.Text),
    sa.Column("cat", sa.Text),
)
_READING = [_ROWS.c[field.name] for field in fields(Reading)]


def keep(database: Database, new: Iterable[Reading]) -> int:
    """Keep readings, all or none. One that is there already is left alone, but for a cat that is known better now.

    Returns:
        How many rows are new or have another cat.

    Raises:
        WrongUse: if a value is no number: JSON, plots and sums would fail on it later.
        StoreError, TableError: as `Database.write`.
    """
    rows = sorted({_key(each): each for each in new}.values())
    for each in rows:
        if not math.isfinite(each.value):
            raise WrongUse(f"{each.device} {each.name} at {iso(each.ts)}: found {each.value}; a number would be right")

    def work(connection: sa.Connection) -> int:
        # Looked up first, as nothing else is writing: a database that has them already is not touched at all.
        there: dict[tuple[object, ...], tuple[int, str]] = {}
        for device in sorted({each.device for each in rows}):
            times = [each.ts for each in rows if each.device == device]
            query = sa.select(_ROWS.c.id, *_READING).where(
                _ROWS.c.device == device, _ROWS.c.ts >= min(times), _ROWS.c.ts <= max(times)
            )
            for number, *row in connection.execute(query):
                kept = Reading(*row)
                there[_key(kept)] = (number, kept.cat)
        new = [asdict(each) for each in rows if _key(each) not in there]
        for first in range(0, len(new), _AT_ONCE):
            connection.execute(sa.insert(_ROWS), new[first : first + _AT_ONCE])
        others = [
            (there[_key(each)][0], each.cat) for each in rows if there.get(_key(each), (0, each.cat))[1] != each.cat
        ]
        for number, cat in others:
            connection.execute(sa.update(_ROWS).where(_ROWS.c.id == number).values(cat=cat))
        return len(new) + len(others)

    return database.write(work) if rows else 0


def readings(
    database: Database, *, device: str | None = None, name: str | None = None, span: Span | None = None
) -> list[Reading]:
    """The readings, in order of device, time and name.

    Args:
        database: where they are kept.
        device: only of this one.
        name: only of what is called so.
        span: only of this time.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    query = sa.select(*_READING).where(*_of(device, name, span))
    query = query.order_by(*(_ROWS.c[column] for column in ("device", "ts", "name", "value", "unit")))
    return database.read(lambda connection: [Reading(*row) for row in connection.execute(query)])


def readings_after(
    database: Database,
    after: int,
    limit: int,
    *,
    device: str | None = None,
    name: str | None = None,
    span: Span | None = None,
) -> list[tuple[int, Reading]]:
    """Readings in the order in which they were kept, each with its number, to be read a page at a time.

    Args:
        database: where they are kept.
        after: number of the last one that is known; 0 for the beginning.
        limit: so many at most.
        device: only of this one.
        name: only of what is called so.
        span: only of this time.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    query = sa.select(_ROWS.c.id, *_READING).where(_ROWS.c.id > after, *_of(device, name, span))
    query = query.order_by(_ROWS.c.id).limit(limit)
    return database.read(lambda connection: [(row[0], Reading(*row[1:])) for row in connection.execute(query)])


@dataclass(frozen=True)
class Summary:
    """What one device measured of one thing in some time.

    Attributes:
        device, name, unit: of what.
        count: of readings.
        least, most, mean: of their values.
        above_zero: how many are above 0: of yes and no, how many are yes.
        first, last: when, UTC.
    """

    device: str
    name: str
    unit: str
    count: int
    least: float
    most: float
    mean: float
    above_zero: int
    first: dt.datetime
    last: dt.datetime


def summaries(
    database: Database, *, device: str | None = None, name: str | None = None, span: Span | None = None
) -> list[Summary]:
    """What was measured, summed up by device, name and unit, in their order; arguments as of `readings`.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    value, ts = _ROWS.c.value, _ROWS.c.ts
    kind = (_ROWS.c.device, _ROWS.c.name, _ROWS.c.unit)
    above = sa.func.sum(sa.case((value > 0, 1), else_=0))
    sums = (
        sa.func.count(),
        sa.func.min(value),
        sa.func.max(value),
        sa.func.avg(value),
        above,
        sa.func.min(ts),
        sa.func.max(ts),
    )
    query = sa.select(*kind, *sums).where(*_of(device, name, span)).group_by(*kind).order_by(*kind)
    return database.read(lambda connection: [Summary(*row) for row in connection.execute(query)])


def _of(device: str | None, name: str | None, span: Span | None) -> list[sa.ColumnElement[bool]]:
    wanted: list[sa.ColumnElement[bool]] = []
    if device is not None:
        wanted.append(_ROWS.c.device == device)
    if name is not None:
        wanted.append(_ROWS.c.name == name)
    if span is not None:
        wanted += [_ROWS.c.ts >= span.start, _ROWS.c.ts < span.end]
    return wanted


def _key(reading: Reading) -> tuple[object, ...]:
    return reading.device, reading.ts, reading.name, reading.value, reading.unit
