"""The moments of which a home's people said what they were, as examples for its behaviour network: learned from, or held out.

Held out are whole tracks, by a hash of the track: what is held out today is held out for ever. What shares a track, or a
stretch of time that was spoken of, with something held out is not learned from.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from home.clock import local_date, local_dates
from home.corrections import corrections
from home.errors import WrongUse
from home.ethogram import BEHAVIOURS
from home.folder import Home
from home.tables import DETECTIONS
from models.behaviour.classifier import columns
from models.behaviour.evidence import ZONE_KINDS, Evidence, evidence
from models.behaviour.learn import Examples
from tasks.corrected import labelled, share_of
from tasks.judging import read_moments

__all__ = ["OwnMoments", "enough", "own_moments", "unsaid"]

HELD_OUT = 0.3
"""Share of the tracks that are held out. Our choice: the test needs some, the network learns from the rest."""
WEIGHT = 3.0
"""What a moment of this home counts, where one of the first training counts 1. Our choice, as `models.behaviour.tune.TUNE`."""
MOST = 20
"""Moments of a track count as so many together at most: a cat that sleeps all day would outweigh all else. Our choice."""
LEAST_HELD_OUT, LEAST_LEARNED = 5, 5
"""Tracks. Of fewer than five that differ, an exact test can say nothing at 0.05."""


@dataclass(frozen=True)
class OwnMoments:
    """N moments.

    Attributes:
        evidence: what each shows.
        rows: of each `camera date start track_id`, `track` (its number), `truth` (index in BEHAVIOURS), `correction` (its
            number, 0: of a label), `side` (`learn`, `held_out`, or `neither`).
        gone: corrections whose tables are not there any more.
    """

    evidence: Evidence
    rows: pd.DataFrame
    gone: list[int]

    def of(self, side: str) -> tuple[Evidence, pd.DataFrame]:
        """Those of one side."""
        own = self.rows["side"].to_numpy() == side
        return Evidence(self.evidence.values[own], self.evidence.known[own], self.evidence.names), self.rows[own]

    def examples(self) -> Examples:
        """Those to learn from."""
        own, rows = self.of("learn")
        many = rows.groupby("track")["track"].transform("size").to_numpy(np.float64)
        weight = (WEIGHT * np.minimum(1.0, MOST / np.maximum(many, 1.0))).astype(np.float32)
        return Examples(own.values, own.known.astype(np.float32), rows["truth"].to_numpy(np.int64), weight)

    @property
    def days(self) -> list[tuple[str, dt.date]]:
        """The camera-days they are of."""
        return sorted(set(self.rows[["camera", "date"]].itertuples(index=False, name=None)))


def own_moments(home: Home, names: Sequence[str]) -> OwnMoments:
    """Read them from the tables.

    Args:
        home: the home.
        names: the numbers that the network takes, in order.

    Raises:
        StoreError, TableError: if rows or tables cannot be read.
    """
    said = labelled(home, "behaviour")
    said = said[said["camera"].isin(home.config.cameras)].reset_index(drop=True)
    said["date"] = [local_date(start, home.zone) for start in said["start"]]
    said["truth"] = said["value"].map(BEHAVIOURS.index).astype(np.int64)
    values, known = np.zeros((2, len(said), len(names)), np.float32)
    for (camera, date), own in said.groupby(["camera", "date"], sort=True):
        samples, seen = _read(home, camera, date, names)
        place = pd.MultiIndex.from_frame(samples[["ts", "track_id"]])
        found = place.get_indexer(pd.MultiIndex.from_frame(own[["start", "track_id"]]))
        values[own.index], known[own.index] = seen.values[found], seen.known[found]
    return OwnMoments(Evidence(values, known.astype(bool), tuple(names)), _with_sides(said), _gone(home))


def unsaid(home: Home, own: OwnMoments) -> Iterator[Evidence]:
    """The other moments of the same camera-days, of which nobody spoke: a camera-day at a time."""
    for camera, date in own.days:
        samples, seen = _read(home, camera, date, own.evidence.names)
        spoken = own.rows[(own.rows["camera"] == camera) & (own.rows["date"] == date)]
        quiet = ~pd.MultiIndex.from_frame(samples[["ts", "track_id"]]).isin(
            pd.MultiIndex.from_frame(spoken[["start", "track_id"]])
        )
        yield Evidence(seen.values[quiet], seen.known[quiet], seen.names)


def enough(own: OwnMoments) -> None:
    """Refuse what nothing can be learned from, or nothing could be said of afterwards.

    Raises:
        WrongUse: says what there is, and what would be needed.
    """
    learned, held = own.of("learn")[1], own.of("held_out")[1]
    tracks, asked = learned["track"].nunique(), held["track"].nunique()
    gone = f"; of {len(own.gone)} the tables are gone: {', '.join(map(str, own.gone))}" if own.gone else ""
    if tracks < LEAST_LEARNED or asked < LEAST_HELD_OUT:
        need = max(LEAST_LEARNED / (1 - HELD_OUT), LEAST_HELD_OUT / HELD_OUT)
        raise WrongUse(
            f"people said what {tracks + asked} tracks did: {tracks} to learn from and {asked} held out{gone}. It takes "
            f"{LEAST_LEARNED} and {LEAST_HELD_OUT}, about {round(need)} tracks in all: `catml correct`, or labels from BORIS"
        )
    told = sorted(set(learned["truth"]))
    if len(told) < 2:
        raise WrongUse(
            f"all {tracks} tracks to learn from are {BEHAVIOURS[told[0]]}{gone}: a network that only hears of one behaviour "
            "learns to say nothing else. Say of some others what they were too, those that were read right as well"
        )


def _read(home: Home, camera: str, date: dt.date, names: Sequence[str]) -> tuple[pd.DataFrame, Evidence]:
    samples, moments = read_moments(home, date, camera)
    settings = home.config.cameras[camera]
    values, known = columns(evidence(moments, {kind: settings.zones_of(kind) for kind in ZONE_KINDS}), names)
    return samples, Evidence(values, known.astype(bool), tuple(names))


def _with_sides(said: pd.DataFrame) -> pd.DataFrame:
    names = [f"{r.camera} {r.date} {r.track_id}" for r in said.itertuples()]
    held: NDArray[np.bool_] = np.array([share_of(name) < HELD_OUT for name in names], bool)
    tainted = said["group"].isin(said["group"][held]).to_numpy()
    side = np.where(held, "held_out", np.where(tainted, "neither", "learn"))
    track = pd.factorize(np.array(names, object))[0]
    kept = ["camera", "date", "start", "track_id", "truth", "correction"]
    return said[kept].assign(track=track, side=side)


def _gone(home: Home) -> list[int]:
    there: dict[tuple[str, dt.date], bool] = {}
    gone = []
    for each in corrections(home.database):
        days = [(each.camera, date) for date in local_dates(each.span, home.zone)]
        for camera, date in days:
            if (camera, date) not in there:
                there[camera, date] = camera in home.config.cameras and (
                    home.tables.fingerprint(DETECTIONS, date, camera) is not None
                )
        if each.field == "behaviour" and not any(there[day] for day in days):
            gone.append(each.id)
    return gone
