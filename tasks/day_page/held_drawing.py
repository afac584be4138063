"""How an animal held itself over a stretch of time, as inline SVG: a row per posture, and its comfort.

One colour for all postures: each row has its name, so that nothing has to be looked up and a grey print says the same.
"""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

from markupsafe import Markup

from home.clock import Span
from home.day.axis import Axis, Tick
from home.day.drawing import element, grid
from home.look import POSTURES, duration
from tasks.day_page.held import Held

__all__ = ["drawn_held"]

BINS = 96  # of the axis: a quarter of an hour of a day, and wide enough to be seen on a phone
NAME, ROW, COMFORT, SPACE, FOOT = 18, 18, 40, 10, 22
SEEN = "Could be read; grey: in sight"
NAMES = {**POSTURES, "": "None of these clearly"}


def drawn_held(held: Held, axis: Axis, ticks: list[Tick], title: str) -> Markup:
    """The drawing. A column is as high as the share of its time that a posture was held; `title` is for screen readers."""
    bins = _bins(held, axis.span)
    parts, y = [_label(SEEN, 0), *_columns(axis, bins, NAME, "")], NAME + ROW + SPACE
    for name in (name for name, _ in held.postures if name):
        parts += [_label(NAMES[name], y), *_columns(axis, bins, y + NAME, name)]
        y += NAME + ROW + SPACE
    if held.told:
        parts += [_label("Comfort; lines at 1 and 0", y), *_comfort(axis, bins, y + NAME)]
        y += NAME + COMFORT + SPACE
    drawing = [*grid(ticks, y), *parts]
    return element("svg", *drawing, class_="timeline held", height=y + FOOT, role="group", aria_label=title)


def _bins(held: Held, span: Span) -> list[tuple[Span, Held]]:
    edges = [span.start + dt.timedelta(seconds=span.seconds * number / BINS) for number in range(BINS + 1)]
    return [(Span(*pair), part) for pair, part in zip(pairwise(edges), held.parted(edges), strict=True)]


def _columns(axis: Axis, bins: list[tuple[Span, Held]], y: int, name: str) -> list[Markup]:
    """A row: how much of each bin the animal was in sight, and on it how much of that could be read or was that posture."""
    drawn = [element("line", x1="0", x2="100%", y1=y + ROW, y2=y + ROW, class_="ground")]
    for span, held in bins:
        seconds = held.read_s if not name else dict(held.postures).get(name, 0.0)
        if not name and held.seconds:
            drawn.append(_column(axis, span, y, held.seconds / span.seconds, "sight", ""))
        if seconds:
            what = "could be read" if not name else NAMES[name].lower()
            drawn.append(_column(axis, span, y, seconds / span.seconds, "was", f"{duration(seconds)} {what}"))
    return drawn


def _column(axis: Axis, span: Span, y: int, share: float, kind: str, words: str) -> Markup:
    left, right, height = axis.at(span.start), axis.at(span.end), max(2.0, min(1.0, share) * ROW)
    title = [element("title", words)] if words else []
    place = {"x": f"{left:.3f}%", "width": f"{right - left:.3f}%", "y": f"{y + ROW - height:.1f}"}
    return element("rect", *title, **place, height=f"{height:.1f}", class_=kind)


def _comfort(axis: Axis, bins: list[tuple[Span, Held]], y: int) -> list[Markup]:
    """A dot for each bin in which comfort is told, between a line for 0 and one for 1."""
    drawn = [element("line", x1="0", x2="100%", y1=edge, y2=edge, class_="ground") for edge in (y, y + COMFORT)]
    for span, held in bins:
        if held.comfort is not None:
            middle = (axis.at(span.start) + axis.at(span.end)) / 2
            place = {"cx": f"{middle:.3f}%", "cy": f"{y + COMFORT * (1 - held.comfort):.1f}"}
            drawn.append(element("circle", element("title", f"Comfort {held.comfort:.1f}"), **place, r=3, class_="was"))
    return drawn


def _label(words: str, y: int) -> Markup:
    return element("text", words, x=0, y=y + NAME - 5, class_="row camera")
