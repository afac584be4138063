"""What is known of the cats of a home: looks of their photos, and of the tracks that a person has named."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from home.clock import local_date
from home.errors import ModelError, StoreMissing
from home.folder import Home
from home.gallery import Photo, photos
from home.tables import POSES
from models.identity import Gallery
from models.pose.predict import PoseReader
from tasks.corrected import labelled

__all__ = ["gallery_of", "said_names", "strangers_of"]

MOST = 12  # looks of one named track that are kept: more are much alike
_LOOKS = "cache/looks"


def gallery_of(home: Home, reader: PoseReader, said: pd.DataFrame) -> Gallery:
    """The looks of the cats of home.yaml, each photo and each named track one sitting.

    Args:
        home: the home.
        reader: gives the looks of photos; what it gave once is kept in `data/cache/looks`.
        said: from `said_names`.

    Raises:
        TableError: what is written beside a photo cannot be read.
        StoreError: photos or tables cannot be read.
    """
    names = tuple(home.config.cats)
    found: list[tuple[int, NDArray[np.float32]]] = []
    for number, cat in enumerate(names):
        kept = [_look(home, reader, photo) for photo in photos(home.data, cat)]
        tracks = [_looks(home, rows) for _, rows in said[said["value"] == cat].groupby(["camera", "day", "track_id"])]
        found += [(number, looks) for looks in (*kept, *tracks) if len(looks)]
    width = reader.description.looks
    return Gallery(
        names,
        np.concatenate([np.zeros((0, width), np.float32), *(looks for _, looks in found)]),
        np.array([cat for cat, looks in found for _ in looks], np.int64),
        np.array([sitting for sitting, (_, looks) in enumerate(found) for _ in looks], np.int64),
    )


def said_names(home: Home) -> pd.DataFrame:
    """The samples of which a person said whose they are: `camera`, `day` (local date), `track_id`, `start`, `value`.

    Raises:
        StoreError, TableError: rows or tables cannot be read.
    """
    rows = labelled(home, "cat")
    return rows.assign(day=[local_date(start, home.zone) for start in rows["start"]])


def strangers_of(home: Home) -> NDArray[np.float32]:
    """Looks of cats of other homes `float32 [S, D]`, as they ship beside the pose network.

    Raises:
        ModelError: there are none, or they cannot be read.
    """
    path = home.file(home.params.pose.model).with_name("strangers.npy")
    try:
        return np.asarray(np.load(path), np.float32)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{str(path)!r}: no looks of strangers ({error}), against which cats are known; export the pose network again"
        ) from error


def _look(home: Home, reader: PoseReader, photo: Photo) -> NDArray[np.float32]:
    """The look of a photo `[1, D]`; of one that is gone or cannot be read any more, none `[0, D]`."""
    key = f"{_LOOKS}/{photo.md5}-{reader.fingerprint[:16]}.npy"
    if home.data.find(key) is not None:
        return np.asarray(np.load(io.BytesIO(home.data.read(key))), np.float32)
    try:
        bgr = cv2.imdecode(np.frombuffer(home.data.read(photo.key), np.uint8), cv2.IMREAD_COLOR)
    except (StoreMissing, cv2.error):
        bgr = None
    if bgr is None:
        return np.zeros((0, reader.description.looks), np.float32)
    rgb = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
    looks = reader.read(rgb, np.array([photo.box], np.float32)).looks
    content = io.BytesIO()
    np.save(content, looks)
    home.data.write(key, content.getvalue())
    return looks


def _looks(home: Home, rows: pd.DataFrame) -> NDArray[np.float32]:
    """The looks of the named samples of one track `[N, D]`, spread over it; none where no pose was read."""
    first = rows.iloc[0]
    poses = home.tables.read(POSES, first["day"], first["camera"])
    own = poses[(poses["track_id"] == first["track_id"]) & ~poses["burst"] & poses["ts"].isin(rows["start"])]
    looks = [np.asarray(look, np.float32) for look in own["look"] if len(look)]
    return np.stack(looks[:: max(1, len(looks) // MOST)][:MOST]) if looks else np.zeros((0, 0), np.float32)
