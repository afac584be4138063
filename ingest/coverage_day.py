"""A local day of a camera as far as it has come: what the ledger says, and what only this machine knows yet.

Chunks that wait in the spool, the one being written, and the end of a journal are not in the ledger for some minutes.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from home.clock import Span, iso, local_day
from home.config import Camera
from home.coverage import Stretch, complete
from home.folder import Home
from ingest.record.bookkeeping import unfolded
from ingest.record.spool import Spool, open_spool
from ingest.record.waiting import PART, footage_in

# What a day consists of. Of the ledger's gaps `waiting` is none: it was recorded.
STATES = ("recorded", "waiting", "gap", "private", "off")
# A chunk that was written to this lately is being written to.
_LATELY = dt.timedelta(seconds=10)
_HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True)
class CameraDay:
    """A local day of one camera, as far as it has come.

    Attributes:
        camera: its id.
        span: from midnight to midnight, or to now.
        stretches: what is known of it, without holes. Their states are those of `STATES`.
    """

    camera: str
    span: Span
    stretches: tuple[Stretch, ...]

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds of each state, in the order of `STATES`; states that do not occur are left out."""
        total: dict[str, float] = defaultdict(float)
        for stretch in self.stretches:
            total[stretch.state] += stretch.span.seconds
        return {state: total[state] for state in STATES if state in total}

    @property
    def gaps(self) -> list[Stretch]:
        """The gaps, in order."""
        return [stretch for stretch in self.stretches if stretch.state == "gap"]

    @property
    def reasons(self) -> dict[str, float]:
        """Seconds of gaps by reason, most first."""
        total: dict[str, float] = defaultdict(float)
        for gap in self.gaps:
            total[gap.reason] += gap.span.seconds
        return dict(sorted(total.items(), key=lambda pair: -pair[1]))

    def as_json(self) -> dict[str, Any]:
        """All of it, as JSON can hold it; times are UTC."""
        return {
            "camera": self.camera,
            "start": iso(self.span.start),
            "end": iso(self.span.end),
            "seconds": self.seconds,
            "reasons": self.reasons,
            "stretches": [
                {"start": iso(span.start), "end": iso(span.end), "state": state, "reason": reason}
                for span, state, reason in self.stretches
            ],
        }


def coverage_of(home: Home, date: dt.date, camera: str, now: dt.datetime) -> CameraDay:
    """What is known of a camera's local day.

    Args:
        home: the home.
        date: local date.
        camera: id; one that home.yaml no longer has is taken for one that only got imports.
        now: UTC; a day that is not over ends here.

    Raises:
        StoreError, TableError: if the ledger cannot be read.
    """
    day = local_day(date, home.zone)
    until_now = Span(day.start, max(day.start, min(day.end, now)))
    untold = [*_in_spool(open_spool(home), camera, until_now, now), *_in_journal(open_spool(home), camera)]
    settings = home.config.cameras.get(camera, Camera())
    stretches = []
    for row in complete(home.tables, camera, settings, date, home.zone, untold).itertuples():
        inside = Span(row.start.to_pydatetime(), row.end.to_pydatetime()).overlap(until_now)
        if inside:
            stretches.append(Stretch(inside, "waiting" if row.reason == "waiting" else row.state, row.reason))
    return CameraDay(camera, until_now, tuple(stretches))


def _in_spool(spool: Spool, camera: str, day: Span, now: dt.datetime) -> Iterator[tuple[Span, str]]:
    """Footage that is on this machine and not in the store: finished chunks, and the one being written."""
    for chunk in spool.waiting(camera):
        if day.start - _HOUR < chunk.start < day.end:
            yield from ((span, "waiting") for span in chunk.spans)
    for part in footage_in(spool.root / camera, PART):
        if part.start < day.end:
            end = now if now - part.written < _LATELY else part.rough_span.end
            yield Span(part.start, max(part.start, end)), "waiting"


def _in_journal(spool: Spool, camera: str) -> list[tuple[Span, str]]:
    folder = spool.root / camera
    return [(gap.span, gap.reason) for gap in spool.journal(camera).read(unfolded(folder))[0]]
