"""How often and how long: a month's behaviours, its days and its shape, over observed time alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np

from home.clock import local_day
from home.ethogram import BEHAVIOURS
from home.speech.month import Month
from models.habits.change import changes, difference
from models.habits.cosinor import cosinor
from models.habits.history import Array, History
from models.habits.rhythm import Days, by_weekday, days_of, evenness, two_peaks
from tasks.month_report.numbers import Behaviour, Changed, Compared, Day, Heatmap, Peak, Rhythm, Wave
from tasks.month_report.reading import AWAKE, slice_of

__all__ = ["behaviour_of", "changed_in", "days_in", "heatmap_of", "rhythm_of", "watched_hours"]

LEAST_DAYS = 3.0  # observed days below which nobody speaks of a day; our choice
EPOCH = dt.date(1970, 1, 1)
HOUR_S, DAY_S = 3600.0, 86400.0


def behaviour_of(name: str, known: History, month: Month, until: dt.date) -> Behaviour:
    """One behaviour in a month, against the month before where the same hours of the clock were watched."""
    now, then = slice_of(known, month.first, until), slice_of(known, month.before.first, month.first)
    days, earlier = days_of(now), days_of(then)
    watched = watched_hours(days)
    hours = int(watched.sum())
    observed_s = float(days.observed_s.sum())
    enough = observed_s >= LEAST_DAYS * HOUR_S * hours > 0
    scale = HOUR_S * hours / observed_s if observed_s else 0.0
    alike = enough and bool((watched == watched_hours(earlier)).all())
    seconds = float(now.durations.sum())
    return Behaviour(
        behaviour=name,
        events=len(now.starts),
        seconds=seconds,
        observed_s=observed_s,
        of_s=_length_s(month.first, until, known),
        unknown_events=len(now.possible),
        timed=days.timed,
        enough=enough,
        watched_h=hours,
        events_a_day=len(now.starts) * scale if enough else None,
        seconds_a_day=float(days.seconds.sum()) * scale if enough and days.timed else None,
        events_then=_compared(days, earlier, "events", month, hours) if alike else None,
        seconds_then=_compared(days, earlier, "seconds", month, hours) if alike and days.timed else None,
    )


def watched_hours(days: Days) -> np.ndarray:
    """Which hours of the clock were ever watched `[24]`."""
    watched: np.ndarray = days.observed_s.sum(axis=0).reshape(24, 4).sum(axis=1) > 0
    return watched


def _compared(now: Days, then: Days, what: str, month: Month, hours: int) -> Compared | None:
    found = difference(now, then, what)
    if found is None:
        return None
    scale = hours / 24
    return Compared(
        month=str(month.before),
        then=found.then * scale,
        difference=(found.now - found.then) * scale,
        low=found.low * scale,
        high=found.high * scale,
        sure=found.sure,
    )


def _length_s(first: dt.date, until: dt.date, known: History) -> float:
    if until <= first:
        return 0.0
    return (local_day(until, known.zone).start - local_day(first, known.zone).start).total_seconds()


def heatmap_of(name: str, known: History, month: Month, until: dt.date) -> Heatmap | None:
    """By weekday and hour; None where nothing was observed, or nothing ever happened."""
    days = days_of(slice_of(known, month.first, until))
    if not days.observed_s.any() or not days.amount().any():
        return None
    values = by_weekday(days)[0]
    scale = 60.0 if days.timed and name == AWAKE else 1.0
    if name != AWAKE:
        values = _events_an_hour(days)
    return Heatmap(
        of=name,
        unit="minutes_an_hour" if scale == 60.0 else "events_an_hour",
        values=[[None if np.isnan(value) else round(float(value) * scale, 4) for value in row] for row in values],
    )


def _events_an_hour(days: Days) -> Array:
    """Events in an observed hour by weekday and hour `[7, 24]`, however long they last."""
    untimed = Days(days.dates, days.events, days.seconds, days.observed_s, timed=False)
    return by_weekday(untimed)[0]


def rhythm_of(name: str, known: History, month: Month, until: dt.date) -> Rhythm | None:
    """The shape of the days of a month; None where too little of it is known."""
    days = days_of(slice_of(known, month.first, until))
    wave, peaks, even = cosinor(days), two_peaks(days), evenness(days)
    if wave is None and peaks is None and even is None:
        return None
    return Rhythm(
        of=name,
        wave=None
        if wave is None
        else Wave(
            top_h=_known(wave.acrophase_h),
            within_h=_known(wave.acrophase_within_h),
            p=wave.p,
            share_of_mean=wave.amplitude / wave.mean if wave.mean > 0 else None,
        ),
        peaks=None if peaks is None else Peak(hours=list(peaks.hours), confidence=peaks.confidence),
        evenness=None if even is None else even.entropy,
        evenness_low=None if even is None else even.low,
        evenness_high=None if even is None else even.high,
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def changed_in(name: str, known: History, month: Month, until: dt.date) -> list[Changed]:
    """Dates of the month on which a habit changed, judged from two months before on."""
    found = changes(days_of(slice_of(known, month.before.before.first, until)))
    dated = [(EPOCH + dt.timedelta(days=one.date), one) for one in found]
    return [
        Changed(behaviour=name, date=date, before=one.before, after=one.after)
        for date, one in dated
        if month.first <= date < until
    ]


def days_in(histories: Mapping[str, History], month: Month, until: dt.date) -> list[Day]:
    """Every date of the month so far: events, seconds and observed seconds of each behaviour of the ethogram."""
    cut = {
        name: days_of(slice_of(known, month.first, until)) for name, known in histories.items() if name in BEHAVIOURS
    }
    zone = next(iter(histories.values())).zone
    rows = []
    for date in month.dates:
        if date < until:
            own = {name: _of(days, date) for name, days in cut.items()}
            rows.append(Day(date=date, seconds=local_day(date, zone).seconds, behaviours=own))
    return rows


def _of(days: Days, date: dt.date) -> tuple[int, float, float]:
    place = np.flatnonzero(days.dates == (date - EPOCH).days)
    if not len(place):
        return 0, 0.0, 0.0
    events, seconds, observed = (float(values[place[0]]) for values in days.totals())
    return round(events), round(seconds, 3), round(observed, 3)
