"""The seconds of real clips that show a cat, marked by hand, and whether the night finds it in them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from bench.seeing.figures import percent, ratio
from bench.seeing.night import a_home, night
from home.errors import WrongUse
from home.markdown import table
from home.tables import BOUTS, FRAMES
from ingest.existing import import_footage

__all__ = ["MARKS", "as_markdown", "read_marks", "seen_in_clips"]

MARKS = Path(__file__).with_name("clips.csv")
DATE = dt.date(2026, 3, 1)
PERIOD_S = 1.0  # a clip of ten seconds has two samples at the period of the night


def read_marks() -> pd.DataFrame:
    """What a person saw: `clip start end x1 y1 x2 y2 shows`, seconds and shares of the picture; every cat lies therein."""
    return pd.read_csv(MARKS)


def seen_in_clips(folder: Path, clips: Path, settings: dict[str, str]) -> pd.DataFrame:
    """A row for each second of the clips that shows a cat for half of it or more.

    Columns: `clip`, `second`, `looked` (it has a sample), `boxed` (with a tracked box in the right place), `found` (in its
    middle there is presence in the right place), `bout` (it lies in a bout).

    Raises:
        WrongUse: a clip is missing or cannot be imported.
    """
    marks = read_marks()
    names = sorted(marks["clip"].unique())
    cameras = {name: name.replace("_", "-").lower() for name in names}
    home = a_home(folder, cameras.values(), {"extract.sample_period_s": f"{PERIOD_S:g}", **settings})
    starts = {
        name: dt.datetime(DATE.year, DATE.month, DATE.day, number, tzinfo=dt.UTC) for number, name in enumerate(names)
    }
    for name in names:
        # An hour apart, so that no two clips are one cat that two cameras see. What is there is not taken again.
        report = import_footage(home, [clips / f"{name}.mp4"], cameras[name], starts[name])
        if report.exit_status:
            raise WrongUse(f"{name}: {report.failed}")
    rows = night(home, [DATE])
    bouts = home.tables.read(BOUTS, DATE)
    parts = []
    for name in names:
        looks = home.tables.read(FRAMES, DATE, cameras[name])
        parts.append(
            _clip(name, marks[marks["clip"] == name], rows[rows["camera"] == cameras[name]], bouts, looks, starts[name])
        )
    return pd.concat(parts)


def _clip(
    name: str, marks: pd.DataFrame, rows: pd.DataFrame, bouts: pd.DataFrame, looks: pd.DataFrame, start: dt.datetime
) -> pd.DataFrame:
    zero = start.timestamp()
    sampled = np.floor((looks.loc[looks["kept"], "ts"] - start).dt.total_seconds()).astype(int).tolist()
    told = []
    for second in range(int(marks["end"].max() + 0.5)):
        shown = np.clip(np.minimum(marks["end"], second + 1) - np.maximum(marks["start"], second), 0, 1)
        if shown.sum() < 0.5:
            continue
        mark = marks.loc[shown.idxmax()]
        x, y = (rows["x1"] + rows["x2"]) / 2, (rows["y1"] + rows["y2"]) / 2
        right = rows[(x >= mark.x1) & (x <= mark.x2) & (y >= mark.y1) & (y <= mark.y2)]
        begin, until = right["begin"] - zero, right["until"] - zero
        moment = start + dt.timedelta(seconds=second + 0.5)
        told.append(
            (
                name,
                second,
                second in sampled,
                bool((begin // 1 == second).any()),
                bool(((begin <= second + 0.5) & (until > second + 0.5)).any()),
                bool(((bouts["start"] <= moment) & (bouts["end"] > moment)).any()),
            )
        )
    return pd.DataFrame(told, columns=["clip", "second", "looked", "boxed", "found", "bout"])


def as_markdown(seconds: pd.DataFrame) -> str:
    """A row a clip, and all of them with intervals over clips."""
    rows = [
        [name, len(part), int(part["boxed"].sum()), int(part["found"].sum()), int(part["bout"].sum())]
        for name, part in seconds.groupby("clip", sort=True)
    ]
    ones = np.ones(len(seconds))
    shares = [percent(ratio(seconds[what], ones, seconds["clip"])) for what in ("boxed", "found", "bout")]
    return table(
        ["clip", "seconds with a cat", "with a box on it", "with presence", "in a bout"],
        [*rows, ["**all**", len(seconds), *shares]],
    )
