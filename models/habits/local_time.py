"""Local clock time of many moments at once; a day of 23 or 25 hours stays one."""

from __future__ import annotations

import datetime as dt
import itertools
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

__all__ = ["DAY_S", "HOUR_S", "clock_s", "day_starts", "moments_of"]

Array = NDArray[np.float64]
HOUR_S, DAY_S = 3600.0, 86400.0
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def clock_s(moments: Array, zone: ZoneInfo) -> Array:
    """What the home's clocks show at UTC moments `[N]`, as seconds since 1970 on that clock `[N]`.

    `// 86400` is the local date as a number, `% 86400` the time of day; an hour that the clocks repeat comes twice.
    """
    return moments + _offsets(np.asarray(moments, np.float64), zone)


def moments_of(clock: Array, zone: ZoneInfo) -> Array:
    """The UTC moments at which the clocks show `clock` `[N]`; the first of two, and the moment of the jump for one that is skipped."""
    before, after = (clock - _offsets(clock + shift, zone) for shift in (-DAY_S, DAY_S))
    early, late = np.minimum(before, after), np.maximum(before, after)
    fits = [clock_s(moments, zone) == clock for moments in (early, late)]
    return np.where(fits[0], early, np.where(fits[1], late, _jumps(early, late, zone)))


def day_starts(first: int, last: int, zone: ZoneInfo) -> Array:
    """The first moment of each local date from number `first` to `last`, both included, seconds since 1970 (UTC)."""
    return moments_of(np.arange(first, last + 1, dtype=np.float64) * DAY_S, zone)


def _jumps(early: Array, late: Array, zone: ZoneInfo) -> Array:
    """For times that no clock shows: the moment between two guesses at which the clocks jump over them."""
    changes = _changes(zone, *_years(np.concatenate([early, late])))[0] if len(early) else np.zeros(0)
    place = np.minimum(np.searchsorted(changes, early), max(len(changes) - 1, 0))
    return np.where(changes[place] <= late, changes[place], late) if len(changes) else late


def _offsets(moments: Array, zone: ZoneInfo) -> Array:
    """Seconds that the home's clocks are ahead of UTC `[N]`."""
    if not len(moments):
        return np.zeros(0)
    changes, offsets = _changes(zone, *_years(moments))
    return offsets[np.searchsorted(changes, moments, side="right")]


def _years(moments: Array) -> tuple[int, int]:
    first, last = (int(1970 + float(rim) // (365.2425 * DAY_S)) for rim in (moments.min(), moments.max()))
    return (first - 1) // 10 * 10, (last + 1) // 10 * 10 + 9  # whole decades, so that few are worked out


@lru_cache(maxsize=256)
def _changes(zone: ZoneInfo, first: int, last: int) -> tuple[Array, Array]:
    """Moments at which the clocks are set `[C]` in the years `first` to `last`, and the offsets before and after them `[C + 1]`."""
    days = [
        int((dt.datetime(year, 1, 1, tzinfo=dt.UTC) - _EPOCH).total_seconds()) + day * int(DAY_S)
        for year in range(first, last + 1)
        for day in range(0, 366, 5)
    ]
    days.append(days[-1] + 5 * int(DAY_S))
    changes, offsets = [], [_offset(days[0], zone)]
    for early, late in itertools.pairwise(days):
        while (target := _offset(late, zone)) != offsets[-1]:
            low, high = early, late
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(middle, zone) == offsets[-1] else (low, middle)
            changes.append(high)
            offsets.append(_offset(high, zone))
            early = high
            if offsets[-1] == target:
                break
    return np.array(changes, np.float64), np.array(offsets, np.float64)


def _offset(moment: int, zone: ZoneInfo) -> float:
    offset = (_EPOCH + dt.timedelta(seconds=moment)).astimezone(zone).utcoffset()
    return offset.total_seconds() if offset is not None else 0.0
