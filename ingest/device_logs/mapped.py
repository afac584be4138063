"""Any CSV, read as `devices.ID.csv` in home.yaml says."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from zoneinfo import ZoneInfo

from home.clock import UTC
from home.config import Device, LogColumns
from home.device_coverage import ANY
from home.errors import WrongUse
from home.ethogram import UNKNOWN
from ingest.device_logs.names import Names
from ingest.device_logs.rows import Entry, Log, Mistakes, Row, number, quantity, read_rows

__all__ = ["read_mapped"]

LONGEST = dt.timedelta(days=1)  # our choice: nothing that a cat does lasts longer, a row that says so is damaged


def read_mapped(path: Path, device: str, settings: Device, names: Names, zone: ZoneInfo, now: dt.datetime) -> Log:
    """Read a CSV.

    Args:
        path: of the file.
        device: id of the device.
        settings: of the device; its `csv` says which column holds what.
        names: of the cats.
        zone: of times without an offset, where `csv.timezone` names none.
        now: nothing lies after it.

    Raises:
        WrongUse: if home.yaml does not say how to read it.
        LogError: with all mistakes of the file.
    """
    columns = settings.csv
    if columns is None:
        raise WrongUse(f"home.yaml does not say how to read a CSV of {device}; write it under `devices.{device}.csv`")
    named = [columns.start, columns.end, columns.duration_s, columns.cat, columns.value, *columns.only]
    own = ZoneInfo(columns.timezone) if columns.timezone else zone
    mistakes = Mistakes(path)
    entries = []
    for row in read_rows(path, [name for name in named if name], columns.delimiter):
        if all(row.cells[column] == text for column, text in columns.only.items()):
            try:
                entries.append(_entry(row, device, settings.behaviour or "", columns, names, own, now))
            except (ValueError, WrongUse) as error:
                mistakes.add(row.line, str(error))
    mistakes.end()
    cats = {ANY if entry.cat in ("", UNKNOWN) else entry.cat for entry in entries}
    subjects = {(device, settings.behaviour, cat) for cat in cats} if settings.behaviour else set()
    has_seconds = columns.format is None or any(sign in columns.format for sign in ("%S", "%T", "%c", "%X"))
    return Log.of(path, entries, subjects, dt.timedelta(seconds=1 if has_seconds else 60))


def _entry(
    row: Row, device: str, behaviour: str, columns: LogColumns, names: Names, zone: ZoneInfo, now: dt.datetime
) -> Entry:
    start = end = _moment(row, columns.start, columns, zone)
    if columns.end is not None:
        end = _moment(row, columns.end, columns, zone)
    elif columns.duration_s is not None:
        end = start + dt.timedelta(seconds=number(row.cells[columns.duration_s]))
    if not start <= end <= start + LONGEST:
        raise ValueError(
            f"found {(end - start).total_seconds():g} s from its start to its end; 0 to 24 h would be right"
        )
    if end > now:
        raise ValueError(
            f"found {row.cells[columns.start]!r}, which is still to come; a time that is past would be right"
        )
    text = row.cells[columns.value] if columns.value else ""
    value, unit = quantity(text, columns.unit) if text else (math.nan, "")
    cat = names.named(row.cells[columns.cat] if columns.cat else "") if behaviour or columns.cat else names.everyone
    return Entry(device, columns.value or behaviour or "event", cat, behaviour, start, end, value, unit)


def _moment(row: Row, column: str, columns: LogColumns, zone: ZoneInfo) -> dt.datetime:
    text = row.cells[column]
    try:
        moment = _parsed(text, columns.format)
    except ValueError:
        right = f"a time of the form {columns.format}" if columns.format else "a time such as 2026-03-01T08:00:00"
        raise ValueError(f"{column}: found {text!r}; {right} would be right") from None
    if moment.tzinfo is None:
        local = moment.replace(tzinfo=zone)
        if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
            raise ValueError(
                f"{column}: found {text!r}, an hour that the clocks of {zone.key} skip; no clock showed that"
            )
        moment = local
    return moment.astimezone(UTC)


def _parsed(text: str, form: str | None) -> dt.datetime:
    if form is None:
        return dt.datetime.fromisoformat(text)
    return dt.datetime.strptime(text, form)  # noqa: DTZ007 - what carries no offset gets the device's zone
