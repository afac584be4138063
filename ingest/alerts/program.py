"""The alerts of a home, all day: reads what the outbox tells, decides, and has each channel send it.

Everything that was read is kept with what goes out of it before the place in the outbox is moved on: a crash in between
reads the same events again, finds them in their alerts, and changes nothing.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from uuid import UUID

from home.alerts import Alert, Message, forget, keep, recent
from home.errors import CatMLError, StoreError, TableError
from home.events import Event
from home.folder import Home
from home.outbox import advance, entries, position
from home.snoozes import Snooze, snoozes
from ingest.alerts.deciding import World, decided
from ingest.alerts.digest import digest, due
from ingest.alerts.expected import Chances, came, missing, read_chances
from ingest.alerts.house import HouseLook
from ingest.alerts.joining import joined
from ingest.alerts.metrics import show_held
from ingest.alerts.sending import Sender, now
from ingest.alerts.wording import outgoing
from ingest.record.backoff import Backoff

__all__ = ["Alerting", "run"]

READER = "alerts"
POLL_S = 0.5
HOUSE_EVERY, TABLES_EVERY, DIGEST_EVERY = dt.timedelta(seconds=10), dt.timedelta(minutes=10), dt.timedelta(seconds=30)
KEPT = dt.timedelta(days=90)  # messages that went
REMEMBERED = dt.timedelta(days=3)  # what a new event may still belong to, and what still may have an end
_LOG = logging.getLogger("catml.alerts")


def run(home: Home, stop: threading.Event) -> None:
    """Tell people until stopped. Whatever is away is waited for.

    Args:
        home: the home.
        stop: ends it.
    """
    senders = {name: Sender(home, name, stop).start() for name in home.config.alerts.channels}
    alerting, backoff, failed = Alerting(home), Backoff(), False
    _LOG.info("alerts: %d channels", len(senders))
    while not stop.is_set():
        wait = POLL_S
        try:
            for channel in alerting.step(now()):
                if channel in senders:
                    senders[channel].wake()
            if failed:
                _LOG.info("alerts: the database answers again")
                backoff, failed = Backoff(), False
        except CatMLError:
            if not failed:
                _LOG.warning("alerts: the database cannot be reached; it is tried again, and nothing is lost meanwhile")
            wait, failed = backoff.after("", 0.0, False), True
        stop.wait(wait)
    for sender in senders.values():
        sender.join(2.0)


class Alerting:
    """What is read and decided, a step at a time.

    Args:
        home: the home.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._house = HouseLook(home)
        self._book: dict[UUID, Alert] | None = None
        self._chances: Chances | None = None
        self._done: dict[str, dt.datetime] = {}
        self._digested = set[tuple[str, dt.date]]()

    def step(self, at: dt.datetime) -> set[str]:
        """Do what is due at a moment.

        Args:
            at: UTC.

        Returns:
            Channels for which there is something new.

        Raises:
            StoreError, TableError: if rows cannot be read or written; nothing of the step is lost.
        """
        start = position(self._home.database, READER)
        self._look_around(at)
        told = entries(self._home.database, start)
        channels = self._keep([entry.event for entry in told], at)
        if told:
            advance(self._home.database, READER, told[-1].seq)
        return channels | self._digests(at)

    def _keep(self, new: list[Event], at: dt.datetime) -> set[str]:
        settings, before = self._home.config.alerts, self._remembered(at)
        book = dict(before)
        for event in new:
            alert = joined(book, event, settings)
            if alert is not None:
                book[alert.id] = alert
        if self._is_time("tables", TABLES_EVERY, at):
            forget(self._home.database, at - KEPT)
            self._from_tables(book, at)
        held: list[Snooze] = snoozes(self._home.database, at) if book else []
        chance = self._chances or (lambda cat, behaviour, moment: None)
        changed, told = decided(book, World(settings, self._home.zone, held, chance), at)
        book.update({each.id: each for each in changed})
        out = outgoing(told, self._home.config, at)
        keep(self._home.database, [each for key, each in book.items() if before.get(key) != each], out)
        self._book = book
        show_held(book.values())
        return {message.channel for message in out}

    def _remembered(self, at: dt.datetime) -> dict[UUID, Alert]:
        """The alerts that something can still be said of; read from the rows at the beginning and after every failure."""
        if self._book is None or self._is_time("book", TABLES_EVERY, at):
            self._book = {each.id: each for each in recent(self._home.database, at - REMEMBERED)}
        book, self._book = self._book, None  # if this step fails, what the rows say counts
        return book

    def _from_tables(self, book: dict[UUID, Alert], at: dt.datetime) -> None:
        """What the forecasts say: what is as usual, and what is missing. A store that is away says nothing."""
        try:
            self._chances = read_chances(self._home, at)
            for alert in missing(self._home, at):
                book.setdefault(alert.id, alert)
            waited = [each for each in book.values() if each.category == "missing" and each.ended_at is None]
            for alert in [each for each in waited if at - each.began_at < REMEMBERED]:
                book[alert.id] = came(self._home, alert, at)
        except (StoreError, TableError):
            _LOG.warning("alerts: the tables cannot be read; what was expected is not known")

    def _look_around(self, at: dt.datetime) -> None:
        if self._is_time("house", HOUSE_EVERY, at):
            self._house.look(at)

    def _digests(self, at: dt.datetime) -> set[str]:
        made = list[Message]()
        if not self._is_time("digest", DIGEST_EVERY, at):
            return set()
        for name, channel in self._home.config.alerts.channels.items():
            date = due(channel.digest, self._home.zone, at) if channel.digest else None
            if date is None or (name, date) in self._digested:
                continue
            try:
                made.append(digest(self._home, name, date, at))
            except (StoreError, TableError):
                _LOG.warning("alerts: the day cannot be read; the digest waits for it")
                continue
            keep(self._home.database, [], made[-1:])
            self._digested.add((name, date))
        return {message.channel for message in made}

    def _is_time(self, what: str, every: dt.timedelta, at: dt.datetime) -> bool:
        """Whether something is due; a clock that was set back does not put it off."""
        last = self._done.get(what)
        is_due = last is None or not dt.timedelta() <= at - last < every
        if is_due:
            self._done[what] = at
        return is_due
