"""All that passes events on, in one program: each part in a thread of its own, started again when it fails."""

from __future__ import annotations

import importlib
import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

from home.errors import CatMLError, redacted
from home.folder import Home
from home.outbox import LONGEST, missed, missed_is_told
from ingest.deliver.pauses import Pauses

__all__ = ["PARTS", "Part", "configured", "run"]

log = logging.getLogger("catml.deliver")

_MOST_S, _GOOD_S = 60.0, 60.0
_ENDS_WITHIN_S = 15.0


@dataclass(frozen=True)
class Part:
    """One that passes events on.

    Attributes:
        name: for people.
        module: has `run(home, stop)`, which goes on until `stop` is set; loaded where the part is configured. With
            `once(home, stop)` it has something to do for `catml deliver --once` too.
        is_configured: whether a home has it.
    """

    name: str
    module: str
    is_configured: Callable[[Home], bool]

    def loaded(self) -> Any:
        """Its module."""
        return importlib.import_module(self.module)


PARTS = (
    Part("targets", "ingest.deliver.program", lambda home: bool(home.config.deliver)),
    Part("alerts", "ingest.alerts.program", lambda home: bool(home.config.alerts.channels)),
    Part("mqtt", "ingest.mqtt.program", lambda home: home.config.mqtt is not None),
)


def configured(home: Home, parts: Sequence[Part] = PARTS) -> list[Part]:
    """The parts that a home has."""
    return [part for part in parts if part.is_configured(home)]


def run(home: Home, stop: threading.Event, parts: Sequence[Part] = PARTS) -> list[str]:
    """Run all parts that a home has until `stop` is set. What one of them does costs the others nothing.

    Args:
        home: the home.
        stop: set when all are to end.
        parts: that there are.

    Returns:
        Names of those that did not end in time.
    """
    _tell_what_was_missed(home)
    threads = [
        threading.Thread(target=_kept, args=(part, home, stop), name=part.name, daemon=True)
        for part in configured(home, parts)
    ]
    for thread in threads:
        thread.start()
    stop.wait()
    until = monotonic() + _ENDS_WITHIN_S
    for thread in threads:
        thread.join(max(0.0, until - monotonic()))
    return [thread.name for thread in threads if thread.is_alive()]


def _tell_what_was_missed(home: Home) -> None:
    """What was let go because nobody came for it, said once. A database that is away now says it the next time."""
    with suppress(CatMLError):
        found = {} if home.database.is_new else missed(home.database)
        for reader, count in found.items():
            words = "%s did not come for %d days: %d changes of events from before that are told nobody by it"
            log.warning(words, reader, LONGEST.days, count)
        if found:
            missed_is_told(home.database)


def _kept(part: Part, home: Home, stop: threading.Event) -> None:
    pauses = Pauses(_MOST_S)
    while not stop.is_set():
        begun = monotonic()
        try:
            part.loaded().run(home, stop)
            why = "it ended"
        except CatMLError as error:
            why = redacted(str(error))
        except Exception as error:
            log.exception("%s failed", part.name)
            why = type(error).__name__
        if stop.is_set():
            return
        if monotonic() - begun > _GOOD_S:
            pauses.reset()
        pause = pauses.next_s()
        log.warning("%s: %s; it is started again in %.1f s", part.name, why, pause)
        stop.wait(pause)
