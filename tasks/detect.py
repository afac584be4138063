"""Stage `detect`: the animals on a camera's kept samples, and their tracks."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from home.errors import FootageError, StoreMissing
from home.folder import Home
from home.params import DetectParams
from home.tables import DETECTIONS, FRAMES, fingerprint_of
from home.video import Picture, frames_at
from models.appearance import appearance
from models.detector.boxes import without_parts
from models.detector.predict import Detections, Detector
from models.tracker import Tracker, TrackerSettings
from tasks.quality import check_rows
from tasks.stage import Outcome, Progress, run_stage, silent

VERSION = 1  # raised when the same input would give other rows


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
    kept = frames[frames["kept"]].sort_values("ts")
    rows, looked = _follow(home, detector, kept, f"{camera} detect", progress)
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
    if looked < len(kept):
        warnings.append(f"{date} {camera}: {len(kept) - looked} of {len(kept)} samples could not be decoded again")
    return Outcome("detect", date, camera, facts=notes, warnings=warnings)


def load_detector(home: Home) -> Detector:
    """The detector that params.yaml names, loaded once in a process.

    Raises:
        ModelError: if it cannot be loaded.
    """
    params, threads = home.params.detect, home.params.nightly.threads
    path = home.file(params.model)
    source = str(path) if path.exists() else params.model
    return _load(source, threads, tuple(params.classes), home.root / "data" / "cache" / "models")


@lru_cache(maxsize=4)
def _load(source: str, threads: int, classes: tuple[str, ...], cache: Path) -> Detector:
    return Detector.load(source, threads=threads, classes=classes, cache=cache)


def make_tracker(params: DetectParams) -> Tracker:
    """The tracker as the parameters of the stage set it."""
    return Tracker(
        TrackerSettings(high_score=params.confidence, low_score=params.confidence_low, max_gap_s=params.max_gap_s)
    )


def _follow(
    home: Home, detector: Detector, kept: pd.DataFrame, what: str, progress: Progress
) -> tuple[pd.DataFrame, int]:
    """Detections of all kept samples with their tracks, and the number of samples that could be looked at."""
    params = home.params.detect
    tracker = make_tracker(params)
    rows: list[dict[str, Any]] = []
    looked = 0
    for sample, picture in _pictures(home, kept, detector.input_size):
        found = _whole(detector.detect([picture], params.confidence_low)[0])
        features = np.stack([appearance(_crop(picture, box)) for box in found.boxes]) if len(found) else None
        tracks = tracker.update(sample.ts.timestamp(), found.boxes, found.scores, features)
        rows += _rows(sample, found, tracks)
        looked += 1
        progress(what, looked, len(kept))
    frame = pd.DataFrame(rows, columns=list(DETECTIONS.columns))
    return frame.astype({"ts": "datetime64[us, UTC]", "burst": bool, "track_id": np.int64}), looked


def _whole(found: Detections) -> Detections:
    keep = without_parts(found.boxes, found.scores)
    return Detections(found.boxes[keep], found.scores[keep], found.classes[keep])


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


def _pictures(home: Home, kept: pd.DataFrame, longest: int) -> Iterator[tuple[Any, Picture]]:
    """The kept samples' pictures in order of time; the next chunk is decoded while this one is looked at."""
    with ThreadPoolExecutor(1) as pool:
        waiting: deque[Future[list[tuple[Any, Picture]]]] = deque()
        # A piece is small, so that memory stays flat however much of a chunk was kept.
        for piece in _pieces(kept, size=16):
            waiting.append(pool.submit(_decode, home, piece, longest))
            if len(waiting) > 2:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _pieces(kept: pd.DataFrame, size: int) -> Iterator[pd.DataFrame]:
    for _, samples in kept.groupby("chunk", sort=False):
        for start in range(0, len(samples), size):
            yield samples.iloc[start : start + size]


def _decode(home: Home, samples: pd.DataFrame, longest: int) -> list[tuple[Any, Picture]]:
    rows = list(samples.itertuples(index=False))
    pictures: list[tuple[Any, Picture]] = []
    try:
        frames = frames_at(home.footage.open(rows[0].chunk), [row.offset_s for row in rows])
        by_offset = {round(frame.offset_s, 6): frame.rgb(longest) for frame in frames}
    except (FootageError, StoreMissing):
        return []  # extract read it, now it is gone: counted as samples that could not be decoded
    for row in rows:
        if row.offset_s in by_offset:
            pictures.append((row, by_offset[row.offset_s]))
    return pictures


def _crop(picture: Picture, box: np.ndarray) -> Picture:
    height, width = picture.shape[:2]
    x1, y1, x2, y2 = (box * (width, height, width, height)).round().astype(int)
    return picture[max(0, y1) : max(y1 + 1, y2), max(0, x1) : max(x1 + 1, x2)]


def main() -> None:
    """`python -m tasks.detect`."""
    raise SystemExit(run_stage(detect, per="camera"))


if __name__ == "__main__":
    main()
