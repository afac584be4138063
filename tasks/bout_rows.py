"""One bout as a row of the table: its time, its most telling moment, how sure it is and by what."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from home.ethogram import BEHAVIOURS
from home.folder import Home
from home.look import counted, listed, mark_of
from models.behaviour.episodes import Episode
from tasks.labelling import PROBABILITIES, Grid
from tasks.laying import Labelled

__all__ = ["SPOKEN", "bout_row"]

SPOKEN = "said by "
"""How the evidence of a bout begins that people spoke of."""

_STRENGTH = {
    "sleeping": 0.8,
    "eating": 0.8,
    "using_litter_box": 0.8,
    "other": 0.6,
}  # how far the rules are trusted; not calibrated
_AS_GOOD = 0.9  # of the best moment: from here on the larger box is the better picture; our choice


def bout_row(
    home: Home, animal: Labelled, number: int, episode: Episode, seen: pd.DataFrame, grid: Grid, day: tuple[int, int]
) -> dict[str, object]:
    """The row of a bout.

    Args:
        home: the home.
        animal: whose it is.
        number: of the animal.
        episode: the bout, in seconds of the grid.
        seen: the detections that `animal.detection` counts.
        grid: the seconds.
        day: first second of the local day, and the one after its last; the bout is cut to it.
    """
    first, last = max(episode.start, day[0]), min(episode.end, day[1])
    whole = _detections(animal, seen, episode.start, episode.end)
    own = _detections(animal, seen, first, last)
    # Where the day's part was filled in, its evidence lies over midnight.
    rows, begun = whole if own.empty else own, whole.sort_values("ts").iloc[0]
    behaviour = BEHAVIOURS[episode.label]
    sure = _sure(home, behaviour, rows)
    best = _telling(rows, sure)
    # What either day knows of the bout, so that its two parts have one name: its start, and the detection there.
    start = grid.moment(episode.start).isoformat()
    name = f"{animal.cat} {behaviour} {start} {begun['camera']} {begun['ts'].isoformat()} {begun['x1']} {begun['y1']}"
    return {
        "cat": animal.cat,
        "animal": number,
        "behaviour": behaviour,
        "start": grid.moment(first),
        "end": grid.moment(last),
        "duration_s": float(np.count_nonzero(animal.labels[first:last] == episode.label)),
        "confidence": float(sure.mean()),
        "cameras": sorted(set(rows["camera"])),
        "chunk": best["chunk"],
        "offset_s": float(best["offset_s"]),
        "continues_before": episode.start < day[0],
        "continues_after": episode.end > day[1],
        "bout_id": hashlib.sha256(name.encode()).hexdigest()[:12],
        "evidence": _sentence(home, behaviour, rows),
        "camera": best["camera"],
        **{side: float(best[side]) for side in ("x1", "y1", "x2", "y2")},
    }


def _detections(animal: Labelled, seen: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    used = np.unique(animal.detection[first:last])
    return seen.loc[used[used >= 0]]


def _sure(home: Home, behaviour: str, rows: pd.DataFrame) -> NDArray[np.float64]:
    """How sure each moment is of it: by its probability, else by how sure the detector is, as far as the rules are trusted."""
    own = rows["confidence"].to_numpy(np.float64) * _STRENGTH.get(behaviour, 0.0)
    if home.params.behave.model and rows[f"p_{behaviour}"].notna().any():
        # A detection without a moment says nothing of what the others say.
        own = rows[f"p_{behaviour}"].fillna(rows[f"p_{behaviour}"].mean()).to_numpy(np.float64)
    return np.where(rows["said"] == behaviour, 1.0, own)


def _telling(rows: pd.DataFrame, sure: NDArray[np.float64]) -> pd.Series:
    """The moment to show: of those as good as the best, where the animal is largest in the picture."""
    quality = sure * rows["confidence"].to_numpy(np.float64)
    size = ((rows["x2"] - rows["x1"]) * (rows["y2"] - rows["y1"])).where(quality >= _AS_GOOD * quality.max(), -1.0)
    return rows.assign(size=size).sort_values(["size", "ts"], ascending=[False, True]).iloc[0]


def _sentence(home: Home, behaviour: str, rows: pd.DataFrame) -> str:
    where, count = listed(sorted(set(rows["camera"]))), counted(len(rows), "moment")
    spoken = rows[rows["said"] == behaviour]
    if len(spoken):
        who = listed(sorted(set(spoken["said_by"].where(spoken["said_by"] != "", "its owner"))))
        was = sorted(set(spoken["said_was"]) - {"", behaviour})
        read = f", not {listed(mark_of(name).label.lower() for name in was)}" if was else ""
        return f"{SPOKEN}{who}{read}; {len(spoken)} of {count} on {where}"
    if home.params.behave.model:
        most = rows[PROBABILITIES].fillna(0.0).to_numpy().argmax(axis=1) == BEHAVIOURS.index(behaviour)
        return f"{int(most.sum())} of {count} look most like it, on {where}"
    why = {
        "sleeping": "the box stayed in its place",
        "eating": "the box covered the food bowl and things moved",
        "using_litter_box": "the lower half of the box lay in the litter box",
    }.get(behaviour, "seen, but no rule names what it did")
    return f"{why}; {counted(len(rows), 'detection')} on {where}"
