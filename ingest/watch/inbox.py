"""Frames between the cameras and the one who looks: one place a camera, where the newest frame wins."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

from home.frame import Frame
from ingest.record.host import Arrival

__all__ = ["Inbox", "Shot"]


@dataclass(frozen=True)
class Shot:
    """A frame that a camera sent.

    Attributes:
        camera: its id.
        index: of the frame among those decoded since the watcher began.
        frame: decoded.
        arrival: when its first bytes came.
    """

    camera: str
    index: int
    frame: Frame
    arrival: Arrival


class Inbox:
    """A bounded queue of one frame a camera. Who looks is never behind: a frame that waits is replaced by a newer one, and
    counted. Cameras take turns.

    Args:
        cameras: ids.
    """

    def __init__(self, cameras: Iterable[str]) -> None:
        self._waiting: dict[str, Shot] = {}
        self._came = threading.Condition()
        self._taken = dict.fromkeys(cameras, 0)
        self._dropped = dict.fromkeys(self._taken, 0)

    def put(self, shot: Shot) -> None:
        """Bring a frame; one of the same camera that still waits is dropped, its place in the order is kept."""
        with self._came:
            self._dropped[shot.camera] += shot.camera in self._waiting
            self._taken[shot.camera] += 1
            self._waiting[shot.camera] = shot
            self._came.notify()

    def take(self, wait_s: float) -> Shot | None:
        """The frame of the camera that waits longest; None if none comes in time."""
        with self._came:
            if not self._waiting:
                self._came.wait(wait_s)
            return self._waiting.pop(next(iter(self._waiting))) if self._waiting else None

    def forget(self, camera: str) -> None:
        """What waits of a camera is not to be seen."""
        with self._came:
            self._waiting.pop(camera, None)

    def counts(self, camera: str) -> tuple[int, int, int]:
        """Frames of a camera since the begin: brought, dropped; and waiting now."""
        with self._came:
            return self._taken[camera], self._dropped[camera], int(camera in self._waiting)
