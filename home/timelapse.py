"""Where timelapses of days are kept: in the home's own folder, and only as long as the footage that they show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from home.store import Store

__all__ = ["forget", "kept", "key_of"]

FOLDER = "timelapse"


def key_of(camera: str, date: dt.date, fingerprint: str) -> str:
    """The key of one, below `data/`; the fingerprint is of the footage that it shows."""
    return f"{FOLDER}/{camera}/{date}-{fingerprint}.mp4"


def kept(data: Store, camera: str, date: dt.date) -> list[str]:
    """The keys of those that are kept of a camera's local day, older ones too."""
    return [entry.key for entry in data.list(f"{FOLDER}/{camera}/{date}-")]


def forget(data: Store, camera: str, dates: Iterable[dt.date], but: str = "") -> None:
    """Remove those of some local days, all but one: their footage is gone, or has changed."""
    for date in dates:
        for key in kept(data, camera, date):
            if key != but:
                data.delete(key)
