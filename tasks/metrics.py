"""Stage `metrics`: the few figures of each day that tell one run from another, `metrics.json` in the home's own folder.

`dvc metrics diff` and `dvc exp show` read it. In a simulated home the bouts are held against the true diary as well.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pandas as pd

from home.clock import Span, local_dates, local_day
from home.ethogram import BEHAVIOURS
from home.folder import Home
from home.manifest import read_manifest
from home.store import write_file
from home.tables import BOUTS, BUDGET, DETECTIONS, FRAMES
from simulate.grade import Found, Grade, Score, grade
from simulate.routine import read_diary
from tasks.laying import told_apart
from tasks.stage import Outcome, Progress, run_stage, silent

FILE = "metrics.json"


def metrics(home: Home, dates: list[dt.date], *, progress: Progress = silent) -> Outcome:
    """Write the figures of these local dates into `metrics.json`; those of other dates stay as they are."""
    path = home.root / FILE
    before = path.read_bytes() if path.exists() else b""
    days = {**_days(before), **{date.isoformat(): day_figures(home, date) for date in dates}}
    tree: dict[str, Any] = {"days": {date: days[date] for date in sorted(days)}}
    against = diary_figures(home)
    if against:
        tree["diary"] = against
    content = (json.dumps(tree, indent=1) + "\n").encode()
    if content != before:
        write_file(path, content)
    return Outcome("metrics", skipped=content == before, facts={"days": len(days)})


def day_figures(home: Home, date: dt.date) -> dict[str, Any]:
    """What was found on a local date, from its tables alone.

    Returns:
        `footage_s` seconds with footage, summed over cameras, within the day; `samples` that were decoded and
        `looked_at` by the detector; `detections`; `cat_seconds` with at least one behaviour, summed over animals;
        `bouts` by behaviour.
    """
    day, tables = local_day(date, home.zone), home.tables
    footage = [chunk.span for content in read_manifest(home.data, date).cameras.values() for chunk in content.chunks]
    frames = [tables.read(FRAMES, date, camera) for camera in tables.cameras(FRAMES, date)]
    detections = [tables.notes(DETECTIONS, date, camera) for camera in tables.cameras(DETECTIONS, date)]
    budget, bouts = tables.read(BUDGET, date), tables.read(BOUTS, date)
    begun = bouts[~bouts["continues_before"].astype(bool)]
    return {
        "footage_s": round(sum(part.seconds for span in footage if (part := span.overlap(day))), 1),
        "samples": sum(len(rows) for rows in frames),
        "looked_at": sum(int(rows["kept"].sum()) for rows in frames),
        "detections": sum(int(notes.get("detections", 0)) for notes in detections),
        "cat_seconds": round(float(budget.loc[budget["behaviour"].isin(BEHAVIOURS), "seconds"].sum()), 1),
        "bouts": {name: int(count) for name, count in sorted(begun["behaviour"].value_counts().items())},
    }


def diary_figures(home: Home) -> dict[str, dict[str, float]]:
    """The bouts of a simulated home against its true diary.

    Returns:
        `precision` and `recall` by behaviour, and of being `in sight`; how much of the `time` budget is right, and F1 of
        the `bouts`, as `agreement`. 0..1, left out where there is nothing to count; empty where the home has no diary.
    """
    graded = graded_home(home)
    if graded is None:
        return {}
    scores = {score.behaviour: _score(score) for score in [*graded.scores, graded.presence]}
    agreement = {"agreement": {"time": round(graded.budget, 3), "bouts": round(graded.bouts, 3)}}
    return {name: score for name, score in scores.items() if score} | agreement


def graded_home(home: Home) -> Grade | None:
    """What was found in a simulated home against its diary; None where the home has none."""
    entry = home.data.find("diary.csv")
    if entry is None:
        return None
    try:
        diary = read_diary(home.root / "data" / entry.key)
    except (ValueError, KeyError):
        return None  # somebody else's file of that name
    if not diary:
        return None
    known = Span(min(episode.start for episode in diary), max(episode.end for episode in diary))
    rows = pd.concat([home.tables.read(BOUTS, date) for date in local_dates(known, home.zone)])
    found = [Found(row.behaviour, row.start.to_pydatetime(), row.end.to_pydatetime()) for row in rows.itertuples()]
    return grade(diary, found, [name for name in told_apart(home) if name != "other"])


def _score(score: Score) -> dict[str, float]:
    shares = {"precision": score.precision, "recall": score.recall}
    return {name: round(share, 3) for name, share in shares.items() if share is not None}


def _days(content: bytes) -> dict[str, Any]:
    """The figures of an earlier run by date; none if the file is not one of ours."""
    try:
        return {date: figures for date, figures in json.loads(content)["days"].items() if dt.date.fromisoformat(date)}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def main() -> None:
    """`python -m tasks.metrics`."""
    raise SystemExit(run_stage(metrics, per="night"))


if __name__ == "__main__":
    main()
