"""Stage `habits`: which forecaster suits each behaviour of each cat, how right it would have been, and what it says next.

What it says for a date is made from what was known when that local date began, and from nothing later. What was learned is kept as a
version (`tasks.habit_models`), and stands up against the one before: a forecaster does not change, begin or fall silent by
chance from week to week.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from home.clock import local_day
from home.ethogram import UNKNOWN
from home.folder import Home
from home.tables import FORECASTS, HABITS, fingerprint_of
from models.habits.forecast import Forecast, forecast
from models.habits.history import History
from models.habits.local_time import DAY_S
from tasks.habit_history import Counted, counted_between, histories_of
from tasks.habit_models import (
    Kept,
    Key,
    Version,
    has_version,
    in_place,
    learned,
    present,
    read_version,
    seat,
    write_version,
)
from tasks.stage import Outcome, Progress, run_stage, silent

__all__ = ["habits", "main"]

VERSION = 2  # raised when the same input would give other rows
QUANTILES = ("p10", "p25", "p50", "p75", "p90")
NOTHING = "there are no counts of earlier days; catml nightly or catml import-log makes them"


@dataclass(frozen=True)
class Known:
    """One behaviour of one cat, who forecasts it from now on, and what that one says."""

    cat: str
    behaviour: str
    history: History
    kept: Kept
    said: Forecast


def habits(home: Home, date: dt.date, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Learn a forecaster for each behaviour of each cat, put it in place if it is no worse, and write what is said from a local date on.

    Raises:
        ModelError: if a version that is needed is gone or damaged.
        StoreError, TableError: if the counts cannot be read, or are damaged.
    """
    params = home.params.habits
    first = date - dt.timedelta(days=params.memory_days + params.back_test_days)
    past = counted_between(home, first, date - dt.timedelta(days=1))
    if not past.dates:
        return Outcome("habits", date, skipped=True, left_out=NOTHING)
    before = in_place(home, date - dt.timedelta(days=1))
    made_from = fingerprint_of(
        stage="habits",
        version=VERSION,
        counts=past.made_from,
        before=before,
        cats=sorted(home.config.cats),
        timezone=home.config.timezone,
        params=params.model_dump(exclude={"promote"}),
    )
    name = f"{date}-{made_from[:12]}"
    asked = _Asked(home, past, date)
    if force or not has_version(home, name):
        week = _learned(home, asked, name, before, progress)
        write_version(home, week)
    else:
        week = read_version(home, name)
    seat(home, week)
    here, models = present(home, week, date)
    fingerprint = fingerprint_of(made_from=made_from, in_place=here)
    if home.tables.fingerprint(HABITS, date) == fingerprint and not force:
        return Outcome("habits", date, skipped=True, facts=home.tables.notes(HABITS, date))
    found = _foretold(home, asked, models)
    said = [row for known in found for row in _forecast(known, asked.made_at)]
    silent_ones = sum(each.kept.abstains for each in found)
    facts = {"forecasts": len(found) - silent_ones, "abstained": silent_ones}
    # The forecasts first: a partition of habits says that both are there.
    home.tables.write(
        FORECASTS, _typed(pd.DataFrame(said, columns=list(FORECASTS.columns))), date, fingerprint=fingerprint
    )
    rows = pd.DataFrame([_row(known, asked.made_at) for known in found], columns=list(HABITS.columns))
    whole = {name: np.int32 for name in ("events", "asked")}
    notes = {**facts, "models": here}
    home.tables.write(HABITS, _typed(rows).astype(whole), date, fingerprint=fingerprint, notes=notes)
    return Outcome("habits", date, facts=facts)


class _Asked:
    """What is known when a local date begins, read when it is first wanted."""

    def __init__(self, home: Home, past: Counted, date: dt.date) -> None:
        self.made_at = local_day(date, home.zone).start
        self._home, self._past = home, past

    @cached_property
    def histories(self) -> dict[Key, History]:
        """Every behaviour that is asked for, of every cat; of cats that nobody could tell only what was seen of them."""
        behaviours = self._home.params.habits.behaviours
        return {
            (cat, behaviour): whole.between(-np.inf, self.made_at.timestamp())
            for (cat, behaviour), whole in histories_of(self._home, self._past.dates).items()
            if behaviour in behaviours and (cat != UNKNOWN or len(whole.starts))
        }


def _learned(home: Home, asked: _Asked, name: str, before: str, progress: Progress) -> Version:
    params = home.params.habits
    seconds = {"tested_s": params.back_test_days * DAY_S, "memory_s": params.memory_days * DAY_S}
    champions: Mapping[Key, Kept] = read_version(home, before).by_key if before else {}
    models = []
    for number, (key, known) in enumerate(asked.histories.items(), start=1):
        models.append(learned(known, key, asked.made_at, champions.get(key), **seconds))
        progress(" ".join(key), number, len(asked.histories))
    return Version(name=name, champion=before, models=models)


def _foretold(home: Home, asked: _Asked, models: Mapping[Key, Kept]) -> list[Known]:
    memory_s, now = home.params.habits.memory_days * DAY_S, asked.made_at.timestamp()
    found = []
    for key, known in asked.histories.items():
        kept = models[key]
        said = forecast(known, now, kept.choice(), kept.champion().fitted, memory_s=memory_s)
        found.append(Known(*key, known.between(now - memory_s, now), kept, said))
    return found


def _forecast(known: Known, made_at: dt.datetime) -> list[list[object]]:
    """The rows of one behaviour: when the next one comes, and the chance of one in each hour of two days."""
    said, kept = known.said, known.kept
    rest = [kept.model, kept.record.skill.share if kept.record.skill else np.nan, kept.abstains]
    who = [known.cat, known.behaviour, made_at]
    if said.moments is None or said.chances is None:
        return [[*who, "next_event", made_at, *[pd.NaT] * len(QUANTILES), np.nan, *rest]]
    hours = [
        [*who, "hourly", _moment(rim), *[pd.NaT] * len(QUANTILES), float(chance), *rest]
        for rim, chance in zip(said.rims[:-1], said.chances, strict=True)
    ]
    return [[*who, "next_event", made_at, *map(_moment, said.moments), np.nan, *rest], *hours]


def _row(known: Known, made_at: dt.datetime) -> list[object]:
    """One row of the table `habits`."""
    kept, record = known.kept, known.kept.record
    skill = (record.skill.share, record.skill.low, record.skill.high) if record.skill else (np.nan,) * 3
    return [
        known.cat, known.behaviour, made_at, kept.model, kept.abstains, kept.reason, len(known.history.starts),
        float(np.ptp(known.history.observed, axis=1).sum() / DAY_S), record.asked, record.loss_h, record.naive_loss_h, *skill,
        record.covered_50, record.covered_80,
    ]  # fmt: skip


def _moment(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(round(seconds), dt.UTC)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Times of one kind, also where all of a column are missing."""
    times = [name for name in ("made_at", "ts", *QUANTILES) if name in frame]
    return frame.assign(**{name: pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]") for name in times})


def main() -> None:
    """`python -m tasks.habits`."""
    raise SystemExit(
        run_stage(habits, per="day", leaves=("data/tables/habits", "data/tables/forecasts", "data/models/habits"))
    )


if __name__ == "__main__":
    main()
