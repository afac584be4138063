"""What a week's learning shows: how right each forecaster would have been, as lines over the weeks and in the HParams tab."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pandas as pd

from home.ethogram import UNKNOWN
from home.folder import Home
from home.look import mark_of
from home.tables import HABITS
from tasks.boards.event_file import EventFile, Setting

__all__ = ["week_runs"]

_LINES = {
    "skill": ("back-test, share under seasonal naive", "Of the pinball loss: 0 is no better, 0.1 a tenth less."),
    "loss_h": ("back-test, hours off", "Mean pinball loss in hours, of forecasts every five hours over eight weeks."),
    "covered_80": ("back-test, 80 % held", "Share of the intervals of 80 % that held what came."),
    "covered_50": ("back-test, 50 % held", "Share of the intervals of 50 % that held what came."),
}


def week_runs(home: Home, date: dt.date) -> dict[str, EventFile]:
    """The runs of the cats, a point each, and one of the week for the table of parameters and results; none without habits.

    Raises:
        StoreError, TableError: if the table cannot be read, or is damaged.
    """
    rows = home.tables.read(HABITS, date)
    # Those that nobody could tell are only judged where none has a name.
    rows = rows[(rows["cat"] != UNKNOWN) | (not home.config.cats)]
    judged = rows[(rows["reason"] != "too_little") & (rows["asked"] > 0)]
    runs: dict[str, EventFile] = {}
    for cat, own in judged.groupby("cat", sort=False):
        runs[f"cats/{cat}"] = _lines(EventFile(date, home.zone), own)
    if len(rows):
        week = EventFile(date, home.zone)
        week.settings(date.isoformat(), settings_of(home))
        for tag, value in results(judged):
            week.scalar(tag, value)
        runs[f"weeks/{date.isoformat()}"] = week
    return runs


def settings_of(home: Home) -> dict[str, Setting]:
    """The parameters that shape a week's learning and what it learns from, by their dotted names."""
    shaping = {
        "habits": home.params.habits,
        "counts": home.params.counts,
        "behave": home.params.behave,
        "detect": home.params.detect,
    }
    return {
        f"{section}.{name}": _plain(value)
        for section, params in shaping.items()
        for name, value in params.model_dump(mode="json").items()
    }


def results(judged: pd.DataFrame) -> Iterator[tuple[str, float]]:
    """Skill, loss and coverage of all cats together, of each behaviour and of all; each cat counts by how often it was asked."""
    groups = [("all", judged), *judged.groupby("behaviour", sort=True)]
    for name, rows in groups:
        if len(rows):
            label = name if name == "all" else mark_of(str(name)).label.lower()
            loss, naive = (float((rows[column] * rows["asked"]).sum()) for column in ("loss_h", "naive_loss_h"))
            yield f"better than naive, share/{label}", 1 - loss / naive if naive else float("nan")
            yield f"hours off/{label}", loss / float(rows["asked"].sum())
            held = rows[np.isfinite(rows["covered_80"])]
            if len(held):
                yield f"held of 80 %/{label}", float(np.average(held["covered_80"], weights=held["asked"]))
            yield f"forecasts given/{label}", float((~rows["abstained"].astype(bool)).sum())


def _lines(shown: EventFile, rows: pd.DataFrame) -> EventFile:
    for row in rows.itertuples():
        label = mark_of(row.behaviour).label.lower()
        for column, (tag, about) in _LINES.items():
            shown.scalar(f"{tag}/{label}", float(getattr(row, column)), about)
        shown.scalar(f"back-test, forecast given/{label}", 0.0 if row.abstained else 1.0, "0: it abstains.")
    return shown


def _plain(value: object) -> Setting:
    if value is None:
        return ""
    if isinstance(value, bool | str):
        return value
    return float(value) if isinstance(value, int | float) else ", ".join(map(str, value))  # type: ignore[call-overload]
