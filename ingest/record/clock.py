"""From a stream's time stamps to UTC. Pure arithmetic: nothing here asks for the time.

A camera's stamps count evenly but say nothing of the hour, and its crystal is some parts in a million off. A packet
never arrives before its frame was made, so the lowest of (arrival - stamp) over a while is the frame's own time plus
the shortest way through the network. That anchor is looked after all the time and moved only where a chunk begins.

Times are whole ticks of the stream's time base: stamps, moments on the host's monotonic clock, and UTC since 1970.
"""

from __future__ import annotations

import statistics
from collections import deque
from fractions import Fraction

from ingest.record.host import STEP_S, Arrival

# A frame is never made after it arrived. So much is what crystals do within a chunk; more is a stamp that jumped.
AHEAD_S = 0.3
# Everything of the last seconds came this late: not the network, the stream's clock stood still.
BEHIND_S, BEHIND_FOR_S = 1.0, 10.0
# The network's best over so long is good enough.
WINDOW_S = 120.0
# A late anchor may be a busy network's; it moves by so much a chunk. 200 ppm are 60 ms in 5 minutes.
MOST_S = 0.08
# Unless the whole window says more than this.
SURE_S = 0.3
# At connect many cameras send what they had in store: a packet had to be waited for, or this has passed.
SETTLES_S = 1.0
# Overlap with the connection before that is taken for the anchors' error; more is a camera that repeats old frames.
OVERLAP_S = 1.0
# Stamps back by less than this are the camera's jitter.
_JITTER_S = 0.1
# RTP's stamps (RFC 3550, 5.1) and MPEG's (ISO/IEC 13818-1, 2.4.2.1) begin again at 0.
_WRAPS = (2**32, 2**33)
_WRAPS_WITHIN_S = 60
_USUAL_S = Fraction(1, 25)
_BUCKET_S = 5.0


class Lowest:
    """The lowest of what was added during the last seconds, in buckets of 5 s."""

    def __init__(self, seconds: float) -> None:
        self._buckets: deque[tuple[int, int]] = deque(maxlen=round(seconds / _BUCKET_S))
        self.since: float | None = None

    def add(self, moment: float, value: int) -> None:
        """Add a value that was met at a moment (s, rising)."""
        self.since = moment if self.since is None else self.since
        bucket = int(moment // _BUCKET_S)
        if self._buckets and self._buckets[-1][0] == bucket:
            value = min(value, self._buckets.pop()[1])
        self._buckets.append((bucket, value))

    def over(self, seconds: float, now: float) -> int | None:
        """The lowest of the last seconds; None if there is nothing in them."""
        first = int((now - seconds) // _BUCKET_S)
        return min((value for bucket, value in self._buckets if bucket > first), default=None)

    def clear(self) -> None:
        """Forget everything."""
        self._buckets.clear()
        self.since = None


class StreamClock:
    """Stamps of one connection as UTC.

    For each packet: `observe`, and once `settled`: `cut` if a chunk begins with it, then `place`.

    Attributes:
        settled: whether enough packets came to say what time it is.
        frame: ticks from one frame to the next, as lately seen.
    """

    def __init__(self, tick: Fraction, after: Fraction | None = None) -> None:
        """Begin with a connection.

        Args:
            tick: seconds of one tick.
            after: seconds since 1970 of the last frame that was recorded before, if any.
        """
        self._per_s = float(1 / tick)
        self._ahead, self._jitter, self._slow_by = self.ticks(AHEAD_S), self.ticks(_JITTER_S), self.ticks(BEHIND_S)
        self._after = after
        self.settled = False
        self.frame = self.ticks(_USUAL_S)
        self._late = Lowest(WINDOW_S)
        self._slow = Lowest(WINDOW_S)
        self._steps: deque[int] = deque(maxlen=9)
        self._shift = 0
        self._anchor = 0
        self._host = 0
        self._floor: tuple[int, int] | None = None
        self._dts: int | None = None
        self._came = 0.0
        self._last: tuple[int, int] | None = None

    @property
    def behind(self) -> bool:
        """Whether the stream's clock stood still: a new chunk should begin, with the right time."""
        return self._slow.since is not None and self._came - self._slow.since >= BEHIND_FOR_S

    @property
    def offset(self) -> int:
        """UTC ticks minus the stamp of the stream, as of now."""
        return self._shift + self._anchor + self._host

    def ticks(self, seconds: float | Fraction) -> int:
        """Seconds as ticks. A double holds 1e15 of them exactly; UTC in 1/90,000 s is 1.6e14."""
        return round(float(seconds) * self._per_s)

    def observe(self, pts: int, dts: int, arrival: Arrival) -> tuple[int, int]:
        """Take note of a packet, in the order in which they come.

        Args:
            pts, dts: as the stream says them.
            arrival: when it came.

        Returns:
            Both without the stream's jumps and wraps; for `cut`, `start_of` and `place`.
        """
        if dts - pts > _WRAPS[0] // 2:  # it wraps before the DTS does
            pts += next((wrap for wrap in _WRAPS if abs(dts - pts - wrap) < self.ticks(_WRAPS_WITHIN_S)), 0)
        self._shift += self._jump(pts + self._shift, dts + self._shift, arrival)
        pts, dts = pts + self._shift, dts + self._shift
        if self._dts is not None and dts > self._dts:
            self._steps.append(dts - self._dts)
            self.frame = statistics.median_low(self._steps)
        self._dts, self._came = dts, arrival.monotonic
        self._learn(self._tick_of(arrival) - pts, arrival)
        return pts, dts

    def _tick_of(self, arrival: Arrival) -> int:
        return self.ticks(arrival.monotonic)

    def _jump(self, pts: int, dts: int, arrival: Arrival) -> int:
        """What must be added to the stamps from here on: 0 unless they jumped."""
        if self._dts is None:
            return 0
        step, passed = dts - self._dts, self.ticks(arrival.monotonic - self._came)
        ahead = pts + self._anchor - self._tick_of(arrival) if self.settled else 0
        fell = step < -self._jitter
        if not fell and not (ahead > self._ahead and step - passed > self._ahead // 2):
            return 0
        for wrap in _WRAPS:
            if 0 <= step + wrap <= self.ticks(_WRAPS_WITHIN_S):
                return wrap
        self._late.clear()
        return max(self.frame, passed) - step

    def _learn(self, late: int, arrival: Arrival) -> None:
        self._late.add(arrival.monotonic, late)
        if not self.settled:
            first = arrival.monotonic if self._late.since is None else self._late.since
            self.settled = arrival.waited or arrival.monotonic - first >= SETTLES_S
            best = self._late.over(WINDOW_S, arrival.monotonic)
            self._anchor = late if best is None else best
            return
        if self._anchor - late > self._ahead:
            self._anchor, self._floor = late, self._last
        if late - self._anchor <= self._slow_by:
            self._slow.clear()
            return
        self._slow.add(arrival.monotonic, late)

    def _corrected(self) -> int:
        """Where the anchor should be from the next chunk on."""
        lowest = (self._slow if self.behind else self._late).over(WINDOW_S, self._came)
        if lowest is None or self.behind or lowest < self._anchor:
            return self._anchor if lowest is None else lowest
        known_s = self._came - (self._late.since or self._came)
        if lowest - self._anchor > self.ticks(SURE_S) and known_s >= WINDOW_S / 2:
            return lowest
        return min(lowest, self._anchor + self.ticks(MOST_S))

    def start_of(self, pts: int, offset: float) -> int:
        """UTC ticks that a frame would have if a chunk began with it; see `cut`."""
        return _above(self._floor_at(pts, offset), pts, pts + self._corrected() + self.ticks(offset))

    def cut(self, pts: int, offset: float) -> None:
        """A chunk begins with this frame: what is known better by now holds from here on.

        Args:
            pts: of its first frame.
            offset: the host's wall clock minus its monotonic clock, s.
        """
        self._floor = self._floor_at(pts, offset)
        self._anchor, self._host = self._corrected(), self.ticks(offset)
        if self.behind:
            self._late.clear()
            self._slow.clear()

    def _floor_at(self, pts: int, offset: float) -> tuple[int, int] | None:
        """The last frame as (pts, UTC), which the next ones must follow; None where time itself was set back."""
        if self._last is not None:
            return self._last if self.ticks(offset) - self._host > -self.ticks(STEP_S) else None
        start = pts + self._corrected() + self.ticks(offset)
        after = None if self._after is None else self.ticks(self._after)
        if after is not None and start <= after < start + self.ticks(OVERLAP_S):
            return pts - self.frame, after
        return None

    def place(self, pts: int, dts: int) -> tuple[int, int]:
        """UTC ticks of a frame: when it is shown and when it is decoded. Later frames are later, whatever happens."""
        shown = _above(self._floor, pts, pts + self._anchor + self._host)
        decoded = _above(self._floor, dts, dts + self._anchor + self._host)
        if self._last is None or pts > self._last[0]:
            self._last = pts, shown
        return shown, decoded


def _above(floor: tuple[int, int] | None, ticks: int, utc: int) -> int:
    """UTC, but at half speed from the floor on where it would go back: no frame comes before an earlier one."""
    if floor is None:
        return utc
    return max(utc, floor[1] + (ticks - floor[0]) // 2)
