"""What the ledger has of a camera's day, up to what is certain."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from home.clock import Span, local_date, local_day
from home.coverage import complete
from home.folder import Home
from home.footage import ChunkName
from ingest.record.spool import Spool, open_spool

# Gaps are told to the ledger every minute, through the uploader.
_LEDGER_BEHIND = dt.timedelta(minutes=2)


@dataclass(frozen=True)
class Day:
    """What the ledger has of a camera's day.

    Attributes:
        span: from local midnight to the oldest chunk that is not in the ledger yet.
        seconds: by state (`recorded`, `private`), and for gaps by reason.
    """

    span: Span
    seconds: dict[str, float]


def day_so_far(home: Home, camera: str, now: dt.datetime) -> Day:
    """Sum up the day of a moment up to what is certain: what waits to be uploaded is in the ledger only afterwards.

    Raises:
        StoreError: if the store does not answer.
        TableError: if the ledger cannot be read.
    """
    date = local_date(now, home.zone)
    until = min([now - _LEDGER_BEHIND, *_waiting_since(open_spool(home), camera)])
    span = Span(local_day(date, home.zone).start, until)
    seconds: dict[str, float] = defaultdict(float)
    for row in complete(home.tables, camera, home.camera(camera), date, home.zone).itertuples():
        inside = Span(row.start.to_pydatetime(), row.end.to_pydatetime()).overlap(span)
        seconds[str(row.reason if row.state == "gap" else row.state)] += inside.seconds if inside else 0.0
    return Day(span, {name: total for name, total in seconds.items() if total})


def _waiting_since(spool: Spool, camera: str) -> list[dt.datetime]:
    """When the oldest chunk in the spool began, if there is any."""
    paths = [*spool.finished(camera)[:1], *spool.unfinished(camera)[:1]]
    names = [ChunkName.parse(f"{camera}/{path.name.replace('.part-', 'chunk-', 1)}") for path in paths]
    return [name.start for name in names if name]
