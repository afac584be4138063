"""Stage `identify`: which cat each track of a local day is, by its coat and by what people said; `unknown` is an answer.

It reads coats, never footage: a cat that is enrolled or named later is found in all days of which poses are kept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from home.ethogram import UNKNOWN
from home.folder import Home
from home.tables import IDENTITIES, POSES, fingerprint_of
from models.animals import Seen
from models.identity import Gallery, Recogniser, named
from tasks.gallery import gallery_of, said_names, strangers_checksum, strangers_of
from tasks.pose import load_reader
from tasks.stage import Outcome, Progress, run_stage, silent

VERSION = 2  # raised when the same input would give other rows

LEFT_OUT = "no cat of home.yaml is known by a photo (`catml cats add`) or a named track (`catml cats name`)"

_SAID = 1e3
"""Log-odds of what a person said: nothing that is seen outweighs it."""


def identify(home: Home, date: dt.date, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Say of each track of a local day which cat it is. Without a pose network, or with no cat to know, it is left out.

    Raises:
        ModelError: the pose network cannot be loaded, or ships no strangers.
        StoreError, TableError: photos, corrections or tables cannot be read.
    """
    if not home.params.pose.model:
        return Outcome("identify", date, skipped=True, left_out="params.yaml names no pose.model")
    cameras = home.tables.cameras(POSES, date)
    if not cameras:
        return Outcome("identify", date, skipped=True)
    reader, said = load_reader(home), said_names(home)
    gallery = gallery_of(home, reader, said)
    if not len(gallery.coats) and home.tables.fingerprint(IDENTITIES, date) is None:
        return Outcome("identify", date, skipped=True, left_out=LEFT_OUT)
    today = said[said["day"] == date]
    fingerprint = fingerprint_of(
        stage="identify",
        version=VERSION,
        poses=[(camera, home.tables.fingerprint(POSES, date, camera)) for camera in cameras],
        gallery=_digest(gallery),
        strangers=strangers_checksum(home) if len(gallery.coats) else "",
        said=today[["camera", "track_id", "value"]].drop_duplicates().astype(str).values.tolist(),
        rooms={camera: settings.room for camera, settings in home.config.cameras.items()},
        params=home.params.identify.model_dump(),
    )
    if home.tables.fingerprint(IDENTITIES, date) == fingerprint and not force:
        return Outcome("identify", date, skipped=True, facts=home.tables.notes(IDENTITIES, date))
    tracks = [track for camera in cameras for track in _tracks(home, date, camera)]
    rows = _named(home, tracks, gallery, today)
    facts = {"tracks": len(rows), "named": int((rows["cat"] != UNKNOWN).sum()), "said": int(rows["said"].sum())}
    home.tables.write(IDENTITIES, rows, date, fingerprint=fingerprint, notes=facts)
    progress(f"{date} identify", 1, 1)
    return Outcome("identify", date, facts=facts)


Track = dict[str, Any]
"""A row of the table, with `shown`: its coats `[N, D]`, and `weights`: how well it could be seen on each `[N]`."""


def _tracks(home: Home, date: dt.date, camera: str) -> list[Track]:
    poses = home.tables.read(POSES, date, camera)
    poses = poses[~poses["burst"]].sort_values(["track_id", "ts"], kind="stable")
    return [_track(camera, int(number), rows) for number, rows in poses.groupby("track_id", sort=True)]


def _track(camera: str, number: int, rows: pd.DataFrame) -> Track:
    there = np.array([len(coat) > 0 for coat in rows["coat"]], bool)
    coats = [np.asarray(coat, np.float32) for coat in rows["coat"][there]]
    sure = [float(np.mean([point[2] for point in points])) for points in rows["keypoints"][there]]
    return {
        "camera": camera, "track_id": number, "start": rows["ts"].iloc[0], "end": rows["ts"].iloc[-1],
        "looks": len(coats), "shown": np.stack(coats) if coats else None, "weights": np.array(sure),
    }  # fmt: skip


def _named(home: Home, tracks: list[Track], gallery: Gallery, said: pd.DataFrame) -> pd.DataFrame:
    """The rows of the table, in the order of the tracks."""
    told = said.groupby(["camera", "track_id"])["value"].agg(lambda values: values.mode().iloc[0]).to_dict()
    params = home.params.identify
    recogniser = None
    if len(gallery.coats):
        recogniser = Recogniser(gallery, strangers_of(home), least=params.least, allowed=params.strangers)
    ratios = np.stack([np.zeros(len(gallery.names)), *(_ratios(track, recogniser, gallery, told) for track in tracks)])
    cats, sure = named(ratios[1:], _apart(home, tracks), least=params.least)
    rows = pd.DataFrame(
        [
            {
                **{name: track[name] for name in ("camera", "track_id", "start", "end", "looks")},
                "cat": gallery.names[cat] if cat >= 0 else UNKNOWN,
                "cat_confidence": confidence,
                "said": (track["camera"], track["track_id"]) in told,
            }
            for track, cat, confidence in zip(tracks, cats, sure, strict=True)
        ],
        columns=list(IDENTITIES.columns),
    )
    utc = "datetime64[us, UTC]"
    return rows.astype({"start": utc, "end": utc, "track_id": np.int64, "looks": np.int64, "said": bool})


def _ratios(
    track: Track, recogniser: Recogniser | None, gallery: Gallery, told: dict[tuple[str, int], str]
) -> NDArray[np.float64]:
    """How much speaks for each cat beyond what a stranger reaches, log-odds `[K]`."""
    name = told.get((track["camera"], track["track_id"]))
    if name is not None:
        return np.where(np.array(gallery.names) == name, _SAID, -np.inf)
    if recogniser is None or track["shown"] is None:
        return np.full(len(gallery.names), -np.inf)
    return recogniser.track(track["shown"], track["weights"])


def _apart(home: Home, tracks: list[Track]) -> list[frozenset[int]]:
    """For each track those that are certainly another animal: seen at one time on one camera, or in two rooms."""
    cameras, tolerance = home.config.cameras, home.params.extract.sample_period_s
    seen = [
        Seen(
            track["start"].timestamp(), track["end"].timestamp(), track["camera"],
            cameras[track["camera"]].room if track["camera"] in cameras else "",
        )
        for track in tracks
    ]  # fmt: skip
    return [
        frozenset(
            index
            for index, other in enumerate(seen)
            if other is not own
            and own.apart(other)
            and min(own.end, other.end) - max(own.start, other.start) > (0 if own.camera == other.camera else tolerance)
        )
        for own in seen
    ]


def _digest(gallery: Gallery) -> str:
    content = gallery.coats.tobytes() + gallery.cats.tobytes() + gallery.sittings.tobytes()
    return hashlib.sha256(content + "\0".join(gallery.names).encode()).hexdigest()


def main() -> None:
    """`python -m tasks.identify`."""
    raise SystemExit(run_stage(identify, per="day", leaves="data/tables/identities"))


if __name__ == "__main__":
    main()
