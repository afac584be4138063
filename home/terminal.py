"""What a terminal gets: a sentence, a small table, a path to look at; progress while it takes long.

Results go to standard output, all else to standard error. With `json` standard output is one object and nothing else.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

STATE_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}
# Without a terminal long work is told of this often, seconds: a log of a night stays readable.
PLAIN_EVERY_S = 30.0
NAME_WIDTH = 20  # of the first column, characters: a name that is longer may be broken


class Terminal:
    """Where a command speaks.

    Args:
        as_json: standard output gets one JSON object.
        quiet: nothing but results asked for as JSON, warnings and errors.
    """

    def __init__(self, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json, self.quiet = as_json, quiet
        self._out = Console(soft_wrap=True, highlight=False)
        self._err = Console(stderr=True, soft_wrap=True, highlight=False)

    def say(self, text: str = "") -> None:
        """A sentence of the result."""
        if not (self.as_json or self.quiet):
            self._out.print(Text(text))

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A small table of the result; a cell that is `ok`, `warn` or `fail` gets its colour."""
        if self.as_json or self.quiet or not rows:
            return
        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
        for place, column in enumerate(columns):
            table.add_column(column, overflow="fold", min_width=_name_width(rows) if place == 0 else None)
        for row in rows:
            table.add_row(*(Text(cell, style=STATE_STYLES.get(cell, "")) for cell in row))
        self._out.print(table, soft_wrap=False)

    def note(self, text: str) -> None:
        """A line on what is going on."""
        if not self.quiet:
            self._err.print(Text(text))

    def warn(self, text: str) -> None:
        """A line that must be seen, whatever is asked for."""
        self._err.print(Text(f"warning: {text}", style="yellow"))

    def result(self, tree: dict[str, Any]) -> None:
        """The result as JSON, if that is asked for."""
        if self.as_json:
            print(json.dumps(tree, ensure_ascii=False, indent=2, default=str), flush=True)

    @contextmanager
    def progress(self) -> Iterator[Callable[[str, float, float], None]]:
        """A bar at a terminal, a plain line now and then elsewhere, nothing if quiet."""
        if self.quiet:
            yield lambda what, done, of: None
        elif self._err.is_terminal and os.environ.get("TERM") != "dumb":
            columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
            with Progress(*columns, console=self._err, transient=True) as bar:
                yield self._bar(bar)
        else:
            yield self._plain_progress()

    def _bar(self, bar: Progress) -> Callable[[str, float, float], None]:
        task, before = bar.add_task("", visible=False), ""

        def tell(what: str, done: float, of: float) -> None:
            nonlocal before
            if what != before:  # another piece of work, with a speed of its own
                bar.reset(task, description=what)
                before = what
            bar.update(task, completed=done, total=of, visible=done < of)

        return tell

    def _plain_progress(self) -> Callable[[str, float, float], None]:
        told = time.monotonic()

        def tell(what: str, done: float, of: float) -> None:
            nonlocal told
            if time.monotonic() - told >= PLAIN_EVERY_S:
                told = time.monotonic()
                self.note(f"  {what}: {done / of:.0%}" if of else f"  {what}")

        return tell


def _name_width(rows: Sequence[Sequence[str]]) -> int:
    """Of the first column: names are not broken where there is room for them."""
    return min(NAME_WIDTH, max(len(row[0]) for row in rows))
