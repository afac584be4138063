"""What an import of logs says at its end: what came in, the time that it covers, and what is missing in between."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

from home.clock import Span, iso
from home.device_coverage import covered
from home.folder import Home
from home.look import counted, duration
from home.terminal import Terminal
from ingest.device_logs.taking import LogReport

__all__ = ["tell_logs"]


def tell_logs(terminal: Terminal, done: LogReport, home: Home) -> None:
    """Tell of an import of logs, to people or as JSON."""
    there = done.rows - done.new
    terminal.say(
        f"{counted(done.files, 'file')} with {counted(done.rows, 'row')}: {done.new} new, {there} there already; "
        f"{counted(done.readings, 'new reading')}."
    )
    devices: list[dict[str, Any]] = []
    for device, reported, silent in covered(home.tables, home.config, done.told):
        gaps = [(span, "did not report") for span in silent]
        ends = sorted([*reported, *silent])
        gaps += [(Span(one.end, next_.start), "in no log") for one, next_ in pairwise(ends) if one.end < next_.start]
        seconds = sum(span.seconds for span in reported)
        terminal.say(
            f"{device}: {duration(seconds)} reported, {_local(ends[0].start, home)} to {_local(ends[-1].end, home)}."
        )
        for gap, why in sorted(gaps):
            terminal.say(f"  {_local(gap.start, home)} to {_local(gap.end, home)}: {why} for {duration(gap.seconds)}")
        told = [{"start": iso(gap.start), "end": iso(gap.end), "reason": why} for gap, why in sorted(gaps)]
        devices.append({"device": device, "reported_s": seconds, "gaps": told})
    terminal.result({
        "kind": done.kind, "files": done.files, "rows": done.rows, "new": done.new, "readings": done.readings,
        "devices": devices, "dates": done.dates,
    })  # fmt: skip


def _local(moment: dt.datetime, home: Home) -> str:
    return f"{moment.astimezone(home.zone):%Y-%m-%d %H:%M}"
