"""The ledger of what devices told: when each would have told of a behaviour, had there been any.

A device writes no coverage of its own, only events. What a log covers is the time from its first row to its last. Within
that, a silence longer than the device is ever silent (`devices.ID.silent_after_h`) is a gap: it was off, or did not reach
its maker. A time that no log covers has no row here; neither is a time in which nothing happened.

Whatever is told in whatever order, the same logs give the same ledger: it is made anew from the spans of all logs and the
rows of all logs, around what came in.
"""

from __future__ import annotations

import bisect
import datetime as dt
import itertools
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from home.clock import Span, intersect, iso, local_dates, local_day, merge, subtract
from home.config import HomeConfig
from home.partitions import Tables
from home.tables import DEVICE_COVERAGE, DEVICE_EVENTS, fingerprint_of

__all__ = ["ANY", "Told", "Witness", "covered", "enter", "observed_by_devices", "silences", "witnesses"]

ANY = ""
"""The cat of a device that cannot tell cats, or serves any."""
SILENT = "silent"
_Row = tuple[str, str, str, dt.datetime, dt.datetime, str, str]
_DEVICES = f"{DEVICE_COVERAGE.name}/devices.json"


@dataclass(frozen=True)
class Told:
    """A log covers a time: of this behaviour of this cat (or `ANY`) the device would have told."""

    device: str
    behaviour: str
    cat: str
    span: Span


@dataclass(frozen=True)
class Witness:
    """A device that tells of a behaviour of a cat (or `ANY`), since its first log."""

    device: str
    behaviour: str
    cat: str
    since: dt.datetime


def silences(exported: list[Span], signs: Sequence[dt.datetime], longest: dt.timedelta) -> list[Span]:
    """Silences longer than `longest` within what logs cover; a log's first and last moment are signs of life.

    Args:
        exported: spans of the logs, merged.
        signs: times of the device's rows, rising.
        longest: a longer silence is one.
    """
    found = []
    for piece in exported:
        inside = signs[bisect.bisect_left(signs, piece.start) : bisect.bisect_left(signs, piece.end)]
        marks = [piece.start, *inside, piece.end]
        found += [Span(before, after) for before, after in itertools.pairwise(marks) if after - before > longest]
    return found


def enter(tables: Tables, config: HomeConfig, told: Sequence[Told], dates: Iterable[dt.date]) -> list[dt.date]:
    """Write into the ledger what logs cover, after their rows are in `device_events`.

    Args:
        tables: where both are.
        config: of the home: its zone, and after which silence a device did not report.
        told: of the logs that came in.
        dates: local dates on which they brought rows.

    Returns:
        The dates whose ledger has changed.

    Raises:
        StoreError, TableError: if it cannot be read or written; days before that one are written.
    """
    if not told:
        return []
    touched = {date for each in told for date in local_dates(each.span, config.zone)} | set(dates)
    longest = {each.device: _longest(config, each.device) for each in told}
    # What comes in changes silences no further from it than the longest one, and those are judged by rows as far again.
    reach = math.ceil(max(longest.values()) / dt.timedelta(days=1)) + 1
    ring = _around(touched, reach)
    context = sorted(_around(ring, reach))
    ledger = {date: _rows(tables.read(DEVICE_COVERAGE, date)) for date in context}
    events = pd.concat([tables.read(DEVICE_EVENTS, date)[["device", "start"]] for date in context])
    stretches: list[_Row] = []
    for key in sorted({(each.device, each.behaviour, each.cat) for each in told}):
        mine = [row for rows in ledger.values() for row in rows if row[:3] == key]
        new = [each.span for each in told if (each.device, each.behaviour, each.cat) == key]
        exported = merge([*(Span(*row[3:5]) for row in mine), *new])
        signs = [start.to_pydatetime() for start in events.loc[events["device"] == key[0], "start"].sort_values()]
        silent = silences(exported, signs, longest[key[0]])
        reported = [rest for piece in exported for rest in subtract(piece, silent)]
        stretches += [(*key, span.start, span.end, "reported", "") for span in reported]
        stretches += [(*key, span.start, span.end, "gap", SILENT) for span in silent]
    replaced = {stretch[:3] for stretch in stretches}
    changed = []
    for date in sorted(ring):
        kept = [row for row in ledger[date] if row[:3] not in replaced]
        rows = sorted([*kept, *_within(stretches, local_day(date, config.zone))])
        if rows != ledger[date]:
            tables.write(DEVICE_COVERAGE, _frame(rows), date, fingerprint=fingerprint_of(rows=rows))
            changed.append(date)
    _remember(tables, told)
    return changed


def covered(tables: Tables, config: HomeConfig, told: Sequence[Told]) -> list[tuple[str, list[Span], list[Span]]]:
    """What the ledger says of the time of logs: each device, when it reported, and its silences within.

    Raises:
        StoreError, TableError: if it cannot be read.
    """
    dates = sorted({date for each in told for date in local_dates(each.span, config.zone)})
    rows = pd.concat([tables.read(DEVICE_COVERAGE, date) for date in dates]) if dates else DEVICE_COVERAGE.empty()
    found = []
    for device in sorted({each.device for each in told}):
        own = rows[rows["device"] == device]
        reported, silent = (merge(_spans(own[own["state"] == state])) for state in ("reported", "gap"))
        found.append((device, reported, silent))
    return found


def witnesses(tables: Tables) -> list[Witness]:
    """Every device that ever told of a behaviour, in order.

    Raises:
        StoreError: if the ledger cannot be read.
    """
    if tables.store.find(_DEVICES) is None:
        return []
    rows = json.loads(tables.store.read(_DEVICES))
    return [Witness(device, behaviour, cat, dt.datetime.fromisoformat(since)) for device, behaviour, cat, since in rows]


def observed_by_devices(
    config: HomeConfig, known: Sequence[Witness], ledger: pd.DataFrame, behaviour: str, cat: str, day: Span
) -> list[Span]:
    """When the devices of a home would have told of a behaviour of a cat.

    All of its devices must have reported that were in use at that time: a cat with two litter boxes may have been in the
    one that did not. In use is a device from its first log on, until the date in home.yaml on which it was put away.

    Args:
        config: of the home.
        known: every device (`witnesses`).
        ledger: rows of the coverage of the day.
        behaviour: of the ethogram.
        cat: its id, or `unknown`: then only devices that serve any cat count.
        day: of a local date.

    Returns:
        UTC spans, merged.
    """
    any_of_them: list[Span] = []
    all_of_them = [day]
    for each in known:
        if each.behaviour != behaviour or each.cat not in (ANY, cat):
            continue
        settings = config.devices.get(each.device)
        until = local_day(settings.until, config.zone).start if settings and settings.until else day.end
        in_use = Span(each.since, until).overlap(day)
        rows = ledger[
            (ledger["device"] == each.device) & (ledger["behaviour"] == behaviour) & (ledger["cat"] == each.cat)
        ]
        reported = _spans(rows[rows["state"] == "reported"])
        any_of_them += reported
        away = subtract(day, [in_use]) if in_use else [day]
        all_of_them = intersect(all_of_them, merge([*reported, *away]))
    return intersect(merge(any_of_them), all_of_them)


def _longest(config: HomeConfig, device: str) -> dt.timedelta:
    settings = config.devices.get(device)
    hours = settings.silent_after_h if settings else 48.0
    return dt.timedelta(hours=hours)


def _around(dates: Iterable[dt.date], reach: int) -> set[dt.date]:
    return {date + dt.timedelta(days=offset) for date in dates for offset in range(-reach, reach + 1)}


def _spans(rows: pd.DataFrame) -> list[Span]:
    return [Span(row.start.to_pydatetime(), row.end.to_pydatetime()) for row in rows.itertuples()]


def _rows(frame: pd.DataFrame) -> list[_Row]:
    return [
        (row.device, row.behaviour, row.cat, row.start.to_pydatetime(), row.end.to_pydatetime(), row.state, row.reason)
        for row in frame.itertuples()
    ]


def _within(stretches: Sequence[_Row], day: Span) -> list[_Row]:
    found = []
    for device, behaviour, cat, start, end, state, reason in stretches:
        inside = Span(start, end).overlap(day)
        if inside:
            found.append((device, behaviour, cat, inside.start, inside.end, state, reason))
    return found


def _frame(rows: Sequence[_Row]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(DEVICE_COVERAGE.columns))
    return frame.astype({"start": "datetime64[us, UTC]", "end": "datetime64[us, UTC]"})


def _remember(tables: Tables, told: Iterable[Told]) -> None:
    """Keep since when each device tells of what; the ledger itself would have to be read from its first day."""
    first = {(each.device, each.behaviour, each.cat): each.since for each in witnesses(tables)}
    known = dict(first)
    for each in told:
        key = (each.device, each.behaviour, each.cat)
        known[key] = min(known.get(key, each.span.start), each.span.start)
    if known != first:
        rows = [[*key, iso(since)] for key, since in sorted(known.items())]
        tables.store.write(_DEVICES, (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode())
