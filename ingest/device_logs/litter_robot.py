"""The activity of a Litter-Robot, as its app exports it: newest first, times without year, pounds.

A visit is two rows, `Cat detected` when an animal steps in and `Weight recorded` once it stands still, up to some minutes
later; either may be missing. Each is kept as it is, and the stage `counts` takes those that belong together as one visit.
The box cannot tell cats, but weights can where cats differ: `cats.ID.weight_kg` in home.yaml.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from pathlib import Path
from zoneinfo import ZoneInfo

from home.device_coverage import ANY
from home.errors import LogError
from home.ethogram import UNKNOWN
from ingest.device_logs.names import Names
from ingest.device_logs.rows import Entry, Log, Mistakes, quantity, read_rows
from ingest.device_logs.wall_times import exported_on, moments

__all__ = ["read_litter_robot"]

COLUMNS = ("Activity", "Timestamp", "Value")
VISIT = ("cat detected", "weight recorded")
NOTHING = ("", "-")
_NAME = re.compile(r"(.+?)[_ -]+activity", re.IGNORECASE)


def read_litter_robot(
    path: Path, names: Names, zone: ZoneInfo, now: dt.datetime, device: str = "", exported: dt.date | None = None
) -> Log:
    """Read an export.

    Args:
        path: of the file; `ID_activity_2025-09-10.csv` says which box it is of and when it was made.
        names: of the cats.
        zone: of the box.
        now: nothing lies after it.
        device: id of the box, where its name does not say it.
        exported: local date on which it was made, where its name does not say it.

    Raises:
        LogError: with all mistakes of the file.
    """
    mistakes = Mistakes(path)
    rows = read_rows(path, COLUMNS)
    box = device or _box(path)
    dates = [exported] if exported else exported_on(path.stem)
    times = moments([(row.line, row.cells["Timestamp"]) for row in rows], dates, zone, now, mistakes)
    entries = []
    for row, moment in zip(rows, times, strict=True):
        what = row.cells["Activity"].casefold()
        behaviour = "using_litter_box" if what in VISIT else ""
        try:
            value, unit = (math.nan, "") if row.cells["Value"] in NOTHING else quantity(row.cells["Value"])
        except ValueError as error:
            mistakes.add(row.line, f"Value: {error}")
            continue
        cat = (names.weighed(value) if unit == "kg" else names.everyone or UNKNOWN) if behaviour else ""
        entries.append(Entry(box, what, cat, behaviour, moment, moment, value, unit))
    mistakes.end()
    whose = ANY if names.everyone in ("", UNKNOWN) else names.everyone
    return Log.of(path, entries, {(box, "using_litter_box", whose)}, dt.timedelta(minutes=1))


def _box(path: Path) -> str:
    match = _NAME.match(path.stem)
    box = re.sub(r"[^a-z0-9_-]+", "-", match[1].casefold()).strip("-_") if match else ""
    if not box:
        raise LogError(f"{path}: its name does not say which box it is of; --device ID would")
    return box
