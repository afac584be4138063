"""What an owner says of a bout, a track or a moment, checked and kept as corrections."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from home.corrections import Correction, Field, add
from home.errors import WrongUse
from home.ethogram import BEHAVIOURS, POSTURES, known, known_cat
from home.folder import Home
from home.pointing import Pointed, point

__all__ = ["correct", "said_of"]


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
        words: what it is said of (`home.pointing.point`).
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
