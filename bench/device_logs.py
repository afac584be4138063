"""What the real logs of a feeder and of two litter boxes tell: events a day, the time they cover, and what is missing.

    python -m bench.device_logs [--logs ../shared/data/logs] [--keep DIR]

Each log goes into a home of its own, as `catml import-log` puts it there, and its days are counted. With --keep the homes
stay in DIR, and a later run finds their days counted.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import itertools
import tempfile
from collections import deque
from pathlib import Path

import numpy as np
import pandas as pd

from home.clock import UTC, Span, intersect, merge
from home.device_coverage import ANY, covered
from home.ethogram import UNKNOWN
from home.folder import Home, open_home
from home.look import duration
from home.markdown import table
from home.tables import EPISODES
from home.telemetry import readings
from ingest.device_logs.taking import Kind, LogReport, import_logs
from tasks.counts import count_days
from tasks.habit_history import counted_dates, read_histories

LOGS = Path("../shared/data/logs")
FEEDER = """timezone: UTC
cats:
  joule: {name: Joule}
  pascal: {name: Pascal}
"""
"""Its times carry their offset, and nothing says where the home stands."""
BOXES = """timezone: America/Los_Angeles
cats:
  light: {name: The light one, weight_kg: [4.3, 5.4]}
  middle: {name: The middle one, weight_kg: [6.2, 7.2]}
  heavy: {name: The heavy one, weight_kg: [8.0, 9.0]}
"""
"""The files are called after Las Vegas; the weights fall into three heaps, told on the page (`weights`)."""
HOMES: dict[str, tuple[Kind, str, str]] = {
    "surepet": ("surepet", FEEDER, "eating"),
    "litter-robot": ("litter-robot", BOXES, "using_litter_box"),
}


def real_home(logs: Path, name: str, folder: Path) -> tuple[Home, LogReport]:
    """The home of a real log, `surepet` or `litter-robot`, with its days counted; in a folder that may have it already."""
    kind, config, _ = HOMES[name]
    root = folder / name
    root.mkdir(parents=True, exist_ok=True)
    (root / "home.yaml").write_text(config, "utf-8")
    home = open_home(root)
    report = import_logs(home, [logs / name], kind, dt.datetime.now(UTC))
    deque(count_days(home, report.dates), maxlen=0)
    return home, report


def events(home: Home, behaviour: str) -> str:
    """Events of each cat in the time in which they could have been seen."""
    dates = counted_dates(home)
    histories = read_histories(home, dates[0], dates[-1])
    rows = []
    for cat in [*home.config.cats, UNKNOWN]:
        known = histories[cat, behaviour]
        if not len(known.starts):
            continue
        days = float(np.diff(known.observed, axis=1).sum()) / 86400
        name = home.config.cats[cat].name if cat in home.config.cats else UNKNOWN
        waits = np.concatenate([np.diff(known.between(*span).starts) for span in known.observed]) / 3600
        share = [f"{hours:.1f}" for hours in np.percentile(waits, [50, 90, 99, 100])]
        rows.append([name, len(known.starts), f"{days:.1f}", f"{len(known.starts) / days:.2f}", " / ".join(share)])
    return table(["cat", "events", "observed days", "events a day", "hours to the next: 50 / 90 / 99 / 100 %"], rows)


def gaps(home: Home, report: LogReport) -> str:
    """What each device reported, and what is missing in between."""
    rows = []
    for device, reported, silent in covered(home.tables, home.config, report.told):
        known = sorted([*reported, *silent])
        missing = [Span(one.end, other.start) for one, other in itertools.pairwise(known) if one.end < other.start]
        rows.append([
            device, f"{known[0].start.astimezone(home.zone):%Y-%m-%d}", f"{known[-1].end.astimezone(home.zone):%Y-%m-%d}",
            duration(sum(span.seconds for span in reported)), _told(missing, home), _told(silent, home),
        ])  # fmt: skip
    return table(["device", "from", "to", "reported", "in no log", "did not report"], rows)


def _told(spans: list[Span], home: Home) -> str:
    longest = ", ".join(f"{span.start.astimezone(home.zone):%d %b} {span.seconds / 86400:.1f} d" for span in spans)
    return f"{len(spans)}: {longest}" if spans else "none"


def silences(home: Home, report: LogReport, behaviour: str) -> str:
    """What the other devices told of while one did not report: more than usual would be what went to the silent one."""
    told = {
        device: (merge(reported), merge(silent))
        for device, reported, silent in covered(home.tables, home.config, report.told)
    }
    rows = pd.concat([home.tables.read(EPISODES, date) for date in counted_dates(home)])
    rows = rows[rows["behaviour"] == behaviour].explode("sources")
    found = []
    for device, other in itertools.permutations(told, 2):
        starts = rows.loc[rows["sources"] == other, "start"]
        usual = _rate(starts, intersect(told[device][0], told[other][0]))
        for span in told[device][1]:
            both = intersect([span], told[other][0])
            then = _rate(starts, both) if both else "nothing either"
            found.append(
                [
                    device,
                    f"{span.start.astimezone(home.zone):%d %b %Y}",
                    f"{span.seconds / 86400:.1f}",
                    other,
                    then,
                    usual,
                ]
            )
    return table(["did not report", "from", "days", "meanwhile", "events a day", "when both report"], found)


def _rate(starts: pd.Series, spans: list[Span]) -> str:
    number = sum(int(((starts >= span.start) & (starts < span.end)).sum()) for span in spans)
    return f"{number / sum(span.seconds for span in spans) * 86400:.2f}"


def ends(path: Path) -> str:
    """Whether `occurredAt` of a feeder is the beginning or the end of a visit: how many rows would overlap the one before."""
    rows: dict[str, list[tuple[float, float]]] = {}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["attribution"] == "pet":
                moment = dt.datetime.fromisoformat(row["occurredAt"]).timestamp()
                rows.setdefault(row["deviceId"], []).append((moment, float(row["durationSeconds"])))
    told = []
    for device, own in sorted(rows.items()):
        pairs = list(itertools.pairwise(sorted(own)))
        as_start = sum(before + lasts > after for (before, lasts), (after, _) in pairs)
        as_end = sum(after - lasts < before for (before, _), (after, lasts) in pairs)
        told.append([device, len(own), as_start, as_end])
    return table(["device", "visits", "overlap if it were the beginning", "overlap if it is the end"], told)


def weights(home: Home) -> str:
    """How often a scale has weighed so many kg."""
    found = np.array([each.value for each in readings(home.database) if each.unit == "kg"])
    edges = np.arange(np.floor(found.min() * 2) / 2, found.max() + 0.5, 0.5)
    heaps = [(edge, int(((found >= edge) & (found < edge + 0.5)).sum())) for edge in edges]
    return table(["kg", "weighings"], [[f"{edge:.1f} to {edge + 0.5:.1f}", count] for edge, count in heaps if count])


def main() -> None:
    """`python -m bench.device_logs`."""
    parser = argparse.ArgumentParser(prog="python -m bench.device_logs")
    parser.add_argument("--logs", type=Path, default=LOGS, metavar="DIR", help=f"the real logs (default: {LOGS})")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where the homes stay (default: nowhere)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for name, (_, _, behaviour) in HOMES.items():
            home, report = real_home(options.logs, name, options.keep or Path(scratch))
            print(f"\n## {name}: {report.files} files, {report.rows} rows\n")
            print(events(home, behaviour), gaps(home, report), sep="\n\n")
            if len({each.device for each in report.told if each.cat == ANY}) > 1:
                print(f"\n{silences(home, report, behaviour)}")
            print(f"\n{ends(options.logs / name / 'feeder_events.csv') if name == 'surepet' else weights(home)}")


if __name__ == "__main__":
    main()
