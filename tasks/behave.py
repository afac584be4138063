"""Stage `behave`: what every animal does and how it holds itself, moment by moment, with calibrated probabilities.

Each cat is compared with its own past on that camera: the dates of the look-back before this one, as `tasks.remembered` keeps
them. Nothing of this date or of a later one is in it, so that a day says the same however often it is worked on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from home.ethogram import OTHER
from home.folder import Home
from home.look import BEHAVIOURS
from home.tables import MOMENTS, REMEMBERED, fingerprint_of
from models.anomaly import UNUSUAL
from models.behaviour.evidence import Evidence
from models.own_past import strange
from models.posture import posture
from tasks.judging import Judged, judged, load_classifier, made_from
from tasks.remembered import Known, called, days_before, known_cats, remember
from tasks.stage import Outcome, Progress, run_stage, silent

VERSION = 3  # raised when the same input would give other rows

LEFT_OUT = "params.yaml names no behave.model"


def behave(home: Home, date: dt.date, camera: str, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Say what the animals on a camera's local day did in each moment. Without a model it is left out.

    Raises:
        WrongUse: if home.yaml has no such camera.
        ModelError: if the classifier named in params.yaml cannot be loaded.
    """
    home.camera(camera)
    params, tables = home.params.behave, home.tables
    if not params.model:
        return Outcome("behave", date, camera, skipped=True, left_out=LEFT_OUT)
    reader = load_classifier(home)
    made = made_from(home, date, camera, reader)
    if made is None:
        return Outcome("behave", date, camera, skipped=True)
    before = days_before(home, date, camera, reader)
    fingerprint = fingerprint_of(
        stage="behave", version=VERSION, made=made, past=before, params=params.model_dump(exclude={"promote"}),
        names={cat: settings.name for cat, settings in home.config.cats.items()},
    )  # fmt: skip
    written = tables.fingerprint(MOMENTS, date, camera), tables.fingerprint(REMEMBERED, date, camera)
    if written == (fingerprint, made) and not force:
        return Outcome("behave", date, camera, skipped=True, facts=tables.notes(MOMENTS, date, camera))
    found, cats = judged(home, date, camera, reader), known_cats(home, [day for day, _ in before], camera)
    rows = _rows(home, found, cats)
    progress(f"{camera} behave", 1, 1)
    compared = sorted(cat for cat, known in cats.items() if known.past)
    notes = {"moments": len(rows), "with_pose": found.posed, "model": reader.description.name, "compared": compared}
    remember(home, date, camera, reader, found)
    tables.write(MOMENTS, rows, date, camera, fingerprint, notes)
    return Outcome("behave", date, camera, facts=notes)


def _rows(home: Home, found: Judged, cats: Mapping[str, Known]) -> pd.DataFrame:
    """The rows of the table, in order of time, then of tracks."""
    samples, told, names = found.samples, found.told, found.names
    best = told.argmax(axis=1) if len(told) else np.zeros(0, np.int64)
    rows = samples[["camera", "chunk", "offset_s", "track_id", "cat"]].assign(
        start=samples["ts"],
        end=samples["ts"] + pd.to_timedelta(np.round(found.length_s * 1e3), unit="ms"),
        behaviour=[names[place] for place in best],
        confidence=told[np.arange(len(told)), best],
    )
    for behaviour in BEHAVIOURS:
        rows[f"p_{behaviour}"] = told[:, names.index(behaviour)] if behaviour in names else np.float32(0)
    parts = [
        _held(home, found, own.index.to_numpy(), str(cat), cats) for cat, own in samples.groupby(found.whose, sort=True)
    ]
    rows = rows.join(pd.concat(parts) if parts else pd.DataFrame(columns=["posture", "comfort", "anomaly", "reasons"]))
    rows = rows.astype({"start": "datetime64[us, UTC]", "end": "datetime64[us, UTC]"})
    return rows.sort_values(["start", "track_id"], kind="stable").reset_index(drop=True)[list(MOMENTS.columns)]


def _held(home: Home, found: Judged, mine: NDArray[np.int64], cat: str, cats: Mapping[str, Known]) -> pd.DataFrame:
    """How one cat holds itself and how unusual that is for it, in the rows `mine` of the samples."""
    known = cats.get(cat)
    own = Evidence(found.own.values[mine], found.own.known[mine], found.own.names)
    held = posture(own, found.best[mine], known.usual if known else None)
    odd = strange(own, np.where(found.best[mine] < 0, OTHER, found.best[mine]), known.past if known else None)
    flagged = odd.alarms(home.params.behave.unusual_rate)
    reasons = [
        [*why, *([f"{UNUSUAL}{called(home, cat)}: {' and '.join(parts)}"] if flag else [])]
        for why, parts, flag in zip(held.reasons, odd.parts, flagged, strict=True)
    ]
    return pd.DataFrame(
        {
            "posture": pd.Series(held.names(), dtype=object),
            "comfort": held.comfort,
            "anomaly": odd.anomaly,
            "reasons": pd.Series(reasons, dtype=object),
        }
    ).set_index(mine)


def main() -> None:
    """`python -m tasks.behave`."""
    raise SystemExit(run_stage(behave, per="camera", leaves=("data/tables/moments", "data/tables/remembered")))


if __name__ == "__main__":
    main()
