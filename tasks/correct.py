"""Corrections of an owner as the terminal tells them: made, listed and withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from home.corrections import Correction, corrections, withdraw
from home.folder import Home
from home.look import counted
from home.terminal import Terminal

__all__ = ["tell_correct", "tell_corrections", "told", "withdrawn"]


def tell_correct(home: Home, terminal: Terminal, kept: Sequence[Correction]) -> dict[str, Any]:
    """Say what is kept now, and return it for JSON."""
    for each in kept:
        terminal.say(f"Correction {each.id}: {told(home, each)}.")
    back = " ".join(f"--withdraw {each.id}" for each in kept)
    terminal.say(
        f"It counts from now on, and the next training learns from it. catml corrections {back} takes it back."
    )
    return {"corrections": [_tree(each) for each in kept]}


def withdrawn(home: Home, terminal: Terminal, numbers: Sequence[int], now: dt.datetime) -> list[Correction]:
    """Withdraw corrections, and say so.

    Raises:
        WrongUse: if there is none of such a number; those before it are withdrawn.
        StoreError, TableError: if the rows cannot be read or written.
    """
    done = []
    for number in numbers:
        done.append(withdraw(home.database, number, now))
        terminal.say(f"Correction {number} is withdrawn: {told(home, done[-1])}.")
    return done


def tell_corrections(home: Home, terminal: Terminal, every: bool, listed: bool = True) -> dict[str, Any]:
    """List the corrections, and return them for JSON.

    Raises:
        StoreError, TableError: if the rows cannot be read.
    """
    found = corrections(home.database, withdrawn=every)
    if listed:
        _list(home, terminal, found)
    return {"corrections": [_tree(each) for each in found]}


def _list(home: Home, terminal: Terminal, found: Sequence[Correction]) -> None:
    if not found:
        terminal.say("Nothing was corrected. catml correct BOUT --behaviour NAME says what a bout really was.")
        return
    columns = ("correction", "of", "camera", "when", "it was", "read as", "by", "note")
    rows = [
        (str(c.id), _what(c), c.camera, _when(home, c), _said(c), c.was, c.by, f"(withdrawn) {c.note}" if c.withdrawn_at else c.note)
        for c in found
    ]  # fmt: skip
    terminal.table(columns, rows)
    terminal.say(f"\n{counted(len(found), 'correction')}.")


def told(home: Home, each: Correction) -> str:
    """A correction in a few words."""
    was = f", not {each.was}" if each.was and each.was != each.value else ""
    return f"the {_what(each)} on {each.camera}, {_when(home, each)}, was {_said(each)}{was}"


def _said(each: Correction) -> str:
    return "no animal" if each.field == "not_an_animal" else each.value


def _what(each: Correction) -> str:
    return f"track {each.track_id}" if each.what == "track" else each.what


def _when(home: Home, each: Correction) -> str:
    start, end = each.start.astimezone(home.zone), each.end.astimezone(home.zone)
    day = "" if end.date() == start.date() else f"{end:%Y-%m-%d} "
    return f"{start:%Y-%m-%d %H:%M:%S} to {day}{end:%H:%M:%S}"


def _tree(each: Correction) -> dict[str, Any]:
    return asdict(each)
