"""Where a live stream is cut: at the first keyframe at or after every wall-clock multiple of 5 minutes, and where it must.

It must where the picture changes its size, where the host's clock was set, where the stream stood still, and where
there is no chunk yet. Every frame goes into the chunk that began last: none is lost between two, none is in both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from av.packet import Packet

from home.footage import CHUNK_S, chunk_boundary
from ingest.record.clock import StreamClock
from ingest.record.events import Received
from ingest.record.host import EPOCH, STEP_S, HostClock, utc_of
from ingest.record.shape import StreamShape, shape_from_keyframe

# No frame for so long, and for so many times the usual, is a gap.
PAUSE_S = 5.0
_PAUSE_FRAMES = 3


@dataclass(slots=True)
class Placed:
    """A frame in time; ticks of its stream, UTC since 1970.

    Attributes:
        packet: the compressed frame.
        key: whether it is decoded on its own.
        pts, dts: when it is shown and decoded.
        duration: ticks to the next one, as they usually are.
        begins: whether a chunk begins with it. Only a keyframe does.
        gap: why time is missing between the frame before and this one, as a gap's reason; empty if none is.
    """

    packet: Packet
    key: bool
    pts: int
    dts: int
    duration: int
    begins: bool
    gap: str


class Cutter:
    """The frames of one connection, in time and cut.

    Attributes:
        shape: what the chunk that began last must know of the stream.
        wanted: whether the next keyframe must begin a chunk; set it when one was closed, or may not be begun.
        clock: the stream's.
    """

    def __init__(self, shape: StreamShape, chunk_s: int = CHUNK_S, after: dt.datetime | None = None) -> None:
        """Begin with a connection.

        Args:
            shape: as the stream describes itself.
            chunk_s: length of a chunk, seconds.
            after: UTC of the last frame that was recorded before, if any.
        """
        self.shape = shape
        self.wanted = True
        last = None if after is None else Fraction((after - EPOCH) // dt.timedelta(microseconds=1), 1_000_000)
        self.clock = StreamClock(shape.time_base, last)
        self._chunk_s = chunk_s
        self._boundary = 0
        self._end: int | None = None
        self._host = HostClock()
        self._stepped = False
        self._held: list[tuple[Received, int, int]] = []

    def frames(self, item: Received) -> Iterator[Placed]:
        """The frames that a packet brings: none while it is not clear what time it is, then all at once.

        Each is decided on when it is asked for: set `wanted` before the next.
        """
        self._held.append((item, *self.clock.observe(item.pts, item.dts, item.arrival)))
        if self.clock.settled:
            held, self._held = self._held, []
            for held_item, pts, dts in held:
                yield self._placed(held_item, pts, dts)

    def moment(self, ticks: int) -> dt.datetime:
        """UTC ticks of this stream as UTC."""
        return utc_of(ticks, self.shape.time_base)

    def sound(self, item: Received, tick: Fraction) -> int:
        """UTC of a packet of sound, in ticks of the sound."""
        return item.pts + round(self.clock.offset * self.shape.time_base / tick)

    def _placed(self, item: Received, pts: int, dts: int) -> Placed:
        offset = item.arrival.utc - item.arrival.monotonic
        self._stepped = bool(self._host.step(offset)) or self._stepped
        begins = item.key and self._begins(item, self.clock.start_of(pts, offset))
        if begins:
            self.clock.cut(pts, offset)
        shown, decoded = self.clock.place(pts, dts)
        gap = self._gap(shown)
        self.wanted = not begins and (self.wanted or bool(gap))
        end = shown + self.clock.frame
        if begins:
            boundary = chunk_boundary(self.moment(shown), self._chunk_s)
            self._boundary = self.clock.ticks(Fraction(round(boundary.timestamp())))
            self._end, self._stepped = end, False
        self._end = end if self._end is None else max(end, self._end)
        return Placed(item.packet, item.key, shown, decoded, self.clock.frame, begins, gap)

    def _begins(self, item: Received, start: int) -> bool:
        changed = self._changes(item.packet)
        must = self.wanted or self._stepped or self.clock.behind or bool(self._gap(start))
        return changed or (self.shape.width > 0 and (must or start >= self._boundary))

    def _changes(self, keyframe: Packet) -> bool:
        """Whether the picture is another one from here on; `shape` says then which."""
        if self.shape.width and not self.shape.differs(keyframe):
            return False
        shape = shape_from_keyframe(keyframe, self.shape.codec)
        if shape is not None:
            self.shape = replace(shape, time_base=self.shape.time_base)
        return shape is not None

    def _gap(self, shown: int) -> str:
        """Why time is missing before a frame that is shown then."""
        if self._end is None:
            return ""
        passed = shown - self._end
        if self._stepped and passed > self.clock.ticks(STEP_S):
            return "clock_step"
        return "stalled" if passed > max(self.clock.ticks(PAUSE_S), _PAUSE_FRAMES * self.clock.frame) else ""
