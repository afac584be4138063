"""A camera's packets, whatever becomes of the connection: a thread of its own connects, reads, and connects again.

FFmpeg cannot be interrupted from outside. So the thread that waits for the camera does nothing else, and who records
is never held up by a camera that is silent.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator

from ingest.record.backoff import Backoff
from ingest.record.connection import TIMEOUT_S, Broken, connect
from ingest.record.events import Event, Lost, Received

# Packets between the two threads. When it is full the camera waits, by TCP, until the disk has caught up.
_MOST, _MOST_BYTES = 256, 16_000_000


class Stream:
    """A source that reconnects until it is closed."""

    def __init__(self, address: str, sound: bool = False, timeout: tuple[float, float] = TIMEOUT_S) -> None:
        """Begin to connect.

        Args:
            address: with its credentials; it is never told.
            sound: whether to read sound too.
            timeout: seconds for opening, and for a packet; RTSP takes twice the second.
        """
        self._address = address
        self._sound = sound
        self._timeout = timeout
        self._events: deque[Event] = deque()
        # Each is counted by one thread only.
        self._brought = self._taken = 0
        self._closed = threading.Event()
        self._backoff = Backoff()
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)
        self._thread.start()

    def news(self) -> Iterator[Event]:
        """What happened since the last call, in order; what is not taken stays. Nobody is woken for it: that would cost
        more than to write it.
        """
        for _ in range(len(self._events)):
            event = self._events.popleft()
            self._taken += _size(event)
            yield event

    def close(self, wait_s: float = 0.0) -> None:
        """Read no more. A silent camera holds the thread up for some seconds; nobody need wait for it."""
        self._closed.set()
        self._thread.join(wait_s)

    def _run(self) -> None:
        while not self._closed.is_set():
            began, received = time.monotonic(), False
            lost = Lost("camera_down", "ended")
            try:
                with connect(self._address, self._sound, self._timeout, self._closed) as connection:
                    self._put(connection.opened)
                    for item in connection.packets():
                        received = True
                        self._put(item)
            except Broken as broken:
                lost = Lost(broken.reason, broken.detail)
            except Exception as error:  # whatever a camera can make FFmpeg do: the next attempt may go well
                lost = Lost("camera_down", type(error).__name__)
            if self._closed.is_set():
                return
            self._put(lost)
            self._closed.wait(self._backoff.after(lost.reason, time.monotonic() - began, received))

    def _put(self, event: Event) -> None:
        while self._is_full and not self._closed.is_set():
            self._closed.wait(0.05)
        self._brought += _size(event)
        self._events.append(event)

    @property
    def _is_full(self) -> bool:
        return len(self._events) >= _MOST or self._brought - self._taken >= _MOST_BYTES


def _size(event: Event) -> int:
    return event.packet.size if isinstance(event, Received) else 0
