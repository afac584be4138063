"""A feeder of Sure Petcare, as its exporters write it: one row an event, times with their offset.

`occurredAt` is when a visit *ended*: read as its beginning, 6 of 329 rows of a real feeder begin before the visit before
them has ended, read as its end none does (docs/habits.md). Only food that a pet took is a meal; refills, tares and the cat
flap are kept as events without a behaviour.
"""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

from home.clock import UTC
from home.device_coverage import ANY
from home.errors import WrongUse
from home.ethogram import UNKNOWN
from ingest.device_logs.names import Names
from ingest.device_logs.rows import Entry, Log, Mistakes, Row, number, quantity, read_rows

__all__ = ["read_surepet"]

COLUMNS = (
    "occurredAt", "subjectName", "category", "action", "quantity", "unit", "durationSeconds", "deviceId", "attribution",
)  # fmt: skip
LONGEST_S = 6 * 3600.0  # our choice: no cat stands at a bowl for longer, a row that says so is damaged


def read_surepet(path: Path, names: Names, now: dt.datetime) -> Log:
    """Read an export.

    Raises:
        LogError: with all mistakes of the file.
    """
    mistakes = Mistakes(path)
    entries = []
    for row in read_rows(path, COLUMNS):
        try:
            entries.append(_entry(row, names, now))
        except (ValueError, WrongUse) as error:
            mistakes.add(row.line, str(error))
    mistakes.end()
    fed = {(entry.device, entry.behaviour, entry.cat) for entry in entries if entry.behaviour}
    subjects = {(device, behaviour, ANY if cat == UNKNOWN else cat) for device, behaviour, cat in fed}
    return Log.of(path, entries, subjects, dt.timedelta(seconds=1))


def _entry(row: Row, names: Names, now: dt.datetime) -> Entry:
    cells = row.cells
    end = _moment(cells["occurredAt"], now)
    ate = cells["category"] == "feeding" and cells["attribution"] == "pet"
    seconds = number(cells["durationSeconds"] or "0") if ate else 0.0
    if not 0 <= seconds <= LONGEST_S:
        raise ValueError(f"durationSeconds: found {seconds:g}; 0 to {LONGEST_S:g} would be right")
    if not cells["deviceId"]:
        raise ValueError("deviceId: found nothing; the id of a device would be right")
    value, unit = quantity(cells["quantity"], cells["unit"]) if cells["quantity"] else (math.nan, "")
    return Entry(
        device=cells["deviceId"].casefold(),
        what=" ".join(filter(None, (cells["action"], cells["attribution"]))),
        cat=names.named(cells["subjectName"]),
        behaviour="eating" if ate else "",
        start=end - dt.timedelta(seconds=seconds),
        end=end,
        value=value,
        unit=unit,
    )


def _moment(text: str, now: dt.datetime) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(
            f"occurredAt: found {text!r}; a time with its offset, e.g. 2026-03-01T08:00:00+00:00, would be right"
        )
    if moment > now:
        raise ValueError(f"occurredAt: found {text!r}, which is still to come; a time that is past would be right")
    return moment.astimezone(UTC)
