"""An owner says what it really was: corrections are made, listed and withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from home.corrections import Correction, Field, add, corrections, withdraw
from home.errors import WrongUse
from home.ethogram import BEHAVIOURS, POSTURES, known, known_cat
from home.folder import Home
from home.look import counted
from home.terminal import Terminal
from tasks.pointing import Pointed, point

__all__ = ["correct", "said_of", "tell_correct", "tell_corrections", "told", "withdrawn"]


def correct(
    home: Home,
    words: Sequence[str],
    said: Mapping[Field, str],
    now: dt.datetime,
    *,
    track: int | None = None,
    by: str = "",
    note: str = "",
) -> list[Correction]:
    """Keep what was said of a bout, a track or a moment.

    Args:
        home: the home.
        words: what it is said of (`tasks.pointing.point`).
        said: what it really was, by field.
        now: UTC.
        track: which of several animals.
        by, note: who says so, and in their words.

    Raises:
        WrongUse: if there is no such thing, or no such behaviour, cat or posture; or if nothing is said.
        StoreError, TableError: if the tables cannot be read or the correction cannot be kept.
    """
    if not said:
        raise WrongUse("say what it really was: --behaviour, --cat, --posture or --not-an-animal")
    if "not_an_animal" in said and len(said) > 1:
        raise WrongUse("--not-an-animal stands alone: what is no animal does nothing")
    values = {field: _value(home, field, text) for field, text in said.items()}  # before the tables: it is told at once
    return add(home.database, said_of(point(home, words, track), values, now, by, note))


def said_of(pointed: Pointed, values: Mapping[Field, str], now: dt.datetime, by: str, note: str) -> list[Correction]:
    """The corrections of one thing, a row for each field."""
    was = {"behaviour": pointed.behaviour, "cat": pointed.cat}
    whom = (now, pointed.what, pointed.camera, pointed.span.start, pointed.span.end, pointed.track_id)
    return [
        Correction(*whom, field, value, was=was.get(field, ""), by=by.strip(), note=note.strip())
        for field, value in values.items()
    ]


def _value(home: Home, field: Field, text: str) -> str:
    cats = {key: cat.name for key, cat in home.config.cats.items()}
    checks: dict[Field, Callable[[str], str]] = {
        "behaviour": lambda name: known("behaviour", name, BEHAVIOURS),
        "posture": lambda name: known("posture", name, POSTURES),
        "cat": lambda name: known_cat(name, cats),
        "not_an_animal": lambda _: "true",
    }
    return checks[field](text)


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
