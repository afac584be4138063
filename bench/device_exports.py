"""The real exports of ../shared/data/logs as histories: two cats at two feeders, three cats at two litter boxes.

A reader as small as the question: `ingest/device_logs` is the product's.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from home.clock import Span, merge
from models.habits.history import Array, History

__all__ = ["feeders", "litter_boxes"]

LOGS = Path("../shared/data/logs")
MEAL_S = 600.0  # visits with less between them are one meal (../shared/FACTS.md)
SILENT_S = 86400.0  # three cats leave two boxes alone for hours; after a day without a row the boxes were not reporting
WEIGHTS_LB = {"10 lb": (8.0, 12.5), "14 lb": (12.5, 16.5), "18 lb": (16.5, 22.0)}  # the three heaps of the weights
UTC = ZoneInfo("UTC")


def feeders(folder: Path = LOGS) -> dict[str, History]:
    """Meals by cat. A row's time is the end of the visit; refills are no meals. Nobody says where the home is: days are UTC's."""
    with (folder / "surepet" / "feeder_events.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["attribution"] == "pet"]
    moments = [dt.datetime.fromisoformat(row["occurredAt"]).timestamp() for row in rows]
    whole = np.array([[min(moments) // 86400 * 86400, max(moments) + 1]])
    histories = {}
    for cat in sorted({row["subjectName"] for row in rows}):
        ends = np.array([moment for moment, row in zip(moments, rows, strict=True) if row["subjectName"] == cat])
        lengths = np.array([float(row["durationSeconds"]) for row in rows if row["subjectName"] == cat])
        histories[cat] = _meals(ends - lengths, ends, whole, UTC)
    return histories


def litter_boxes(folder: Path = LOGS) -> dict[str, History]:
    """Visits by weight to either of the two boxes, while both reported; a visit without a weight may be anyone's."""
    zone = ZoneInfo("America/Los_Angeles")  # the exports say "vegas" and give times of the wall clock
    visits, spans, every = set[tuple[float, str]](), dict[str, list[Span]](), set[float]()
    for path in sorted((folder / "litter-robot").glob("*.csv")):
        rows = _dated(path, zone)
        times = [moment for moment, _, _ in rows]
        spans.setdefault("1" if "robot_1" in path.name else "2", []).append(Span(min(times), max(times)))
        every |= {moment.timestamp() for moment in times}
        visits |= {(t.timestamp(), value) for t, what, value in rows if what in ("weight recorded", "cat detected")}
    first, second = (merge(of_box) for of_box in spans.values())
    both = [overlap for a in first for b in second if (overlap := a.overlap(b))]
    observed = _without_silence(np.array([[s.start.timestamp(), s.end.timestamp()] for s in both]), np.sort([*every]))
    histories = {}
    for name, (low, high) in WEIGHTS_LB.items():
        own = np.sort([t for t, value in visits if value != "-" and low <= float(value.split()[0]) < high])
        groups = _meals(own, own, observed, zone)
        histories[name] = History(
            groups.starts, np.zeros(len(groups.starts)), observed, np.empty(0), zone
        )  # a box only says when
    return histories


def _meals(starts: Array, ends: Array, observed: Array, zone: ZoneInfo) -> History:
    """Visits that follow each other closely as one, those outside the observed time left out."""
    order = np.argsort(starts)
    starts, ends = starts[order], np.maximum.accumulate(ends[order])
    anew = np.append(True, starts[1:] - ends[:-1] > MEAL_S)[: len(starts)]
    firsts = starts[anew]
    lasts = ends[np.append(np.flatnonzero(anew)[1:] - 1, len(ends) - 1)[: len(firsts)]]
    inside = np.searchsorted(observed.ravel(), firsts, side="right") % 2 == 1
    return History(firsts[inside], (lasts - firsts)[inside], observed, np.empty(0), zone)


def _dated(path: Path, zone: ZoneInfo) -> list[tuple[dt.datetime, str, str]]:
    """Rows of an export, newest first: its name has the year of the first, and a date that jumps ahead is of the year before."""
    named = re.search(r"(\d{4})-\d+-\d+\.csv|\d+-\d+-(\d{4})\.csv", path.name)
    if named is None:
        raise ValueError(f"{path}: no date in its name, such as …_2025-09-10.csv")
    year, later, rows = int(named[1] or named[2]), None, []
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            text = f"{year} {row['Timestamp'].upper().replace(' AM', 'AM').replace(' PM', 'PM')}"
            moment = dt.datetime.strptime(text, "%Y %m/%d %I:%M%p").replace(tzinfo=zone)
            if later is not None and moment > later + dt.timedelta(days=2):
                year -= 1
                moment = moment.replace(year=year)
            later = moment
            rows.append((moment.astimezone(dt.UTC), row["Activity"].lower(), row["Value"]))
    return rows


def _without_silence(observed: Array, moments: Array) -> Array:
    """Observed spans less the stretches of `SILENT_S` and more in which neither box said anything."""
    quiet = np.flatnonzero(np.diff(moments) > SILENT_S)
    spans = [(float(a), float(b)) for a, b in observed]
    for begin, end in zip(moments[quiet] + 60, moments[quiet + 1], strict=True):
        parts = [((a, min(b, begin)), (max(a, end), b)) for a, b in spans]
        spans = [(a, b) for pair in parts for a, b in pair if a < b]
    return np.array(sorted(spans))
