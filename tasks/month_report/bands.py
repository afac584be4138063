"""Forecasts beside what came true: each interval as a band on an axis of its own, in percent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from home.speech.speech import Speech
from tasks.month_report.numbers import Foretold

__all__ = ["MOST", "Band", "bands_of"]

MOST = 12  # of a behaviour: the newest ones; every night says something, and a month's would be a page of their own


@dataclass(frozen=True)
class Band:
    """One forecast: words, a link to the day that came true, and the places of its intervals and of what came true, percent of the axis (None: not known)."""

    behaviour: str
    made: str
    said: str
    came: str
    link: str
    outcome: str
    wide: tuple[float, float]
    narrow: tuple[float, float]
    dot: float | None


def bands_of(foretold: Sequence[Foretold], speech: Speech) -> list[Band]:
    """The newest forecasts of each behaviour, on an axis from when they were made to the longest wait among them."""
    bands = []
    for behaviour in dict.fromkeys(each.behaviour for each in foretold):
        own = [each for each in foretold if each.behaviour == behaviour][-MOST:]
        longest = 1.05 * max((max(each.p90, each.came or each.p90) - each.made_at).total_seconds() for each in own)
        bands += [_band(each, longest, speech) for each in own]
    return bands


def _band(each: Foretold, longest: float, speech: Speech) -> Band:
    def place(moment: dt.datetime) -> float:
        return round(100 * (moment - each.made_at).total_seconds() / longest, 2)

    return Band(
        behaviour=each.behaviour,
        made=speech.date(each.made_at.astimezone(speech.zone).date()),
        said=speech.say("about_at", *map(speech.clock, (each.p50, each.p10, each.p90))),
        came=speech.clock(each.came) if each.came else "–",
        link=f"#d-{each.came.astimezone(speech.zone).date()}" if each.came else "",
        outcome=each.outcome,
        wide=(place(each.p10), place(each.p90) - place(each.p10)),
        narrow=(place(each.p25), place(each.p75) - place(each.p25)),
        dot=place(each.came) if each.came else None,
    )
