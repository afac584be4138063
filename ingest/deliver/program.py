"""Events go to every target of `deliver:` in home.yaml, all day."""

from __future__ import annotations

import logging
import threading
from functools import partial

from home.deliveries import Queue, Wanted, take_over
from home.errors import CatMLError, redacted
from home.folder import Home
from ingest.deliver.metrics import WAITING
from ingest.deliver.pauses import Pauses
from ingest.deliver.target import Delivery, wants

__all__ = ["once", "run"]

log = logging.getLogger("catml.deliver")

_TURN_S = 0.5
_MOST_S = 30.0  # between two tries where events are kept


def run(home: Home, stop: threading.Event) -> None:
    """Pass events on until told to end; what is on its way then is waited for.

    Args:
        home: whose.
        stop: set when it is to end.

    Raises:
        WrongUse: no target can be asked: the environment lacks its key.
    """
    deliveries, pauses = _opened(home, stop), Pauses(_MOST_S)
    try:
        while not stop.is_set():
            try:
                more = _turn(home, deliveries)
                pauses.reset()
                stop.wait(0.0 if more else _TURN_S)
            except CatMLError as error:
                log.warning("events cannot be read: %s", redacted(str(error)))
                stop.wait(pauses.next_s())
    finally:
        for each in deliveries:
            each.close()


def once(home: Home, stop: threading.Event) -> dict[str, Queue]:
    """Send what is due, each stream up to its first failure.

    Returns:
        By target, what it still has before it.

    Raises:
        WrongUse: no target can be asked: the environment lacks its key.
        StoreError, TableError: events cannot be read.
    """
    deliveries = _opened(home, stop)
    try:
        queues = _all_taken(home)
        for each in deliveries:
            each.once(queues[each.name].streams)
        queues = _all_taken(home)
        _tell(queues)
        return queues
    finally:
        for each in deliveries:
            each.close()


def _opened(home: Home, stop: threading.Event) -> list[Delivery]:
    """All targets that can be asked; one that cannot costs the others nothing."""
    deliveries, wrong = [], None
    for name, target in home.config.deliver.items():
        try:
            deliveries.append(Delivery(home, name, target, stop))
        except CatMLError as error:
            log.error("%s: %s", name, error)
            wrong = error
    if wrong is not None and not deliveries:
        raise wrong
    return deliveries


def _turn(home: Home, deliveries: list[Delivery]) -> bool:
    queues = take_over(home.database, _chosen(home))
    _tell(queues)
    for each in deliveries:
        each.turn(queues[each.name].streams)
    return any(queue.more for queue in queues.values())


def _all_taken(home: Home) -> dict[str, Queue]:
    queues = take_over(home.database, _chosen(home))
    while any(queue.more for queue in queues.values()):
        queues = take_over(home.database, _chosen(home))
    return queues


def _chosen(home: Home) -> dict[str, Wanted]:
    return {name: partial(wants, target) for name, target in home.config.deliver.items()}


def _tell(queues: dict[str, Queue]) -> None:
    for name, queue in queues.items():
        WAITING.labels(name).set(queue.waiting)
