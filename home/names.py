"""The names of cats, as `identify` found them, put to the detections of their tracks."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from home.ethogram import UNKNOWN
from home.folder import Home
from home.tables import IDENTITIES

__all__ = ["with_names"]


def with_names(home: Home, rows: pd.DataFrame, day: dt.date, camera: str) -> pd.DataFrame:
    """Detections with the cats that their tracks were found to be."""
    if not home.params.pose.model:
        return rows
    known = home.tables.read(IDENTITIES, day)
    names = known[known["camera"] == camera].set_index("track_id")["cat"]
    return rows.assign(cat=rows["track_id"].map(names).fillna(UNKNOWN).astype(str))
