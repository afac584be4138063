"""What is known of the cats of a home: coats on their photos, and of the tracks that a person has named."""

from __future__ import annotations

import io
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from home.clock import local_date
from home.errors import StoreMissing
from home.folder import Home
from home.gallery import Photo, photos
from home.tables import POSES
from models.coat import COAT
from models.detector.description import fingerprint_of as checksum
from models.identity import Gallery, Recogniser
from models.pose.predict import PoseReader
from models.strangers import FILE, Strangers, read_strangers
from tasks.corrected import labelled

__all__ = ["gallery_of", "recogniser_of", "said_names", "strangers_checksum", "strangers_of"]

MOST = 12  # coats of one named track that are kept: more are much alike
_COATS = "cache/coats"


def gallery_of(home: Home, reader: PoseReader, said: pd.DataFrame) -> Gallery:
    """The coats of the cats of home.yaml; the photos of a cat that were taken on one day are a sitting, a named track is one.

    Args:
        home: the home.
        reader: gives the coats of photos; what it gave once is kept in `data/cache/coats`.
        said: from `said_names`.

    Raises:
        TableError: what is written beside a photo cannot be read.
        StoreError: photos or tables cannot be read.
    """
    names = tuple(home.config.cats)
    found: list[tuple[int, NDArray[np.float32]]] = []
    for number, cat in enumerate(names):
        days: dict[str, list[NDArray[np.float32]]] = defaultdict(list)
        for photo in photos(home.data, cat):
            days[photo.taken or photo.md5].append(_of_photo(home, reader, photo))
        tracks = [
            _of_track(home, rows) for _, rows in said[said["value"] == cat].groupby(["camera", "day", "track_id"])
        ]
        found += [(number, own) for own in (*map(np.concatenate, days.values()), *tracks) if len(own)]
    return Gallery(
        names,
        np.concatenate([np.zeros((0, COAT), np.float32), *(coats for _, coats in found)]),
        np.array([cat for cat, coats in found for _ in coats], np.int64),
        np.array([sitting for sitting, (_, coats) in enumerate(found) for _ in coats], np.int64),
    )


def said_names(home: Home) -> pd.DataFrame:
    """The samples of which a person said whose they are: `camera`, `day` (local date), `track_id`, `start`, `value`.

    Raises:
        StoreError, TableError: rows or tables cannot be read.
    """
    rows = labelled(home, "cat")
    return rows.assign(day=[local_date(start, home.zone) for start in rows["start"]])


def recogniser_of(home: Home) -> Recogniser | None:
    """What knows the cats of a home; None where it has no pose network, or no cat to know.

    Raises:
        ModelError: the pose network cannot be loaded, or ships no strangers.
        StoreError, TableError: photos, corrections or tables cannot be read.
    """
    if not home.params.pose.model or not home.config.cats:
        return None
    from tasks.pose import load_reader

    gallery = gallery_of(home, load_reader(home), said_names(home))
    params = home.params.identify
    if not len(gallery.coats):
        return None
    return Recogniser(gallery, strangers_of(home), least=params.least, allowed=params.strangers)


def strangers_of(home: Home) -> Strangers:
    """Cats of other homes, as they ship beside the pose network.

    Raises:
        ModelError: there are none, or they cannot be read.
    """
    return read_strangers(_strangers_file(home))


def strangers_checksum(home: Home) -> str:
    """SHA-256 of what strangers look like; empty where there is no such file."""
    file = _strangers_file(home)
    return checksum(file) if file.is_file() else ""


def _strangers_file(home: Home) -> Path:
    return home.file(home.params.pose.model).with_name(FILE)


def _of_photo(home: Home, reader: PoseReader, photo: Photo) -> NDArray[np.float32]:
    """The coat on a photo `[1,D]`; of one that is gone or cannot be read any more, none `[0,D]`."""
    key = f"{_COATS}/{photo.md5}-{reader.fingerprint[:16]}.npy"
    if home.data.find(key) is not None:
        return np.asarray(np.load(io.BytesIO(home.data.read(key))), np.float32)
    try:
        bgr = cv2.imdecode(np.frombuffer(home.data.read(photo.key), np.uint8), cv2.IMREAD_COLOR)
    except (StoreMissing, cv2.error):
        bgr = None
    if bgr is None:
        return np.zeros((0, COAT), np.float32)
    rgb = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
    coats = reader.read(rgb, np.array([photo.box], np.float32)).coats
    content = io.BytesIO()
    np.save(content, coats)
    home.data.write(key, content.getvalue())
    return coats


def _of_track(home: Home, rows: pd.DataFrame) -> NDArray[np.float32]:
    """The coats on the named samples of one track `[N,D]`, spread over it; none where no pose was read."""
    first = rows.iloc[0]
    poses = home.tables.read(POSES, first["day"], first["camera"])
    own = poses[(poses["track_id"] == first["track_id"]) & ~poses["burst"] & poses["ts"].isin(rows["start"])]
    coats = [np.asarray(coat, np.float32) for coat in own["coat"] if len(coat)]
    return np.stack(coats[:: max(1, len(coats) // MOST)][:MOST]) if coats else np.zeros((0, COAT), np.float32)
