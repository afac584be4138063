"""Drawings of habits: a heat scale that has its figures in it, an actogram, and the chances of the hours to come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from home.day.drawing import element
from home.look import css_name, ink_on, mark_of, rgb

__all__ = ["SCALE", "Cell", "drawn_actogram", "drawn_hours", "heat"]

# Cividis: even steps for all eyes, and in grey (Nuñez, Anderton and Renslow 2018, doi:10.1371/journal.pone.0199239).
SCALE = ("#00204D", "#31446B", "#666970", "#958F78", "#CBBA69", "#FFEA46")
_ROW, _LEFT, _FOOT = 14, 64, 20
_WIDE = 480.0  # units across 48 hours
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Cell:
    """One hour of one weekday: its figure in words, its colours, and the hours it was observed."""

    words: str
    fill: str
    ink: str
    observed_h: float


def heat(value: float, most: float, observed_h: float) -> Cell:
    """A figure on the scale from 0 to `most`; one that was not observed has none."""
    if not np.isfinite(value):
        return Cell("", "", "", observed_h)
    share = min(1.0, value / most) if most > 0 else 0.0
    fill = _blend(share)
    words = f"{value:.0f}" if value >= 0.95 or value == 0 else f"{value:.1f}"
    return Cell(words, fill, ink_on(fill), observed_h)


def _blend(share: float) -> str:
    place = share * (len(SCALE) - 1)
    low, high = list(pairwise(SCALE))[min(int(place), len(SCALE) - 2)]
    part = place - min(int(place), len(SCALE) - 2)
    return "#" + "".join(f"{round(a + (b - a) * part):02X}" for a, b in zip(rgb(low), rgb(high), strict=True))


def drawn_actogram(rates: NDArray[np.float64], dates: NDArray[np.int64], behaviour: str) -> Markup:
    """The double plot by hours, newest at the bottom: a bar is as high as its share of the highest; hatched is unobserved.

    Args:
        rates: activity by date and quarter, each date with the one after it `[D, 192]`; nan is not observed.
        dates: days since 1970-01-01 `[D]`.
        behaviour: whose colour it has.
    """
    hours = rates.reshape(len(rates), 48, 4).mean(axis=2)
    most, name = float(np.nanmax(hours, initial=0.0)) or 1.0, css_name(behaviour)
    parts: list[Markup] = []
    for number, (row, date) in enumerate(zip(hours, dates.tolist(), strict=True)):
        day, y = dt.date(1970, 1, 1) + dt.timedelta(days=date), number * _ROW
        if number % 7 == 0 or number == len(hours) - 1:
            parts.append(element("text", f"{day.day} {_MONTHS[day.month - 1]}", x=0, y=y + _ROW - 2, class_="tick"))
        bars = "".join(
            _bar(place, value / most, y) for place, value in enumerate(row) if np.isfinite(value) and value > 0
        )
        blind = "".join(
            f"M{_x(place):g} {y}h10v{_ROW - 2}h-10z" for place, value in enumerate(row) if not np.isfinite(value)
        )
        words = element("title", f"{day:%Y-%m-%d} and the day after")
        inside = [element("path", d=blind, fill="url(#hatch-gap)")] if blind else []
        inside += [element("path", d=bars, fill=f"var(--{name})")] if bars else []
        ground = element("line", x1=_LEFT, x2=_LEFT + _WIDE, y1=y + _ROW - 2, y2=y + _ROW - 2, class_="grid")
        parts.append(element("g", words, ground, *inside))
    height = len(hours) * _ROW
    for hour in range(0, 49, 6):
        x = _x(hour)
        parts.append(element("line", x1=x, x2=x, y1=0, y2=height, class_="grid"))
        anchor = "end" if hour == 48 else "middle"
        parts.append(element("text", f"{hour % 24:02d}", x=x, y=height + 14, class_="tick", text_anchor=anchor))
    title = f"Actogram of {mark_of(behaviour).label.lower()}: {len(hours)} days, each beside the one after it"
    return element(
        "svg",
        *parts,
        class_="timeline actogram",
        viewBox=f"0 0 {_LEFT + _WIDE + 4:g} {height + _FOOT}",
        role="img",
        aria_label=title,
    )


def _x(hour: int) -> float:
    return _LEFT + hour * _WIDE / 48


def _bar(place: int, share: float, y: int) -> str:
    height = max(1.0, share * (_ROW - 3))
    return f"M{_x(place):g} {y + _ROW - 2 - height:.1f}h9v{height:.1f}h-9z"


def drawn_hours(chances: Sequence[tuple[int, float]], behaviour: str) -> Markup:
    """The chance of at least one in each of the hours to come, as bars with their figures."""
    parts, wide, high = [], 40, 120
    most = max(0.1, *(chance for _, chance in chances))  # the bars compare hours; their figures say how much it is
    for number, (hour, chance) in enumerate(chances):
        x, height = number * wide, chance / most * high
        words = element("title", f"{hour:02d} h: {100 * chance:.0f} in 100")
        bar = element(
            "rect",
            x=x + 4,
            y=16 + high - height,
            width=wide - 8,
            height=max(1.0, height),
            fill=f"url(#hatch-{css_name(behaviour)})",
        )
        figure = element(
            "text", f"{100 * chance:.0f}", x=x + wide / 2, y=12 + high - height, class_="tick", text_anchor="middle"
        )
        label = element("text", f"{hour:02d}", x=x + wide / 2, y=high + 34, class_="tick", text_anchor="middle")
        parts.append(element("g", words, bar, figure, label))
    base = element("line", x1=0, x2=len(chances) * wide, y1=16 + high, y2=16 + high, class_="grid")
    title = f"Chance of {mark_of(behaviour).label.lower()} in each of the coming hours"
    return element(
        "svg",
        base,
        *parts,
        class_="timeline hours",
        width=len(chances) * wide,
        height=high + 40,
        role="img",
        aria_label=title,
    )
