"""Stage `forecast`: what comes next, said for the local date after each one that was counted.

It is said by the models that the last week's learning left in place, from what was known when that date began, and from
nothing later. Where the week fell silent (table `habits`), the nights after it are silent too. The same stage speaks after
the week's own learning, so that one hand writes the table `forecasts`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from home.clock import local_day
from home.folder import Home
from home.tables import FORECASTS, HABITS, fingerprint_of
from models.habits.forecast import Forecast
from models.habits.forecast import forecast as say
from models.habits.history import History
from models.habits.local_time import DAY_S
from tasks.habit_history import Key, counted_between, histories_of
from tasks.habit_models import Kept, spoken_by
from tasks.stage import Outcome, Progress, run_stage, silent

__all__ = ["forecast", "main"]

VERSION = 1  # raised when the same input would give other rows
ONE = dt.timedelta(days=1)
QUANTILES = ("p10", "p25", "p50", "p75", "p90")
NOT_LEARNED = "no habits were learned yet; catml weekly does"


@dataclass(frozen=True)
class Said:
    """One behaviour of one cat, who forecasts it, and what that one says."""

    cat: str
    behaviour: str
    kept: Kept
    forecast: Forecast


def forecast(home: Home, date: dt.date, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Write what comes next as it can be said at the end of a local date, for the date after it.

    Where that date was not counted only the week's own learning is given a voice: nights say nothing of a home that they know
    nothing new of.

    Raises:
        ModelError: if a version of the habit models is gone or damaged.
        StoreError, TableError: if the counts or habits cannot be read, or are damaged.
    """
    after = date + ONE
    learned = home.tables.last(HABITS, after)
    if learned is None:
        return Outcome("forecast", date, skipped=True, left_out=NOT_LEARNED)
    params = home.params.habits
    # A day more: the memory is a number of seconds, and a day on which clocks change is shorter.
    past = counted_between(home, after - dt.timedelta(days=params.memory_days + 1), date)
    if not past.dates or (date not in past.dates and learned != after):
        return Outcome("forecast", date, skipped=True)
    fingerprint = fingerprint_of(
        stage="forecast",
        version=VERSION,
        counts=past.made_from,
        learned=[str(learned), home.tables.fingerprint(HABITS, learned)],
        cats=sorted(home.config.cats),
        timezone=home.config.timezone,
        memory_days=params.memory_days,
    )
    if home.tables.fingerprint(FORECASTS, after) == fingerprint and not force:
        return Outcome("forecast", date, skipped=True, facts=home.tables.notes(FORECASTS, after))
    made_at = local_day(after, home.zone).start
    histories = {
        key: whole.between(-np.inf, made_at.timestamp()) for key, whole in histories_of(home, past.dates).items()
    }
    found = _said(histories, spoken_by(home, learned), made_at, params.memory_days * DAY_S, progress)
    facts = {
        "forecasts": sum(not one.kept.abstains for one in found),
        "abstained": sum(one.kept.abstains for one in found),
    }
    rows = pd.DataFrame([row for one in found for row in _rows(one, made_at)], columns=list(FORECASTS.columns))
    home.tables.write(FORECASTS, _typed(rows), after, fingerprint=fingerprint, notes=facts)
    return Outcome("forecast", date, facts=facts)


def _said(
    histories: Mapping[Key, History],
    models: Mapping[Key, Kept],
    made_at: dt.datetime,
    memory_s: float,
    progress: Progress,
) -> list[Said]:
    """What each model says of its behaviour; of a cat that home.yaml no longer has, nothing."""
    now, found = made_at.timestamp(), []
    for number, (key, kept) in enumerate(models.items(), start=1):
        if key in histories:
            fitted = None if kept.abstains else kept.champion().fitted
            found.append(Said(*key, kept, say(histories[key], now, kept.choice(), fitted, memory_s=memory_s)))
        progress(" ".join(key), number, len(models))
    return found


def _rows(one: Said, made_at: dt.datetime) -> list[list[object]]:
    """The rows of one behaviour: when the next one comes, and the chance of one in each hour of two days."""
    said, kept = one.forecast, one.kept
    rest = [kept.model, kept.record.skill.share if kept.record.skill else np.nan, kept.abstains]
    who = [one.cat, one.behaviour, made_at]
    if said.moments is None or said.chances is None:
        return [[*who, "next_event", made_at, *[pd.NaT] * len(QUANTILES), np.nan, *rest]]
    hours = [
        [*who, "hourly", _moment(rim), *[pd.NaT] * len(QUANTILES), float(chance), *rest]
        for rim, chance in zip(said.rims[:-1], said.chances, strict=True)
    ]
    return [[*who, "next_event", made_at, *map(_moment, said.moments), np.nan, *rest], *hours]


def _moment(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(round(seconds), dt.UTC)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Times of one kind, also where all of a column are missing."""
    times = ["made_at", "ts", *QUANTILES]
    return frame.assign(**{name: pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]") for name in times})


def main() -> None:
    """`python -m tasks.forecast`."""
    raise SystemExit(run_stage(forecast, per="day", leaves="data/tables/forecasts"))


if __name__ == "__main__":
    main()
