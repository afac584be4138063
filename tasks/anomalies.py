"""Stage `anomalies`: what was unusual for a cat on a day, against its own past, and what that rests on.

It knows what had happened when the local date ended and nothing later. An hour that nobody watched says nothing, and the
allowance of false alarms in home.yaml is that of a cat, of everything that is watched together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from home.clock import iso, local_day
from home.ethogram import NEEDS_ZONE
from home.folder import Home
from home.tables import ANOMALIES, fingerprint_of
from models.habits.alarms import shares
from models.habits.history import History
from models.habits.unusual import Finding, Watched, findings, judged
from tasks.anomaly_events import tell_events
from tasks.habit_history import Key, awake, counted_between, histories_of
from tasks.stage import Outcome, Progress, run_stage, silent

__all__ = ["anomalies", "main"]

VERSION = 4  # raised when the same input would give other rows
PAST_DAYS = 180  # a cat's own past: long enough for the bounds of models.habits.alarms


def anomalies(home: Home, date: dt.date, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Write what could first be said to be unusual on a local day, and tell of it as events (`tasks.anomaly_events`).

    Raises:
        StoreError, TableError: if the counts cannot be read or the database cannot be written, or one is damaged.
    """
    past = counted_between(home, date - dt.timedelta(days=PAST_DAYS), date)
    if date not in past.dates:
        return Outcome("anomalies", date, skipped=True)
    fingerprint = fingerprint_of(
        stage="anomalies",
        version=VERSION,
        counts=past.made_from,
        cats=sorted(home.config.cats),
        timezone=home.config.timezone,
        allowed=home.config.alerts.false_alarms_per_month,
    )
    if home.tables.fingerprint(ANOMALIES, date) == fingerprint and not force:
        return Outcome("anomalies", date, skipped=True, facts=home.tables.notes(ANOMALIES, date))
    histories = histories_of(home, past.dates)
    start, day = local_day(past.dates[0], home.zone).start.timestamp(), local_day(date, home.zone)
    end, allowed = day.end.timestamp(), home.config.alerts.false_alarms_per_month
    found, known = list[tuple[str, Finding]](), dict[str, list[str]]()
    for number, cat in enumerate(home.config.cats, start=1):
        watched = _watched(home, cat, histories)
        found += [(cat, one) for one in findings(watched, start, end, allowed)]
        known[cat] = judged(watched, start, end)
        progress(f"{cat} anomalies", number, len(home.config.cats))
    rows = [_row(cat, one) for cat, one in found if day.start.timestamp() < one.raised <= end]
    # The events first: a partition of anomalies says that both are there.
    tell_events(home, day, found)
    frame = pd.DataFrame(rows, columns=list(ANOMALIES.columns))
    facts = {"unusual": len(rows), "urgent": sum(row[6] == "urgent" for row in rows)}
    notes = {**facts, "judged": known, "lasting": _lasting(found, day.start.timestamp())}
    home.tables.write(ANOMALIES, _typed(frame), date, fingerprint=fingerprint, notes=notes)
    return Outcome("anomalies", date, facts=facts)


def _lasting(found: list[tuple[str, Finding]], begin: float) -> list[dict[str, str]]:
    """What was told on days before and reaches into this one: what was said of it last."""
    last = {(cat, one.of, one.since): (cat, one) for cat, one in found if one.raised <= begin < one.end}
    return [
        {"cat": cat, "severity": one.severity, "sentence": one.sentence, "since": iso(_moment(one.since))}
        for cat, one in last.values()
    ]


def _watched(home: Home, cat: str, histories: Mapping[Key, History]) -> Watched:
    """What happens at bowls and boxes, and how much the cat was up and about."""
    part = {
        behaviour: shares({each: len(histories[each, behaviour].starts) for each in home.config.cats})[cat]
        for behaviour in NEEDS_ZONE
    }
    own = {behaviour: histories[cat, behaviour] for behaviour in NEEDS_ZONE}
    return Watched(
        {name: known for name, known in own.items() if len(known.observed)}, part, active=awake(cat, histories)
    )


def _row(cat: str, found: Finding) -> list[object]:
    return [
        cat, found.kind, found.of, _moment(found.start), _moment(found.end), _moment(found.raised), found.severity,
        found.score, found.sentence, sorted(found.numbers.items()), [_moment(each) for each in found.evidence],
    ]  # fmt: skip


def _moment(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(round(seconds, 6), dt.UTC)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype(dict.fromkeys(("start", "end", "raised"), "datetime64[us, UTC]"))


def main() -> None:
    """`python -m tasks.anomalies`."""
    raise SystemExit(run_stage(anomalies, per="day", leaves="data/tables/anomalies"))


if __name__ == "__main__":
    main()
