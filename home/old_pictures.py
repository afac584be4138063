"""Pictures of events that are older than `watch.keep_days` go; the events stay."""

from __future__ import annotations

import datetime as dt

from home.clock import Span, local_day
from home.events import events
from home.folder import Home
from home.media import KEY
from home.store import Entry

__all__ = ["FOLDER", "forget_pictures", "forget_seen"]

FOLDER = "events"
"""Below it lie the watcher's in `data/` of the home, by UTC date, and what others sent in the store of the footage."""

_ALL = dt.timedelta(days=36_500)  # also what a clock that ran ahead has dated


def forget_pictures(home: Home, today: dt.date) -> int:
    """Delete all that are older than they are kept.

    Args:
        home: the home.
        today: the home's local date.

    Returns:
        How many there were.

    Raises:
        StoreError, TableError: if stores or rows cannot be read or written.
    """
    before = today - dt.timedelta(days=home.params.watch.keep_days)
    return forget_seen(home, before) + _forget_sent(home, before)


def forget_seen(home: Home, before: dt.date) -> int:
    """Delete what the watcher has kept before a date.

    Returns:
        How many there were.
    """
    old = [entry.key for entry in home.data.list(f"{FOLDER}/") if (date := _date_of(entry.key)) and date < before]
    for key in old:
        home.data.delete(key)
    return len(old)


def _forget_sent(home: Home, before: dt.date) -> int:
    """Delete what others sent before a date, unless an event since then has it: the same picture is sent once."""
    begin = local_day(before, home.zone).start
    sent = [entry for entry in home.footage.list(f"{FOLDER}/") if KEY.fullmatch(entry.key)]
    old = [entry for entry in sent if home.footage.modified(entry.key) < begin]
    if not old or home.database.is_new:
        used = set[str]()
    else:
        since = events(home.database, span=Span(begin, begin + _ALL), withdrawn=True)
        used = {key for event in since for key in event.media}
    gone: list[Entry] = [entry for entry in old if entry.key not in used]
    for entry in gone:
        home.footage.delete(entry.key)
    return len(gone)


def _date_of(key: str) -> dt.date | None:
    """The date a picture of the watcher lies under; None for what others put there."""
    try:
        return dt.date.fromisoformat(key.split("/")[1])
    except ValueError:
        return None
