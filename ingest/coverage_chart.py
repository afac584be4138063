"""`catml coverage`: a day of every camera as a bar of text, its sums, and its gaps in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from home.clock import UTC, Span, local_day
from home.coverage import REASONS, STATES, complete
from home.folder import Home
from home.look import clock_time, duration
from home.terminal import Terminal

# Told apart without colour, dense where there is footage.
MARKS = {"recorded": "█", "gap": "·", "private": "▒", "off": " "}
PARTLY = "▄"
# A reconnection of seconds does not make a quarter of an hour a half one.
_WHOLE = 0.98
# A character is this long, or as much longer as a narrow terminal asks for.
_STEPS_MIN = (15, 20, 30, 60)
# Shorter gaps are in the sums only.
_TOLD_S = 60


@dataclass(frozen=True)
class Stretch:
    """A time of a camera and what is known of it."""

    span: Span
    state: str
    reason: str


def stretches(home: Home, camera: str, date: dt.date, until: dt.datetime) -> list[Stretch]:
    """A local day of a camera as the ledger has it, up to a moment."""
    rows = complete(home.tables, camera, home.config.cameras[camera], date, home.zone)
    found = []
    for row in rows.itertuples():
        start, end = row.start.to_pydatetime(), min(row.end.to_pydatetime(), until)
        if start < end:
            found.append(Stretch(Span(start, end), str(row.state), str(row.reason)))
    return found


def bar(day: Span, found: Sequence[Stretch], step: dt.timedelta) -> str:
    """One character for each step: recorded, partly recorded, else what most of it is; blank where it is to come."""
    text, start = "", day.start
    while start < day.end:
        now = Span(start, min(start + step, day.end))
        seconds = dict.fromkeys(STATES, 0.0)
        for stretch in found:
            inside = stretch.span.overlap(now)
            seconds[stretch.state] += inside.seconds if inside else 0.0
        text += _mark(seconds)
        start += step
    return text


def _mark(seconds: dict[str, float]) -> str:
    known = sum(seconds.values())
    if not known:
        return " "
    if seconds["recorded"]:
        return MARKS["recorded"] if seconds["recorded"] >= _WHOLE * known else PARTLY
    return MARKS[max(STATES, key=lambda state: seconds[state])]


def axis(day: Span, step: dt.timedelta, home: Home) -> str:
    """The hours over a bar: every third, where it falls; on the days of a clock change one more or less."""
    text = ""
    for hours in range(0, round(day.seconds / 3600), 3):
        moment = day.start + dt.timedelta(hours=hours)
        at = round(dt.timedelta(hours=hours) / step)
        text = text.ljust(at) + f"{moment.astimezone(home.zone):%H}"
    return text


def coverage(home: Home, date: dt.date, cameras: Sequence[str], terminal: Terminal, width: int) -> int:
    """The command.

    Args:
        home: the home.
        date: local date.
        cameras: ids; none for all.
        terminal: where it speaks.
        width: characters in a line.

    Returns:
        The exit status, 0.

    Raises:
        WrongUse: if there is no such camera.
        TableError, StoreError: if the ledger cannot be read.
    """
    chosen = list(cameras) or list(home.config.cameras)
    for camera in chosen:
        home.camera(camera)
    day, now = local_day(date, home.zone), dt.datetime.now(UTC)
    found = {camera: stretches(home, camera, date, min(now, day.end)) for camera in chosen}
    room = width - max((len(camera) for camera in chosen), default=0) - 2
    step = next((dt.timedelta(minutes=m) for m in _STEPS_MIN if day.seconds / 60 / m <= room), dt.timedelta(hours=1))
    indent = " " * (max((len(camera) for camera in chosen), default=0) + 2)
    terminal.say(f"{date}, {round(day.seconds / 3600)} hours, {step.seconds // 60} minutes a character\n")
    terminal.say(indent + axis(day, step, home))
    for camera, told in found.items():
        terminal.say(f"{camera.ljust(len(indent))}{bar(day, told, step)}".rstrip())
    legend = (
        f"{MARKS['recorded']} recorded",
        f"{PARTLY} partly",
        f"{MARKS['gap']} gap",
        f"{MARKS['private']} private hours",
    )
    terminal.say("\n" + "   ".join((*legend, "blank: off, or to come")) + "\n")
    terminal.table(("camera", *STATES), [_sums(camera, told) for camera, told in found.items()])
    gaps = [_gap(home, camera, one) for camera, told in found.items() for one in told if _is_told(one)]
    if gaps:
        terminal.say("")
        terminal.table(("camera", "gap", "for", "because"), gaps)
    terminal.result({"date": date, "cameras": {camera: [_tree(one) for one in told] for camera, told in found.items()}})
    return 0


def _is_told(stretch: Stretch) -> bool:
    return stretch.state == "gap" and stretch.span.seconds >= _TOLD_S


def _sums(camera: str, found: Sequence[Stretch]) -> tuple[str, ...]:
    seconds = {state: sum(one.span.seconds for one in found if one.state == state) for state in STATES}
    return (camera, *(duration(seconds[state]) if seconds[state] else "-" for state in STATES))


def _gap(home: Home, camera: str, gap: Stretch) -> tuple[str, ...]:
    start, end = (clock_time(moment, home.zone) for moment in (gap.span.start, gap.span.end))
    return camera, f"{start} to {end}", duration(gap.span.seconds), REASONS.get(gap.reason, gap.reason)


def _tree(stretch: Stretch) -> dict[str, object]:
    return {"start": stretch.span.start, "end": stretch.span.end, "state": stretch.state, "reason": stretch.reason}
