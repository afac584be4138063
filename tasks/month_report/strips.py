"""A usual day as one bar, and the coverage of a source as a column for each date: small drawings in percent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from home.day.drawing import drawn_as, element
from home.speech.speech import Speech

__all__ = ["budget_bar", "cover_strip"]

BAR, COLUMN, FOOT = 36, 32, 18


def budget_bar(parts: Sequence[tuple[str, float, str]], label: str) -> Markup:
    """A bar of shares.

    Args:
        parts: behaviour or state, percent and words of each, from left to right.
        label: what a screen reader says.
    """
    drawn, left = list[Markup](), 0.0
    for name, share, words in parts:
        place = {"x": f"{left:.3f}%", "width": f"{share:.3f}%", "y": 0, "height": BAR}
        drawn.append(
            element(
                "rect",
                element("title", words),
                **place,
                fill=f"url(#hatch-{drawn_as(name)})",
                class_=f"block on-{drawn_as(name)}",
            )
        )
        left += share
    told = f"{label}: {'; '.join(words for _, _, words in parts)}"
    return element("svg", *drawn, class_="bar", width="100%", height=BAR, role="img", aria_label=told)


def cover_strip(shares: Mapping[dt.date, float], dates: Sequence[dt.date], label: str, speech: Speech) -> Markup:
    """A column for each date: as high as the share that was observed, hatched above; a date that is still to come is empty."""
    holes, drawn, wide = list[Markup](), list[Markup](), 100 / len(dates)
    for number, date in enumerate(dates):
        place = {"x": f"{number * wide:.3f}%", "width": f"{wide - 0.4:.3f}%"}
        if date in shares:
            share = min(1.0, shares[date])
            title = element("title", f"{speech.day(date)}: {speech.percent(share)}")
            if share < 1:
                holes.append(element("rect", title, **place, y=0, height=COLUMN, fill="url(#hatch-gap)"))
            tall = f"{share * COLUMN:.1f}"
            drawn.append(
                element(
                    "rect", title, **place, y=f"{COLUMN - share * COLUMN:.1f}", height=tall, class_="fill on-recorded"
                )
            )
        else:
            drawn.append(element("rect", **place, y=0, height=COLUMN, class_="strip"))
        if date.day == 1 or date.day % 5 == 0:
            drawn.append(element("text", date.day, x=place["x"], y=COLUMN + 14, class_="tick"))
    return element(
        "svg", *holes, *drawn, class_="cover", width="100%", height=COLUMN + FOOT, role="img", aria_label=label
    )
