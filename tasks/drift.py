"""Stage `drift`: whether what each camera shows is still what it showed, and what the models were made for.

It reads what `behave` remembers of each night's cats and what `extract` wrote of its room, never footage (`tasks.compared` says
what is held against what). A warning says what has changed, since when, and what to do about it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from home.folder import Home
from home.look import counted, listed
from home.tables import DRIFT, REMEMBERED, SCENES, fingerprint_of
from models.detector.description import fingerprint_of as digest_of
from models.drift import WATCHED, read_trained
from models.page_test import CHANCE
from models.scene_drift import SHOWN
from tasks.compared import cat_nights, cat_rows, room_nights, room_rows
from tasks.quality_page import Finding, write_page
from tasks.stage import Outcome, Progress, run_stage, silent

__all__ = ["drift", "main"]

VERSION = 2  # raised when the same input would give other rows
LEFT_OUT = "params.yaml names no behave.model"
LOOKS = "looks.npz"
"""Beside the classifier: the looks of the animals that it learned from."""
SAID = WATCHED | SHOWN
KINDS = 2  # cats and rooms share the chance of an alarm
WHAT_TO_DO = "If it is meant to stay like that, set drift.since in params.yaml to that day"
REMEDIES = {
    "brightness": "If it stays like that, it is usual after two weeks and no longer told",
    "colour": "If it stays like that, it is usual after two weeks and no longer told",
    "view": "Put the camera back, or read its zones anew off `catml snapshot {camera}`",
}


def drift(home: Home, date: dt.date, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Compare a night with those before it. Without a classifier only the rooms are compared.

    Raises:
        ModelError: if the looks beside the classifier cannot be read.
        StoreError, TableError: if the tables cannot be read.
    """
    model = home.params.behave.model
    cats = [cat_nights(home, date, camera) for camera in home.tables.cameras(REMEMBERED, date)] if model else []
    rooms = [room_nights(home, date, camera) for camera in home.tables.cameras(SCENES, date)]
    if not cats and not rooms:
        return Outcome("drift", date, skipped=True, left_out="" if model else LEFT_OUT)
    looks = home.file(model).with_name(LOOKS) if model else None
    looks = looks if looks and looks.is_file() else None
    fingerprint = fingerprint_of(
        stage="drift", version=VERSION, cats=[vars(nights) for nights in cats], rooms=[vars(nights) for nights in rooms],
        looks=digest_of(looks) if looks else None, params=home.params.drift.model_dump(),
        names={camera: settings.name for camera, settings in home.config.cameras.items()},
    )  # fmt: skip
    if home.tables.fingerprint(DRIFT, date) == fingerprint and not force:
        return _outcome(date, home.tables.notes(DRIFT, date), skipped=True)
    trained = read_trained(looks) if looks else None
    cameras = {nights.camera for nights in [*cats, *rooms]}
    chance = CHANCE / len(cameras) / KINDS
    found = [cat_rows(home, date, nights, trained, chance) for nights in cats]
    found += [room_rows(home, date, nights, chance) for nights in rooms]
    rows = pd.concat(found, ignore_index=True)
    told = _told(home, rows)
    notes: dict[str, Any] = {"cameras": len(cameras), "compared": int(rows.groupby("camera")["bound"].any().sum())}
    notes |= {"told": [words for words, _ in told], "to_do": [what for _, what in told]}
    home.tables.write(DRIFT, rows, date, fingerprint=fingerprint, notes=notes)
    if rows["deviation"].notna().any():
        write_page(home, "drift", date, None, len(rows), 0, _findings(rows), _sentence(notes))
    progress(f"{date} drift", 1, 1)
    return _outcome(date, notes, skipped=False)


def _told(home: Home, rows: pd.DataFrame) -> list[tuple[str, str]]:
    """For each camera and change a sentence for people, and what they can do. Another view has another light: that goes
    without saying."""
    names = {camera: settings.name or camera for camera, settings in home.config.cameras.items()}
    off = rows[rows["alarm"]]
    elsewhere = set(off.loc[off["watched"] == "view", "camera"])
    return [
        (
            f"{names.get(row.camera, row.camera)}: {SAID[row.watched]}{_when(row.hours)}, since {row.since} or so",
            REMEDIES.get(row.watched, WHAT_TO_DO).format(camera=row.camera),
        )
        for row in off.itertuples()
        if row.watched in WATCHED or row.watched == "view" or row.camera not in elsewhere
    ]


def _when(hours: Sequence[int]) -> str:
    """Between which hours of the clock it is so: " (from 16 to 18 and from 22 to 24)"."""
    if not len(hours):
        return ""
    parts = np.split(np.asarray(hours), np.flatnonzero(np.diff(hours) > 1) + 1)
    return f" ({listed([f'from {part[0]} to {part[-1] + 1}' for part in parts])})"


def _outcome(date: dt.date, notes: dict[str, Any], *, skipped: bool) -> Outcome:
    facts = {"cameras": notes["cameras"], "compared": notes["compared"], "alarms": len(notes["told"])}
    told = [] if skipped else zip(notes["told"], notes["to_do"], strict=True)
    return Outcome(
        "drift", date, skipped=skipped, facts=facts, warnings=[f"{date} {one}. {what}." for one, what in told]
    )


def _sentence(notes: dict[str, Any]) -> str:
    """The sentence of the page under `data/quality/`."""
    cameras = f"{counted(notes['compared'], 'camera')} could be compared with nights before"
    if not notes["told"]:
        return f"{cameras}, and nothing has changed."
    return f"{cameras}. {' '.join(f'{one}. {what}.' for one, what in zip(notes['told'], notes['to_do'], strict=True))}"


def _findings(rows: pd.DataFrame) -> list[Finding]:
    """What is watched, with the cameras where it left its band."""
    known = rows[rows["deviation"].notna()]
    return [
        Finding(f"page_test_of_{name}", f"Not so: {words}", int(own["alarm"].sum()), [
            f"{row.camera}: {row.deviation:.1f} spreads, sum {row.sum:.1f} of {row.bound:.1f}"
            for row in own[own["alarm"]].itertuples()
        ])
        for name, words in SAID.items()
        if len(own := known[known["watched"] == name])
    ]  # fmt: skip


def main() -> None:
    """`python -m tasks.drift`."""
    raise SystemExit(run_stage(drift, per="day", leaves="data/tables/drift"))


if __name__ == "__main__":
    main()
