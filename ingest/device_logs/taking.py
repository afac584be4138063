"""Logs taken in: read and checked whole, then written. Importing twice changes nothing, in whatever order.

A row is known by its device, time and words; only its cat may become another one, when the owner says so.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd

from home.clock import Span, local_date, local_dates, merge
from home.device_coverage import Told, enter
from home.errors import LogError, StoreError, WrongUse
from home.folder import Home
from home.locks import locked
from home.tables import DEVICE_EVENTS, fingerprint_of
from home.telemetry import Reading, keep
from ingest.device_logs.litter_robot import read_litter_robot
from ingest.device_logs.mapped import read_mapped
from ingest.device_logs.names import Names
from ingest.device_logs.rows import Entry, Log
from ingest.device_logs.surepet import read_surepet

__all__ = ["Kind", "LogReport", "import_logs"]

Kind = Literal["surepet", "litter-robot", "csv"]
_KEY = ["device", "what", "start", "end", "value", "unit"]


@dataclass
class LogReport:
    """What an import of logs did.

    Attributes:
        kind: of the logs.
        files: that were read.
        rows: that they hold.
        new: rows that were not there, or have another cat now.
        readings: numbers that are new in `telemetry`.
        told: what the logs cover.
        dates: local dates whose counts may be others now.
    """

    kind: Kind
    files: int = 0
    rows: int = 0
    new: int = 0
    readings: int = 0
    told: list[Told] = field(default_factory=list)
    dates: list[dt.date] = field(default_factory=list)

    def spans(self, device: str) -> list[Span]:
        """What the logs cover of a device, merged."""
        return merge([each.span for each in self.told if each.device == device])


def import_logs(
    home: Home,
    paths: Sequence[Path],
    kind: Kind,
    now: dt.datetime,
    *,
    cats: Sequence[str] = (),
    device: str = "",
    exported: dt.date | None = None,
) -> LogReport:
    """Take logs of devices in, all or none of them.

    Args:
        home: the home.
        paths: files, or folders that are searched for `*.csv`.
        kind: of the logs.
        now: no row lies after it; UTC.
        cats: `CAT` for all rows, `NAME=CAT` for a name that the logs use.
        device: id of the device, for logs that do not say it.
        exported: local date of the export, for logs whose times have no year and whose name does not say it.

    Raises:
        WrongUse: if there is no file, no such cat, or no mapping for a CSV.
        LogError: if a file cannot be read; then nothing of any file is imported.
        StoreError, TableError: if they cannot be written; importing again goes on.
    """
    names = Names.of_home(home.config, cats)
    files = _files(paths)
    logs, wrong = [], []
    for path in files:
        try:
            logs.append(_read(home, path, kind, names, now, device, exported))
        except LogError as error:
            wrong.append(str(error))
    if wrong:
        raise LogError("\n".join(wrong))
    entries = list(dict.fromkeys(entry for log in logs for entry in log.entries))
    told = [each for log in logs for each in log.told]
    report = LogReport(kind, len(files), sum(len(log.entries) for log in logs), told=told)
    lock = home.root / "data" / "cache" / "device-logs.lock"
    try:
        with locked(lock):
            dates, report.new = _written(home, entries, kind)
            # The ledger comes last: until it is told, the rows count as seen and nothing else as observed.
            enter(home.tables, home.config, told, dates)
    except OSError as error:
        raise StoreError(f"{lock}: {error.strerror}; logs are written under this lock") from error
    report.readings = keep(home.database, [_reading(entry) for entry in entries if not math.isnan(entry.value)])
    touched = {date for each in told for date in local_dates(each.span, home.zone)} | dates
    report.dates = sorted({date + dt.timedelta(days=offset) for date in touched for offset in (-1, 0, 1)})
    return report


def _files(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.rglob("*.csv")) if path.is_dir() else [path]
        if not inside:
            raise WrongUse(f"{path}: found no file that ends in .csv; name the files")
        found += inside
    return list(dict.fromkeys(found))


def _read(
    home: Home, path: Path, kind: Kind, names: Names, now: dt.datetime, device: str, exported: dt.date | None
) -> Log:
    if kind == "surepet":
        return read_surepet(path, names, now)
    if kind == "litter-robot":
        return read_litter_robot(path, names, home.zone, now, device, exported)
    if device not in home.config.devices:
        there = ", ".join(home.config.devices) or "none yet"
        found = f"no device {device!r} in home.yaml" if device else "--kind csv needs --device ID"
        raise WrongUse(f"{found}; it has: {there}. What its columns hold stands under `devices.ID.csv`")
    return read_mapped(path, device, home.config.devices[device], names, home.zone, now)


def _written(home: Home, entries: Sequence[Entry], kind: Kind) -> tuple[set[dt.date], int]:
    """Put rows into the days on which they begin; a day that has them already is not written.

    Returns:
        The dates of the rows, and how many rows are new or of another cat.
    """
    by_date: dict[dt.date, list[Entry]] = {}
    for entry in entries:
        by_date.setdefault(local_date(entry.start, home.zone), []).append(entry)
    changed = 0
    for date, own in sorted(by_date.items()):
        old = home.tables.read(DEVICE_EVENTS, date)
        new = pd.DataFrame([vars(entry) for entry in own]).assign(kind=kind)[list(DEVICE_EVENTS.columns)]
        rows = pd.concat([old, _typed(new)] if len(old) else [_typed(new)]).drop_duplicates(_KEY, keep="last")
        rows = rows.sort_values(["start", "device", "what", "end", "value", "unit"], kind="stable", ignore_index=True)
        if not rows.equals(old):
            changed += len(rows) - len(rows.merge(old, how="inner")) if len(old) else len(rows)
            text = rows.to_csv(index=False)
            home.tables.write(DEVICE_EVENTS, rows, date, fingerprint=fingerprint_of(rows=text))
    return set(by_date), changed


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.astype({"start": "datetime64[us, UTC]", "end": "datetime64[us, UTC]", "value": "float64"})


def _reading(entry: Entry) -> Reading:
    return Reading(entry.device, entry.start, entry.what, entry.value, entry.unit, entry.cat)
