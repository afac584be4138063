"""What an import says at its end: a sentence, what was left out and why, what to do next."""

from __future__ import annotations

from dataclasses import asdict

from home.clock import local_dates
from home.folder import Home
from home.look import counted, duration
from home.terminal import Terminal
from ingest.existing import ImportReport, Left


def tell_import(terminal: Terminal, done: ImportReport, home: Home) -> None:
    """Tell of an import, to people or as JSON."""
    for warning in done.warnings:
        terminal.warn(warning)
    there = f", {len(done.there)} were there already" if done.there else ""
    length = f"; {duration(done.seconds)} in all" if done.seconds else ""
    terminal.say(
        f"{counted(done.files, 'file')} for {done.camera}: {counted(len(done.written), 'chunk')} written{there}{length}."
    )
    for left in done.skipped:
        terminal.say(f"Left out: {_named(left)}")
    for left in done.failed:
        terminal.warn(f"not imported: {_named(left)}")
    dates = sorted({date for span in done.spans for date in local_dates(span, home.zone)})
    for date in dates[-1:]:
        terminal.say(f"Next: catml nightly --date {date}")
    terminal.result({**asdict(done), "seconds": done.seconds, "dates": dates})


def _named(left: Left) -> str:
    return left.reason if str(left.path) in left.reason else f"{left.path}: {left.reason}"
