"""Writes what the watcher finds, in a thread of its own: who looks never waits for a disk or a database.

What cannot be written is kept and tried again until it can be. An event is acknowledged once it is a row; its picture is there
before it. Of a track only its last state counts, so that a database that is away for long costs little memory.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from uuid import UUID

from home.clock import local_date
from home.errors import CatMLError, redacted
from home.events import Event, keep
from home.folder import Home
from home.old_pictures import FOLDER, forget_seen
from home.tracks import TrackRow, keep_tracks
from ingest.record.backoff import Backoff

__all__ = ["Clerk", "key_of"]

log = logging.getLogger("catml.watch")

MOST_EVENTS = 2000  # that wait; with a picture each some hundred megabytes
_TURN_S = 1.0
_ENDS_WITHIN_S = 20.0


class Clerk:
    """Takes events and tracks, and writes them.

    Args:
        home: where to.

    Attributes:
        lost: events that were given up, because too many waited.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._events: dict[UUID, tuple[Event, bytes | None]] = {}
        self._tracks: dict[UUID, TrackRow] = {}
        self._lock, self._came, self._closed = threading.Lock(), threading.Event(), threading.Event()
        self._cleaned: dt.date | None = None
        self.lost = 0
        self._thread = threading.Thread(target=self._run, name="clerk", daemon=True)
        self._thread.start()

    def event(self, event: Event, jpeg: bytes | None = None) -> None:
        """Keep an event, and a picture of it; soon."""
        if jpeg is not None:
            event = event.model_copy(update={"media": (key_of(event),)})
        with self._lock:
            self._events[event.event_id] = event, jpeg
            if len(self._events) > MOST_EVENTS:
                del self._events[next(iter(self._events))]
                self.lost += 1
        self._came.set()

    def tracks(self, rows: Iterable[TrackRow]) -> None:
        """Keep tracks as they are; with the next turn."""
        with self._lock:
            self._tracks.update({row.key: row for row in rows})

    def close(self) -> bool:
        """Write what there is, and end.

        Returns:
            Whether all of it is written.
        """
        self._closed.set()
        self._came.set()
        self._thread.join(_ENDS_WITHIN_S)
        return not self._events and not self._tracks

    def _run(self) -> None:
        backoff, told = Backoff(), False
        while True:
            self._came.wait(_TURN_S)
            self._came.clear()
            last, began = self._closed.is_set(), time.monotonic()
            try:
                self._write()
                if told:
                    log.info("events and tracks are written again")
                told = False
            except (CatMLError, OSError) as error:
                if not told:
                    waiting = len(self._events)
                    log.warning("%d events wait, to be written later: %s", waiting, redacted(str(error)))
                told = True
                self._closed.wait(backoff.after("store", time.monotonic() - began, False))
            except Exception as error:  # an event that cannot be a row must not hold up those after it
                log.exception("cannot be written: %s", type(error).__name__)
                self._set_aside()
            if last:
                return

    def _write(self) -> None:
        with self._lock:
            events, rows = dict(self._events), dict(self._tracks)
        for event, jpeg in events.values():
            if jpeg is not None:
                self._home.data.write(key_of(event), jpeg)
        # Tracks first: whoever reads an event finds the track that it is of.
        keep_tracks(self._home.database, rows.values())
        keep(self._home.database, [event for event, _ in events.values()])
        with self._lock:
            self._events = {key: each for key, each in self._events.items() if events.get(key) is not each}
            self._tracks = {key: each for key, each in self._tracks.items() if rows.get(key) is not each}
        self._clean()

    def _set_aside(self) -> None:
        """One by one: what is wrong in itself is given up, and holds up nothing else."""
        with self._lock:
            events, rows = list(self._events.values()), list(self._tracks.values())
            self._events, self._tracks = {}, {}
        work: list[Callable[[], object]] = [partial(keep, self._home.database, [event]) for event, _ in events]
        work += [partial(keep_tracks, self._home.database, [row]) for row in rows]
        for each in work:
            try:
                each()
            except Exception as error:
                self.lost += 1
                log.error("given up, it cannot be written: %s", redacted(str(error)))

    def _clean(self) -> None:
        today = local_date(dt.datetime.now(dt.UTC), self._home.zone)
        if self._cleaned != today:
            self._cleaned = today
            forget_seen(self._home, today - dt.timedelta(days=self._home.params.watch.keep_days))


def key_of(event: Event) -> str:
    """Where the picture of an event lies under `data/`, e.g. `events/2026-03-01/EVENT_ID.jpg`: by UTC date."""
    return f"{FOLDER}/{event.timestamp_utc.astimezone(dt.UTC).date().isoformat()}/{event.event_id}.jpg"
