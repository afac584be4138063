"""How unusual each hour is for a cat, one stream of scores for each way to be unusual.

A score is in nats: about minus the logarithm of the chance that an ordinary hour is as far out. Only as far as these chances are
right do streams compare; `models/habits/alarms.py` puts each against its own past, so that they need not be.

- How often: what was counted in rolling windows against what the same hours of the clock held in the eight weeks before,
  without the last days, so that an illness is not compared with itself (the guard band of EARS C2: Hutwagner et al., J. Urban
  Health 80:i89-i96, 2003; counts that vary more or less than Poisson's: Farrington et al., J. Royal Statistical Society A
  159:547-563, 1996). The score is the scaled Poisson log-likelihood ratio of Kulldorff's scan (Communications in
  Statistics 26:1481-1496, 1997).
- How much: the same of the seconds.
- Since when: what would have been expected since the last event. In time so rescaled waiting times of a Poisson process are
  exponential (Brown et al., Neural Computation 14:325-346, 2002), so the expected number is a score in nats as it is.
- How long: mean logarithm of the durations.
- Nights: how often the cat was seen to get up or do something new, within the nights alone.

Time that was not observed is neither expected to hold anything nor counted: an hour without observed time scores 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.habits.baseline import BASELINE_DAYS, FEWEST_COUNTED, FEWEST_DAYS, GUARD_DAYS, ordinary_days
from models.habits.clock_hours import HOUR_S, ClockHours, observed_h, of_day, smooth_clock, summed, trailing
from models.habits.history import History

__all__ = [
    "NIGHT",
    "Stream",
    "event_streams",
    "night_streams",
]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

NIGHT = "night"
"""What the streams of nights are of."""

FEWEST_EVENTS = 20  # in the baseline, below which nothing is said of durations
RISES_H = (12, 24, 48, 72)
NIGHTS_H = (24, 48)
FALLS_H = (24, 36, 48, 72)
DURATION_WINDOWS_H = (24, 48, 72)
LESS = ("less_often", "less")
MOST_OFF = 2.5  # spreads that one bout is off at most
LEAST_COVERED = 0.5  # of a window of which something is said


@dataclass(frozen=True)
class Stream:
    """One way to be unusual, hour by hour.

    Attributes:
        kind: what a finding of it is called: `more_often`, `less_often`, `none`, `less`, `longer`, `shorter`,
            `often_and_short`, `seldom_and_short`, `up_often`, `drift_up`, `drift_down`.
        of: the behaviour, or the name of the series.
        scores: nats `[H]`; 0 for an hour without observed time, NaN where too little is known of the past.
        since: start of the window it is of `[H]`.
        seen, usual: what was seen in the window and what was expected `[H]`: events, seconds, seconds of one event, observed
            seconds, or the series' own unit.
        ordinary: days that others are held against, `[D]`; None: all of them.
    """

    kind: str
    of: str
    scores: Array
    since: Array
    seen: Array
    usual: Array
    ordinary: Flags | None = None


def event_streams(behaviour: str, history: History, hours: ClockHours, share: float) -> list[Stream]:
    """All streams of one behaviour.

    Args:
        behaviour: its name.
        history: what is known of it.
        hours: of which scores are wanted; those of the baseline among them.
        share: of the events of unknown cats that is likely this cat's: its share of the events that have names. Then the
            expected count stays the same whether few or many events are named.
    """
    observed = observed_h(history, hours)
    counts = summed(history.starts, None, hours)
    counts_all = counts + share * summed(history.possible, None, hours)
    kept = ordinary_days(of_day(counts_all, hours), of_day(observed, hours))
    usual = _usual(counts_all, observed, hours, kept)
    how_often = [
        *_rates("more_often", RISES_H, behaviour, usual),
        *_rates("less_often", FALLS_H, behaviour, usual),
    ]
    streams = [*how_often, _waiting(behaviour, history, usual)]
    if np.any(history.durations > 0):
        lengths, mean, spread = _durations(behaviour, history, observed, hours, kept)
        # A bout that is far too long is one thing that is unusual (`longer`), not a day of eating.
        most = np.where(np.isnan(mean), np.inf, np.exp(np.nan_to_num(mean + MOST_OFF * spread)))
        of_hour = np.clip(np.searchsorted(hours.rims, history.starts, side="right") - 1, 0, max(len(most) - 1, 0))
        seconds = summed(history.starts, np.minimum(history.durations, np.append(most, np.inf)[of_hour]), hours)
        streams += _rates("less", FALLS_H, behaviour, _usual(seconds, observed, hours, kept))
        streams += lengths
        streams += _both(behaviour, how_often, lengths)
    return streams


@dataclass(frozen=True)
class _Usual:
    """What was counted, and what is usual by the baseline.

    Attributes:
        counts, observed: of each hour `[H]`.
        hours: which they are.
        kept: days of the baseline `[D]`.
        expected: what each hour should hold `[H]`; NaN where the baseline is too short.
        beyond: by how much days vary more than Poisson's `[D]`.
    """

    counts: Array
    observed: Array
    hours: ClockHours
    kept: Flags
    expected: Array
    beyond: Array


def _usual(counts: Array, observed: Array, hours: ClockHours, kept: Flags) -> _Usual:
    of_days, open_days = of_day(counts, hours), of_day(observed, hours)
    past, past_open = (
        smooth_clock(trailing(table * kept[:, None], BASELINE_DAYS, GUARD_DAYS)) for table in (of_days, open_days)
    )
    # Half an event at large: an hour in which it was never done is no hour in which it cannot be.
    known = trailing(((open_days.sum(axis=1) > 0) & kept).astype(float), BASELINE_DAYS, GUARD_DAYS) >= FEWEST_DAYS
    flat = (past.sum(axis=1) + 0.5) / np.maximum(past_open.sum(axis=1), 1)
    rates = (past + flat[:, None]) / (past_open + 1)
    rates[~known | (past.sum(axis=1) < FEWEST_COUNTED)] = np.nan  # what was never done is new, not unusual
    expected = rates[hours.day, hours.hour] * observed
    totals, means = of_days.sum(axis=1), of_day(expected, hours).sum(axis=1)
    covered = open_days.sum(axis=1) / np.maximum(past_open.sum(axis=1) / BASELINE_DAYS, 1)
    means, judged = np.nan_to_num(means), np.isfinite(means) & kept
    expected[trailing(judged.astype(float), BASELINE_DAYS, GUARD_DAYS)[hours.day] < FEWEST_DAYS] = np.nan
    beyond = trailing(np.where(judged, (totals - means) ** 2 - means, 0.0), BASELINE_DAYS, GUARD_DAYS)
    scale = trailing(np.where(judged, means * covered, 0.0), BASELINE_DAYS, GUARD_DAYS)
    beyond = np.where(scale > 0, beyond / np.maximum(scale, 1e-9), 0.0)
    return _Usual(counts, observed, hours, kept, expected, beyond)


def _rates(kind: str, windows: tuple[int, ...], behaviour: str, usual: _Usual) -> list[Stream]:
    """More of something than expected in each of the windows, or less where the kind is one of LESS.

    A thinned regular process is less regular: what days vary less than Poisson's counts by the part that was observed.
    """
    observed, hours = usual.observed, usual.hours
    open_past = trailing(of_day(observed, hours), BASELINE_DAYS, GUARD_DAYS)
    days = np.clip(np.arange(len(open_past)) - GUARD_DAYS, 1, BASELINE_DAYS)
    open_usual = (open_past / days[:, None])[hours.day, hours.hour]
    streams = []
    for window in windows:
        seen, mean, covered, least = (
            _rolling(values, window) for values in (usual.counts, usual.expected, observed, open_usual)
        )
        spread = np.maximum(1 + usual.beyond[hours.day] * covered / np.maximum(least, 1), 0.3)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(seen > 0, seen * np.log(seen / mean), 0.0) - (seen - mean)
        ratio = np.where((observed > 0) & (covered >= LEAST_COVERED * least), ratio / spread, 0.0)
        ratio = np.where(np.isnan(mean), np.nan, ratio)
        scores = np.where((seen < mean if kind in LESS else seen > mean) | np.isnan(ratio), ratio, 0.0)
        since = hours.rims[np.maximum(np.arange(len(seen)) + 1 - window, 0)]
        streams.append(Stream(kind, behaviour, scores, since, seen, mean, usual.kept))
    return streams


def _waiting(behaviour: str, history: History, usual: _Usual) -> Stream:
    """What would have been expected since the last event that may have been this cat's; seen: observed seconds since, NaN in an hour
    without observed time."""
    observed, hours, expected = usual.observed, usual.hours, usual.expected
    events = np.union1d(history.starts, history.possible)
    last = np.searchsorted(events, hours.rims[1:]) - 1
    since = np.where(last >= 0, np.append(events, np.nan)[last], np.nan)
    hour_of_last = np.clip(np.searchsorted(hours.rims, since, side="right") - 1, 0, max(len(hours.day) - 1, 0))
    # A wait that began before anything could be expected is longer than what is known of it.
    reached, unknown = np.cumsum(np.nan_to_num(expected)), np.cumsum(np.isnan(expected) & (observed > 0))
    owed = np.where(np.isnan(since), 0.0, reached - reached[hour_of_last]) if len(reached) else reached
    early = unknown > unknown[hour_of_last] if len(unknown) else np.zeros(0, bool)
    owed = np.where(np.isnan(expected) | early, np.nan, np.where(observed > 0, owed, 0.0))
    open_s = np.cumsum(np.append(0.0, observed)) * HOUR_S
    waited = np.where(np.isnan(since), 0.0, open_s[1:] - open_s[np.minimum(hour_of_last + 1, len(open_s) - 1)])
    waited = np.where(observed > 0, waited, np.nan)
    return Stream("none", behaviour, owed, since, waited, np.full(len(owed), np.nan), usual.kept)


def _durations(
    behaviour: str, history: History, observed: Array, hours: ClockHours, kept: Flags
) -> tuple[list[Stream], Array, Array]:
    """Bouts longer or shorter than usual; and mean and spread of the logarithms that are usual `[H]`."""
    lasting = history.durations > 0
    logs, at = np.log(history.durations[lasting]), history.starts[lasting]
    count, total, squares = (summed(at, weights, hours) for weights in (None, logs, logs**2))
    past = [trailing(of_day(v, hours).sum(axis=1) * kept, BASELINE_DAYS, GUARD_DAYS) for v in (count, total, squares)]
    known = past[0] >= FEWEST_EVENTS
    number = np.maximum(past[0], 1)
    mean = past[1] / number
    spread = np.sqrt(np.maximum(past[2] / number - mean**2, 0.01))  # a tenth at least: no two bouts are alike
    mean, spread = (np.where(known, values, np.nan)[hours.day] for values in (mean, spread))
    if len(logs) and len(hours.day):
        # One bout that is far off, mostly read wrong, says no more than one that is off.
        hour = np.clip(np.searchsorted(hours.rims, at, side="right") - 1, 0, len(hours.day) - 1)
        within = mean[hour] + np.clip(logs - mean[hour], -MOST_OFF * spread[hour], MOST_OFF * spread[hour])
        total = summed(at, np.where(np.isnan(within), logs, within), hours)
    streams = []
    for window in DURATION_WINDOWS_H:
        events, sums = _rolling(count, window), _rolling(total, window)
        seen = sums / np.maximum(events, 1)
        off = (seen - mean) / spread * np.sqrt(events)
        off = np.where((events >= 2) & (observed > 0), off, np.where(np.isnan(mean), np.nan, 0.0))
        since = hours.rims[np.maximum(np.arange(len(seen)) + 1 - window, 0)]
        for kind, sign in (("longer", 1), ("shorter", -1)):
            scores = np.where(np.isnan(off), np.nan, np.maximum(sign * off, 0) ** 2 / 2)
            streams.append(Stream(kind, behaviour, scores, since, np.exp(seen), np.exp(mean), kept))
    return streams, mean, spread


def _both(behaviour: str, how_often: list[Stream], lengths: list[Stream]) -> list[Stream]:
    """Each of two signs says something at once: often and for short as with a sore bladder, seldom and for short as without
    appetite. Their scores are sums of independent ones (Fisher's method)."""
    streams = []
    for kind, count in (("often_and_short", "more_often"), ("seldom_and_short", "less_often")):
        pairs = zip(
            [stream for stream in how_often if stream.kind == count][-len(DURATION_WINDOWS_H) :],
            [stream for stream in lengths if stream.kind == "shorter"],
            strict=True,
        )
        for first, second in pairs:
            sums = first.scores + second.scores  # NaN where either is: what is not known is not nothing
            both = np.where(((first.scores == 0) | (second.scores == 0)) & np.isfinite(sums), 0.0, sums)
            streams.append(Stream(kind, behaviour, both, first.since, first.seen, first.usual, first.ordinary))
    return streams


def night_streams(active: History, hours: ClockHours) -> list[Stream]:
    """More bouts of being up than usual, of what is known of the nights alone (`within`)."""
    observed, counts = observed_h(active, hours), summed(active.starts, None, hours)
    kept = ordinary_days(of_day(counts, hours), of_day(observed, hours))
    return _rates("up_often", NIGHTS_H, NIGHT, _usual(counts, observed, hours, kept))


def _rolling(values: Array, window: int) -> Array:
    """Sum over the last `window` hours `[H]`."""
    until = np.concatenate([np.zeros(1), np.cumsum(np.nan_to_num(values))])
    places = np.arange(1, len(until))
    total: Array = until[places] - until[np.maximum(places - window, 0)]
    gaps = np.concatenate([np.zeros(1), np.cumsum(np.isnan(values))])
    return np.where(gaps[places] - gaps[np.maximum(places - window, 0)] > 0, np.nan, total)
