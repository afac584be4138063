"""The next batch is made while the network learns from this one."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["Ahead"]

_BATCHES = 2
_END = object()


class Ahead:
    """A loader of batches whose next ones are made in a thread.

    One thread, and only while an epoch runs: it alone draws from the sources of chance then, so that the order of what is
    drawn, and with it the run, stays the same whatever the machine does.

    Attributes:
        inner: the loader.
    """

    def __init__(self, inner: Any, finish: Callable[[dict[str, Any]], dict[str, Any]] | None = None) -> None:
        """Wrap a loader.

        Args:
            inner: Ultralytics' loader of training batches.
            finish: what is still to be done to each batch, in the thread.
        """
        self.inner = inner
        self._finish = finish or (lambda batch: batch)

    def __len__(self) -> int:
        return len(self.inner)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        made: queue.Queue[Any] = queue.Queue(_BATCHES)
        left = threading.Event()  # nobody listens any more
        thread = threading.Thread(target=self._make, args=(made, left), name="next batch", daemon=True)
        thread.start()
        try:
            while (got := made.get()) is not _END:
                if isinstance(got, BaseException):
                    raise got
                yield got
        finally:
            left.set()
            while not made.empty():
                made.get_nowait()
            thread.join()

    def _make(self, made: queue.Queue[Any], left: threading.Event) -> None:
        try:
            for batch in self.inner:
                if left.is_set():
                    return
                made.put(self._finish(batch))
            made.put(_END)
        except BaseException as error:  # it is raised where somebody hears it
            made.put(error)
