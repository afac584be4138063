"""Two labellers of the same footage, second by second."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from home.clock import Span, intersect, merge
from home.errors import WrongUse
from home.ethogram import BEHAVIOURS
from home.folder import Home
from home.labels import WATCHED, Label, labels, observers
from home.look import counted, duration
from home.terminal import Terminal
from models.agreement import Agreement, agreement

__all__ = ["Compared", "agree", "tell_agreement"]

CLASSES = (*BEHAVIOURS, "nothing")
"""What a second can be; `nothing` where the labeller watched and labelled nothing, as in BORIS' own kappa."""
BLOCK_S = 60  # our choice: the interval draws whole minutes, of which a bout fills one or more


@dataclass(frozen=True)
class Compared:
    """Two labellers: `seconds` that both watched, and the `cats` that either names, each of which has them all."""

    first: str
    second: str
    seconds: int
    cats: int
    found: Agreement


def agree(home: Home, first: str, second: str) -> Compared:
    """How far two observers agree in the footage that both watched.

    What was labelled of no cat in particular is compared with what the other labelled so. Where one of them names no
    cats at all, the other's names are left out.

    Raises:
        WrongUse: if one of them has labelled nothing, or they watched nothing together.
        StoreError, TableError: if the labels cannot be read.
    """
    known = observers(home.database)
    for name in (first, second):
        if name not in known:
            there = ", ".join(known) or "nobody yet; `catml labels import FILE --observer NAME`"
            raise WrongUse(f"no labels of {name!r}; there are those of: {there}")
    if first == second:
        raise WrongUse(f"{first!r} agrees with {first!r}; name two observers")
    said = [labels(home.database, name) for name in (first, second)]
    if any(not _subjects(rows) for rows in said):
        said = [_without_subjects(home, name, rows) for name, rows in zip((first, second), said, strict=True)]
    subjects = sorted({label.subject for rows in said for label in rows if label.behaviour != WATCHED}) or [""]
    columns = [
        _column(span, [_of(rows, camera, subject) for rows in said])
        for camera in sorted({label.camera for label in said[0]})
        for span in intersect(*(_watched(rows, camera) for rows in said))
        for subject in subjects
    ]
    if not sum(len(column[0]) for column in columns):
        raise WrongUse(f"{first} and {second} have watched no footage in common: nothing can be compared")
    one, other, minute = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    return Compared(
        first, second, len(one) // len(subjects), len(subjects), agreement(one, other, minute, len(CLASSES))
    )


def tell_agreement(terminal: Terminal, compared: Compared) -> None:
    """Say it as a sentence and a table."""
    found, totals = compared.found, (compared.found.seconds.sum(1), compared.found.seconds.sum(0))
    value = _with_interval(found.kappa, found.low, found.high)
    watched = f"Both watched {duration(compared.seconds)}, compared for {counted(compared.cats, 'cat')}"
    terminal.say(
        f"{compared.first} and {compared.second} agree on {found.agreed:.0%} of the time: kappa {value}. {watched}.\n"
    )
    columns = ("behaviour", compared.first, compared.second, "both", "agreement", "kappa", "95 %")
    rows = []
    for index, name in enumerate(CLASSES):
        if totals[0][index] or totals[1][index]:
            times = [duration(float(n)) for n in (totals[0][index], totals[1][index], found.seconds[index, index])]
            value, low, high = found.by_class[index]
            rows.append((name, *times, _two(found.specific()[index]), _two(value), f"{_two(low)} to {_two(high)}"))
    terminal.table(columns, rows)
    terminal.result(_tree(compared))


def _tree(compared: Compared) -> dict[str, Any]:
    found = compared.found
    by = {
        name: dict(zip(("kappa", "low", "high"), map(_or_none, found.by_class[index]), strict=True))
        for index, name in enumerate(CLASSES)
        if found.seconds[index].sum() or found.seconds[:, index].sum()
    }
    whole = {"kappa": _or_none(found.kappa), "low": _or_none(found.low), "high": _or_none(found.high)}
    return {
        "observers": [compared.first, compared.second],
        "seconds": compared.seconds,
        "cats": compared.cats,
        "agreed": found.agreed,
        **whole,
        "behaviours": by,
        "table": {"classes": list(CLASSES), "seconds": found.seconds.tolist()},
    }


def _subjects(rows: Sequence[Label]) -> set[str]:
    return {label.subject for label in rows if label.subject}


def _without_subjects(home: Home, name: str, rows: Sequence[Label]) -> list[Label]:
    plain = [Label(label.camera, label.start, label.end, "", label.behaviour) for label in rows]
    did = sorted(label for label in plain if label.behaviour != WATCHED)
    for before, after in itertools.pairwise(did):
        if before.camera == after.camera and after.start < before.end:
            at = f"{after.start.astimezone(home.zone):%Y-%m-%d %H:%M:%S}"
            raise WrongUse(
                f"{name} labels two cats at once on {after.camera} at {at}; the other observer must name cats too"
            )
    return plain


def _watched(rows: Sequence[Label], camera: str) -> list[Span]:
    return merge([label.span for label in rows if label.camera == camera and label.behaviour == WATCHED])


def _of(rows: Sequence[Label], camera: str, subject: str) -> list[Label]:
    mine = [label for label in rows if label.camera == camera and label.behaviour != WATCHED]
    return [label for label in mine if label.subject == subject]


def _column(span: Span, said: Sequence[Sequence[Label]]) -> tuple[NDArray[np.int64], ...]:
    """Class of every second for either labeller, and the minute it lies in. A second is what its middle is."""
    first, end = (math.ceil(edge.timestamp() - 0.5) for edge in (span.start, span.end))
    columns = []
    for rows in said:
        column = np.full(max(0, end - first), len(CLASSES) - 1, np.int64)
        for label in rows:
            begin, stop = (math.ceil(edge.timestamp() - 0.5) - first for edge in (label.start, label.end))
            column[max(0, begin) : max(0, stop)] = CLASSES.index(label.behaviour)
        columns.append(column)
    return (*columns, np.arange(first, first + len(columns[0])) // BLOCK_S)


def _or_none(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _two(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "-"


def _with_interval(value: float, low: float, high: float) -> str:
    if not math.isfinite(value):
        return "does not exist, both said one thing only"
    return f"{value:.2f}" + (f" ({low:.2f} to {high:.2f})" if math.isfinite(low) else "")
