"""Stage `pose`: the keypoints of every animal, on its samples and where it moves also on the burst after them."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from home.folder import Home
from home.nested import column_of
from home.tables import DETECTIONS, FRAMES, POSES, fingerprint_of
from models.network import Runtime
from models.pose.predict import PoseReader
from tasks.deleted import found_before
from tasks.detect import load_detector, tracker_settings
from tasks.posing import Eyes, Posed, read_poses, samples_of
from tasks.sample_pictures import forget, kept
from tasks.stage import Outcome, Progress, run_stage, silent

VERSION = 2  # raised when the same input would give other rows

LEFT_OUT = "params.yaml names no pose.model"


def pose(home: Home, date: dt.date, camera: str, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Read the poses of the animals of a camera's local day.

    It is the last to look at the pictures that `extract` kept, and deletes them. Without a model it is left out.

    Raises:
        WrongUse: if home.yaml has no such camera.
        ModelError: if the pose network or the detector named in params.yaml cannot be loaded.
    """
    home.camera(camera)
    outcome = _pose(home, date, camera, force, progress)
    forget(home, date, camera)
    return outcome


def _pose(home: Home, date: dt.date, camera: str, force: bool, progress: Progress) -> Outcome:
    if not home.params.pose.model:
        return Outcome("pose", date, camera, skipped=True, left_out=LEFT_OUT)
    made_from = home.tables.fingerprint(DETECTIONS, date, camera)
    if made_from is None:
        return Outcome("pose", date, camera, skipped=True)
    params, reader = home.params.pose, load_reader(home)
    fingerprint = fingerprint_of(
        stage="pose", version=VERSION, detections=made_from, model=reader.fingerprint, params=params.model_dump()
    )
    if home.tables.fingerprint(POSES, date, camera) == fingerprint and not force:
        return Outcome("pose", date, camera, skipped=True, facts=home.tables.notes(POSES, date, camera))
    frames, detections = home.tables.read(FRAMES, date, camera), home.tables.read(DETECTIONS, date, camera)
    if kept_as_is := found_before(home, "pose", POSES, date, camera, set(detections["chunk"])):
        return kept_as_is
    samples = samples_of(frames, detections, params)
    read: list[Posed] = []
    with kept(home, date, camera, home.tables.fingerprint(FRAMES, date, camera) or "") as pictures:
        # Within a burst it is known which animal is where: one view finds it again.
        eyes = Eyes(home, pictures, load_detector(home, "fast"), reader, tracker_settings(home.params.detect))
        done = 0
        for posed in read_poses(eyes, samples, home.params.nightly.threads):
            read.append(posed)
            done += not posed.burst
            progress(f"{camera} pose", done, len(samples))
    notes = {
        "samples": done,
        "bursts": len({posed.sample.ts for posed in read if posed.burst}),
        "poses": sum(len(posed.tracks) for posed in read),
        "model": reader.description.name,
        "network": reader.weights[:16],
    }
    rows = _rows(read, camera, len(reader.description.keypoints))
    home.tables.write(POSES, rows, date, camera, fingerprint, notes)
    missing = len(samples) - done
    warning = f"{date} {camera}: {missing} of {len(samples)} samples with animals could not be decoded again"
    return Outcome("pose", date, camera, facts=notes, warnings=[warning] if missing else [])


def load_reader(home: Home) -> PoseReader:
    """The pose network that params.yaml names, loaded once in a process; `nightly.threads` may ask it at once.

    Raises:
        ModelError: if it cannot be loaded.
    """
    params = home.params.pose
    cache = home.root / "data" / "cache" / "models"
    return _load(str(home.file(params.model)), cache, params.runtime, home.params.nightly.threads)


@lru_cache(maxsize=4)
def _load(source: str, cache: Path, runtime: Runtime, callers: int) -> PoseReader:
    return PoseReader.load(source, threads=1, cache=cache, runtime=runtime, callers=callers)


def _rows(read: list[Posed], camera: str, points: int) -> pd.DataFrame:
    """The rows of the table, in order of time, then of tracks."""
    seconds = [posed.offset_s - posed.sample.offset_s if posed.burst else 0.0 for posed in read]
    count = [len(posed.tracks) for posed in read]
    one_each = pd.DataFrame(
        {
            "ts": [p.sample.ts + dt.timedelta(seconds=s) for p, s in zip(read, seconds, strict=True)],
            "camera": camera,
            "chunk": [posed.sample.chunk for posed in read],
            "offset_s": np.array([posed.offset_s for posed in read], np.float64),
            "burst": np.array([posed.burst for posed in read], bool),
        }
    )
    rows = one_each.loc[np.repeat(one_each.index, count)].reset_index(drop=True)
    rows["track_id"] = np.concatenate([np.zeros(0, np.int64), *(posed.tracks for posed in read)])
    boxes = np.concatenate([np.zeros((0, 4), np.float32), *(posed.boxes for posed in read)])
    rows[["x1", "y1", "x2", "y2"]] = boxes
    rows["keypoints"] = column_of(
        np.concatenate([np.zeros((0, points, 3), np.float32), *(posed.keypoints for posed in read)])
    )
    for name, given in (("look", [p.looks for p in read]), ("coat", [p.coats for p in read])):
        kept = [np.zeros((len(p.tracks), 0)) if p.burst else values for p, values in zip(read, given, strict=True)]
        rows[name] = [own for values in kept for own in values]
    return rows.astype({"ts": "datetime64[us, UTC]"})[list(POSES.columns)]


def main() -> None:
    """`python -m tasks.pose`."""
    raise SystemExit(run_stage(pose, per="camera", leaves="data/tables/poses"))


if __name__ == "__main__":
    main()
