"""Ctrl-C that is not lost: Python drops one that comes while it tidies up an object, and training tidies up all the time."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["interruptible"]


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Within, Ctrl-C is remembered; what is given raises it again, to be called between two pieces of work.

    Only the main thread hears of signals: in another one nothing is changed, and what is given does nothing.
    """
    asked = threading.Event()

    def heard(number: int, frame: FrameType | None) -> None:
        asked.set()
        raise KeyboardInterrupt

    def check() -> None:
        if asked.is_set():
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        yield check
        return
    before = signal.signal(signal.SIGINT, heard)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)
