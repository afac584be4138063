"""How long the reports of a year take: simulated cats known as the models see them, their tables written without any footage.

    python -m bench.month_report [--home DIR] [--cats 2] [--months 12] [--seed 101] [--ill] [--only-tables]

A home of so many cats before three cameras lives for as many months as are asked for; what CatML would have seen of it
(`bench.observer`) goes into the tables `coverage`, `bouts`, `episodes`, `observed` and `counts`. Then all reports are written, and
again, which must change nothing. Prints seconds, and seconds of processor. With --ill one cat has a cystitis in the last month, and the last
month's nights and weeks are judged too (stages `anomalies` and `habits`), so that a report has all of its parts.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from bench.observer import Observer, Reading, bouts_of, observed
from home.clock import Span, intersect, local_date, local_dates, local_day, merge, subtract
from home.config import Place
from home.coverage import tell
from home.ethogram import BEHAVIOURS, NEEDS_ZONE, UNKNOWN
from home.folder import Home, open_home
from home.speech.month import month_of
from home.table import Table
from home.tables import BOUTS, COUNTS, EPISODES, OBSERVED, fingerprint_of
from simulate.home import CAT_NAMES, seen_places
from simulate.illness import Illness
from simulate.living import Household, lived_diary
from simulate.outages import missing, outages
from tasks.anomalies import anomalies
from tasks.forecast import forecast
from tasks.habits import habits
from tasks.month import month

ZONE = ZoneInfo("Europe/Berlin")
PLACE = Place(latitude=52.5, longitude=13.4)
LAST = dt.date(2026, 10, 31)
CAMERAS = seen_places(3)


def made_home(root: Path, cats: int, months: int, seed: int, ill: bool, last: dt.date = LAST) -> Home:
    """A home whose tables hold some months up to a date, that of `last` as far as it goes; `ill`: one falls ill eleven days before."""
    names = (*CAT_NAMES, "hazel")[:cats]
    cameras = "".join(f"  {camera}: {{url: 'rtsp://10.0.0.{n}/live'}}\n" for n, camera in enumerate(CAMERAS, start=1))
    known = "".join(f"  {name.lower()}: {{name: {name.capitalize()}}}\n" for name in names)
    place = f"place: {{latitude: {PLACE.latitude}, longitude: {PLACE.longitude}}}\n"
    (root / "home.yaml").write_text(f"timezone: {ZONE.key}\n{place}cameras:\n{cameras}cats:\n{known}", "utf-8")
    home = open_home(root)
    first = month_of(last)
    for _ in range(months - 1):
        first = first.before
    whole = Span(local_day(first.first, ZONE).start, local_day(last, ZONE).end)
    onset = local_day(last - dt.timedelta(days=11), ZONE).start
    illnesses = [Illness(names[0], "cystitis", onset, 0.5, severity=1.0)] if ill else []
    household = Household(CAMERAS, names, ZONE, seed, PLACE)
    bouts = bouts_of(lived_diary(household, whole.start, whole.end, illnesses))
    read = observed(bouts, CAMERAS, Observer(named=0.9), seed)
    off = missing(outages(list(CAMERAS), whole, seed))
    seen = {
        camera: subtract(whole, merge([gap for gap in off.get(camera, []) if gap.overlap(whole)])) for camera in CAMERAS
    }
    for camera, spans in seen.items():
        tell(home.tables, camera, spans, [(gap, "camera_down") for gap in subtract(whole, spans)], ZONE)
    _write(home, read, seen, whole)
    return home


def _write(home: Home, read: Reading, seen: dict[str, list[Span]], whole: Span) -> None:
    """The tables of what was read; a bout that nobody could have seen is left out."""
    dates = local_dates(whole, ZONE)
    zones = {
        name: [camera for camera, has in CAMERAS.items() if NEEDS_ZONE.get(name, "") in ("", *has)]
        for name in BEHAVIOURS
    }
    watched = {
        name: merge([span for camera in cameras for span in seen[camera]])
        if name not in NEEDS_ZONE
        else _all_of([seen[camera] for camera in cameras], whole)
        for name, cameras in zones.items()
    }
    rows: dict[dt.date, list[list[object]]] = {date: [] for date in dates}
    for cat, kinds in [*((cat.lower(), kinds) for cat, kinds in read.named.items()), (UNKNOWN, read.unknown)]:
        for name, bouts in kinds.items():
            for start, seconds in bouts.tolist():
                begins = dt.datetime.fromtimestamp(round(start), dt.UTC)
                date = local_date(begins, ZONE)
                if date in rows and any(begins in span for span in watched[name]):
                    end = begins + dt.timedelta(seconds=round(seconds))
                    rows[date].append([cat, name, begins, end, round(seconds) * 1.0, zones[name][:1]])
    for date in dates:
        own = sorted(rows[date], key=lambda row: (row[2], row[0], row[1]))  # type: ignore[arg-type, return-value]
        ids = [f"{date:%m%d}{number:06x}" for number in range(len(own))]
        day = local_day(date, ZONE)
        spans = {name: intersect(each, [day]) for name, each in watched.items()}
        told = [
            [cat, name, span.start, span.end]
            for cat in [*home.config.cats, UNKNOWN]
            for name in BEHAVIOURS
            for span in spans[name]
        ]
        mark = fingerprint_of(rows=own)
        _put(home, EPISODES, [[*row, [one]] for row, one in zip(own, ids, strict=True)], date, mark)
        _put(home, OBSERVED, told, date, mark)
        _put(home, COUNTS, [], date, mark)
        _put(home, BOUTS, [_bout(row, one) for row, one in zip(own, ids, strict=True)], date, mark)


def _all_of(parts: Sequence[list[Span]], whole: Span) -> list[Span]:
    both = [whole]
    for spans in parts:
        both = intersect(both, spans)
    return both


def _bout(row: list[object], bout_id: str) -> list[object]:
    cat, name, start, end, seconds, cameras = row
    camera = cameras[0]  # type: ignore[index]
    chunk = f"{camera}/chunk-{start:%Y%m%d-%H}0000.mp4"
    return [
        cat,
        1,
        name,
        start,
        end,
        seconds,
        0.9,
        cameras,
        chunk,
        0.0,
        False,
        False,
        bout_id,
        "",
        camera,
        *[np.nan] * 4,
    ]


def _put(home: Home, table: Table, rows: list[list[object]], date: dt.date, mark: str) -> None:
    frame = pd.DataFrame(rows, columns=list(table.columns)) if rows else table.empty()
    times = {name: "datetime64[us, UTC]" for name in ("start", "end") if name in frame}
    home.tables.write(table, frame.astype(times) if rows else frame, date, fingerprint=mark)


def judge(home: Home, last: dt.date = LAST) -> None:
    """The nights and weeks of the month of a date, until then."""
    for date in [each for each in month_of(last).dates if each <= last]:
        anomalies(home, date)
        if date.weekday() == 6:
            habits(home, date)
            forecast(home, date - dt.timedelta(days=1))
        forecast(home, date)


def _used() -> float:
    """Seconds of processor of this process and of those it has ended."""
    return sum(
        each.ru_utime + each.ru_stime
        for each in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def main() -> None:
    """`python -m bench.month_report`."""
    parser = argparse.ArgumentParser(description="How long the monthly reports of a year take.")
    parser.add_argument("--home", type=Path, help="keep the home in this folder")
    parser.add_argument("--cats", type=int, default=2)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--seed", type=int, default=101)
    parser.add_argument("--ill", action="store_true", help="one cat falls ill, and the last month is judged")
    parser.add_argument("--only-tables", action="store_true", help="write no reports")
    given = parser.parse_args()
    os.environ["CATML_TODAY"] = str(LAST + dt.timedelta(days=1))
    with tempfile.TemporaryDirectory() as away:
        root = given.home or Path(away)
        root.mkdir(parents=True, exist_ok=True)
        home = made_home(root, given.cats, given.months, given.seed, given.ill)
        if given.ill:
            judge(home)
        if given.only_tables:
            return
        for what in ("written", "again, nothing changed"):
            began, used = time.perf_counter(), _used()
            outcome = month(home)
            print(f"{what}: {outcome}, {time.perf_counter() - began:.1f} s, {_used() - used:.1f} s of processor")


if __name__ == "__main__":
    main()
