"""Stage `drift`: whether what each camera shows is still what it showed in its first nights, and what the models were made for.

It reads what `behave` remembers of each night, never footage. The reference of a camera are its first nights on which the
same networks looked: new networks, or `drift.since`, begin a new one. Nothing of a later night is in a night's answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from home.folder import Home
from home.look import BEHAVIOURS, counted
from home.tables import DRIFT, REMEMBERED, fingerprint_of
from models.detector.description import fingerprint_of as digest_of
from models.drift import (
    CHANCE,
    FEWEST_MOMENTS,
    FEWEST_NIGHTS,
    HORIZON,
    WATCHED,
    Night,
    Trained,
    deviations,
    learn_reference,
    read_trained,
    watch,
)
from tasks.quality_page import Finding, write_page
from tasks.remembered import kinds_of
from tasks.stage import Outcome, Progress, run_stage, silent

__all__ = ["drift", "main"]

VERSION = 1  # raised when the same input would give other rows
LEFT_OUT = "params.yaml names no behave.model"
LOOKS = "looks.npz"
"""Beside the classifier: the looks of the animals that it learned from."""
WHAT_TO_DO = "If it is meant to stay like that, set drift.since in params.yaml to that day"


@dataclass(frozen=True)
class Nights:
    """The nights of one camera that say something of a date, each with a digest of what is remembered of it.

    Attributes:
        reference: first nights, before the date.
        later: those after them up to the date, at most HORIZON.
        network: which one the looks are of.
    """

    camera: str
    reference: list[tuple[dt.date, str]]
    later: list[tuple[dt.date, str]]
    network: str


def drift(home: Home, date: dt.date, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Compare a night with those before it. Without a classifier it is left out.

    Raises:
        ModelError: if the looks beside the classifier cannot be read.
        StoreError, TableError: if the tables cannot be read.
    """
    if not home.params.behave.model:
        return Outcome("drift", date, skipped=True, left_out=LEFT_OUT)
    since = home.params.drift.since or dt.date.min
    dates = [day for day in home.tables.dates(REMEMBERED) if day >= since]
    found = [_nights(home, date, camera, dates) for camera in home.tables.cameras(REMEMBERED, date)]
    if not found:
        return Outcome("drift", date, skipped=True)
    looks = home.file(home.params.behave.model).with_name(LOOKS)
    fingerprint = fingerprint_of(
        stage="drift", version=VERSION, nights=[vars(nights) for nights in found],
        looks=digest_of(looks) if looks.is_file() else None, params=home.params.drift.model_dump(),
    )  # fmt: skip
    if home.tables.fingerprint(DRIFT, date) == fingerprint and not force:
        return _outcome(date, home.tables.notes(DRIFT, date), skipped=True)
    trained = read_trained(looks) if looks.is_file() else None
    rows = pd.concat([_rows(home, date, nights, trained, CHANCE / len(found)) for nights in found], ignore_index=True)
    told = _told(home, rows)
    notes = {"cameras": len(found), "compared": int(rows.groupby("camera")["bound"].any().sum()), "told": told}
    home.tables.write(DRIFT, rows, date, fingerprint=fingerprint, notes=notes)
    if rows["deviation"].notna().any():
        write_page(home, "drift", date, None, len(rows), 0, _findings(rows), _sentence(notes))
    progress(f"{date} drift", 1, 1)
    return _outcome(date, notes, skipped=False)


def _nights(home: Home, date: dt.date, camera: str, dates: list[dt.date]) -> Nights:
    """Which nights of a camera count: first nights from the oldest on, then the newest from the date backwards."""
    own = home.tables.notes(REMEMBERED, date, camera)

    def counting(days: Iterator[dt.date]) -> Iterator[tuple[dt.date, str]]:
        for day in days:
            notes = home.tables.notes(REMEMBERED, day, camera)
            if notes.get("eyes") == own["eyes"] and notes["moments"] >= FEWEST_MOMENTS:
                yield day, notes["digest"]

    reference = _first(counting(day for day in dates if day < date), home.params.drift.reference_nights)
    last = reference[-1][0] if reference else dt.date.min
    later = _first(counting(day for day in reversed(dates) if last < day <= date), HORIZON)
    return Nights(camera, reference, later[::-1], own["network"])


def _first(nights: Iterator[tuple[dt.date, str]], most: int) -> list[tuple[dt.date, str]]:
    return [night for night, _ in zip(nights, range(most), strict=False)]


def _rows(home: Home, date: dt.date, nights: Nights, trained: Trained | None, chance: float) -> pd.DataFrame:
    """A row for each number that is watched; without deviation where there is nothing to compare yet, or tonight too little."""
    known = trained if trained is not None and trained.network == nights.network else None
    rows = pd.DataFrame({"camera": nights.camera, "watched": list(WATCHED), "reference_nights": len(nights.reference)})
    empty = {"deviation": np.nan, "sum": np.nan, "bound": np.nan, "alarm": False, "since": None}
    if len(nights.reference) < FEWEST_NIGHTS or not nights.later:
        return rows.assign(**empty)[list(DRIFT.columns)]
    first, later = (_read(home, part, nights.camera) for part in (nights.reference, nights.later))
    reference = learn_reference(first, len(BEHAVIOURS), known)
    off = deviations(later, reference)
    seen = watch(off, reference.nights, chance=chance)
    rows = rows.assign(
        deviation=off[-1],
        sum=seen.sums[-1],
        bound=seen.bound,
        alarm=seen.alarms[-1],
        since=[str(nights.later[night][0]) for night in seen.since[-1]],
    )
    # Too little was seen tonight: what summed up before stays, and says nothing of tonight.
    rows = rows if nights.later[-1][0] == date else rows.assign(deviation=np.nan, alarm=False)
    return rows[list(DRIFT.columns)]


def _read(home: Home, nights: list[tuple[dt.date, str]], camera: str) -> list[Night]:
    """The nights, with looks of one width; a night without any has none of that width."""
    found = [_night(home, day, camera) for day, _ in nights]
    width = max(night.looks.shape[1] for night in found)
    return [night if len(night.looks) else replace(night, looks=np.zeros((0, width))) for night in found]


def _night(home: Home, date: dt.date, camera: str) -> Night:
    rows = home.tables.read(REMEMBERED, date, camera)
    looks = [np.asarray(look, float) for look in rows["look"] if len(look)]
    return Night(
        rows["seen"].to_numpy(float),
        kinds_of(rows["behaviour"]),
        np.stack(looks) if looks else np.zeros((0, 0)),
    )


def _told(home: Home, rows: pd.DataFrame) -> list[str]:
    """A sentence for each camera and change, for people."""
    names = {camera: settings.name or camera for camera, settings in home.config.cameras.items()}
    return [
        f"{names.get(row.camera, row.camera)}: {WATCHED[row.watched]}, since {row.since} or so"
        for row in rows[rows["alarm"]].itertuples()
    ]


def _outcome(date: dt.date, notes: dict[str, Any], *, skipped: bool) -> Outcome:
    facts = {"cameras": notes["cameras"], "compared": notes["compared"], "alarms": len(notes["told"])}
    warnings = [] if skipped else [f"{date} {words}. {WHAT_TO_DO}." for words in notes["told"]]
    return Outcome("drift", date, skipped=skipped, facts=facts, warnings=warnings)


def _sentence(notes: dict[str, Any]) -> str:
    """The sentence of the page under `data/quality/`."""
    cameras = f"{counted(notes['compared'], 'camera')} could be compared with its first nights"
    return (
        f"{cameras}; {'; '.join(notes['told'])}. {WHAT_TO_DO}."
        if notes["told"]
        else f"{cameras}, and nothing has changed."
    )


def _findings(rows: pd.DataFrame) -> list[Finding]:
    """What is watched, with the cameras where it left its band."""
    known = rows[rows["deviation"].notna()]
    return [
        Finding(f"page_test_of_{name}", f"Not so: {words}", int(own["alarm"].sum()), [
            f"{row.camera}: {row.deviation:.1f} spreads, sum {row.sum:.1f} of {row.bound:.1f}"
            for row in own[own["alarm"]].itertuples()
        ])
        for name, words in WATCHED.items()
        if len(own := known[known["watched"] == name])
    ]  # fmt: skip


def main() -> None:
    """`python -m tasks.drift`."""
    raise SystemExit(run_stage(drift, per="day", leaves="data/tables/drift"))


if __name__ == "__main__":
    main()
