"""The table of lost seconds: each case adds a row, the run shows them at its end, and writes them as Markdown if asked.

CATML_FAULTS_TABLE=FILE pytest tests/faults
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

KEY = "lost"
HEAD = "| fault | filmed (s) | lost (s) | longest hole (s) | what it shows |\n|---|---|---|---|---|"
Tell = Callable[..., None]


def row(fault: str, filmed_s: float, lost_s: float, longest_s: float, note: str) -> str:
    """One line of the table."""
    return f"| {fault} | {filmed_s:.0f} | {lost_s:.1f} | {longest_s:.1f} | {note} |"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Show all rows; they travel with the reports, so that several workers make one table."""
    reports = [report for found in terminalreporter.stats.values() for report in found if hasattr(report, "when")]
    told = [value for report in reports for name, value in getattr(report, "user_properties", ()) if name == KEY]
    rows = list(dict.fromkeys(told))
    if not rows:
        return
    terminalreporter.section("seconds lost to each fault")
    terminalreporter.write_line("\n".join([HEAD, *rows]))
    target = os.environ.get("CATML_FAULTS_TABLE")
    if target:
        Path(target).write_text("\n".join([HEAD, *rows]) + "\n", "utf-8")
