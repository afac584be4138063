"""Stage `habits`: which forecaster suits each behaviour of each cat, how right it would have been, and what it says next.

What it says for a date is made from what was known when that local date began, and from nothing later. The choice of the date
before is heard, so that a forecaster does not change, begin or fall silent by chance from week to week.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from home.clock import local_day
from home.ethogram import UNKNOWN
from home.folder import Home
from home.tables import COUNTS, FORECASTS, HABITS, fingerprint_of
from models.habits.backtest import covered
from models.habits.forecast import Forecast, Learned, forecast, learn
from models.habits.history import History
from models.habits.local_time import DAY_S
from models.habits.next_event_blend import CANDIDATES
from models.habits.selection import Choice
from tasks.habit_history import counted_dates, read_histories
from tasks.stage import Outcome, Progress, run_stage, silent

__all__ = ["habits", "main"]

VERSION = 1  # raised when the same input would give other rows
QUANTILES = ("p10", "p25", "p50", "p75", "p90")
NOTHING = "there are no counts of earlier days; catml nightly or catml import-log makes them"


@dataclass(frozen=True)
class Known:
    """One behaviour of one cat, who forecasts it from now on, and what that one says."""

    cat: str
    behaviour: str
    history: History
    learned: Learned
    said: Forecast


def habits(home: Home, date: dt.date, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Choose a forecaster for each behaviour of each cat by its back-test, and write what it says from a local date on.

    Raises:
        StoreError, TableError: if the counts cannot be read, or are damaged.
    """
    params = home.params.habits
    first = date - dt.timedelta(days=params.memory_days + params.back_test_days)
    dates = [day for day in counted_dates(home) if first <= day < date]
    if not dates:
        return Outcome("habits", date, skipped=True, left_out=NOTHING)
    earlier = max((day for day in home.tables.dates(HABITS) if day < date), default=None)
    fingerprint = fingerprint_of(
        stage="habits",
        version=VERSION,
        counts=[(str(day), home.tables.fingerprint(COUNTS, day)) for day in dates],
        before=None if earlier is None else home.tables.fingerprint(HABITS, earlier),
        cats=sorted(home.config.cats),
        timezone=home.config.timezone,
        params=params.model_dump(),
    )
    if home.tables.fingerprint(HABITS, date) == fingerprint and not force:
        return Outcome("habits", date, skipped=True, facts=home.tables.notes(HABITS, date))
    made_at = local_day(date, home.zone).start
    before = {} if earlier is None else _choices(home.tables.read(HABITS, earlier))
    found = []
    for known in _learned(home, dates[0], date, made_at.timestamp(), before):
        found.append(known)
        progress(f"{known.cat} {known.behaviour}", len(found), len(found))
    said = [row for known in found for row in _forecast(known, made_at)]
    facts = {
        "forecasts": sum(not each.learned.choice.abstains for each in found),
        "abstained": sum(each.learned.choice.abstains for each in found),
    }
    # The forecasts first: a partition of habits says that both are there.
    home.tables.write(
        FORECASTS, _typed(pd.DataFrame(said, columns=list(FORECASTS.columns))), date, fingerprint=fingerprint
    )
    rows = pd.DataFrame([_row(known, made_at) for known in found], columns=list(HABITS.columns))
    whole = {name: np.int32 for name in ("events", "asked")}
    home.tables.write(HABITS, _typed(rows).astype(whole), date, fingerprint=fingerprint, notes=facts)
    return Outcome("habits", date, facts=facts)


def _learned(
    home: Home, first: dt.date, date: dt.date, now: float, before: dict[tuple[str, str], Choice]
) -> Iterator[Known]:
    """Every behaviour that is asked for, of every cat; of cats that nobody could tell only what was seen of them."""
    params = home.params.habits
    memory_s, tested_s = params.memory_days * DAY_S, params.back_test_days * DAY_S
    for (cat, behaviour), whole in read_histories(home, first, date - dt.timedelta(days=1)).items():
        if behaviour not in params.behaviours or (cat == UNKNOWN and not len(whole.starts)):
            continue
        known = whole.between(-np.inf, now)
        learned = learn(known, now, before.get((cat, behaviour)), tested_s=tested_s, memory_s=memory_s)
        said = forecast(known, now, learned.choice, memory_s=memory_s)
        yield Known(cat, behaviour, known.between(now - memory_s, now), learned, said)


def _forecast(known: Known, made_at: dt.datetime) -> list[list[object]]:
    """The rows of one behaviour: when the next one comes, and the chance of one in each hour of two days."""
    said, choice = known.said, known.learned.choice
    rest = [choice.model, choice.gain.share if choice.gain else np.nan, choice.abstains]
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
    choice, test, naive = known.learned.choice, known.learned.test, CANDIDATES[0].name
    gain = (choice.gain.share, choice.gain.low, choice.gain.high) if choice.gain else (np.nan,) * 3
    return [
        known.cat, known.behaviour, made_at, choice.model, choice.abstains, choice.reason, len(known.history.starts),
        float(np.ptp(known.history.observed, axis=1).sum() / DAY_S), len(test.origins),
        choice.losses[choice.model], choice.losses[naive], *gain,
        _mean(covered(test, choice.model, 1, 3)), _mean(covered(test, choice.model, 0, 4)),
    ]  # fmt: skip


def _choices(rows: pd.DataFrame) -> dict[tuple[str, str], Choice]:
    """What was chosen before, by cat and behaviour; a forecaster that is no more is not."""
    names = {each.name for each in CANDIDATES}
    return {
        (row.cat, row.behaviour): Choice(row.model, bool(row.abstained), row.reason, {}, None)
        for row in rows.itertuples()
        if row.model in names
    }


def _mean(inside: NDArray[np.bool_]) -> float:
    return float(inside.mean()) if len(inside) else float("nan")


def _moment(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(round(seconds), dt.UTC)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Times of one kind, also where all of a column are missing."""
    times = [name for name in ("made_at", "ts", *QUANTILES) if name in frame]
    return frame.assign(**{name: pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]") for name in times})


def main() -> None:
    """`python -m tasks.habits`."""
    raise SystemExit(run_stage(habits, per="day", leaves=("data/tables/habits", "data/tables/forecasts")))


if __name__ == "__main__":
    main()
