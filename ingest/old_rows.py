"""Housekeeping of rows and pictures: what was passed on goes, and the pictures of events that are older than they are kept.

Events themselves stay for ever, as do alerts, corrections and what people said: they are small, and habits rest on them.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from home.clock import UTC, local_day
from home.deliveries import clear_within as clear_deliveries
from home.deliveries import still_before
from home.errors import CatMLError
from home.folder import Home
from home.idempotency import forget_within
from home.look import counted
from home.old_pictures import forget_pictures
from home.outbox import LONGEST, clear_within

__all__ = ["tidy"]


def tidy(home: Home, today: dt.date) -> list[str]:
    """What the night does about old rows and pictures. It never fails for it.

    Args:
        home: the home.
        today: the home's local date.

    Returns:
        What somebody should know: what nobody has had and is let go, and what could not be done.
    """
    told = []
    try:
        told += [] if home.database.is_new else _rows(home, local_day(today, home.zone).start.astimezone(UTC))
    except CatMLError as error:
        told.append(f"what was passed on is not cleared: {error}")
    try:
        forget_pictures(home, today)
    except (CatMLError, OSError) as error:
        told.append(f"old pictures of events are not deleted: {error}")
    return told


def _rows(home: Home, now: dt.datetime) -> list[str]:
    def work(connection: sa.Connection) -> tuple[int, int, dict[str, int]]:
        forget_within(connection, now)
        aside, gone = clear_deliveries(connection, now, home.config.deliver)
        return aside, gone, clear_within(connection, now, still_before())

    aside, gone, missed = home.database.write(work)
    days = LONGEST.days
    told = [
        f"{reader} has not come for {days} days: {counted(count, 'change')} of events from before that it will not hear of"
        for reader, count in missed.items()
    ]
    if aside:
        told.append(f"{counted(aside, 'event')} set aside that no receiver took for {days} days")
    if gone:
        told.append(f"{counted(gone, 'event')} that waited or lay aside for {days} days will not be sent any more")
    return told
