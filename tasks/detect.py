"""Stage `detect`: the animals on a camera's kept samples, and their tracks."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from home.errors import FootageError, StoreMissing
from home.folder import Home
from home.frame import Picture
from home.params import DetectParams
from home.tables import DETECTIONS, FRAMES, fingerprint_of
from home.video import frames_at
from models.appearance import appearance
from models.detector.animals import animals_in
from models.detector.modes import Mode
from models.detector.predict import Detections, Detector
from models.following import Look, follow
from models.network import Runtime
from models.tracker import TrackerSettings
from tasks.deleted import found_before
from tasks.quality import check_rows
from tasks.sample_pictures import LONGEST, Kept, kept, picture
from tasks.stage import Outcome, Progress, run_stage, silent

VERSION = 4  # raised when the same input would give other rows
SEVERAL = 3.0  # what another coat costs where cats must be told apart


@dataclass(frozen=True)
class _Look:
    """What the detector found on one sample: its row of the frames table, boxes, and their appearance [N, D] if any."""

    sample: Any
    found: Detections
    features: np.ndarray | None


def detect(home: Home, date: dt.date, camera: str, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Find animals on the kept samples of a camera's local day and follow them.

    Raises:
        WrongUse: if home.yaml has no such camera.
        ModelError: if the detector named in params.yaml cannot be loaded.
    """
    home.camera(camera)
    frames_made_from = home.tables.fingerprint(FRAMES, date, camera)
    if frames_made_from is None:
        return Outcome("detect", date, camera, skipped=True)
    params, detector = home.params.detect, load_detector(home)
    fingerprint = fingerprint_of(
        stage="detect",
        version=VERSION,
        frames=frames_made_from,
        model=detector.fingerprint,
        params=params.model_dump(),
    )
    if home.tables.fingerprint(DETECTIONS, date, camera) == fingerprint and not force:
        return Outcome("detect", date, camera, skipped=True, facts=home.tables.notes(DETECTIONS, date, camera))
    frames = home.tables.read(FRAMES, date, camera)
    if kept_as_is := found_before(home, "detect", DETECTIONS, date, camera, set(frames["chunk"])):
        return kept_as_is
    chosen = frames[frames["kept"]].sort_values("ts")
    with kept(home, date, camera, frames_made_from) as pictures:
        rows, looked = _follow(home, detector, chosen, pictures, f"{camera} detect", progress)
    good, rejected = check_rows(home, "detections", rows, date, camera)
    notes = {
        "looked": looked,
        "detections": len(good),
        "tracks": int(good.loc[good["track_id"] > 0, "track_id"].nunique()),
        "rejected": rejected,
        "model": detector.description.name,
    }
    home.tables.write(DETECTIONS, good, date, camera, fingerprint, notes)
    warnings = [f"{date} {camera}: {rejected} detections are in quarantine"] if rejected else []
    if looked < len(chosen):
        warnings.append(f"{date} {camera}: {len(chosen) - looked} of {len(chosen)} samples could not be decoded again")
    return Outcome("detect", date, camera, facts=notes, warnings=warnings)


def load_detector(home: Home, mode: Mode | None = None) -> Detector:
    """The detector that params.yaml names, loaded once in a process; `nightly.threads` may ask it at once, each on a thread.

    Args:
        home: the home.
        mode: None for `detect.mode`.

    Raises:
        ModelError: if it cannot be loaded.
    """
    params, callers = home.params.detect, home.params.nightly.threads
    path, cache = home.file(params.model), home.root / "data" / "cache" / "models"
    source = str(path) if path.exists() else params.model
    return _load(source, tuple(params.classes), cache, params.runtime, mode or params.mode, callers)


@lru_cache(maxsize=4)
def _load(source: str, classes: tuple[str, ...], cache: Path, runtime: Runtime, mode: Mode, callers: int) -> Detector:
    return Detector.load(source, threads=1, classes=classes, cache=cache, runtime=runtime, mode=mode, callers=callers)


def tracker_settings(params: DetectParams, cats: int = 0) -> TrackerSettings:
    """How boxes become tracks, as the parameters of the stage say, where so many cats have a name."""
    settings = TrackerSettings(
        high_score=params.confidence, low_score=params.confidence_low, max_gap_s=params.max_gap_s
    )
    return replace(settings, coat=SEVERAL) if cats > 1 else settings


def _follow(
    home: Home, detector: Detector, kept: pd.DataFrame, pictures: Kept, what: str, progress: Progress
) -> tuple[pd.DataFrame, int]:
    """Detections of all kept samples with their tracks, and the number of samples that could be looked at."""
    looks: list[_Look] = []
    for look in _looks(home, detector, kept, pictures):
        looks.append(look)
        progress(what, len(looks), len(kept))
    found = [Look(look.sample.ts.timestamp(), look.found.boxes, look.found.scores, look.features) for look in looks]
    # Not in the fingerprint: a cat that is enrolled later does not make anybody look at past footage again.
    tracks = follow(found, tracker_settings(home.params.detect, len(home.config.cats)))
    rows = [row for look, own in zip(looks, tracks, strict=True) for row in _rows(look.sample, look.found, own)]
    frame = pd.DataFrame(rows, columns=list(DETECTIONS.columns))
    return frame.astype({"ts": "datetime64[us, UTC]", "burst": bool, "track_id": np.int64}), len(looks)


def _rows(sample: Any, found: Detections, tracks: np.ndarray) -> list[dict[str, Any]]:
    """A row for each box that a track carries; weak boxes without one are noise."""
    return [
        {
            "ts": sample.ts,
            "camera": sample.camera,
            "chunk": sample.chunk,
            "offset_s": sample.offset_s,
            "burst": False,
            "track_id": int(track),
            "class": str(name),
            "confidence": float(score),
            **dict(zip(("x1", "y1", "x2", "y2"), (float(side) for side in np.clip(box, 0, 1)), strict=True)),
            "cat": "unknown",
            "cat_confidence": 0.0,
        }
        for box, score, name, track in zip(found.boxes, found.scores, found.classes, tracks, strict=True)
        if track > 0
    ]


def _looks(home: Home, detector: Detector, kept: pd.DataFrame, pictures: Kept) -> Iterator[_Look]:
    """What was found on each kept sample, in order of time.

    A worker takes a piece all the way from packets to boxes, one thread each: two that never wait for each other do
    more than a decoder that competes with a model on all threads, and the boxes do not depend on their number.
    """
    workers = home.params.nightly.threads
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[list[_Look]]] = deque()
        for piece in _pieces(kept, size=16):
            waiting.append(pool.submit(_look, home, detector, piece, pictures))
            if len(waiting) > workers:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _pieces(kept: pd.DataFrame, size: int) -> Iterator[pd.DataFrame]:
    for _, samples in kept.groupby("chunk", sort=False):
        for start in range(0, len(samples), size):
            yield samples.iloc[start : start + size]


def _look(home: Home, detector: Detector, samples: pd.DataFrame, pictures: Kept) -> list[_Look]:
    """Look at the samples of one chunk; those that cannot be decoded any more are left out."""
    rows, size = list(samples.itertuples(index=False)), detector.input_size
    jpegs = {row.offset_s: pictures.find(row.chunk, row.offset_s) for row in rows} if size <= LONGEST else {}
    found = {offset: picture(jpeg, size) for offset, jpeg in jpegs.items() if jpeg is not None}
    if missing := [row.offset_s for row in rows if row.offset_s not in found]:
        found |= _decoded(home, rows[0].chunk, missing, size)
    confidence = home.params.detect.confidence_low
    return [_at(detector, row, found[row.offset_s], confidence) for row in rows if row.offset_s in found]


def _decoded(home: Home, chunk: str, offsets: list[float], longest: int) -> dict[float, Picture]:
    try:
        frames = frames_at(home.footage.open(chunk), offsets)
        return {round(frame.offset_s, 6): picture(frame, longest) for frame in frames}
    except (FootageError, StoreMissing):
        return {}  # extract read it, now it is gone: counted as samples that could not be decoded


def _at(detector: Detector, sample: Any, looked_at: Picture, confidence: float) -> _Look:
    found = animals_in(detector, looked_at, confidence)
    features = np.stack([appearance(_crop(looked_at, box)) for box in found.boxes]) if len(found) else None
    return _Look(sample, found, features)


def _crop(picture: Picture, box: np.ndarray) -> Picture:
    height, width = picture.shape[:2]
    x1, y1, x2, y2 = (box * (width, height, width, height)).round().astype(int)
    return picture[max(0, y1) : max(y1 + 1, y2), max(0, x1) : max(x1 + 1, x2)]


def main() -> None:
    """`python -m tasks.detect`."""
    raise SystemExit(run_stage(detect, per="camera"))


if __name__ == "__main__":
    main()
