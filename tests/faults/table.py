"""The table of lost seconds: each case adds a row, the run shows them at its end, and writes them as Markdown if asked.

CATML_FAULTS_TABLE=FILE pytest tests/faults
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

KEY, EVENTS = "lost", "events"
HEAD_OF_EVENTS = (
    "| fault | events kept | lost | told twice | normal after (s) | what it shows |\n|---|---|---|---|---|---|"
)
HEAD = "| fault | filmed (s) | lost (s) | longest hole (s) | what it shows |\n|---|---|---|---|---|"
Tell = Callable[..., None]


def row(fault: str, filmed_s: float, lost_s: float, longest_s: float, note: str) -> str:
    """One line of the table."""
    return f"| {fault} | {filmed_s:.0f} | {lost_s:.1f} | {longest_s:.1f} | {note} |"


def row_of_events(fault: str, kept: int, lost: int, twice: int, after_s: float, note: str) -> str:
    """One line of the table of events."""
    return f"| {fault} | {kept} | {lost} | {twice} | {after_s:.1f} | {note} |"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Show all rows; they travel with the reports, so that several workers make one table."""
    reports = [report for found in terminalreporter.stats.values() for report in found if hasattr(report, "when")]
    told = [each for report in reports for each in getattr(report, "user_properties", ())]
    tables = []
    for key, title, head in (
        (KEY, "seconds lost to each fault", HEAD),
        (EVENTS, "events lost to each fault", HEAD_OF_EVENTS),
    ):
        if rows := list(dict.fromkeys(value for name, value in told if name == key)):
            tables.append("\n".join([head, *rows]) + "\n")
            terminalreporter.section(title)
            terminalreporter.write_line(tables[-1].rstrip())
    target = os.environ.get("CATML_FAULTS_TABLE")
    if tables and target:
        Path(target).write_text("\n".join(tables), "utf-8")
