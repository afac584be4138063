"""What a stage does about footage that `retention` has deleted: what was found in it stays, for nothing can find it again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from home.deletions import gone
from home.folder import Home
from home.table import Table
from tasks.stage import Outcome


def found_before(
    home: Home, stage: str, table: Table, date: dt.date, camera: str, chunks: Collection[str]
) -> Outcome | None:
    """The outcome of a stage that would read deleted footage again, forced or not; None if it may run.

    Args:
        home: the home.
        stage: name of the stage.
        table: what it writes.
        date: local date.
        camera: id of the camera.
        chunks: keys of the footage it would read.
    """
    if home.tables.store.find(table.key(date, camera)) is None:
        return None  # there is nothing to lose: what is left of the footage is read
    deleted = gone(home.tables, home.footage, camera, date, chunks)
    if not deleted:
        return None
    warning = f"{date} {camera}: {len(deleted)} of its chunks are deleted (`retention`); {table.name} stay as they are"
    facts = home.tables.notes(table, date, camera)
    return Outcome(stage, date, camera, skipped=True, facts=facts, warnings=[warning])
