"""What events say of cats and of the house: read once, then followed through the outbox."""

from __future__ import annotations

import datetime as dt

from home.clock import Span
from home.database import Database
from home.event_payloads import CatPayload, SystemPayload
from home.events import Event, events
from home.outbox import entries, last
from ingest.mqtt.facts import Meal, Sighting

__all__ = ["Heard"]

BACK = dt.timedelta(days=14)
AT_ONCE = 200


class Heard:
    """Of each cat the last event, of the house its faults that are not over.

    Attributes:
        seen: by cat.
        meals: by cat.
        faults: by the event's id.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seq: int | None = None
        self.seen: dict[str, Sighting] = {}
        self.meals: dict[str, Meal] = {}
        self.faults: dict[str, SystemPayload] = {}

    def catch_up(self, now: dt.datetime) -> bool:
        """Take in what came since the last time.

        Returns:
            Whether anybody has told of anything yet.

        Raises:
            StoreError, TableError: as `Database.read`; what was heard until then stays.
        """
        if self._database.is_new:
            return False
        if self._seq is None:
            self._all(now)
        assert self._seq is not None
        while there := entries(self._database, self._seq, AT_ONCE):
            if any(entry.event.withdrawn_at is not None for entry in there):
                self._all(now)  # what was said before it may be the last again
                break
            for entry in there:
                self._take(entry.event)
            self._seq = there[-1].seq
        return True

    def _all(self, now: dt.datetime) -> None:
        seq = last(self._database)  # first: what is kept while the rest is read is told again
        found = [
            *events(self._database, category="cat", span=Span(now - BACK, now + BACK)),
            *events(self._database, category="system"),
        ]
        self.seen, self.meals, self.faults = {}, {}, {}
        for event in found:
            self._take(event)
        self._seq = seq

    def _take(self, event: Event) -> None:
        told = event.payload
        if isinstance(told, SystemPayload):
            if told.end is None:
                self.faults[str(event.event_id)] = told
            else:
                self.faults.pop(str(event.event_id), None)
        elif isinstance(told, CatPayload) and event.stream_id is not None:
            seen, at = self.seen.get(told.identity), event.timestamp_utc
            if seen is None or seen.at <= at:
                self.seen[told.identity] = Sighting(at, event.stream_id, "events")
            meal = self.meals.get(told.identity)
            if told.behaviour == "eating" and (meal is None or meal.start < at):
                self.meals[told.identity] = Meal(at, None, (event.stream_id,))
