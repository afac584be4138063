"""A cat's weeks as pictures: when it is active, and what its days are made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from home.look import BEHAVIOURS, mark_of
from tasks.boards.canvas import LINE, Canvas, Picture, legend_lines

__all__ = ["budget_bars", "heatmap"]

_WIDTH, _EDGE = 560, 12
_LONG, _TALL, _STEP, _SMALL = 640, 14, 17, 15
"""Of the bars: TensorBoard makes a picture small that is taller than half its width."""
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NOT_SEEN = ("unseen", "gap")


def heatmap(rate: NDArray[np.float64], title: str, unit: str) -> Picture:
    """A rate by weekday, Monday first, and local hour `[7, 24]`; what was not observed (nan) is hatched.

    Args:
        rate: in the unit, from 0 on.
        title: what is shown.
        unit: e.g. `min an hour`.
    """
    cell, left, top = 20, 60, 44
    canvas = Canvas(_WIDTH, top + 7 * 24 + 30 + 2 * LINE + _EDGE)
    canvas.words(title, _EDGE, 26, 18)
    most = float(np.nanmax(rate)) if np.isfinite(rate).any() else 0.0
    scaled = np.nan_to_num(rate / most) if most > 0 else np.zeros_like(rate)
    colours = _viridis(scaled)
    for day in range(7):
        y = top + day * 24
        canvas.words(_DAYS[day], left - 8, y + 18, right=True)
        for hour in range(24):
            x = left + hour * cell
            if np.isfinite(rate[day, hour]):
                canvas.picture[y : y + 24, x : x + cell] = colours[day, hour]
            else:
                canvas.block("gap", x, y, cell, 24)
    canvas.frame(left, top, 24 * cell, 7 * 24)
    bottom = top + 7 * 24
    for hour in range(0, 25, 3):
        text = f"{hour}"
        canvas.words(text, left + hour * cell - 5 * len(text), bottom + 20)
    _scale(canvas, left, bottom + 36, most, unit)
    canvas.legend({"gap": "Not observed"}, left, bottom + 36 + LINE, _WIDTH)
    return canvas.picture


def budget_bars(
    days: Sequence[dt.date],
    seconds: Mapping[dt.date, Mapping[str, float]],
    title: str,
    lengths: Mapping[dt.date, float],
) -> Picture:
    """What each of some days was made of, as a bar each, the newest at the bottom; a day without any figures stays empty.

    Args:
        days: local dates, in order.
        seconds: by behaviour, `unseen` and `gap`, of the dates that are known.
        title: what is shown.
        lengths: seconds of each date: 23, 24 or 25 hours.
    """
    left, top, tall, step = 96, 36, _TALL, _STEP
    shown = {name for parts in seconds.values() for name, spent in parts.items() if spent > 0}
    order = [*(name for name in BEHAVIOURS if name in shown), *sorted(shown - {*BEHAVIOURS, *_NOT_SEEN})]
    order += [name for name in _NOT_SEEN if name in shown]
    axis = _LONG - left - 2 * _EDGE
    legend = {name: mark_of(name).label for name in order}
    lines = legend_lines(legend, _LONG - 2 * _EDGE)
    canvas = Canvas(_LONG, top + step * len(days) + 26 + lines * LINE)
    canvas.words(title, _EDGE, 26, 18)
    longest = max([86400.0, *lengths.values()])
    for row, date in enumerate(days):
        y, x = top + row * step, float(left)
        canvas.words(
            f"{_DAYS[date.weekday()]} {date.day} {_MONTHS[date.month - 1]}", left - 8, y + 13, _SMALL, right=True
        )
        if date not in seconds:
            canvas.words("nothing known", left + 6, y + 13, _SMALL, muted=True)
            continue
        for name in order:
            wide = seconds[date].get(name, 0.0) / longest * axis
            canvas.block(name, x, y, wide, tall)
            x += wide
        canvas.frame(left, y, lengths[date] / longest * axis, tall)
    bottom = top + step * len(days)
    for hour in range(0, 25, 6):
        text = f"{hour} h"
        canvas.words(text, left + hour * 3600 / longest * axis - 9 - 4 * (hour > 9), bottom + 14, _SMALL)
    canvas.legend(legend, _EDGE, bottom + 24, _LONG - _EDGE)
    return canvas.picture


def _scale(canvas: Canvas, x: int, y: int, most: float, unit: str) -> None:
    """The colours from nothing to most, with what they stand for."""
    if most <= 0:
        canvas.words(f"nothing seen in the observed hours ({unit})", x, y + 14, muted=True)
        return
    wide = 160
    canvas.words("0", x, y + 14)
    canvas.picture[y : y + 16, x + 16 : x + 16 + wide] = _viridis(np.linspace(0, 1, wide)[None, :])
    canvas.frame(x + 16, y, wide, 16)
    canvas.words(f"{most:.2g} {unit}" if most < 10 else f"{most:.0f} {unit}", x + 24 + wide, y + 14)


def _viridis(share: NDArray[np.float64]) -> Picture:
    """Matplotlib's viridis (Smith and van der Walt 2015), perceptually even, of shares 0..1 `[h, w]`."""
    grey = np.round(255 * share).astype(np.uint8)
    return np.asarray(cv2.cvtColor(cv2.applyColorMap(grey, cv2.COLORMAP_VIRIDIS), cv2.COLOR_BGR2RGB), np.uint8)
