"""Heatmaps: which step of the scale each weekday and hour takes, and what the steps mean."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from home.look import SCALE
from tasks.month_report.numbers import Heatmap
from tasks.month_report.speech import Speech

__all__ = ["Cell", "Heat", "heat_of"]

NICE = (1, 2, 2.5, 5)


@dataclass(frozen=True)
class Cell:
    """An hour of a weekday: its step on the scale, None if it was not observed, and what it says."""

    step: int | None
    words: str


@dataclass(frozen=True)
class Heat:
    """A heatmap to be laid out.

    Attributes:
        of: a behaviour, or `awake`.
        unit: in words.
        rows: weekday, its short name, 24 cells.
        steps: of the scale, each with the values it stands for.
        low, high: the ends of the scale.
    """

    of: str
    unit: str
    rows: list[tuple[str, str, list[Cell]]]
    steps: list[tuple[int, str]]
    low: str
    high: str


def heat_of(heatmap: Heatmap, speech: Speech) -> Heat:
    """A heatmap on a scale from nothing to a round number above its greatest value."""
    known = [value for row in heatmap.values for value in row if value is not None]
    top = _round_up(max(known, default=1.0))
    digits = 0 if top >= 10 else 1 if top >= 1 else 2
    unit = speech.say(f"unit_{heatmap.unit}")
    rows = []
    for weekday, row in enumerate(heatmap.values):
        cells = []
        for hour, value in enumerate(row):
            when = f"{speech.weekday(weekday)} {hour}:00–{hour + 1}:00"
            if value is None:
                cells.append(Cell(None, f"{when}: {speech.say('gap')}"))
            else:
                cells.append(Cell(_step(value, top), f"{when}: {speech.number(value, digits + 1)} {unit}"))
        rows.append((speech.weekday(weekday), speech.weekday(weekday, short=True), cells))
    rims = [top * number / len(SCALE) for number in range(len(SCALE) + 1)]
    names = [f"{speech.number(low, digits + 1)}–{speech.number(high, digits + 1)}" for low, high in pairwise(rims)]
    ends = (speech.number(0), speech.number(top, digits + 1))
    return Heat(heatmap.of, unit, rows, list(enumerate(names)), *ends)


def _step(value: float, top: float) -> int:
    return min(len(SCALE) - 1, int(value / top * len(SCALE)))


def _round_up(value: float) -> float:
    """The next number that people count in: 1, 2, 2.5, 5 and their tenths and tens."""
    unit = 0.01
    while True:
        for nice in NICE:
            if nice * unit >= value:
                return nice * unit
        unit *= 10
