"""What every fault needs: a source, a home that records it, and the table of what was lost."""

from __future__ import annotations

import pytest

from tests.faults.checker import Verdict
from tests.faults.table import EVENTS, KEY, Tell, pytest_terminal_summary, row, row_of_events

__all__ = ["pytest_terminal_summary"]


@pytest.fixture
def tell(record_property) -> Tell:  # type: ignore[no-untyped-def]
    """Print what a fault cost, and put it into the table: `tell("source killed", verdict, "back after 4 s")`."""

    def add(fault: str, verdict: Verdict, note: str = "") -> None:
        line = row(fault, verdict.filmed_s, verdict.lost_s, verdict.longest_s, note)
        print(f"{fault}: {verdict.lost_s:.1f} s lost of {verdict.filmed_s:.0f} s filmed; {note}")
        record_property(KEY, line)

    return add


@pytest.fixture
def tell_events(record_property) -> Tell:  # type: ignore[no-untyped-def]
    """The same of events: `tell_events("receiver gone", kept=50, lost=0, twice=0, after_s=1.2, note="in order")`."""

    def add(fault: str, *, kept: int, lost: int, twice: int, after_s: float, note: str = "") -> None:
        print(f"{fault}: {lost} of {kept} events lost, {twice} told twice, normal after {after_s:.1f} s; {note}")
        record_property(EVENTS, row_of_events(fault, kept, lost, twice, after_s, note))

    return add
