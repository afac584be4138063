"""Sends what waits, a thread a channel: one whose server hangs or is away holds up nobody but itself.

A message is a row until its channel has taken it. A crash between that and the row that says so sends it once more, and
loses none.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from home.alerts import Message, messages, update_message
from home.errors import CatMLError, WrongUse
from home.folder import Home
from ingest.alerts.channels import Undelivered, read_picture, send
from ingest.alerts.metrics import ALERTS, FAILURES, WAITING

__all__ = ["Sender", "next_try", "now"]

FIRST, MOST = dt.timedelta(seconds=5), dt.timedelta(minutes=5)
GIVE_UP = dt.timedelta(days=3)  # a mail server that is down over a weekend gets it on Monday
WITH_PICTURE = 5  # tries
POLL_S = 5.0
_LOG = logging.getLogger("catml.alerts")


def now() -> dt.datetime:
    """The present, UTC."""
    return dt.datetime.now(dt.UTC)


def next_try(message: Message, at: dt.datetime) -> dt.datetime:
    """When a message that was not taken is tried again: after 5 s, then after twice as long each time, to 5 minutes."""
    return at + min(MOST, FIRST * 2 ** min(message.tries, 16))


class Sender:
    """The thread of one channel.

    Args:
        home: the home.
        channel: id in home.yaml.
        stop: ends it.
        clock: tells the time, UTC.
    """

    def __init__(self, home: Home, channel: str, stop: threading.Event, clock: Callable[[], dt.datetime] = now) -> None:
        self._home, self._channel, self._stop, self._clock = home, channel, stop, clock
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"alerts-{channel}", daemon=True)

    def start(self) -> Sender:
        """Begin."""
        self._thread.start()
        return self

    def wake(self) -> None:
        """There is something to send."""
        self._wake.set()

    def join(self, seconds: float) -> None:
        """Wait for its end. One that hangs in a server is left behind: it ends with the process, and loses nothing."""
        self._wake.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stop.is_set():
            wait = POLL_S
            try:
                wait = self.step()
            except CatMLError:
                _LOG.warning("channel %s: the database cannot be reached; it is tried again", self._channel)
            except Exception as error:
                _LOG.error("channel %s: %s; it is tried again", self._channel, type(error).__name__)
            self._wake.wait(wait)
            self._wake.clear()

    def step(self) -> float:
        """Try what is due, oldest first.

        Returns:
            Seconds until there is something to do again.
        """
        waiting = messages(self._home.database, self._channel)
        WAITING.labels(self._channel).set(len(waiting))
        for message in waiting:
            if self._stop.is_set():
                return 0.0
            if _is_due(message, self._clock()) and not self._tried(message):
                break  # its server is away: the others need not be tried now
        left = messages(self._home.database, self._channel)
        WAITING.labels(self._channel).set(len(left))
        at = self._clock()
        soonest = min(((each.next_at or at) - at).total_seconds() for each in left) if left else POLL_S
        return min(POLL_S, max(0.05, soonest))

    def _tried(self, message: Message) -> bool:
        channel = self._home.config.alerts.channels[self._channel]
        # What was refused again and again may be too large, and is worth telling without its picture.
        wanted = channel.pictures and message.tries < WITH_PICTURE
        key = str(message.content.get("picture", "")) if wanted else ""
        tried = replace(message, tries=message.tries + 1)
        try:
            send(channel, message.content, read_picture(self._home, key) if key else None, str(message.id))
        except Exception as error:  # whatever it is, it must not hold up what comes behind it
            FAILURES.labels(self._channel).inc()
            at = self._clock()
            over = at - message.made_at > GIVE_UP
            why = str(error) if isinstance(error, (Undelivered, WrongUse)) else type(error).__name__
            self._kept(replace(
                tried, state="dropped" if over else "waiting", next_at=next_try(message, at), error=why,
            ))  # fmt: skip
            _LOG.warning("channel %s did not take a message, try %d", self._channel, tried.tries)
            return False
        self._kept(replace(tried, state="sent", sent_at=self._clock(), error=""))
        ALERTS.labels(message.rule, self._channel).inc()
        return True

    def _kept(self, message: Message) -> None:
        """Keep how it went, however long the database is away: it would be sent again otherwise."""
        while True:
            try:
                return update_message(self._home.database, message)
            except CatMLError:
                if self._stop.wait(1.0):
                    raise


def _is_due(message: Message, at: dt.datetime) -> bool:
    """Whether its time has come. One that is further off than anything waits was set by a clock that went wrong."""
    return message.next_at is None or message.next_at <= at or message.next_at > at + 2 * MOST
