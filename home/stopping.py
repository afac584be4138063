"""How a program that runs for long is told to end."""

from __future__ import annotations

import os
import queue
import signal
import threading
from collections.abc import Callable

__all__ = ["StopSignals", "told_to_stop"]


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


class StopSignals:
    """Whether SIGTERM, SIGINT or SIGHUP has come, for who asks now and then; a second one ends the process at once."""

    def __init__(self, answer: Callable[[], object] = lambda: None) -> None:
        """From now on they are waited for; called in the main thread.

        Args:
            answer: called once, by whoever asks first after a signal has come.
        """
        self._answer = answer
        self._told = self._answered = False
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
                signal.signal(number, self._tell)

    def __call__(self) -> bool:
        """Whether it is time to stop."""
        if self._told and not self._answered:
            self._answered = True
            self._answer()
        return self._told

    def _tell(self, number: int, _frame: object) -> None:
        if self._told:
            os._exit(128 + number)
        self._told = True
