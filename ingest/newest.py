"""The newest footage of a camera, found without listing all of it."""

from __future__ import annotations

import datetime as dt

from home.clock import local_day
from home.folder import Home
from home.footage import ChunkName, find_chunks
from home.store import Entry
from home.tables import COVERAGE


def newest_chunk(home: Home, camera: str, today: dt.date) -> tuple[ChunkName, Entry] | None:
    """The last chunk of a camera: by the ledger, else among those of the look-back days.

    Args:
        home: the home.
        camera: id of the camera.
        today: the home's local date.

    Returns:
        Its name and entry, or None if there is none.
    """
    recent = [today - dt.timedelta(days=back) for back in range(-1, home.params.nightly.look_back_days + 1)]
    told = [date for date in home.tables.dates(COVERAGE) if home.tables.store.find(COVERAGE.key(date, camera))]
    for date in sorted({*recent, *told[-3:]}, reverse=True):
        found = find_chunks(home.footage, camera, local_day(date, home.zone))
        if found:
            return found[-1]
    return None
