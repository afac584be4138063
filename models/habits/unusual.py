"""What is unusual for a cat: findings with a sentence, from what is known of its behaviours, nights and postures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from models.habits.alarms import LIMITS_H, Alarm, raised
from models.habits.alarms import judged as judged_by_scores
from models.habits.clock_hours import HOUR_S, ClockHours, clock_hours, local_nights, within
from models.habits.daily import Series, series_streams
from models.habits.history import History
from models.habits.sentences import sentence
from models.habits.streams import NIGHT, Stream, event_streams, night_streams

__all__ = ["SEVERITIES", "Finding", "Watched", "findings", "judged"]

Array = NDArray[np.float64]

Severity = Literal["notice", "warning", "urgent"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
RARER = (np.log(10), np.log(1000))  # nats beyond the bound from which an alarm is a warning, and urgent; our choice
MOST_EVIDENCE = 200
LEAST_OBSERVED = 0.5  # of a day of which can be said that nothing was unusual; our choice


@dataclass(frozen=True)
class Watched:
    """What is known of one cat.

    Attributes:
        behaviours: of each that is watched, its history.
        shares: of the events of unknown cats, which share is likely this cat's (`models.habits.alarms.shares`); 1 where
            nothing is said: there is no other cat.
        series: numbers a day by name, such as those of `daily_share`.
        active: bouts of everything but sleep, for the nights.
        nights: start and end of the night that ends on each day `[D, 2]`, by the sun for example; None: 23:00 to 05:00 on
            the clock.
    """

    behaviours: Mapping[str, History] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)
    series: Mapping[str, Series] = field(default_factory=dict)
    active: History | None = None
    nights: Array | None = None


@dataclass(frozen=True)
class Finding:
    """Something unusual.

    Attributes:
        kind: `more_often`, `less_often`, `none`, `less`, `longer`, `shorter`, `often_and_short`, `seldom_and_short`,
            `up_often`, `drift_up`, `drift_down`.
        of: the behaviour or series.
        start, end: of the time it is of, seconds since 1970.
        raised: when it could be said, seconds since 1970: everything it rests on was known then.
        since: when the alarm was first raised; before `raised` of one that has come to pass a fixed limit since then.
        score: nats; e to this power is about how many ordinary days hold one that is so far out.
        severity: one of SEVERITIES.
        sentence: in English, without the name of the cat in front.
        numbers: that are in the sentence, to say it in another language.
        evidence: starts of the events it rests on; of `none` the last one before.
    """

    kind: str
    of: str
    start: float
    end: float
    raised: float
    since: float
    score: float
    severity: Severity
    sentence: str
    numbers: Mapping[str, float]
    evidence: Array


def findings(watched: Watched, start: float, end: float, per_month: float) -> list[Finding]:
    """What was unusual from `start` to `end`, in the order in which it could be said.

    Args:
        watched: what is known of the cat.
        start: where what is known begins: nothing is said of the first weeks but what passes a fixed limit.
        end: the present.
        per_month: `alerts.false_alarms_per_month`, of all that is watched together.
    """
    hours, streams, rests_on = _looked_at(watched, start, end)
    found = list[Finding]()
    for alarm in raised(streams, hours, per_month):
        one = _finding(alarm, rests_on, hours)
        # What passes its limit is told again if that says more than what was told.
        if not any(
            (other.of, other.kind, other.since, other.severity) == (one.of, one.kind, one.since, SEVERITIES[2])
            for other in found
        ):
            found.append(one)
    return found


def judged(watched: Watched, start: float, end: float) -> list[str]:
    """Of what the last day could be judged, in order: its behaviours, and `night`. Of those alone can be said that nothing was unusual.

    Enough is known of the past for bounds of the cat's own, and half of that day or night, or more, was observed.
    """
    hours, streams, rests_on = _looked_at(watched, start, end)
    known = judged_by_scores(streams, hours)
    return [
        of for of in rests_on if of in known and _observed_share(rests_on[of], of, watched, hours) >= LEAST_OBSERVED
    ]


def _observed_share(history: History, of: str, watched: Watched, hours: ClockHours) -> float:
    first = float(hours.rims[hours.first_of_day[-1]])
    span = np.array([first, float(hours.rims[-1])])
    if of == NIGHT:
        span = (local_nights(hours, history.zone) if watched.nights is None else watched.nights)[-1]
    return float(history.observed_s(span)[0]) / max(float(np.ptp(span)), 1.0)


def _looked_at(watched: Watched, start: float, end: float) -> tuple[ClockHours, list[Stream], dict[str, History]]:
    """The hours, all streams over them, and what each stream rests on."""
    rests_on = dict(watched.behaviours)
    zone = next((known.zone for known in [*rests_on.values(), watched.active] if known is not None), None)
    if zone is None:
        return clock_hours(start, start, ZoneInfo("UTC")), [], {}
    hours = clock_hours(start, end, zone)
    streams = [
        stream
        for behaviour, known in watched.behaviours.items()
        for stream in event_streams(behaviour, known, hours, watched.shares.get(behaviour, 1.0))
    ]
    if watched.active is not None:
        nights = local_nights(hours, watched.active.zone) if watched.nights is None else watched.nights
        rests_on[NIGHT] = within(watched.active, nights)
        streams += night_streams(rests_on[NIGHT], hours)
    streams += [one for name, series in watched.series.items() for one in series_streams(name, series, hours)]
    return hours, streams, rests_on


def _finding(alarm: Alarm, rests_on: Mapping[str, History], hours: ClockHours) -> Finding:
    stream, first = alarm.stream, alarm.first
    start, end, now = float(stream.since[first]), float(hours.rims[alarm.last + 1]), float(hours.rims[first + 1])
    numbers, evidence = {"seen": float(stream.seen[first]), "usual": float(stream.usual[first])}, np.empty(0)
    known = rests_on.get(stream.of)
    if known is not None:
        numbers["hours"] = (now - start) / HOUR_S
        numbers["observed_h"] = float(known.observed_s(np.array([start, now]))[0]) / HOUR_S
        evidence = known.starts[(known.starts >= start) & (known.starts < now)][-MOST_EVIDENCE:]
        numbers["possible"] = float(((known.possible >= start) & (known.possible < now)).sum())
    if stream.kind == "none" and known is not None:
        numbers["usual"] = longest_wait(known.between(-np.inf, start))
    numbers = {name: value for name, value in numbers.items() if np.isfinite(value)}
    return Finding(
        stream.kind, stream.of, start, end, now, float(hours.rims[alarm.since + 1]), alarm.score, _severity(alarm),
        sentence(stream.kind, stream.of, numbers), numbers, evidence,
    )  # fmt: skip


def _severity(alarm: Alarm) -> Severity:
    """By how much rarer it is than what would just have been told; a wait beyond its limit is urgent."""
    limit = LIMITS_H.get(alarm.stream.of, np.inf) * HOUR_S if alarm.stream.kind == "none" else np.inf
    if alarm.limit or alarm.stream.seen[alarm.first] >= limit:
        return SEVERITIES[2]
    return SEVERITIES[int(np.searchsorted(RARER, alarm.score - alarm.bound, side="right"))]


def longest_wait(known: History, share: float = 0.995) -> float:
    """The observed seconds that this share of its waits stayed under; NaN with fewer than a hundred waits."""
    events = np.union1d(known.starts, known.possible)
    waits = known.observed_s(events) if len(events) > 100 else np.array([np.nan])
    return float(np.quantile(waits, share))
