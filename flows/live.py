"""What a camera's watcher shows, while somebody looks on."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from home.clock import Span
from home.events import events
from home.folder import Home
from home.live import LiveCamera, look

# The watcher shows what it sees twice a second; one that has not for so long is dead, or hangs.
FRESH_S = 10.0
LOOK_EVERY_S = 2.0
# Its networks are loaded in seconds, and a camera that is back is seen again within 15 s.
GRACE_S = 30.0


@dataclass
class Seen:
    """What was seen of a camera's watcher.

    Attributes:
        camera: its id.
        lasted_s: how long was looked on.
        fps, latency_ms: at each look at which frames came.
        tracks: numbers of those that were followed.
        dropped: frames, in that time.
        events: that were made in that time.
        last: what it showed at the end; None if no watcher is at work.
    """

    camera: str
    lasted_s: float = 0.0
    fps: list[float] = field(default_factory=list)
    latency_ms: list[float] = field(default_factory=list)
    tracks: set[int] = field(default_factory=set)
    dropped: int = 0
    events: int = 0
    last: LiveCamera | None = None

    def add(self, shown: LiveCamera | None) -> None:
        """Take note of what it shows next; its counts begin with its process."""
        before, self.last = self.last, shown
        if shown is None:
            return
        if before is not None:
            self.dropped += shown.dropped - (before.dropped if before.dropped <= shown.dropped else 0)
        if shown.online:
            self.fps.append(shown.fps)
            self.latency_ms.append(shown.latency_ms)
        self.tracks |= {track.track_id for track in shown.tracks}

    @property
    def is_well(self) -> bool:
        """Whether a watcher is at work; that a camera is gone it tells by itself."""
        return self.last is not None

    def row(self) -> dict[str, str]:
        """For a table."""
        return {
            "looked on": str(dt.timedelta(seconds=round(self.lasted_s))),
            "frames a second": f"{median(self.fps):.1f}" if self.fps else "none",
            "arrival to tracks": f"{median(self.latency_ms):.0f} ms" if self.latency_ms else "",
            "frames dropped": str(self.dropped),
            "tracks": str(len(self.tracks)),
            "events": str(self.events),
        }


def shown_now(home: Home, camera: str) -> LiveCamera | None:
    """What the watcher of a camera shows; None if none has shown anything for 10 s."""
    found = next((each for each in look(home.root) if each.camera == camera), None)
    if found is None or abs((dt.datetime.now(dt.UTC) - found.written_at).total_seconds()) > FRESH_S:
        return None
    return found


def look_on(home: Home, camera: str, seconds: float, start: Callable[[], None]) -> Seen:
    """Look at a camera's watcher for a while; longer, while none is at work at the end.

    Args:
        home: the home.
        camera: id.
        seconds: how long.
        start: called while no watcher is at work.
    """
    seen, began, since = Seen(camera), time.monotonic(), dt.datetime.now(dt.UTC)
    while True:
        seen.add(shown_now(home, camera))
        if seen.last is None:
            start()
        seen.lasted_s = time.monotonic() - began
        left = seconds + (0 if seen.is_well else GRACE_S) - seen.lasted_s
        if left <= 0:
            break
        time.sleep(min(LOOK_EVERY_S, left))
    made = events(home.database, span=Span(since, dt.datetime.now(dt.UTC)))
    seen.events = sum(event.stream_id == camera and event.rule is not None for event in made)
    return seen
