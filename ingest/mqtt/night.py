"""What the tables of the night say of each cat: where it was last, its last meal, what comes next, comfort, oddities."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from home.folder import Home, today
from home.table import Table
from home.tables import ANIMALS, ANOMALIES, BOUTS, EPISODES, FORECASTS, MOMENTS
from ingest.mqtt.facts import CatFacts, Comfort, Meal, Oddity, Sighting, Visit

__all__ = ["read_night"]

LOOK_BACK = 14  # partitions; of what is older nothing is told
FEWEST = 10  # moments that the comfort of a day rests on, as on the page of the day
STALE_DAYS = 2  # an older judgement is none of how a cat is now
SEVERITIES = ("urgent", "warning", "notice")


def read_night(home: Home) -> dict[str, CatFacts]:
    """What the tables say of each cat of home.yaml.

    Raises:
        StoreError, TableError: if they cannot be read, or are damaged.
    """
    dates = {table.name: _dates(home, table) for table in (ANIMALS, ANOMALIES, BOUTS, EPISODES, FORECASTS)}
    cats = list(home.config.cats)
    seen = _latest(home, BOUTS, dates, cats, "end", None)
    meals = _latest(home, EPISODES, dates, cats, "start", "eating")
    visits = _latest(home, EPISODES, dates, cats, "start", "using_litter_box")
    forecasts = home.tables.read(FORECASTS, dates[FORECASTS.name][-1]) if dates[FORECASTS.name] else FORECASTS.empty()
    comfort = _comfort(home, dates[ANIMALS.name])
    oddities = _oddities(home, dates[ANOMALIES.name])
    return {
        cat: CatFacts(
            seen=_sighting(seen.get(cat)),
            meal=_meal(meals.get(cat)),
            visit=_visit(forecasts[forecasts["cat"] == cat], visits.get(cat)),
            comfort=comfort.get(cat),
            oddity=oddities.get(cat),
        )
        for cat in cats
    }


def _dates(home: Home, table: Table) -> list[dt.date]:
    return [date for date in home.tables.dates(table) if date <= today(home)][-LOOK_BACK:]


def _latest(
    home: Home, table: Table, dates: dict[str, list[dt.date]], cats: list[str], by: str, behaviour: str | None
) -> dict[str, Any]:
    """The newest row of each cat; partitions are read from the newest on, until every cat has one."""
    found: dict[str, Any] = {}
    for date in reversed(dates[table.name]):
        rows = home.tables.read(table, date)
        rows = rows if behaviour is None else rows[rows["behaviour"] == behaviour]
        for row in rows.sort_values(by, kind="stable", ascending=False).itertuples():
            if row.cat in cats:
                found.setdefault(str(row.cat), row)
        if len(found) == len(cats):
            break
    return found


def _sighting(row: Any) -> Sighting | None:
    return None if row is None else Sighting(row.end.to_pydatetime(), str(row.camera), "night")


def _meal(row: Any) -> Meal | None:
    if row is None:
        return None
    end = row.end.to_pydatetime() if row.end > row.start else None  # a device that only says when has no length
    return Meal(row.start.to_pydatetime(), end, tuple(map(str, row.sources)))


def _visit(rows: pd.DataFrame, last: Any) -> Visit | None:
    """The forecast as the page Habits reads it, and whether the visit it is of has come since it was made."""
    rows = rows[(rows["kind"] == "next_event") & (rows["behaviour"] == "using_litter_box")]
    if rows.empty:
        return None
    row = rows.iloc[0]
    at, low, high = (None if pd.isna(row[name]) else row[name].to_pydatetime() for name in ("p50", "p10", "p90"))
    said = not bool(row["abstained"]) and None not in (at, low, high)
    made_at, skill = row["made_at"].to_pydatetime(), row["skill"]
    came = last.start.to_pydatetime() if last is not None and last.start >= row["made_at"] else None
    known = None if pd.isna(skill) else float(skill)
    return Visit(at, low, high, made_at, known, came) if said else Visit(None, None, None, made_at, known, came)


def _comfort(home: Home, dates: list[dt.date]) -> dict[str, Comfort]:
    """The mean over the moments in which it could be read, of the last day that was read."""
    if not dates or not home.params.behave.model:
        return {}
    date = dates[-1]
    whose = home.tables.read(ANIMALS, date)
    parts = [
        home.tables.read(MOMENTS, date, camera)[["camera", "track_id", "comfort"]] for camera in _cameras(home, date)
    ]
    if not parts or whose.empty:
        return {}
    rows = pd.concat(parts, ignore_index=True).merge(whose, on=["camera", "track_id"])
    rows = rows[np.isfinite(rows["comfort"].astype(np.float64))]
    return {cat: _scored(rows.loc[rows["cat"] == cat, "comfort"], date) for cat in home.config.cats}


def _cameras(home: Home, date: dt.date) -> list[str]:
    return home.tables.cameras(MOMENTS, date)


def _scored(scores: pd.Series, date: dt.date) -> Comfort:
    return Comfort(float(scores.mean()) if len(scores) >= FEWEST else None, date, len(scores))


def _oddities(home: Home, dates: list[dt.date]) -> dict[str, Oddity]:
    if not dates or (today(home) - dates[-1]).days > STALE_DAYS:
        return {}
    date = dates[-1]
    notes, rows = home.tables.notes(ANOMALIES, date), home.tables.read(ANOMALIES, date)
    judged: dict[str, list[str]] = notes.get("judged", {})
    return {
        cat: Oddity(date, tuple(sorted(_told(cat, rows, notes), key=_worst_first)), tuple(judged.get(cat, ())))
        for cat in home.config.cats
    }


def _told(cat: str, rows: pd.DataFrame, notes: dict[str, Any]) -> Iterator[tuple[str, str, dt.datetime]]:
    for row in rows[rows["cat"] == cat].itertuples():
        yield str(row.severity), str(row.sentence), row.start.to_pydatetime()
    for one in notes.get("lasting", ()):
        if one["cat"] == cat:
            yield one["severity"], one["sentence"], dt.datetime.fromisoformat(one["since"])


def _worst_first(one: tuple[str, str, dt.datetime]) -> tuple[int, dt.datetime]:
    severity, _, since = one
    return (SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)), since
