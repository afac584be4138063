"""The night's stages over footage that lies in a folder, and what they say of every second."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from home.folder import Home, open_home
from home.tables import FRAMES
from tasks.bouts import bouts
from tasks.detect import detect
from tasks.extract import extract
from tasks.labelling import presences, read_evidence
from tasks.manifest import manifest

__all__ = ["a_home", "looked_at", "night"]


def a_home(folder: Path, cameras: Iterable[str], settings: dict[str, str]) -> Home:
    """The home in a folder, UTC, with these cameras; `settings` are those of `--set`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "home.yaml").write_text("timezone: UTC\ncameras:\n" + "".join(f"  {name}: {{}}\n" for name in cameras))
    return open_home(folder, settings)


def night(home: Home, dates: Sequence[dt.date], with_bouts: bool = True) -> pd.DataFrame:
    """Run the stages up to `bouts`, detection anew, and tell the presences: rows of `tasks.labelling.presences`.

    Footage of one date only is known: the days beside it are empty.
    """
    found = []
    for date in dates:
        manifest(home, date)
        for camera in home.config.cameras:
            extract(home, date, camera)
            detect(home, date, camera, force=True)
        if with_bouts:
            bouts(home, date, force=True)
        rows = presences(home, read_evidence(home, [date]))
        found.append(rows.assign(begin=(rows["ts"] - pd.Timestamp(0, tz="UTC")).dt.total_seconds()))
    return pd.concat(found)


def looked_at(home: Home, date: dt.date, camera: str) -> np.ndarray:
    """The whole seconds (epoch) of the samples that the detector was given."""
    frames = home.tables.read(FRAMES, date, camera)
    kept = frames.loc[frames["kept"], "ts"]
    return np.floor((kept - pd.Timestamp(0, tz="UTC")).dt.total_seconds().to_numpy()).astype(np.int64)
