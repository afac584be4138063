"""A cat and its feeder for some weeks, as the tables of `counts`."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from home.clock import local_day
from home.folder import Home
from home.tables import COUNTS, EPISODES, OBSERVED

FIRST = dt.date(2026, 3, 1)
LAST = dt.date(2026, 4, 19)


def every_few_hours(rng: np.random.Generator) -> list[dt.datetime]:
    """Meals some four hours apart whatever the hour: what the same hour of other days says is worth little."""
    at, found = dt.datetime.combine(FIRST, dt.time(), dt.UTC), []
    while at.date() < LAST:
        at += dt.timedelta(hours=float(rng.gamma(60, 4 / 60)))
        found.append(at)
    return found


def lived(home: Home, meals: list[dt.datetime], first: dt.date = FIRST, last: dt.date = LAST) -> None:
    """The tables of `counts` as they are where a feeder was watched day and night."""
    for number in range((last - first).days):
        date = first + dt.timedelta(days=number)
        day = local_day(date, home.zone)
        eaten = [meal for meal in meals if meal in day]
        rows = [["miso", "eating", meal, meal + dt.timedelta(seconds=90), 90.0, ["feeder"], []] for meal in eaten]
        seen = [["miso", "eating", day.start, day.end]]
        for table, content in ((EPISODES, rows), (OBSERVED, seen), (COUNTS, [])):
            frame = pd.DataFrame(content, columns=list(table.columns))
            times = {name: "datetime64[us, UTC]" for name in ("start", "end", "hour") if name in frame}
            home.tables.write(table, frame.astype(times) if content else table.empty(), date, fingerprint=f"{eaten}")
