"""Which nights of a camera stage `drift` compares, and what comes of it: rows of its table.

What is read of the cats is compared with the first nights on which the same networks looked; what the room looks like with the
nights just before. Nothing of a later night is in a night's answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from home.folder import Home
from home.look import BEHAVIOURS
from home.table import Table
from home.tables import DRIFT, REMEMBERED, SCENES
from models.drift import FEWEST_MOMENTS, FEWEST_NIGHTS, WATCHED, Night, Trained, deviations, learn_reference
from models.page_test import HORIZON, Watch, watch
from models.scene_drift import FEWEST_HOURS, FEWEST_SCENES, GAP, MOST, MOST_SCENES, SHOWN, new_hours, scene_deviations
from tasks.remembered import kinds_of
from tasks.scenes import scene_of

__all__ = ["Nights", "cat_nights", "cat_rows", "room_nights", "room_rows"]


@dataclass(frozen=True)
class Nights:
    """The nights of one camera that say something of a date, each with a digest of what is known of it.

    Attributes:
        reference: those that are only compared with, all before the date.
        later: those after them up to the date, at most HORIZON.
        network: which one the looks are of; empty where it is the room that is compared.
    """

    camera: str
    reference: list[tuple[dt.date, str]]
    later: list[tuple[dt.date, str]]
    network: str = ""


def cat_nights(home: Home, date: dt.date, camera: str) -> Nights:
    """Nights in which cats were read: first nights from the oldest on, then the newest from the date backwards."""
    dates = _dates(home, REMEMBERED)
    own = home.tables.notes(REMEMBERED, date, camera)

    def counting(days: Iterator[dt.date]) -> Iterator[tuple[dt.date, str]]:
        for day in days:
            notes = home.tables.notes(REMEMBERED, day, camera)
            if notes.get("eyes") == own["eyes"] and notes["moments"] >= FEWEST_MOMENTS:
                yield day, notes["digest"]

    reference = _first(counting(day for day in dates if day < date), home.params.drift.reference_nights)
    last = reference[-1][0] if reference else dt.date.min
    later = _first(counting(day for day in reversed(dates) if last < day <= date), HORIZON)
    return Nights(camera, reference, later[::-1], own["network"])


def room_nights(home: Home, date: dt.date, camera: str) -> Nights:
    """Nights in which the room was looked at: the newest from the date backwards, after enough of them to compare with."""

    def counting(days: Iterator[dt.date]) -> Iterator[tuple[dt.date, str]]:
        for day in days:
            notes = home.tables.notes(SCENES, day, camera)
            if notes.get("hours", 0) >= FEWEST_HOURS:
                yield day, notes["digest"]

    before = _compared(home) + GAP
    days = (day for day in reversed(_dates(home, SCENES)) if day <= date)
    nights = _first(counting(days), HORIZON + before)[::-1]
    later = max(len(nights) - before, min(len(nights), 1))
    return Nights(camera, nights[:-later], nights[-later:]) if nights else Nights(camera, [], [])


def _compared(home: Home) -> int:
    return min(home.params.drift.reference_nights, MOST_SCENES)


def _dates(home: Home, table: Table) -> list[dt.date]:
    since = home.params.drift.since or dt.date.min
    return [day for day in home.tables.dates(table) if day >= since]


def _first(nights: Iterator[tuple[dt.date, str]], most: int) -> list[tuple[dt.date, str]]:
    return [night for night, _ in zip(nights, range(most), strict=False)]


def cat_rows(home: Home, date: dt.date, nights: Nights, trained: Trained | None, chance: float) -> pd.DataFrame:
    """A row for each number of WATCHED; without deviation where there is nothing to compare yet, or tonight too little.

    Args:
        home: the home.
        date: local date.
        nights: from `cat_nights`.
        trained: what the classifier learned from.
        chance: that any of these numbers raises an alarm in HORIZON ordinary nights.
    """
    known = trained if trained is not None and trained.network == nights.network else None
    if len(nights.reference) < FEWEST_NIGHTS or not nights.later:
        return _table(date, nights, WATCHED, len(nights.reference))
    first, later = (_read(home, part, nights.camera) for part in (nights.reference, nights.later))
    reference = learn_reference(first, len(BEHAVIOURS), known)
    off = deviations(later, reference)
    return _table(date, nights, WATCHED, reference.nights, off, watch(off, reference.nights, chance=chance))


def room_rows(home: Home, date: dt.date, nights: Nights, chance: float) -> pd.DataFrame:
    """As `cat_rows`, for each number of SHOWN, from `room_nights`."""
    count = len(nights.reference)
    compared = min(max(count + len(nights.later) - 1 - GAP, 0), _compared(home))
    if compared < FEWEST_SCENES:
        return _table(date, nights, SHOWN, compared)
    scenes = [scene_of(home, day, nights.camera) for day, _ in [*nights.reference, *nights.later]]
    off = scene_deviations(scenes, _compared(home))[count:]
    rows = _table(date, nights, SHOWN, compared, off, watch(off, compared, chance=chance, most=MOST))
    return rows.assign(
        hours=pd.Series(new_hours(scenes, _compared(home)), dtype=object).where(rows["alarm"], rows["hours"])
    )


def _table(
    date: dt.date,
    nights: Nights,
    words: Iterable[str],
    compared: int,
    off: NDArray[np.float64] | None = None,
    seen: Watch | None = None,
) -> pd.DataFrame:
    rows = pd.DataFrame({"camera": nights.camera, "watched": list(words), "reference_nights": compared})
    if off is None or seen is None:
        empty = {
            "deviation": np.nan,
            "sum": np.nan,
            "bound": np.nan,
            "alarm": False,
            "since": None,
            "hours": _none(rows),
        }
        return rows.assign(**empty)[list(DRIFT.columns)]
    rows = rows.assign(
        deviation=off[-1],
        sum=seen.sums[-1],
        bound=seen.bound,
        alarm=seen.alarms[-1],
        since=[str(nights.later[night][0]) for night in seen.since[-1]],
        hours=_none(rows),
    )
    # Too little was seen tonight: what summed up before stays, and says nothing of tonight.
    rows = rows if nights.later[-1][0] == date else rows.assign(deviation=np.nan, alarm=False)
    return rows[list(DRIFT.columns)]


def _none(rows: pd.DataFrame) -> list[list[int]]:
    return [[] for _ in range(len(rows))]


def _read(home: Home, nights: list[tuple[dt.date, str]], camera: str) -> list[Night]:
    """The nights, with looks of one width; a night without any has none of that width."""
    found = [_night(home, day, camera) for day, _ in nights]
    width = max(night.looks.shape[1] for night in found)
    return [night if len(night.looks) else replace(night, looks=np.zeros((0, width))) for night in found]


def _night(home: Home, date: dt.date, camera: str) -> Night:
    rows = home.tables.read(REMEMBERED, date, camera)
    looks = [np.asarray(look, float) for look in rows["look"] if len(look)]
    return Night(
        rows["seen"].to_numpy(float),
        kinds_of(rows["behaviour"]),
        np.stack(looks) if looks else np.zeros((0, 0)),
    )
