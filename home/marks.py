"""What people marked on single pictures, boxes, keypoints and names: the rows of the table `marks`."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from home.clock import Span
from home.database import Database, Moment
from home.labels import Taken

__all__ = ["LOOKED", "Mark", "Picture", "mark", "marks"]

Picture = tuple[str, dt.datetime]
"""Id of the camera, and UTC of the frame to the millisecond."""
Point = tuple[float, float, int]
"""x and y as shares of the picture, and COCO's visibility: 0 not labelled, 1 hidden, 2 seen."""


@dataclass(frozen=True)
class Mark:
    """One animal on one picture.

    Attributes:
        cat: id of a cat; empty where the observer did not say which.
        box: x1 y1 x2 y2, shares 0..1 of the picture.
        keypoints: those of the pose model, in its order; none where nobody placed any.
    """

    cat: str
    box: tuple[float, float, float, float]
    keypoints: tuple[Point, ...] = ()


LOOKED = Mark("", (0.0, 0.0, 0.0, 0.0))
"""A box without a size says that a picture was looked at: what is not marked on it is not there."""

_ROWS = sa.Table(
    "marks",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("made_at", Moment),
    sa.Column("observer", sa.Text),
    sa.Column("camera", sa.Text),
    sa.Column("ts", Moment),
    sa.Column("cat", sa.Text),
    *(sa.Column(side, sa.Double) for side in ("x1", "y1", "x2", "y2")),
    sa.Column("keypoints", sa.Text),
    sa.Column("withdrawn_at", Moment),
)
_LIVE = _ROWS.c.withdrawn_at.is_(None)
_MARK = [_ROWS.c[name] for name in ("cat", "x1", "y1", "x2", "y2", "keypoints")]


def mark(database: Database, observer: str, said: Mapping[Picture, Sequence[Mark]], now: dt.datetime) -> Taken:
    """Keep an observer's marks, by picture; a picture without any was looked at. One that comes again stands for what it was.

    Raises:
        StoreError, TableError: as `Database.write`.
    """

    def work(connection: sa.Connection) -> Taken:
        counts = [_taken(connection, observer, picture, {LOOKED, *said[picture]}, now) for picture in sorted(said)]
        return Taken(*(sum(column) for column in zip(*counts, strict=True))) if counts else Taken(0, 0, 0)

    return database.write(work)


def _taken(
    connection: sa.Connection, observer: str, picture: Picture, new: set[Mark], now: dt.datetime
) -> tuple[int, int, int]:
    camera, ts = picture
    mine = sa.and_(_ROWS.c.observer == observer, _ROWS.c.camera == camera, _ROWS.c.ts == ts, _LIVE)
    old = {_of(row[1:]): row[0] for row in connection.execute(sa.select(_ROWS.c.id, *_MARK).where(mine))}
    gone = [number for each, number in old.items() if each not in new]
    if gone:
        connection.execute(sa.update(_ROWS).where(_ROWS.c.id.in_(gone)).values(withdrawn_at=now))
    added = sorted(new - set(old), key=lambda each: (each.box, each.cat))
    whose = {"made_at": now, "observer": observer, "camera": camera, "ts": ts}
    for each in added:
        box = dict(zip(("x1", "y1", "x2", "y2"), each.box, strict=True))
        row = whose | box | {"cat": each.cat, "keypoints": json.dumps(each.keypoints)}
        connection.execute(sa.insert(_ROWS).values(row))
    return len(added), len(old) - len(gone), len(gone)


def marks(database: Database, observer: str, span: Span | None = None) -> dict[Picture, list[Mark]]:
    """What an observer marked, by picture in order; a picture without marks was looked at and shows no animal.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    query = sa.select(_ROWS.c.camera, _ROWS.c.ts, *_MARK).where(_ROWS.c.observer == observer, _LIVE)
    if span is not None:
        query = query.where(_ROWS.c.ts >= span.start, _ROWS.c.ts < span.end)
    found: dict[Picture, list[Mark]] = {}
    for camera, ts, *row in database.read(
        lambda c: list(c.execute(query.order_by(_ROWS.c.camera, _ROWS.c.ts, _ROWS.c.id)))
    ):
        there, each = found.setdefault((camera, ts), []), _of(row)
        there += [] if each == LOOKED else [each]
    return found


def _of(row: Sequence[object]) -> Mark:
    cat, *box, keypoints = row
    points = tuple((float(x), float(y), int(seen)) for x, y, seen in json.loads(str(keypoints)))
    return Mark(str(cat), tuple(map(float, box)), points)  # type: ignore[arg-type]
