"""The drawing of drift: of one number of one camera, what has added up over the nights, against the bound that makes an alarm."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from home.day.drawing import element

__all__ = ["Night", "drawn_drift"]

WIDE, HIGH = 320.0, 72.0
MOST = 1.5  # bounds: what is more is drawn at the rim


@dataclass(frozen=True)
class Night:
    """One night of a number.

    Attributes:
        date: local.
        share: what has added up, in bounds: an alarm is more than 1; None where it could not be compared.
        alarm: whether it raised one.
    """

    date: dt.date
    share: float | None
    alarm: bool


def drawn_drift(nights: Sequence[Night], words: str) -> Markup:
    """A line over the nights; the band is what ordinary nights add up to, a triangle an alarm, a gap what nobody knows."""
    first, last = nights[0].date, nights[-1].date
    days = max(1, (last - first).days)
    step = WIDE / (days + 1)

    def place(night: Night) -> tuple[float, float]:
        return ((night.date - first).days + 0.5) * step, HIGH * (1 - min(MOST, night.share or 0.0) / MOST)

    top = HIGH * (1 - 1 / MOST)
    parts = [
        element("rect", x=0, y=f"{top:.1f}", width=WIDE, height=f"{HIGH - top:.1f}", class_="band"),
        element("line", x1=0, x2=WIDE, y1=f"{top:.1f}", y2=f"{top:.1f}", class_="bound"),
    ]
    path, before = "", None
    for night in nights:
        if night.share is None:
            continue
        x, y = place(night)
        joined = before is not None and (night.date - before).days == 1
        path += f"{'L' if joined else 'M'}{x:.1f} {y:.1f}" + ("" if joined else "h.01")
        before = night.date
    if path:
        parts.append(element("path", d=path, class_="line"))
    for night in nights:
        if night.alarm:
            x, y = place(night)
            told = element("title", f"{night.date}: an alarm")
            parts.append(element("path", told, d=f"M{x:.1f} {max(0.0, y - 2):.1f}l8 14h-16z", class_="alarm"))
    return element("svg", *parts, class_="drift", viewBox=f"0 0 {WIDE:g} {HIGH:g}", role="img", aria_label=words)
