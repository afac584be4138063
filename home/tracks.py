"""Who was followed live: the rows of the table `tracks`, a summary each. `catml watch` writes them, by key.

A track that is open has no `left_at`. A watcher that was killed leaves open tracks; the next one takes on those that were
seen a moment ago, and closes the others with what was known of them.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal
from uuid import UUID, uuid5

import sqlalchemy as sa
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from home.clock import Span
from home.database import Database, Moment

__all__ = ["Ended", "TrackRow", "close_open", "keep_tracks", "key_of", "last_number", "tracks"]

Ended = Literal["", "left", "offline", "private", "stopped", "killed"]
"""Why nobody follows a track any more: out of sight, the camera gone, private hours, the watcher stopped or killed."""
_SPACE = UUID("6f1c4c0e-5d5c-5b7e-9a53-3c1f6f0b6d21")


class TrackRow(BaseModel):
    """One animal or person on one camera, from when it came until it went.

    Attributes:
        key: of the track; one that is kept again under its key is the same track.
        camera: its id.
        track_id: of that camera, 1 or more; no two tracks of a camera ever have the same.
        kind: class of the detector.
        entered_at: when it was first seen.
        seen_at: when it was last seen, or known to lie still where it was seen.
        left_at: the same, once it is followed no more; None while it is.
        ended: why; empty while it is followed.
        duration_s: from first to last by a clock that nobody sets.
        cat: id in home.yaml; `unknown` where nobody could tell.
        confidence: of its surest detection, 0..1.
        bbox: `x1 y1 x2 y2` in 0..1 where it was last.
        behaviours: seconds of each that was read.
        zones: seconds in each.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: UUID
    camera: str
    track_id: int = Field(ge=1)
    kind: str
    entered_at: AwareDatetime
    seen_at: AwareDatetime
    left_at: AwareDatetime | None = None
    ended: Ended = ""
    duration_s: float = Field(ge=0)
    cat: str
    confidence: float = Field(ge=0, le=1)
    bbox: tuple[float, float, float, float]
    behaviours: dict[str, float] = {}
    zones: dict[str, float] = {}


_ROWS = sa.Table(
    "tracks",
    sa.MetaData(),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("camera", sa.Text),
    sa.Column("track_id", sa.BigInteger),
    sa.Column("kind", sa.Text),
    sa.Column("entered_at", Moment),
    sa.Column("seen_at", Moment),
    sa.Column("left_at", Moment),
    sa.Column("ended", sa.Text),
    sa.Column("duration_s", sa.Double),
    sa.Column("cat", sa.Text),
    sa.Column("confidence", sa.Double),
    sa.Column("bbox", sa.Text),
    sa.Column("behaviours", sa.Text),
    sa.Column("zones", sa.Text),
)
_TEXTS = ("bbox", "behaviours", "zones")  # JSON
_OPEN = _ROWS.c.left_at.is_(None)


def key_of(camera: str, track_id: int, entered_at: dt.datetime) -> UUID:
    """The key of a track: a number may come again where the rows of a home were lost, but not at that moment."""
    return uuid5(_SPACE, f"{camera} {track_id} {entered_at.astimezone(dt.UTC).isoformat()}")


def keep_tracks(database: Database, rows: Iterable[TrackRow]) -> None:
    """Keep tracks as they are now; one that is there is replaced.

    Raises:
        StoreError, TableError: as `Database.write`.
    """
    new = {str(row.key): _row(row) for row in rows}

    def work(connection: sa.Connection) -> None:
        for key, row in new.items():
            changed = connection.execute(sa.update(_ROWS).where(_ROWS.c.key == key).values(**row))
            if not changed.rowcount:
                connection.execute(sa.insert(_ROWS).values(**row))

    if new:
        database.write(work)


def tracks(
    database: Database, *, camera: str | None = None, span: Span | None = None, only_open: bool = False
) -> list[TrackRow]:
    """Tracks by the time they came.

    Args:
        database: where they are kept.
        camera: only of this one.
        span: only those that were there at some time in it.
        only_open: only those that are followed still.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    query = sa.select(_ROWS)
    if camera is not None:
        query = query.where(_ROWS.c.camera == camera)
    if span is not None:
        query = query.where(_ROWS.c.entered_at < span.end, _ROWS.c.seen_at >= span.start)
    if only_open:
        query = query.where(_OPEN)
    query = query.order_by(_ROWS.c.entered_at, _ROWS.c.key)
    return database.read(lambda connection: [_track(row) for row in connection.execute(query).mappings()])


def last_number(database: Database, camera: str) -> int:
    """The highest number that a track of a camera has; 0 where there is none.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    query = sa.select(sa.func.max(_ROWS.c.track_id)).where(_ROWS.c.camera == camera)
    return database.read(lambda connection: int(connection.execute(query).scalar() or 0))


def close_open(database: Database, cameras: Iterable[str], since: dt.datetime) -> list[TrackRow]:
    """Close what a killed watcher left open of some cameras, with what was known.

    Args:
        database: where they are kept.
        cameras: that nobody else watches now.
        since: tracks seen after this moment may go on; so may those that ended with their watcher's orderly stop.

    Returns:
        Those that may go on, as they were; they stay as they are.

    Raises:
        StoreError, TableError: as `Database.write`.
    """
    mine = _ROWS.c.camera.in_(list(cameras))
    fresh = sa.and_(_ROWS.c.seen_at >= since, sa.or_(_OPEN, _ROWS.c.ended == "stopped"))

    def work(connection: sa.Connection) -> list[TrackRow]:
        old = sa.and_(mine, _OPEN, _ROWS.c.seen_at < since)
        connection.execute(sa.update(_ROWS).where(old).values(left_at=_ROWS.c.seen_at, ended="killed"))
        found = connection.execute(sa.select(_ROWS).where(mine, fresh).order_by(_ROWS.c.entered_at)).mappings()
        return [_track(row) for row in found]

    return database.write(work)


def _row(track: TrackRow) -> dict[str, Any]:
    tree = track.model_dump(mode="json")
    times = {name: getattr(track, name) for name in ("entered_at", "seen_at", "left_at")}
    return {**tree, **times, **{name: json.dumps(tree[name]) for name in _TEXTS}}


def _track(row: Mapping[Any, Any]) -> TrackRow:
    return TrackRow.model_validate({**row, **{name: json.loads(row[name]) for name in _TEXTS}})
