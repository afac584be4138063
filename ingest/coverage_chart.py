"""`catml coverage`: a day of every camera as a bar of text, its sums, and its gaps in words."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from home.clock import UTC, Span, local_day
from home.coverage import Stretch, reason_words
from home.folder import Home
from home.look import clock_time, counted, day_name, duration, listed
from home.tables import COVERAGE
from home.terminal import Terminal
from ingest.coverage_day import CameraDay, coverage_of

# Told apart without colour, dense where there is footage: the character, one that every terminal has, what it says.
MARKS = {
    "recorded": ("█", "#", "recorded"),
    "waiting": ("▓", "=", "recorded, waits for the store"),
    "partly": ("▄", "+", "recorded in part"),
    "gap": ("·", ".", "no footage"),
    "private": ("▒", "~", "private hours"),
    "off": (" ", " ", "blank: off, or to come"),
}
_SUMS = {"recorded": "recorded", "waiting": "waiting", "gap": "no footage", "private": "private", "off": "off"}
# A reconnection of seconds does not make a quarter of an hour a half one.
_WHOLE = 0.98
# Minutes of one character: as fine as the terminal is wide.
_STEPS_MIN = (15, 20, 30, 60, 120)
_INDENT = "  "
# Shorter gaps are counted and not listed; nor are more than a screen or two, then the longest are.
LISTED_S = 60.0
MOST_LISTED = 40
# Below this length of a gap the seconds of its ends are of interest.
_SECONDS_S = 600.0


def tell_coverage(terminal: Terminal, home: Home, date: dt.date, cameras: Sequence[str] | None = None) -> None:
    """Draw a day, or give it as JSON.

    Args:
        terminal: where it is told.
        home: the home.
        date: local date, not one to come.
        cameras: ids; none for all, and those that only the ledger still knows.

    Raises:
        WrongUse: if there is no such camera.
        TableError, StoreError: if the ledger cannot be read.
    """
    known = dict.fromkeys([*home.config.cameras, *home.tables.cameras(COVERAGE, date)])
    for camera in cameras or ():
        if camera not in known:
            home.camera(camera)
    now = dt.datetime.now(UTC)
    days = [coverage_of(home, date, camera, now) for camera in dict.fromkeys(cameras or known)]
    for line in drawn(days, date, home.zone, shutil.get_terminal_size().columns):
        terminal.say(line)
    _tell_gaps(terminal, days, home.zone)
    told = {day.camera: day.as_json() for day in days}
    terminal.result({"date": date, "timezone": home.zone.key, "cameras": told})


def drawn(days: list[CameraDay], date: dt.date, zone: ZoneInfo, width: int) -> Iterator[str]:
    """The lines of the picture: what it is of, the hours, sums and bar of each camera, what the marks mean."""
    whole = local_day(date, zone)
    yield from textwrap.wrap(_title(days, date, zone), width)
    if not days:
        yield "No camera in home.yaml; add one under `cameras:`."
        return
    step = next((step for step in _STEPS_MIN if whole.seconds / 60 / step <= width - len(_INDENT)), _STEPS_MIN[-1])
    plain = _is_plain()
    bars = [bar(day, step) for day in days]
    yield ""
    yield _INDENT + axis(whole, zone, step)
    for day, cells in zip(days, bars, strict=True):
        yield from textwrap.wrap(f"{day.camera}: {_sums(day)}", width, subsequent_indent=_INDENT)
        yield (_INDENT + "".join(MARKS[cell][plain] for cell in cells)).rstrip()
    used = {cell for cells in bars for cell in cells}
    legend = [f"{mark[plain]} {mark[2]}".strip() for name, mark in MARKS.items() if name in used]
    if "off" not in used and days[0].span.end < whole.end:
        legend.append("blank: to come")
    yield ""
    legend.append(f"a character: {step} minutes")
    unbroken = "   ".join(part.replace(" ", "\0") for part in legend)
    for line in textwrap.wrap(
        unbroken, width, initial_indent=_INDENT, subsequent_indent=_INDENT, break_long_words=False
    ):
        yield line.replace("\0", " ")


def bar(day: CameraDay, step: int) -> list[str]:
    """A day as names of `MARKS`, one for every `step` minutes; nothing for what is to come.

    Where there is footage of a part it is `partly`, however short the part; what is missing for seconds is not told.
    """
    cells, size, start, first = [], dt.timedelta(minutes=step), day.span.start, 0
    while start < day.span.end:
        cell, seconds = Span(start, min(start + size, day.span.end)), defaultdict[str, float](float)
        while day.stretches[first].span.end <= start:
            first += 1
        for stretch in day.stretches[first:]:
            inside = stretch.span.overlap(cell)
            if inside is None:
                break
            seconds[stretch.state] += inside.seconds
        cells.append(_cell(seconds, cell.seconds))
        start += size
    return cells


def _cell(seconds: dict[str, float], length: float) -> str:
    footage = {state: seconds[state] for state in ("recorded", "waiting") if state in seconds}
    if footage and sum(footage.values()) < _WHOLE * length:
        return "partly"
    return max(footage or seconds, key=lambda state: seconds[state])


def axis(day: Span, zone: ZoneInfo, step: int) -> str:
    """Every third hour of the clock on the wall, over the character that begins with it."""
    text, shown, moment = "", -1, day.start
    while moment < day.end:
        local = moment.astimezone(zone)
        if local.minute == 0 and local.hour % 3 == 0 and local.hour > shown:
            text = text.ljust(int((moment - day.start).total_seconds() / 60 / step)) + f"{local:%H}"
            shown = local.hour
        moment += dt.timedelta(minutes=30)
    return text


def _title(days: list[CameraDay], date: dt.date, zone: ZoneInfo) -> str:
    whole = local_day(date, zone)
    ends = days[0].span.end if days else whole.end
    hours = f"{whole.seconds / 3600:g} hours" + (" (the clocks change)" if whole.seconds != 86_400 else "")
    until = f", until now ({clock_time(ends, zone)})" if ends < whole.end else ""
    return f"{day_name(date)}, {hours} in {zone.key}{until}"


def _sums(day: CameraDay) -> str:
    parts = [f"{_SUMS[state]} {duration(seconds)}{_share(seconds, day)}" for state, seconds in day.seconds.items()]
    return ", ".join(parts) or "the day has just begun"


def _share(seconds: float, day: CameraDay) -> str:
    """A share in percent; never 100 % of what is not all, never 0 % of what is there."""
    share = seconds / day.span.seconds
    return f" ({min(max(share, 0.001), 0.999):.1%})" if share < 1 else ""


def _tell_gaps(terminal: Terminal, days: list[CameraDay], zone: ZoneInfo) -> None:
    """The gaps of a minute and more as a table, and a sentence about the others."""
    gaps = [(day.camera, gap) for day in days for gap in day.gaps]
    short = [gap.span.seconds for _, gap in gaps if gap.span.seconds < LISTED_S]
    long = [(camera, gap) for camera, gap in gaps if gap.span.seconds >= LISTED_S]
    longest = {id(gap) for _, gap in sorted(long, key=lambda pair: -pair[1].span.seconds)[:MOST_LISTED]}
    rows = [(camera, *_gap_words(gap, zone)) for camera, gap in long if id(gap) in longest]
    if rows:
        terminal.say()
        terminal.table(("camera", "no footage", "for", "because"), rows)
    rest = [gap.span.seconds for _, gap in long if id(gap) not in longest]
    parts = [f"{counted(len(rest), 'gap')} of {duration(sum(rest))} in all"] * bool(rest)
    parts += [f"{counted(len(short), 'gap')} of less than a minute, {duration(sum(short))} in all"] * bool(short)
    if parts:
        terminal.say()
        terminal.say(f"Not listed: {listed(parts)} (--json has them).")


def _gap_words(gap: Stretch, zone: ZoneInfo) -> tuple[str, str, str]:
    """When, how long, why. On the day of a clock change the zone's letters say which 02:30 it was."""
    day = local_day(gap.span.start.astimezone(zone).date(), zone)
    ends = [(clock_time(moment, zone, gap.span.seconds < _SECONDS_S), f" {moment.astimezone(zone):%Z}") for moment in
            (gap.span.start, gap.span.end)]  # fmt: skip
    if gap.span.end == day.end:
        ends[1] = ("24:00", ends[1][1])
    first, last = (time + letters if day.seconds != 86_400 else time for time, letters in ends)
    return f"{first} to {last}", duration(gap.span.seconds), reason_words(gap.reason)


def _is_plain() -> bool:
    """Whether standard output cannot show the better marks."""
    try:
        "".join(mark[0] for mark in MARKS.values()).encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return True
    return False
