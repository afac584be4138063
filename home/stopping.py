"""How a program that runs for long is told to end."""

from __future__ import annotations

import queue
import signal
import threading

__all__ = ["told_to_stop"]


def told_to_stop(*signals: signal.Signals) -> threading.Event:
    """An event that one of these signals sets; called in the main thread.

    The handler does not set it itself. It runs between any two steps of the main thread, and in the middle of itself when a
    second signal follows the first; whoever holds the event's lock just then would wait for himself for ever. The `put` of a
    `SimpleQueue` may be interrupted anywhere (https://docs.python.org/3/library/queue.html#queue.SimpleQueue.put).
    """
    told: queue.SimpleQueue[int] = queue.SimpleQueue()
    stop = threading.Event()

    def pass_on() -> None:
        told.get()
        stop.set()

    threading.Thread(target=pass_on, name="stopping", daemon=True).start()
    for number in signals:
        signal.signal(number, lambda number, _: told.put(number))
    return stop
