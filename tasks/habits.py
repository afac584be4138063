"""Stage `habits`: which forecaster suits each behaviour of each cat, and how right it would have been.

It learns for a date from what was known when that local date began, and from nothing later; what comes next is said by the
stage `forecast`. What was learned is kept as a version (`tasks.habit_models`), and stands up against the one before: a
forecaster does not change, begin or fall silent by chance from week to week.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from home.clock import local_day
from home.ethogram import UNKNOWN
from home.folder import Home
from home.tables import HABITS, fingerprint_of
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
NOTHING = "there are no counts of earlier days; catml nightly or catml import-log makes them"


def habits(home: Home, date: dt.date, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Learn a forecaster for each behaviour of each cat, and put it in place from a local date on if it is no worse.

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
    begin, end = asked.made_at.timestamp() - params.memory_days * DAY_S, asked.made_at.timestamp()
    rows = [_row(models[key], known.between(begin, end), asked.made_at) for key, known in asked.histories.items()]
    silent_ones = sum(models[key].abstains for key in asked.histories)
    facts = {"forecasts": len(rows) - silent_ones, "abstained": silent_ones}
    frame = pd.DataFrame(rows, columns=list(HABITS.columns))
    frame["made_at"] = pd.to_datetime(frame["made_at"], utc=True).astype("datetime64[us, UTC]")
    whole = {name: np.int32 for name in ("events", "asked")}
    notes = {**facts, "models": here, "week": week.name}
    home.tables.write(HABITS, frame.astype(whole), date, fingerprint=fingerprint, notes=notes)
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


def _row(kept: Kept, known: History, made_at: dt.datetime) -> list[object]:
    """One row of the table `habits`, of what is known in the time that the models remember."""
    record = kept.record
    skill = (record.skill.share, record.skill.low, record.skill.high) if record.skill else (np.nan,) * 3
    return [
        kept.cat, kept.behaviour, made_at, kept.model, kept.abstains, kept.reason, len(known.starts),
        float(np.ptp(known.observed, axis=1).sum() / DAY_S), record.asked, record.loss_h, record.naive_loss_h, *skill,
        record.covered_50, record.covered_80,
    ]  # fmt: skip


def main() -> None:
    """`python -m tasks.habits`."""
    raise SystemExit(run_stage(habits, per="day", leaves=("data/tables/habits", "data/models/habits")))


if __name__ == "__main__":
    main()
