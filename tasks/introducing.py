"""A simulated home is shown its cats, as their owner would do it, and is asked afterwards whom it took for whom."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import dataclass
from pathlib import Path

import cv2

from home.clock import local_date
from home.ethogram import UNKNOWN
from home.folder import Home
from home.store import write_file
from home.tables import BOUTS
from simulate.routine import read_diary
from simulate.scenery import Scenery
from tasks.enrol import add_photos
from tasks.portraits import portraits

__all__ = ["Named", "introduce", "named_time"]

ROOMS = 8  # in which the cats are photographed: some photos of each


@dataclass(frozen=True)
class Named:
    """Cat-seconds in bouts: all, those with a name, and of these those in which only another cat was in sight.

    Seconds in which no cat was in sight are the detection's matter, and graded there.
    """

    all_s: int
    named_s: int
    wrong_s: int

    @property
    def named(self) -> float:
        """Share that was given a name, 0..1."""
        return self.named_s / max(self.all_s, 1)

    @property
    def right(self) -> float:
        """Share of the named that is not of another cat, 0..1; 0 where nothing was named."""
        return (self.named_s - self.wrong_s) / max(self.named_s, 1)


def introduce(home: Home, seed: int) -> None:
    """Enrol photos of every cat of a simulated home, drawn by day in rooms that are none of its own.

    Args:
        home: simulated with this seed.
        seed: of the home.

    Raises:
        ModelError: if the detector cannot be loaded.
        StoreError: if a photo cannot be kept.
    """
    bodies = Scenery(seed, len(home.config.cameras), len(home.config.cats)).bodies()
    with tempfile.TemporaryDirectory() as room:
        for number, shown in enumerate(portraits(list(bodies.values()), ROOMS, seed, nights=0)):
            file = Path(room) / list(bodies)[shown.cat] / f"{number}.png"
            file.parent.mkdir(exist_ok=True)
            write_file(file, cv2.imencode(".png", shown.picture[..., ::-1])[1].tobytes())
        for folder in sorted(Path(room).iterdir()):
            add_photos(home, folder.name, [folder])


def named_time(home: Home) -> Named:
    """Hold the names of a simulated home's bouts against its diary."""
    diary = [episode for episode in read_diary(home.root / "data" / "diary.csv") if episode.camera is not None]
    all_s = named_s = wrong_s = 0
    for date in sorted({local_date(episode.start, home.zone) for episode in diary}):
        for bout in home.tables.read(BOUTS, date).itertuples():
            all_s += round(bout.duration_s)
            if bout.cat == UNKNOWN:
                continue
            named_s += round(bout.duration_s)
            there = [e for e in diary if e.camera in bout.cameras]
            for second in range(round(bout.duration_s)):
                now = bout.start + dt.timedelta(seconds=second)
                cats = {e.cat for e in there if e.start <= now < e.end}
                wrong_s += bool(cats) and bout.cat not in cats
    return Named(all_s, named_s, wrong_s)
