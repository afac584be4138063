"""Stage `behave`: what every animal does and how it holds itself, moment by moment, with calibrated probabilities."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import numpy as np
import pandas as pd

from home.folder import Home
from home.look import BEHAVIOURS
from home.manifest import CameraManifest, read_manifest
from home.tables import DETECTIONS, FRAMES, IDENTITIES, MOMENTS, POSES, fingerprint_of
from models.behaviour.body import Moments
from models.behaviour.bout_model import read_bout_model
from models.behaviour.classifier import BehaviourReader
from models.behaviour.evidence import ZONE_KINDS, evidence
from models.behaviour.smoother import with_share
from models.posture import posture
from tasks.moments import moments_of, sorted_samples
from tasks.names import with_names
from tasks.stage import Outcome, Progress, run_stage, silent

VERSION = 1  # raised when the same input would give other rows

LEFT_OUT = "params.yaml names no behave.model"


def behave(home: Home, date: dt.date, camera: str, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Say what the animals on a camera's local day did in each moment. Without a model it is left out.

    Raises:
        WrongUse: if home.yaml has no such camera.
        ModelError: if the classifier named in params.yaml cannot be loaded.
    """
    settings = home.camera(camera)
    if not home.params.behave.model:
        return Outcome("behave", date, camera, skipped=True, left_out=LEFT_OUT)
    tables, zones = home.tables, {kind: settings.zones_of(kind) for kind in ZONE_KINDS}
    found = tables.fingerprint(DETECTIONS, date, camera)
    if found is None:
        return Outcome("behave", date, camera, skipped=True)
    # Poses that an earlier night read are of no use once there is no network for new ones.
    posed = tables.fingerprint(POSES, date, camera) if home.params.pose.model else None
    reader, aspect = load_classifier(home), _aspect(home, date, camera)
    fingerprint = fingerprint_of(
        stage="behave", version=VERSION, detections=found, poses=posed, zones=zones, aspect=aspect,
        identities=tables.fingerprint(IDENTITIES, date) if posed else None,
        model=reader.fingerprint, params=home.params.behave.model_dump(),
    )  # fmt: skip
    if tables.fingerprint(MOMENTS, date, camera) == fingerprint and not force:
        return Outcome("behave", date, camera, skipped=True, facts=tables.notes(MOMENTS, date, camera))
    samples = sorted_samples(with_names(home, tables.read(DETECTIONS, date, camera), date, camera))
    poses = tables.read(POSES, date, camera) if posed else POSES.empty()
    moments = moments_of(samples, tables.read(FRAMES, date, camera), poses, aspect)
    rows = _rows(samples, moments, reader, zones)
    progress(f"{camera} behave", 1, 1)
    notes = {"moments": len(rows), "with_pose": int(poses["burst"].eq(False).sum()), "model": reader.description.name}
    tables.write(MOMENTS, rows, date, camera, fingerprint, notes)
    return Outcome("behave", date, camera, facts=notes)


def load_classifier(home: Home) -> BehaviourReader:
    """The classifier that params.yaml names, loaded once in a process.

    Raises:
        ModelError: if it cannot be loaded.
    """
    return _load(str(home.file(home.params.behave.model)))


@lru_cache(maxsize=4)
def _load(source: str) -> BehaviourReader:
    return BehaviourReader.load(source)


def _aspect(home: Home, date: dt.date, camera: str) -> float:
    """Width over height of the camera's pictures, as most of the day's chunks have it."""
    chunks = read_manifest(home.data, date).cameras.get(camera, CameraManifest()).chunks
    shapes = pd.Series([chunk.width / chunk.height for chunk in chunks], dtype=float)
    return float(shapes.mode().iloc[0]) if len(shapes) else 4 / 3


def _rows(
    samples: pd.DataFrame,
    moments: Moments,
    reader: BehaviourReader,
    zones: dict[str, list[list[tuple[float, float]]]],
) -> pd.DataFrame:
    """The rows of the table, in order of time, then of tracks."""
    own = evidence(moments, zones)
    told, names = reader.probabilities(own).astype(np.float64), reader.description.behaviours
    if reader.description.share:  # it learned from moments that are chosen; a life has other shares
        life = read_bout_model()
        shares = np.array([life.share[life.behaviours.index(name)] for name in names])
        told = with_share(told, np.array(reader.description.share), shares)
    best = told.argmax(axis=1) if len(told) else np.zeros(0, np.int64)
    order = {name: place for place, name in enumerate(BEHAVIOURS)}
    doing = np.array([order.get(name, -1) for name in names], np.int8)[best]
    held = posture(own, doing)
    length = np.zeros(len(samples)) if moments.burst_s is None else np.nan_to_num(moments.burst_s).max(axis=1)
    rows = samples[["camera", "chunk", "offset_s", "track_id", "cat"]].assign(
        start=samples["ts"],
        end=samples["ts"] + pd.to_timedelta(np.round(length * 1e3), unit="ms"),
        behaviour=[names[place] for place in best],
        confidence=told[np.arange(len(told)), best],
        posture=held.names(),
        comfort=held.comfort,
        anomaly=np.nan,
        reasons=[list(reasons) for reasons in held.reasons],
    )
    for behaviour in BEHAVIOURS:
        rows[f"p_{behaviour}"] = told[:, names.index(behaviour)] if behaviour in names else np.float32(0)
    rows = rows.astype({"start": "datetime64[us, UTC]", "end": "datetime64[us, UTC]"})
    return rows.sort_values(["start", "track_id"], kind="stable").reset_index(drop=True)[list(MOMENTS.columns)]


def main() -> None:
    """`python -m tasks.behave`."""
    raise SystemExit(run_stage(behave, per="camera", leaves="data/tables/moments"))


if __name__ == "__main__":
    main()
