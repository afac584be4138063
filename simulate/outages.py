"""When a simulated home was not recorded, so that "not seen" is a known truth.

Rates and lengths are our choice: a camera in a home drops out for minutes every few days and for hours now and then, the
recorder (a restart, an update, a power cut) about once a month and then takes all cameras with it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from home.clock import Span, merge, subtract

__all__ = ["Outage", "covered", "missing", "outages"]

DAY_S = 86_400


@dataclass(frozen=True)
class Cause:
    """Why recording breaks off: days between two breaks (exponential), and how long one lasts (log-normal, seconds)."""

    reason: str
    every_days: float
    median_s: float
    spread: float
    shortest_s: int
    longest_s: int


# The reasons are the ledger's (home/coverage.py).
OF_A_CAMERA = (
    Cause("camera_down", 9.0, 20 * 60, 1.2, 60, 2 * DAY_S),
    Cause("stalled", 4.0, 90, 0.8, 20, 1800),
)
OF_THE_RECORDER = (Cause("recorder_down", 30.0, 50 * 60, 1.0, 120, DAY_S),)


@dataclass(frozen=True)
class Outage:
    """One camera was not recorded during a span, and why."""

    camera: str
    span: Span
    reason: str


def outages(cameras: Sequence[str], whole: Span, seed: int) -> list[Outage]:
    """When cameras were not recorded, by camera, then time, without overlaps.

    A longer whole adds outages and changes none before; the recorder's win over a camera's own.

    Args:
        cameras: ids.
        whole: the time of the diary.
        seed: of the home.
    """
    recorder = [span for cause in OF_THE_RECORDER for span in _breaks(cause, whole, f"{seed}/recorder")]
    found = []
    for camera in cameras:
        taken = merge(recorder)
        own = [Outage(camera, span, OF_THE_RECORDER[0].reason) for span in taken]
        for cause in OF_A_CAMERA:
            for span in merge(_breaks(cause, whole, f"{seed}/camera/{camera}")):
                own += [Outage(camera, part, cause.reason) for part in subtract(span, taken)]
            taken = merge([outage.span for outage in own])
        found += sorted(own, key=lambda outage: outage.span)
    return found


def missing(found: Sequence[Outage], recorded: Sequence[Span] = ()) -> dict[str, list[Span]]:
    """The spans that each camera missed, in order, without those that were recorded all the same."""
    cameras = dict.fromkeys(outage.camera for outage in found)
    return {
        camera: [
            part
            for span in merge([outage.span for outage in found if outage.camera == camera])
            for part in subtract(span, list(recorded))
        ]
        for camera in cameras
    }


def covered(
    cameras: Sequence[str], whole: Span, found: Sequence[Outage], recorded: Sequence[Span] = ()
) -> list[tuple[str, dt.datetime, dt.datetime, str, str]]:
    """The whole time as rows of the coverage table: camera, start, end, state (`recorded`, `gap`), reason.

    Args:
        cameras: ids.
        whole: the time of the diary.
        found: the outages.
        recorded: what there is footage of, so that no outage lies there.
    """
    rows = []
    for camera in cameras:
        gaps = [
            (part, outage.reason)
            for outage in found
            if outage.camera == camera
            for part in subtract(outage.span, list(recorded))
        ]
        rest = [(span, "") for span in subtract(whole, [span for span, _ in gaps])]
        for span, reason in sorted(gaps + rest):
            rows.append((camera, span.start, span.end, "gap" if reason else "recorded", reason))
    return rows


def _breaks(cause: Cause, whole: Span, source: str) -> list[Span]:
    """All breaks of one cause, in whole seconds, cut at the end."""
    rng = Random(f"{source}/{cause.reason}")
    found: list[Span] = []
    at = 0.0
    while True:
        at += rng.expovariate(1 / (cause.every_days * DAY_S))
        drawn = cause.median_s * rng.lognormvariate(0, cause.spread)
        seconds = round(min(max(drawn, cause.shortest_s), cause.longest_s))
        start = whole.start + dt.timedelta(seconds=round(at))
        if start >= whole.end:
            return found
        found.append(Span(start, min(start + dt.timedelta(seconds=seconds), whole.end)))
        at += seconds
