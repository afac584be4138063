"""Times without a year, as a telephone shows them (`9/10 10:55 am`): which year, and which side of a clock change."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from home.clock import UTC, local_date
from ingest.device_logs.rows import Mistakes

__all__ = ["exported_on", "moments"]

# 7/2 6:31AM, 9/10 10:55 am, 9/10 10:55 am with the narrow space that newer phones write, 9/10/2025 22:55
_TIME = re.compile(
    r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?,?\s+(\d{1,2}):(\d{2})(?::\d{2})?\s*([ap])?\.?m?\.?", re.IGNORECASE
)
_DATE = re.compile(r"(?<!\d)(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})-(\d{1,2})-(\d{4}))(?!\d)")
_LEAP = 2024  # has a 29 February
_YEAR = dt.timedelta(days=366)
_HALF_A_YEAR = dt.timedelta(days=183)


class Wall(NamedTuple):
    """What a row shows; the year is None where it shows none."""

    year: int | None
    month: int
    day: int
    hour: int
    minute: int

    def at(self, year: int) -> dt.datetime:
        """It in a year, local.

        Raises:
            ValueError: if that year has no such day.
        """
        return dt.datetime(year, self.month, self.day, self.hour, self.minute)  # noqa: DTZ001 - it gets its zone later


def exported_on(name: str) -> list[dt.date]:
    """The dates that a file name may mean: `2025-09-10` is one, `7-4-2025` may be 4 July or 7 April."""
    found = []
    for year, month, day, first, second, last in _DATE.findall(name):
        for parts in [(year, month, day)] if year else [(last, first, second), (last, second, first)]:
            try:
                found.append(dt.date(*map(int, parts)))
            except ValueError:
                continue
    return list(dict.fromkeys(found))


def moments(
    texts: Sequence[tuple[int, str]], exported: Sequence[dt.date], zone: ZoneInfo, now: dt.datetime, mistakes: Mistakes
) -> list[dt.datetime]:
    """The moments of the rows of an export, newest first as they stand, or oldest first.

    The newest row is of the last year in which it does not lie after the export; going back, a date that would lie after the
    row before it is of the year before. An hour that clocks go through twice is the earlier one, unless the order says otherwise.

    Args:
        texts: line and time of each row.
        exported: local dates on which it may have been made, the likeliest first.
        zone: of the device.
        now: nothing lies after it.
        mistakes: is told of times that cannot be.

    Returns:
        UTC, one for each row.

    Raises:
        LogError: if a time cannot be, or nothing says the year.
    """
    walls = []
    for line, text in texts:
        try:
            walls.append(_wall(text))
        except ValueError as error:
            mistakes.add(line, str(error))
    mistakes.end()
    backwards = _newest_first(walls)
    order = list(zip(texts, walls, strict=True))[:: 1 if backwards else -1]
    dated = _dated(order, exported, local_date(now, zone), mistakes)
    found: list[dt.datetime] = []
    for (line, text), wall in reversed(list(zip((each for each, _ in order), dated, strict=True))):
        moment = wall.replace(tzinfo=zone).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) != wall:
            mistakes.add(line, f"found {text!r}, an hour that the clocks of {zone.key} skip; no clock showed that")
        later = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
        if found and moment < found[-1] <= later:
            moment = later
        if moment > now:
            mistakes.add(line, f"found {text!r}, which is still to come; a time that is past would be right")
        found.append(moment)
    mistakes.end()
    return found[::-1] if backwards else found


def _wall(text: str) -> Wall:
    match = _TIME.fullmatch(text)
    right = "a time such as 9/10 10:55 am (month/day) would be right"
    if match is None:
        raise ValueError(f"found {text!r}; {right}")
    month, day, year, hour, minute = (int(part) if part else None for part in match.group(1, 2, 3, 4, 5))
    assert month is not None and day is not None and hour is not None and minute is not None
    if match[6]:
        if not 1 <= hour <= 12:
            raise ValueError(f"found {text!r}; {right}")
        hour = hour % 12 + (12 if match[6].casefold() == "p" else 0)
    wall = Wall(year, month, day, hour, minute)
    try:
        wall.at(year or _LEAP)
    except ValueError:
        raise ValueError(f"found {text!r}, which is no time; {right}") from None
    return wall


def _newest_first(walls: Sequence[Wall]) -> bool:
    """Rows go the way most neighbours go, over the turn of a year the shorter way round."""
    times = [wall.at(wall.year or _LEAP) for wall in walls]
    steps = [(below - above) % _YEAR for above, below in itertools.pairwise(times)]
    rising = sum(dt.timedelta() < step < _HALF_A_YEAR for step in steps)
    return sum(step > _HALF_A_YEAR for step in steps) >= rising


def _dated(
    order: Sequence[tuple[tuple[int, str], Wall]], exported: Sequence[dt.date], today: dt.date, mistakes: Mistakes
) -> list[dt.datetime]:
    """Local times of rows that go back in time."""
    found: list[dt.datetime] = []
    for (line, text), wall in order:
        try:
            here = _newest(wall, exported, today) if not found else _before(wall, found[-1])
        except ValueError as error:
            mistakes.add(line, f"found {text!r}; {error}")
            break
        found.append(here)
    mistakes.end()
    return found


def _newest(wall: Wall, exported: Sequence[dt.date], today: dt.date) -> dt.datetime:
    if wall.year is not None:
        return wall.at(wall.year)
    if not exported:
        raise ValueError(
            "its year is not said; the day of the export in the file's name, or --exported YYYY-MM-DD, would say it"
        )
    fitting = []
    for date in exported:
        # A day more: the export may have been made in another time zone than the box stands in.
        limit = dt.datetime.combine(date + dt.timedelta(days=2), dt.time())
        for candidate in (date.year + 1, date.year, date.year - 1):
            try:
                here = wall.at(candidate)
            except ValueError:
                continue  # 29 February
            if here < limit and limit - here < _HALF_A_YEAR and date <= today:
                fitting.append((limit - here, here))
                break
    if not fitting:
        told = " or ".join(map(str, exported))
        raise ValueError(f"no year makes it lie before the export of {told}; --exported YYYY-MM-DD would say the day")
    return min(fitting)[1]


def _before(wall: Wall, later: dt.datetime) -> dt.datetime:
    for candidate in (later.year, later.year - 1) if wall.year is None else (wall.year,):
        try:
            here = wall.at(candidate)
        except ValueError:
            continue
        # Clocks that go back may make a row look an hour later than the one after it.
        if here <= later + dt.timedelta(hours=1) and (wall.year is not None or later - here <= _HALF_A_YEAR):
            return here
    raise ValueError(f"it does not lie before the row of {later:%Y-%m-%d %H:%M}; rows must be in order of time")
