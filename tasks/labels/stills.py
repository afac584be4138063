"""Pictures out of the footage for people to mark, with what the house found on them, and their marks back in."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from home.clock import local_day
from home.errors import FootageError, StoreMissing, WrongUse
from home.folder import Home
from home.labels import Taken
from home.manifest import read_manifest
from home.marks import Mark, Picture, Point, mark, marks
from home.names import with_names
from home.nested import array_of
from home.store import write_file
from home.tables import DETECTIONS, POSES
from home.video import still
from models.behaviour.body import SEEN
from models.pose.keypoints import KEYPOINTS
from tasks.labels.coco import name_of, read_coco, tree_of

__all__ = ["Drawn", "export_coco", "import_coco"]

_QUALITY = 95  # JPEG; our choice


@dataclass(frozen=True)
class Drawn:
    """What was written: pictures, marks on them, and pictures whose footage could not be read."""

    file: str
    pictures: int
    marks: int
    unread: int


@dataclass(frozen=True)
class _Shot:
    """Where a picture lies in the footage, and what is marked on it."""

    picture: Picture
    chunk: str
    offset_s: float
    marks: list[Mark]


def import_coco(home: Home, file: Path, observer: str, renamed: Mapping[str, str], now: dt.datetime) -> Taken:
    """Take in what an observer marked on exported pictures: all of the file, or nothing of it.

    Raises:
        WrongUse: if something in it cannot be: says which entry, and what would be right.
        StoreError, TableError: if the marks cannot be kept.
    """
    if not observer.strip():
        raise WrongUse("--observer is a name, e.g. ann")
    return mark(home.database, observer.strip(), read_coco(home, file, renamed), now)


def export_coco(
    home: Home, file: Path, dates: Sequence[dt.date], cameras: Sequence[str], observer: str | None, most: int
) -> Drawn:
    """Write `file` and, in the folder `images` beside it, its pictures.

    Args:
        home: the home.
        file: annotations, .json.
        dates: local dates; none for all that have detections.
        cameras: ids; none for all.
        observer: whose marks; None for what the detector found.
        most: so many pictures at most, spread over all there are.

    Raises:
        WrongUse: if the ending of the file is another, or there is nothing to write.
        StoreError, TableError: if something cannot be read or written.
    """
    if file.suffix.lower() != ".json":
        raise WrongUse(f"{file}: its name must end in .json")
    shots = [
        shot
        for date in dates or home.tables.dates(DETECTIONS)
        for camera in cameras or home.tables.cameras(DETECTIONS, date)
        for shot in (_found(home, camera, date) if observer is None else _marked(home, camera, date, observer))
    ]
    if not shots:
        raise WrongUse(
            "there is no picture with a mark; `catml nightly` finds animals, --observer NAME asks for a person's marks"
        )
    chosen = [
        shots[index] for index in np.unique(np.linspace(0, len(shots) - 1, min(most, len(shots))).round().astype(int))
    ]
    written, sizes, unread = dict[Picture, list[Mark]](), dict[Picture, tuple[int, int]](), 0
    for shot in chosen:
        try:
            rgb = still(home.footage.open(shot.chunk), shot.offset_s)
        except (FootageError, StoreMissing):  # deleted by age, or damaged
            unread += 1
            continue
        ok, data = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        assert ok
        write_file(file.parent / "images" / name_of(shot.picture), data.tobytes())
        written[shot.picture], sizes[shot.picture] = shot.marks, (rgb.shape[1], rgb.shape[0])
    content = json.dumps(tree_of(home, written, sizes), indent=1, ensure_ascii=False) + "\n"
    write_file(file, content.encode())
    return Drawn(str(file), len(written), sum(map(len, written.values())), unread)


def _found(home: Home, camera: str, date: dt.date) -> list[_Shot]:
    """The samples of a camera's day on which the detector found something."""
    home.camera(camera)
    rows = with_names(home, home.tables.read(DETECTIONS, date, camera), date, camera)
    posed, cats, shots = _posed(home, camera, date), home.config.cats, []
    for (ts, chunk, offset_s), boxes in rows[~rows["burst"]].groupby(["ts", "chunk", "offset_s"], sort=True):
        found = [
            Mark(
                r.cat if r.cat in cats else "",
                (float(r.x1), float(r.y1), float(r.x2), float(r.y2)),
                posed.get((ts, r.track_id), ()),
            )
            for r in boxes.itertuples()
        ]
        shots.append(_Shot((camera, _whole(ts)), str(chunk), float(offset_s), found))
    return shots


def _posed(home: Home, camera: str, date: dt.date) -> dict[tuple[pd.Timestamp, int], tuple[Point, ...]]:
    """The keypoints of each sample of a track; a point that the house is not sure of is not labelled."""
    poses = home.tables.read(POSES, date, camera)
    poses = poses[~poses["burst"]]
    points = array_of(poses["keypoints"], (len(KEYPOINTS), 3))
    keys = zip(poses["ts"], poses["track_id"], strict=True)
    return {
        key: tuple((float(x), float(y), 2) if sure >= SEEN and 0 <= x <= 1 and 0 <= y <= 1 else (0.0, 0.0, 0) for x, y, sure in own)
        for key, own in zip(keys, points, strict=True)
    }  # fmt: skip


def _marked(home: Home, camera: str, date: dt.date, observer: str) -> list[_Shot]:
    """The pictures of a camera's day that an observer looked at."""
    home.camera(camera)
    shots = []
    for (own, ts), found in marks(home.database, observer, local_day(date, home.zone)).items():
        # To the millisecond a picture may lie just before its chunk.
        late = ts + dt.timedelta(milliseconds=1)
        chunks = [chunk for chunk in read_manifest(home.data, date).chunks(camera) if late in chunk.span]
        if own == camera and chunks:
            offset_s = max(0.0, (ts - chunks[0].start).total_seconds())
            shots.append(_Shot((camera, ts), chunks[0].key, offset_s, found))
    return shots


def _whole(ts: pd.Timestamp) -> dt.datetime:
    """To the millisecond that the name of a picture holds."""
    moment: dt.datetime = ts.to_pydatetime()
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
