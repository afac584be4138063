"""A camera's frames, decoded: a thread of its own connects, chooses frames, and connects again, whatever becomes of it.

Every packet goes through the decoder, because a frame rests on those before it; of MJPEG only the frames that are wanted.
In private hours nothing is connected to, let alone decoded.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import av
from av.video.codeccontext import VideoCodecContext

from home.frame import Frame
from home.video import INTRA_CODECS
from ingest.record.backoff import Backoff
from ingest.record.connection import TIMEOUT_S, Broken, Connection, connect
from ingest.record.events import Received
from ingest.record.host import Arrival
from ingest.record.schedule import PrivateHours
from ingest.record.sentences import why
from ingest.watch.inbox import Inbox, Shot

__all__ = ["Eye", "Pace"]

log = logging.getLogger("catml.watch")

_LOOK_S = 1.0  # how soon private hours are noticed to be over
_SOON = 0.25  # of a period: frames come with jitter, and one that comes a little early is the one that is due
_REMEMBERED = 64  # packets whose frames may still be in the decoder
_JPEG = b"\xff\xd8"


class Pace:
    """Which frames to take, so that they come to so many a second at most."""

    def __init__(self, fps: float) -> None:
        self._period = 1 / fps
        self._due = 0.0

    def takes(self, now: float) -> bool:
        """Whether a frame that came at this second of the monotonic clock is one of them."""
        if now < self._due - _SOON * self._period:
            return False
        self._due = max(self._due + self._period, now - self._period)
        return True


@dataclass
class Eye:
    """Looks through one camera until it is closed.

    Attributes:
        camera: its id.
        address: with its credentials; it is never told.
        private: hours in which it is not looked through.
        fps: frames a second, at most.
        inbox: where frames go.
        hint: told with each new trouble: what else may be the reason.
        private_now: whether it is not looked through, because its owner wants it so.
        connected: whether the camera answers; one that does may still send nothing.
        frames: decoded since the begin.
        last: when the last one came; None before the first.
    """

    camera: str
    address: str
    private: PrivateHours
    fps: float
    inbox: Inbox
    hint: str = ""
    private_now: bool = False
    connected: bool = False
    frames: int = 0
    last: Arrival | None = None

    def __post_init__(self) -> None:
        self._closed = threading.Event()
        self._backoff = Backoff()
        self._told = ""
        self._pace = Pace(self.fps)
        self._thread = threading.Thread(target=self._run, name=f"eye-{self.camera}", daemon=True)

    def open(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def close(self, wait_s: float = 0.0) -> None:
        """Look no more. A silent camera holds the thread up for some seconds; nobody need wait for it."""
        self._closed.set()
        self._thread.join(wait_s)

    def _run(self) -> None:
        while not self._closed.is_set():
            self.private_now = self._is_private()
            if self.private_now:
                self.inbox.forget(self.camera)
                self._closed.wait(_LOOK_S)
                continue
            began, before, broken = time.monotonic(), self.frames, Broken("camera_down", "ended")
            try:
                with connect(self.address, False, TIMEOUT_S, self._closed) as connection:
                    self.connected = True
                    self._watch(connection)
            except Broken as error:
                broken = error
            except Exception as error:  # whatever a camera can make FFmpeg do: the next attempt may go well
                broken = Broken("camera_down", type(error).__name__)
            finally:
                self.connected = False
            if self._closed.is_set() or self._is_private():
                continue
            self._tell(broken.reason)
            self._closed.wait(self._backoff.after(broken.reason, time.monotonic() - began, self.frames > before))

    def _watch(self, connection: Connection) -> None:
        """Bring what comes, until it ends, or private hours begin."""
        for frame, arrival in _decoded(connection, self._pace):
            if self._is_private():
                return
            if self._told:
                log.info("%s: frames come again", self.camera)
                self._told = ""
            self.frames, self.last = self.frames + 1, arrival
            self.inbox.put(Shot(self.camera, self.frames, frame, arrival))

    def _is_private(self) -> bool:
        return self.private.at(dt.datetime.now(dt.UTC)) is not None

    def _tell(self, reason: str) -> None:
        if reason != self._told:
            self._told = reason
            log.warning("%s: no frames: %s; it is tried again and again%s", self.camera, why(reason), self.hint)


def _decoded(connection: Connection, pace: Pace) -> Iterator[tuple[Frame, Arrival]]:
    """The frames that are to be taken, each with the arrival of its packet."""
    context: VideoCodecContext | None = None
    arrivals: dict[int, Arrival] = {}
    begun = False
    for item in connection.packets():
        if context is None:
            context = item.packet.stream.codec_context
            context.thread_count = 1  # threads would hold frames back
        begun = begun or item.key
        if not begun:
            continue
        if context.name in INTRA_CODECS:
            if pace.takes(item.arrival.monotonic) and (data := bytes(item.packet))[:2] == _JPEG:
                yield Frame(0.0, True, 0, None, data), item.arrival
            continue
        if item.packet.pts is not None:
            arrivals[item.packet.pts] = item.arrival
        for decoded in _frames(context, item):
            arrival = arrivals.pop(decoded.pts, item.arrival) if decoded.pts is not None else item.arrival
            if pace.takes(arrival.monotonic):
                yield Frame(0.0, bool(decoded.key_frame), int(decoded.rotation or 0), decoded), arrival
        while len(arrivals) > _REMEMBERED:
            arrivals.pop(next(iter(arrivals)))


def _frames(context: VideoCodecContext, item: Received) -> list[av.VideoFrame]:
    try:
        return context.decode(item.packet)
    except av.FFmpegError:
        return []  # a damaged frame; what rests on it mends with the next keyframe
