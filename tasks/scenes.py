"""What a camera showed of its room, hour by hour: table `scenes`, which `extract` writes and `drift` compares over nights."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import numpy as np
import pandas as pd

from home.folder import Home
from home.tables import SCENES
from models.scene import COLUMNS, DIRECTIONS, ROWS, Look, median_look
from models.scene_drift import FEWEST_LOOKS, Scene

__all__ = ["LOOK_EVERY", "Scenes", "scene_of"]

LOOK_EVERY = dt.timedelta(minutes=5)
"""Within a chunk, from its first sample on: an hour has a dozen, and the night goes on as fast (`python -m bench.looks`)."""


class Scenes:
    """The hours of one camera's day, while its footage is looked at.

    Args:
        camera: its id.
    """

    def __init__(self, camera: str) -> None:
        self._camera = camera
        self._hours: dict[dt.datetime, list[Look]] = {}

    def add(self, ts: dt.datetime, look: Look) -> None:
        """Take in what was seen at a moment, UTC."""
        self._hours.setdefault(ts.replace(minute=0, second=0, microsecond=0), []).append(look)

    def rows(self) -> pd.DataFrame:
        """A row for each hour in which something was seen, in order."""
        rows = []
        for start, looks in sorted(self._hours.items()):
            hour = median_look(looks)
            rows.append([start, self._camera, len(looks), *hour.tones, *hour.colours, hour.layout.tobytes()])
        frame = pd.DataFrame(rows, columns=list(SCENES.columns))
        return frame.astype({"start": "datetime64[us, UTC]"})

    def notes(self) -> dict[str, Any]:
        """In how many hours enough was seen, and a digest of all of it."""
        digest = hashlib.sha256(self.rows().to_csv(index=False).encode()).hexdigest()[:32]
        return {"hours": sum(len(looks) >= FEWEST_LOOKS for looks in self._hours.values()), "digest": digest}


def scene_of(home: Home, date: dt.date, camera: str) -> Scene:
    """What a camera showed on a local day, by the hours of the home's clock."""
    rows = home.tables.read(SCENES, date, camera)
    rows = rows[rows["looks"] >= FEWEST_LOOKS]
    tones, colours = np.full((24, 2), np.nan), np.full((24, 3), np.nan)
    layouts = np.zeros((24, ROWS * COLUMNS * DIRECTIONS), np.float32)
    # Where the clocks are set back, the later of two hours counts.
    for hour, row in zip(rows["start"].dt.tz_convert(home.zone).dt.hour, rows.itertuples(), strict=True):
        tones[hour] = row.brightness, row.contrast
        colours[hour] = row.blue, row.red, row.saturation
        layouts[hour] = np.frombuffer(row.layout, np.uint8)
    return Scene(tones, colours, layouts)
