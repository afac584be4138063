"""When to speak: streams of scores, one allowance of false alarms a month for all of them together.

Each stream is first put against its own past: how far out it has been on one day in five, and how much farther it goes from
there (exponential excesses over a threshold: Coles, An Introduction to Statistical Modeling of Extreme Values, Springer 2001,
chapter 4; for streams: Siffer et al., KDD 2017). Streams that tell the same thing in several ways are one family. Each
family has its part of the allowance, and a bound that its own past passed as often as that: a family that is wild by nature
costs the others nothing. What lasts is one alarm, not one each hour: peaks that lie close together count once (runs
declustering, Coles chapter 5), in the past that sets the bound as in the alarms that are raised.

How often all bounds together were passed in the past then corrects them all (as adaptive conformal inference does: Gibbs and
Candès, NeurIPS 2021), so that the total holds however the streams depend on each other and however heavy their tails are.
Every score and bound of an hour is made from what was known before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from models.habits.baseline import GUARD_DAYS
from models.habits.clock_hours import HOUR_S, ClockHours
from models.habits.streams import Stream

__all__ = ["FAMILIES", "LIMITS_H", "SIGNS", "Alarm", "judged", "raised", "shares"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

CALIBRATION_DAYS = 120  # our choice, as all that follows
FEWEST_DAYS = 21  # of scores, before which nothing but a limit is told
MONTH_DAYS = 30.44
OUT, PEAKS_OUT = 0.2, 0.5  # share of days, and of peaks, that are beyond where a tail begins
BELIEVED = 5.0  # excesses that the exponential with mean 1, which scores in nats should have, counts as
MOST_EXCESS = 18.0  # of a past day: an illness that was there says little about ordinary days
NEW = 3.0  # nats that are asked for more while there is no past to compare with
CORRECTED = 2.0  # alarms that the first guess of the correction counts as
FIRST_GUESS = 4.5  # times as often as the tails say: what was found in simulated homes other than those of the figures
QUIET_H = 48  # hours without it that end an alarm
FAMILIES = {
    "more_often": "rise", "often_and_short": "rise", "up_often": "rise",
    "less_often": "fall", "less": "fall", "none": "fall", "seldom_and_short": "fall",
}  # fmt: skip
"""Kinds that are one thing seen in several ways; any other kind stands for itself."""

SIGNS = {("eating", "fall"), ("using_litter_box", "fall"), ("using_litter_box", "rise"), ("night", "rise")}
"""What vets ask for first: these families have a whole part of the allowance, the others a quarter of one."""

OTHERS_PART = 0.05
LIMITS_H = {"using_litter_box": 24.0, "eating": 18.0}
"""Observed hours without one that are told of whatever is usual, unless this cat, as it is seen, often goes so long."""

LIMIT_SHARE = 0.25  # of the allowance, that these limits may use


@dataclass(frozen=True)
class Alarm:
    """Something unusual.

    Attributes:
        stream: that was farthest out when it was raised.
        first, last: hour in which it was raised, and last hour in which it was still so.
        score: the highest, in nats: minus the logarithm of how many days of an ordinary past were so.
        bound: that was passed.
        limit: whether it was raised for a limit of LIMITS_H.
        since: the hour in which the alarm that this one raises further was raised, when it came to pass a limit of LIMITS_H;
            `first` of one that stands for itself.
    """

    stream: Stream
    first: int
    last: int
    score: float
    bound: float
    limit: bool
    since: int


def raised(streams: Sequence[Stream], hours: ClockHours, per_month: float) -> list[Alarm]:
    """All alarms of these hours, in order; each needs nothing that was not known in its hour.

    One that comes to pass a fixed limit while it lasts is told twice: when it was raised, and when it passed the limit.

    Args:
        streams: all of one cat, over the same hours.
        hours: these.
        per_month: false alarms a month that all of them together may raise.

    Raises:
        ValueError: if `per_month` is not over 0.
    """
    if not per_month > 0:
        raise ValueError(f"{per_month} false alarms a month: no bound keeps to that; a number over 0 would be right")
    if not streams or not len(hours.day):
        return []
    put = [_against_own_past(stream, hours) for stream in streams]
    groups = dict[tuple[str, str], list[int]]()
    for index, stream in enumerate(streams):
        groups.setdefault((stream.of, FAMILIES.get(stream.kind, stream.kind)), []).append(index)
    families = [np.fmax.reduce([put[index] for index in members]) for members in groups.values()]
    usual = [np.all([_ordinary(streams[index], hours) for index in members], axis=0) for members in groups.values()]
    parts = np.array([1.0 if name in SIGNS else OTHERS_PART for name in groups])
    allowed = (1 - LIMIT_SHARE) * per_month * parts / parts.sum()
    bounds = [_bound(scores, hours, part, kept) for scores, part, kept in zip(families, allowed, usual, strict=True)]
    further = _correction(families, [bound for bound, _ in bounds], hours, (1 - LIMIT_SHARE) * per_month, usual)
    alarms = list[Alarm]()
    for scores, members, (bound, mean) in zip(families, groups.values(), bounds, strict=True):
        limits = np.any([_past_limit(streams[index], hours, per_month) for index in members], axis=0)
        at = (bound + further * mean)[hours.day]
        # A bound that is not yet this cat's own would speak several times too often. Counts come first of a family.
        own = _days_known(streams[members[0]], hours) >= FEWEST_DAYS
        passed = (scores >= at) & own[hours.day]
        for first, last in _runs(passed | limits):
            best = max(members, key=lambda index: np.nan_to_num(put[index][first], nan=-1.0))
            waiting = next((index for index in members if streams[index].kind == "none"), best)
            ways = [(waiting if limits[first] else best, first)]
            # What has been told may come to pass a limit: then it is told again, as what it is now.
            beyond = first + np.flatnonzero(limits[first : last + 1])
            if len(beyond) and not limits[first] and not _beyond_limit(streams[best], first):
                ways.append((waiting, int(beyond[0])))
            for index, at_hour in ways:
                top = float(np.nanmax(np.append(put[index][at_hour : last + 1], 0.0)))
                by_limit = bool(limits[at_hour])
                alarms.append(Alarm(streams[index], at_hour, last, top, float(at[at_hour]), by_limit, first))
    return sorted(alarms, key=lambda alarm: (alarm.first, alarm.stream.of, alarm.stream.kind))


def judged(streams: Sequence[Stream], hours: ClockHours) -> set[str]:
    """Of what the signs of the last day could be judged: all of them had scores, and bounds that are this cat's own."""
    if not len(hours.day):
        return set()
    ready = dict[tuple[str, str], bool]()
    for stream in streams:
        sign = stream.of, FAMILIES.get(stream.kind, stream.kind)
        if sign in SIGNS and sign not in ready:  # counts come first of a family
            known = _of_days(stream.scores, hours)
            ready[sign] = bool(np.isfinite(known[-1])) and int(_days_known(stream, hours)[-1]) >= FEWEST_DAYS
    asked = {of for of, _ in ready}
    return {of for of in asked if all(ready.get(sign, False) for sign in SIGNS if sign[0] == of)}


def shares(named: Mapping[str, int]) -> dict[str, float]:
    """Which share of the events of unknown cats is likely each cat's: as of those that have names, all alike at first."""
    total = sum(named.values()) + len(named)
    return {cat: (count + 1) / total for cat, count in named.items()}


def _beyond_limit(stream: Stream, hour: int) -> bool:
    return stream.kind == "none" and bool(stream.seen[hour] >= LIMITS_H.get(stream.of, np.inf) * HOUR_S)


def _runs(beyond: Flags) -> list[tuple[int, int]]:
    """First and last hour of each stretch; two that are at most QUIET_H apart are one."""
    at = np.flatnonzero(beyond)
    breaks = np.flatnonzero(np.diff(at) > QUIET_H)
    firsts, lasts = at[np.append(0, breaks + 1)[: len(at)]], at[np.append(breaks, len(at) - 1)[: len(at)]]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _of_days(scores: Array, hours: ClockHours) -> Array:
    """The highest of each day `[D]`; NaN where none is known."""
    highest: Array = np.fmax.reduceat(scores, hours.first_of_day)
    return highest


def _ordinary(stream: Stream, hours: ClockHours) -> Flags:
    """Days that others are held against `[D]`."""
    return np.ones(len(hours.dates), bool) if stream.ordinary is None else stream.ordinary


def _past_days(stream: Stream, hours: ClockHours) -> Array:
    """The highest score of each ordinary day `[D]`; NaN of others, and where none is known."""
    return np.where(_ordinary(stream, hours), _of_days(stream.scores, hours), np.nan)


def _days_known(stream: Stream, hours: ClockHours) -> NDArray[np.int64]:
    """How many of the days that each day is judged by have scores `[D]`."""
    return np.asarray(np.isfinite(_before(_past_days(stream, hours))).sum(axis=1))


def _before(values: Array) -> Array:
    """For each day the values of the days that it is judged by, in rising order, NaN last: `[D, CALIBRATION_DAYS]`."""
    padded = np.concatenate([np.full(CALIBRATION_DAYS + GUARD_DAYS, np.nan), values])
    return np.sort(sliding_window_view(padded, CALIBRATION_DAYS)[: len(values)], axis=1)


def _tail(past: Array, share: float) -> tuple[Array, Array, Array, Array]:
    """Where the tails of sorted rows begin, mean excess, how many are beyond, and how many there are, each `[D]`."""
    number = np.isfinite(past).sum(axis=1)
    place = np.clip(np.ceil((1 - share) * number).astype(int) - 1, 0, past.shape[1] - 1)
    begin = np.nan_to_num(past[np.arange(len(past)), place])
    excess = np.where(past > begin[:, None], np.minimum(past - begin[:, None], MOST_EXCESS), 0.0)
    beyond = (excess > 0).sum(axis=1)
    return begin, (excess.sum(axis=1) + BELIEVED) / (beyond + BELIEVED), beyond, number


def _against_own_past(stream: Stream, hours: ClockHours) -> Array:
    """A stream as minus the logarithm of the share of its own past days that were so `[H]`."""
    scores = stream.scores
    begin, mean, beyond, number = _tail(_before(_past_days(stream, hours)), OUT)
    rare = -np.log((beyond + 1) / (number + 1))
    inside = np.where(begin > 0, rare / np.maximum(begin, 1e-9), 0.0)[hours.day]
    begin, mean, rare = begin[hours.day], mean[hours.day], rare[hours.day]
    own = np.where(scores > begin, rare + (scores - begin) / mean, inside * scores)
    return np.where(number[hours.day] >= FEWEST_DAYS, own, scores)


def _bound(scores: Array, hours: ClockHours, per_month: float, kept: Flags) -> tuple[Array, Array]:
    """The bound of each day that the past's peaks passed as often as is allowed, and their mean excess `[D]`."""
    highest = np.where(kept, _of_days(scores, hours), np.nan)
    filled = np.nan_to_num(highest, nan=-np.inf)
    # Before and after it, two days: a day is judged by peaks that are over, the guard is longer than that.
    around = np.pad(filled, 2, constant_values=-np.inf)
    peak = (filled >= sliding_window_view(around, 5).max(axis=-1)) & (filled > 0)
    days = np.isfinite(_before(highest)).sum(axis=1)
    begin, mean, beyond, _ = _tail(_before(np.where(peak, highest, np.nan)), PEAKS_OUT)
    bound = begin + mean * np.log(np.maximum(beyond, 0.5) * MONTH_DAYS / (np.maximum(days, 1) * per_month))
    enough = days >= FEWEST_DAYS
    bound = np.maximum(bound, np.log(MONTH_DAYS / per_month) / 2)  # a past without any peak is no reason to speak
    return np.where(enough, bound, np.log(MONTH_DAYS / per_month) + NEW), np.where(enough, mean, 1.0)


def _correction(
    families: Sequence[Array], bounds: Sequence[Array], hours: ClockHours, per_month: float, usual: Sequence[Flags]
) -> Array:
    """Mean excesses that all bounds are raised by, 0 or more, for having been passed more often than allowed `[D]`."""
    times, known = np.zeros(len(hours.dates)), np.zeros(len(hours.dates), bool)
    for scores, bound, kept in zip(families, bounds, usual, strict=True):
        firsts = [first for first, _ in _runs((scores >= bound[hours.day]) & kept[hours.day])]
        np.add.at(times, hours.day[firsts], 1.0)
        known |= np.isfinite(_of_days(scores, hours))
    past = _before(np.where(known, times, np.nan))
    due = np.isfinite(past).sum(axis=1) * per_month / MONTH_DAYS
    return np.maximum(np.log((np.nansum(past, axis=1) + FIRST_GUESS * CORRECTED) / (due + CORRECTED)), 0.0)


def _past_limit(stream: Stream, hours: ClockHours, per_month: float) -> Flags:
    """Hours in which the wait has passed its limit, where it has rarely done so in the past."""
    limit = LIMITS_H.get(stream.of)
    if limit is None or stream.kind != "none":
        return np.zeros(len(hours.day), bool)
    over = stream.seen >= limit * HOUR_S  # not so in an hour without coverage, of which `seen` is NaN
    began = over & ~np.append(False, over[:-1])
    past = _before(_of_days(began.astype(float), hours))
    allowed = LIMIT_SHARE * per_month / MONTH_DAYS * np.isfinite(past).sum(axis=1)
    seldom: Flags = np.nansum(past, axis=1) <= allowed
    return over & seldom[hours.day]
