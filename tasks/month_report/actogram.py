"""The actogram: one row a day, newest at the bottom, each date with the next one beside it (the double plot).

Places are in percent, so that hatches keep their size on any width; the bouts lie on it as one path for each behaviour, stretched over
the width: a month is some kilobytes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from astral import Observer
from astral.sun import elevation
from markupsafe import Markup

from home.clock import Span, local_day
from home.config import Place
from home.day.axis import HORIZON
from home.day.drawing import drawn_as, element
from home.look import BEHAVIOURS as MARKED
from home.speech.speech import Speech
from models.habits.history import Array, History
from models.habits.local_time import DAY_S, clock_s

__all__ = ["Actogram", "Row", "actogram_of"]

ROW, STRIP = 15, 12  # pixels from row to row, and of its strip
WIDE = 2880  # minutes of two days: what the upper drawing is wide
LEAST = 8.0  # minutes that a bout is drawn wide at least, so that a meal of a minute is seen
SHORTEST_GAP_S = 900.0
# Parts of the strip, from 0 at its top to 1: sleep at the bottom, what is done awake above it, what is counted over all of it.
PARTS = {"sleeping": (0.5, 1.0), "eating": (0.0, 1.0), "using_litter_box": (0.0, 1.0)}
AWAKE_PART = (0.0, 0.5)
ORDER = ("other", "sleeping", "grooming", "playing", "hunting", "scratching", "eating", "using_litter_box")


@dataclass(frozen=True)
class Row:
    """One date of the actogram: its label, what its line says, and whether clocks change on it (empty if not)."""

    date: dt.date
    label: str
    words: str
    change: str


@dataclass(frozen=True)
class Actogram:
    """An actogram to be laid out: the drawing, its rows and height in pixels, the behaviours it shows, dates on which clocks change."""

    drawing: Markup
    rows: list[Row]
    height: int
    shown: list[str]
    changes: list[tuple[dt.date, str]]


def actogram_of(
    histories: Mapping[str, History], dates: Sequence[dt.date], observed: Array, place: Place | None, speech: Speech
) -> Actogram:
    """Draw some dates.

    Args:
        histories: by behaviour of the ethogram; at least one.
        dates: one after the other.
        observed: spans in which anything at all could have been seen `[M, 2]`, seconds since 1970.
        place: of the home, for the night; None: none is drawn.
        speech: language and zone.
    """
    height = ROW * len(dates)
    numbers = {(date - dt.date(1970, 1, 1)).days: row for row, date in enumerate(dates)}
    lower = [element("rect", x=0, y=0, width="100%", height=height, class_="paper")]
    if place is not None:
        lower += _nights(dates, place, speech)
    lower += [_strip(row, "100%" if row + 1 < len(dates) else "50%") for row in range(len(dates))]
    lower += _gaps(dates, observed, speech)
    lower += [element("line", x1="50%", x2="50%", y1=0, y2=height, class_="midnight")]
    shown, upper = list[str](), list[Markup]()
    for behaviour in (*ORDER, *sorted(set(histories) - set(ORDER))):
        known = histories.get(behaviour)
        path = _path(known, numbers, PARTS.get(behaviour, AWAKE_PART)) if known is not None else ""
        if path:
            shown.append(behaviour)
            upper.append(element("path", d=path, class_=f"fill on-{drawn_as(behaviour)}"))
    over = element(
        "svg", *upper, x=0, y=0, width="100%", height=height, viewBox=f"0 0 {WIDE} {height}", preserveAspectRatio="none"
    )
    changes = [(date, change) for date in dates if (change := _change(date, speech))]
    rows = [
        Row(date, str(date.day), speech.day(date), next((words for one, words in changes if one == date), ""))
        for date in dates
    ]
    return Actogram(
        drawing=element("svg", *lower, over, width="100%", height=height, class_="rows", aria_hidden="true"),
        rows=rows,
        height=height,
        shown=[name for name in MARKED if name in shown] + [name for name in shown if name not in MARKED],
        changes=changes,
    )  # fmt: skip


def _strip(row: int, width: str) -> Markup:
    """The ground of a row; the date beside the last one is of another report."""
    return element("rect", x=0, y=row * ROW + 1, width=width, height=STRIP, class_="strip")


def _path(known: History, numbers: Mapping[int, int], part: tuple[float, float]) -> str:
    """Every bout on its own date and, to the right, on the row of the date before: `M12 3h4v6h-4z…`. What touches is one piece."""
    starts = clock_s(known.starts, known.zone)
    lengths = np.maximum(np.minimum(known.durations, np.diff(known.starts, append=np.inf)) / 60, LEAST)
    rows: dict[int, list[tuple[int, int]]] = {}
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        day, minute = divmod(start / 60, 1440)
        for row, left in _places(int(day), minute, length, numbers):
            rows.setdefault(row, []).append((round(left), round(left) + max(round(min(length, WIDE - left)), 1)))
    tall = (part[1] - part[0]) * STRIP
    return "".join(
        f"M{left} {row * ROW + 1 + part[0] * STRIP:g}h{right - left}v{tall:g}h-{right - left}z"
        for row, pieces in sorted(rows.items())
        for left, right in _joined(pieces)
    )


def _joined(pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The stretches that they cover together."""
    joined = list[tuple[int, int]]()
    for left, right in sorted(pieces):
        if joined and left <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], right)
        else:
            joined.append((left, right))
    return joined


def _places(day: int, minute: float, length: float, numbers: Mapping[int, int]) -> Iterable[tuple[int, float]]:
    """Rows and places of a bout: left on its own row, right on the row before; over midnight it runs on by itself on the left."""
    if day in numbers:
        yield numbers[day], minute
    if day - 1 in numbers:
        yield numbers[day - 1], minute + 1440
    if minute + length > 1440 and day + 1 in numbers:  # what is over midnight also begins the next row
        yield numbers[day + 1], minute - 1440


def _gaps(dates: Sequence[dt.date], observed: Array, speech: Speech) -> Iterable[Markup]:
    """What was not observed of each date and of the one beside it."""
    for row, date in enumerate(dates):
        for side in (0, 1) if row + 1 < len(dates) else (0,):
            span = local_day(date + dt.timedelta(days=side), speech.zone)
            for left, right in _unobserved(span, observed, speech):
                place = {"x": f"{side * 50 + left / 2:.3f}%", "width": f"{(right - left) / 2:.3f}%"}
                yield element("rect", **place, y=row * ROW + 1, height=STRIP, fill="url(#hatch-gap)", class_="hole")


def _unobserved(span: Span, observed: Array, speech: Speech) -> Iterable[tuple[float, float]]:
    """Stretches of a day on the clock, percent of it, in which nothing could have been seen."""
    start, end = span.start.timestamp(), span.end.timestamp()
    inside = np.clip(observed[(observed[:, 1] > start) & (observed[:, 0] < end)], start, end)
    rims = np.concatenate([[start], inside.ravel(), [end]]).reshape(-1, 2)
    for low, high in rims[rims[:, 1] - rims[:, 0] >= SHORTEST_GAP_S].tolist():
        sides = [_percent(low, start, speech.zone), 100.0 if high >= end else _percent(high, start, speech.zone)]
        if sides[1] > sides[0]:
            yield sides[0], sides[1]


def _percent(moment: float, day_start: float, zone: ZoneInfo) -> float:
    clock = clock_s(np.array([day_start, moment]), zone)
    return float(100 * min(1.0, max(0.0, (clock[1] - clock[0] // DAY_S * DAY_S) / DAY_S)))


def _nights(dates: Sequence[dt.date], place: Place, speech: Speech) -> Iterable[Markup]:
    """The time from sunset to sunrise of each row."""
    for row, date in enumerate(dates):
        for left, right in _dark(date, place, speech.zone):
            for side in (0, 50):  # tomorrow's sun is today's to a minute or two
                place_ = {"x": f"{side + left / 2:.2f}%", "width": f"{max(0.0, right - left) / 2:.2f}%"}
                yield element("rect", **place_, y=row * ROW, height=ROW, class_="night")


@lru_cache(maxsize=1024)  # every cat of a home has the same nights
def _dark(date: dt.date, place: Place, zone: ZoneInfo) -> list[tuple[float, float]]:
    """From sunset to sunrise, percent of a date on the clock, to ten minutes: sampled, for near the poles there may be none to solve for."""
    observer, span = Observer(place.latitude, place.longitude), local_day(date, zone)
    steps = [span.start + dt.timedelta(minutes=10 * number) for number in range(int(span.seconds // 600))]
    dark = _below(lambda step: elevation(observer, steps[step], with_refraction=False), len(steps))

    def percent(step: int) -> float:
        return 100.0 if step == len(steps) else _percent(steps[step].timestamp(), span.start.timestamp(), zone)

    return [(percent(first), percent(last)) for first, last in _runs(dark)]


def _below(elevation_at: Callable[[int], float], count: int) -> list[bool]:
    """Whether the sun is below the horizon at each of so many steps of ten minutes. It climbs 2.5 degrees in one at the most."""
    below, step = list[bool](), 0
    while step < count:
        above = elevation_at(step) - HORIZON
        alike = min(1 + int(abs(above) / 2.51), count - step)  # so many have the same answer
        below += [above < 0] * alike
        step += alike
    return below


def _runs(values: Sequence[bool]) -> Iterable[tuple[int, int]]:
    rims = np.flatnonzero(np.diff(np.concatenate([[False], np.asarray(values, bool), [False]]).astype(int)))
    return [(int(a), int(b)) for a, b in rims.reshape(-1, 2)]


def _change(date: dt.date, speech: Speech) -> str:
    hours = local_day(date, speech.zone).seconds / 3600
    return "" if hours == 24 else speech.say("clocks_forward" if hours < 24 else "clocks_back", speech.date(date))
