"""Stage `counts`: what each cat did in each local hour of a day, and for how long it could have been seen.

Bouts and device logs are laid together (`tasks.episodes`), with the neighbouring days for what goes on over midnight. An
hour that nobody watched has `observed_s` 0: its counts say nothing, also where one of two boxes told of a visit. Episodes of cats that nobody could tell stand beside
each cat's own as `unknown_events`, and under the cat `unknown`.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from home.clock import Span, intersect
from home.device_coverage import Witness
from home.ethogram import BEHAVIOURS, UNKNOWN
from home.folder import Home
from home.manifest import read_manifest
from home.tables import BOUTS, COUNTS, DEVICE_COVERAGE, DEVICE_EVENTS, EPISODES, OBSERVED, fingerprint_of
from tasks.episodes import Episode, Piece, Tolerance, laid_together
from tasks.observed import read_eyes
from tasks.quality import check_days
from tasks.stage import Outcome, Progress, run_stage, silent

__all__ = ["count_days", "counts", "hours_of", "main"]

VERSION = 1  # raised when the same input would give other rows
TABLES = ("counts", "episodes", "observed")
AT_ONCE = 42  # days that are checked together: so much is done again if it is stopped


def counts(home: Home, date: dt.date, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Write the episodes that begin on a local day, the time in which they could have been seen, and both by the hour.

    Raises:
        QualityError: if the counts fail as a whole.
        StoreError, TableError: if rows cannot be read, or a partition is damaged or of another schema.
    """
    (outcome,) = count_days(home, [date], force=force, progress=progress)
    return outcome


def count_days(
    home: Home, dates: Sequence[dt.date], *, force: bool = False, progress: Progress = silent
) -> Iterator[Outcome]:
    """The same for many days, whose counts are checked some weeks at a time: what a check costs, it hardly costs by the row.

    Yields:
        What was done with each day, in order, as its weeks are written.

    Raises:
        QualityError, StoreError, TableError: as `counts`; the weeks before are written, these are not.
    """
    done = 0
    for first in range(0, len(dates), AT_ONCE):
        some = dates[first : first + AT_ONCE]
        days = {date: _day(home, date, force) for date in some}
        found = {date: day for date, day in days.items() if isinstance(day, _Laid)}
        checked = check_days(home, "counts", {date: day.rows for date, day in found.items()}) if found else {}
        for date, day in days.items():
            done += 1
            outcome = day if isinstance(day, Outcome) else _written(home, date, day, *checked[date])
            progress(f"{date} counts", done, len(dates))
            yield outcome


@dataclass(frozen=True)
class _Laid:
    """A day before its counts are checked."""

    fingerprint: str
    own: list[Episode]
    observed: dict[tuple[str, str], list[Span]]
    rows: pd.DataFrame


def _day(home: Home, date: dt.date, force: bool) -> _Laid | Outcome:
    """What is counted of a day, or that nothing has changed."""
    days = [date + dt.timedelta(days=offset) for offset in (-1, 0, 1)]
    old = home.tables.fingerprint(COUNTS, date)
    sources = (BOUTS, DEVICE_EVENTS, DEVICE_COVERAGE)
    known = {table.name: [home.tables.fingerprint(table, day) for day in days] for table in sources}
    if old is None and not any(prints[1] is not None for prints in known.values()):
        return Outcome("counts", date, skipped=True)
    eyes = read_eyes(home, date)
    fingerprint = _fingerprint(home, date, known, eyes.devices)
    if old == fingerprint and not force:
        return Outcome("counts", date, skipped=True, facts=home.tables.notes(COUNTS, date))
    settings = home.params.counts
    pieces = [piece for day in days for piece in _pieces(home, day)]
    episodes = laid_together(pieces, Tolerance(settings.same_event_s, settings.meal_gap_s))
    watched = [*home.config.cats, UNKNOWN]
    observed = {(cat, behaviour): eyes.observed(home, behaviour, cat) for cat in watched for behaviour in BEHAVIOURS}
    own = [episode for episode in episodes if episode.span.start in eyes.day]
    return _Laid(fingerprint, own, observed, _counted(home, eyes.day, episodes, observed))


def _written(home: Home, date: dt.date, day: _Laid, rows: pd.DataFrame, rejected: int) -> Outcome:
    home.tables.write(EPISODES, _episode_rows(day.own), date, fingerprint=day.fingerprint)
    home.tables.write(OBSERVED, _observed_rows(day.observed), date, fingerprint=day.fingerprint)
    facts = {
        "events": len(day.own),
        "unknown": sum(episode.cat == UNKNOWN for episode in day.own),
        "seen_twice": sum(len(episode.sources) > 1 for episode in day.own),
        "rejected": rejected,
    }
    home.tables.write(COUNTS, rows, date, fingerprint=day.fingerprint, notes=facts)
    warnings = [f"{date}: {rejected} rows of counts are in quarantine"] if rejected else []
    return Outcome("counts", date, facts=facts, warnings=warnings)


def hours_of(day: Span, zone: dt.tzinfo) -> list[Span]:
    """The hours of a local day: 23, 24 or 25, and where clocks change by half an hour one of them is half an hour longer."""
    quarter = dt.timedelta(minutes=15)  # all zones of today are whole quarters of an hour from UTC
    steps = [day.start + number * quarter for number in range(int(day.seconds // 900) + 1)]
    whole = [step for step in steps if step.astimezone(zone).minute == 0 and day.start < step < day.end]
    edges = [day.start, *whole, day.end]
    return [Span(start, end) for start, end in itertools.pairwise(edges)]


def _fingerprint(home: Home, date: dt.date, known: dict[str, list[str | None]], devices: Sequence[Witness]) -> str:
    footage = [
        (camera, content.fingerprint) for camera, content in sorted(read_manifest(home.data, date).cameras.items())
    ]
    return fingerprint_of(
        stage="counts",
        version=VERSION,
        sources=known,
        footage=footage,
        devices=[vars(each) for each in devices],
        put_away={device: settings.until for device, settings in sorted(home.config.devices.items())},
        zones={camera: settings.zones for camera, settings in home.config.cameras.items()},
        cats=sorted(home.config.cats),
        timezone=home.config.timezone,
        reads=bool(home.params.behave.model),
        params=home.params.counts.model_dump(),
    )


def _pieces(home: Home, date: dt.date) -> list[Piece]:
    """What cameras and devices told of a local date; a cat that the home has no more is unknown."""
    cats = home.config.cats
    found = []
    for row in home.tables.read(BOUTS, date).itertuples():
        cat = row.cat if row.cat in cats else UNKNOWN
        found.append(Piece(
            cat, row.behaviour, row.start.to_pydatetime(), row.end.to_pydatetime(), row.duration_s, tuple(row.cameras),
            by_device=False, name=row.bout_id, chain=f"{date} {row.animal}",
        ))  # fmt: skip
    for row in home.tables.read(DEVICE_EVENTS, date).itertuples():
        if row.behaviour:
            cat = row.cat if row.cat in cats else UNKNOWN
            start, end = row.start.to_pydatetime(), row.end.to_pydatetime()
            seconds = (end - start).total_seconds()
            found.append(
                Piece(cat, row.behaviour, start, end, seconds, (row.device,), by_device=True, chain=row.device)
            )
    return found


def _counted(
    home: Home, day: Span, episodes: Sequence[Episode], observed: dict[tuple[str, str], list[Span]]
) -> pd.DataFrame:
    """A row for each cat, behaviour and hour."""
    hours = hours_of(day, home.zone)
    by_key: dict[tuple[str, str], list[Episode]] = {}
    for episode in episodes:
        by_key.setdefault((episode.cat, episode.behaviour), []).append(episode)
    begun = {key: _begun(own, hours) for key, own in by_key.items()}
    nothing = np.zeros(len(hours), np.int32)
    rows: list[dict[str, Any]] = []
    for (cat, behaviour), spans in observed.items():
        unknown = begun.get((UNKNOWN, behaviour), nothing)
        own = by_key.get((cat, behaviour), [])
        for number, hour in enumerate(hours):
            rows.append({
                "cat": cat, "behaviour": behaviour, "hour": hour.start,
                "events": begun.get((cat, behaviour), nothing)[number],
                "seconds": round(sum((episode.seconds(hour) for episode in own), 0.0), 3),
                "observed_s": round(sum((span.seconds for span in intersect([hour], spans)), 0.0), 3),
                "unknown_events": 0 if cat == UNKNOWN else unknown[number],
            })  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(COUNTS.columns))
    return frame.astype({"hour": "datetime64[us, UTC]", "events": np.int32, "unknown_events": np.int32})


def _begun(episodes: Sequence[Episode], hours: Sequence[Span]) -> np.ndarray:
    """How many episodes begin in each hour `[H]`."""
    edges = [hour.start.timestamp() for hour in hours] + [hours[-1].end.timestamp()]
    starts = np.array([episode.span.start.timestamp() for episode in episodes])
    return np.histogram(starts[(starts >= edges[0]) & (starts < edges[-1])], edges)[0].astype(np.int32)


def _episode_rows(episodes: Sequence[Episode]) -> pd.DataFrame:
    rows = [
        [
            each.cat, each.behaviour, each.span.start, each.span.end, each.seconds(each.span), each.sources, each.bouts,
        ]
        for each in episodes
    ]  # fmt: skip
    return _typed(pd.DataFrame(rows, columns=list(EPISODES.columns)))


def _observed_rows(observed: dict[tuple[str, str], list[Span]]) -> pd.DataFrame:
    rows = [[*key, span.start, span.end] for key, spans in observed.items() for span in spans]
    return _typed(pd.DataFrame(rows, columns=list(OBSERVED.columns)))


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype({"start": "datetime64[us, UTC]", "end": "datetime64[us, UTC]"})


def main() -> None:
    """`python -m tasks.counts`."""
    raise SystemExit(run_stage(counts, per="day", leaves=tuple(f"data/tables/{name}" for name in TABLES)))


if __name__ == "__main__":
    main()
