"""What is remembered of each day, to compare later days with: some moments of each cat, as numbers, without pictures.

A day's partition is made from that day's own tables. Whoever needs it brings it up to date, in whatever order days are worked
on: the past of a day is that of all strictly earlier dates, and says the same on every way there.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from home.ethogram import UNKNOWN
from home.folder import Home
from home.nested import array_of, column_of
from home.tables import POSES, REMEMBERED
from models.behaviour.classifier import BehaviourReader
from models.remembered import NUMBERS, Known, kinds, known_of
from tasks.judging import Judged, eyes_of, judged, made_from

__all__ = ["Known", "days_before", "known_cats", "remember"]

MOST = 200  # moments of a cat, camera and day, evenly over the day; our choice


def remember(
    home: Home, date: dt.date, camera: str, reader: BehaviourReader, found: Judged | None = None
) -> str | None:
    """Bring up to date what is remembered of a camera's local day.

    Args:
        found: what was judged of it just now, to be written in any case; else it is judged where something has changed.

    Returns:
        A digest of what is remembered; None if nobody has looked at that day.
    """
    made = made_from(home, date, camera, reader)
    if made is None:
        return None
    if found is None and home.tables.fingerprint(REMEMBERED, date, camera) == made:
        return str(home.tables.notes(REMEMBERED, date, camera)["digest"])
    rows = _rows(found or judged(home, date, camera, reader))
    digest = _digest(rows)
    network = str(home.tables.notes(POSES, date, camera).get("network", ""))
    notes = {"digest": digest, "numbers": list(NUMBERS), "moments": len(rows), "network": network}
    notes["eyes"] = eyes_of(home, date, camera, reader)
    home.tables.write(REMEMBERED, rows, date, camera, made, notes)
    return digest


def days_before(home: Home, date: dt.date, camera: str, reader: BehaviourReader) -> list[tuple[dt.date, str]]:
    """The dates of the look-back of `behave` before a date of which something is remembered, oldest first, with its digest."""
    back = range(home.params.behave.past_days, 0, -1)
    days = [date - dt.timedelta(days=number) for number in back]
    return [(day, digest) for day in days if (digest := remember(home, day, camera, reader))]


def known_cats(home: Home, days: Sequence[dt.date], camera: str) -> dict[str, Known]:
    """What is known of each named cat from these days of a camera. Moments of nobody in particular say nothing of a cat."""
    parts = [home.tables.read(REMEMBERED, day, camera).assign(day=day.toordinal()) for day in days]
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"cat": []})
    return {str(cat): _known(home, str(cat), own) for cat, own in rows.groupby("cat", sort=True) if cat != UNKNOWN}


def _known(home: Home, cat: str, rows: pd.DataFrame) -> Known:
    values = array_of(rows["numbers"], (len(NUMBERS),))
    return known_of(values, rows["behaviour"].tolist(), rows["day"].to_numpy(np.int64), called(home, cat))


def kinds_of(behaviours: pd.Series) -> NDArray[np.int64]:
    """Names of behaviours as numbers `[N]`, all that CatML has no name for as `other`."""
    return kinds(behaviours.tolist())


def called(home: Home, cat: str) -> str:
    """What people call a cat."""
    return home.config.cats[cat].name if cat in home.config.cats else cat


def _rows(found: Judged) -> pd.DataFrame:
    """The rows of the table: of each cat at most MOST moments, in order of time, then of tracks."""
    samples = found.samples
    order = np.lexsort((samples["track_id"], samples["ts"]))
    cats = found.whose.to_numpy(str)[order]
    chosen = np.sort(
        np.concatenate([np.zeros(0, np.int64), *(_spread(np.flatnonzero(cats == cat)) for cat in np.unique(cats))])
    )
    taken = order[chosen]
    own, rows = found.own, samples.iloc[taken].reset_index(drop=True)
    numbers = np.where(own.known, own.values, np.nan)[taken]
    looks = [place for place, name in enumerate(own.names) if name.startswith("look_")]
    return pd.DataFrame(
        {
            "start": rows["ts"],
            "camera": rows["camera"],
            "track_id": rows["track_id"],
            "cat": cats[chosen],
            "behaviour": [found.names[place] for place in found.told[taken].argmax(axis=1)] if len(taken) else [],
            "seen": rows["confidence"].to_numpy(np.float32),
            "confidence": found.told[taken].max(axis=1).astype(np.float32) if len(taken) else np.zeros(0, np.float32),
            "numbers": column_of(numbers[:, [own.names.index(name) for name in NUMBERS]].astype(np.float32)),
            "look": _looks(numbers[:, looks].astype(np.float32)),
        }
    ).astype({"start": "datetime64[us, UTC]"})


def _spread(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    return rows[np.unique(np.linspace(0, len(rows) - 1, MOST).astype(int))] if len(rows) > MOST else rows


def _looks(looks: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """A list a row, empty where the animal was not looked at."""
    return [look if len(look) and np.isfinite(look).all() else look[:0] for look in looks]


def _digest(rows: pd.DataFrame) -> str:
    """Over what the rows hold: the same moments with the same names have the same one, whatever they were made from."""
    digest = hashlib.sha256(rows.drop(columns=["numbers", "look"]).to_csv(index=False).encode())
    for name in ("numbers", "look"):
        for cell in rows[name]:
            digest.update(np.asarray(cell, np.float32).tobytes() + b";")
    return digest.hexdigest()[:32]
