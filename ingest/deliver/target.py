"""One target: what waits for it is sent in the order of each stream, and no stream waits for another one."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import monotonic

from home.deliver_settings import Target
from home.deliveries import acknowledged, first, set_aside
from home.errors import CatMLError, redacted
from home.folder import Home
from ingest.deliver.metrics import DELIVERIES, LAG, begin
from ingest.deliver.pauses import Pauses
from ingest.deliver.sending import Sender

__all__ = ["Delivery", "wants"]

log = logging.getLogger("catml.deliver")

_AT_ONCE = 4  # streams of one target that are sent side by side: one that hangs holds up one of them


def wants(target: Target, category: str, rule: str | None) -> bool:
    """Whether a target is to hear of an event."""
    if target.categories is not None and category not in target.categories:
        return False
    return target.rules is None or rule in target.rules


@dataclass
class _Lane:
    """One stream.

    Attributes:
        pauses: between its tries.
        again: when it is tried again, seconds of a clock that only goes forward.
        busy: whether it is being sent.
        failing: whether the last try failed.
    """

    pauses: Pauses
    again: float = 0.0
    busy: bool = False
    failing: bool = False


@dataclass
class Delivery:
    """Passes events on to one target.

    Args:
        home: whose events.
        name: the target's id.
        target: its settings.
        stop: set when it is to end.

    Raises:
        WrongUse: the environment has no such key.
    """

    home: Home
    name: str
    target: Target
    stop: threading.Event
    _lanes: dict[str, _Lane] = field(default_factory=dict)
    _held_until: float = 0.0

    def __post_init__(self) -> None:
        begin(self.name)
        self._sender = Sender(self.home, self.target)
        self._pool = ThreadPoolExecutor(_AT_ONCE, f"deliver-{self.name}")

    def turn(self, streams: Sequence[str]) -> None:
        """Begin to send what is due.

        Args:
            streams: of which something waits.
        """
        now = monotonic()
        for stream in streams:
            lane = self._lane(stream)
            if not lane.busy and now >= max(lane.again, self._held_until):
                lane.busy = True
                self._pool.submit(self._drain, stream, lane)

    def once(self, streams: Sequence[str]) -> None:
        """Send what is due, each stream up to its first failure."""
        for stream in streams:
            self._drain(stream, self._lane(stream))

    def close(self) -> None:
        """Begin nothing any more, and wait for what is on its way."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._sender.close()

    def _lane(self, stream: str) -> _Lane:
        return self._lanes.setdefault(stream, _Lane(Pauses(self.target.longest_wait_s)))

    def _drain(self, stream: str, lane: _Lane) -> None:
        try:
            while not self.stop.is_set() and monotonic() >= self._held_until and self._one(stream, lane):
                pass
        except CatMLError as error:  # where events are kept
            self._fails(lane, redacted(str(error)), None)
        except Exception:
            log.exception("%s: passing events on failed; it is tried again", self.name)
            lane.again = monotonic() + lane.pauses.next_s()
        finally:
            lane.busy = False

    def _one(self, stream: str, lane: _Lane) -> bool:
        """Send what comes next; whether to go on."""
        due = first(self.home.database, self.name, stream)
        if due is None:
            return False
        outcome = self._sender.send(due)
        DELIVERIES.labels(self.name, outcome.kind).inc()
        if outcome.kind == "later":
            self._fails(lane, outcome.told, outcome.wait_s)
            return False
        now = dt.datetime.now(dt.UTC)
        if outcome.kind == "delivered":
            acknowledged(self.home.database, self.name, due.event.event_id, due.revision)
            LAG.labels(self.name).observe(max(0.0, (now - due.at).total_seconds()))
        else:
            set_aside(self.home.database, self.name, due.seq, outcome.reason, now)
            log.warning("%s: event %s was set aside (%s)", self.name, due.event.event_id, outcome.told)
        if lane.failing:
            log.info("%s: takes events again", self.name)
        lane.failing = False
        lane.pauses.reset()
        return True

    def _fails(self, lane: _Lane, why: str, wait_s: float | None) -> None:
        """Told once, not with every try."""
        pause = lane.pauses.next_s()
        lane.again = monotonic() + pause
        if wait_s is not None:  # the receiver speaks for all of its streams
            self._held_until = max(self._held_until, monotonic() + wait_s)
        if not lane.failing:
            log.warning("%s: %s; events wait, and are sent in order when it takes them", self.name, why)
        lane.failing = True
