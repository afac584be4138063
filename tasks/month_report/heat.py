"""Heatmaps: activity by weekday and hour on one scale, as a drawing whose places are in percent."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from home.day.drawing import element
from home.look import SCALE
from home.speech.speech import Speech
from tasks.month_report.numbers import Heatmap

__all__ = ["Heat", "heat_of"]

NICE = (1, 2, 2.5, 5)
HEAD, ROW, SIDE = 18, 22, 10.0  # pixels of the hours and of a row; percent that the weekdays take


@dataclass(frozen=True)
class Heat:
    """A heatmap to be laid out: what it is of, its drawing, and the scale with its unit and ends in words, and whether any hour was not observed."""

    of: str
    drawing: Markup
    scale: Markup
    unit: str
    low: str
    high: str
    holes: bool


def heat_of(heatmap: Heatmap, speech: Speech) -> Heat:
    """A heatmap on a scale from nothing to a round number above its greatest value; each cell says its number where a mouse rests on it."""
    known = [value for row in heatmap.values for value in row if value is not None]
    top = _round_up(max(known, default=1.0))
    digits = 1 if top >= 10 else 2 if top >= 1 else 3
    unit, wide = speech.say(f"unit_{heatmap.unit}"), (100 - SIDE) / 24
    parts = [element("text", hour, x=f"{SIDE + hour * wide:.2f}%", y=12, class_="tick") for hour in range(0, 24, 3)]
    for weekday, row in enumerate(heatmap.values):
        y = HEAD + weekday * ROW
        parts.append(element("text", speech.weekday(weekday, short=True), x=0, y=y + 15, class_="tick"))
        for hour, value in enumerate(row):
            told = speech.say("gap") if value is None else f"{speech.number(value, digits)} {unit}"
            title = element("title", f"{speech.weekday(weekday)} {hour}:00–{hour + 1}:00: {told}")
            fill = "url(#hatch-gap)" if value is None else SCALE[min(len(SCALE) - 1, int(value / top * len(SCALE)))]
            place = {"x": f"{SIDE + hour * wide:.2f}%", "width": f"{wide - 0.25:.2f}%", "y": y, "height": ROW - 1}
            parts.append(element("rect", title, **place, fill=fill))
    label = f"{speech.say(f'week_{heatmap.of}')}, {unit}"
    ramp = [
        element("rect", x=f"{10 * step}%", width="10%", y=0, height=14, fill=colour)
        for step, colour in enumerate(SCALE)
    ]
    return Heat(
        of=heatmap.of,
        drawing=element("svg", *parts, class_="heat", width="100%", height=HEAD + 7 * ROW, role="img", aria_label=label),
        scale=element("svg", *ramp, class_="ramp", width=140, height=14, aria_hidden="true"),
        unit=unit,
        low=speech.number(0),
        high=speech.number(top, digits),
        holes=any(value is None for row in heatmap.values for value in row),
    )  # fmt: skip


def _round_up(value: float) -> float:
    """The next number that people count in: 1, 2, 2.5, 5 and their tenths and tens."""
    unit = 0.01
    while True:
        for nice in NICE:
            if nice * unit >= value:
                return nice * unit
        unit *= 10
