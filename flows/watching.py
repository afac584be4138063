"""What a camera's recorder says of itself, while somebody looks on."""

from __future__ import annotations

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from home.folder import Home
from ingest.record.spool import open_spool
from ingest.record.state import WELL, say_of

LOOK_EVERY_S = 2.0
# A camera that is back is recorded again within 15 s: so much later it is a failure.
GRACE_S = 30.0


@dataclass
class Watched:
    """What was seen of a camera's recorder.

    Attributes:
        camera: its id.
        zone: in which times are told.
        lasted_s: how long it was watched.
        recorded_s, gap_s, reconnects: of that time.
        last: its state at the end; None if no recorder is at work.
    """

    camera: str
    zone: ZoneInfo
    lasted_s: float = 0.0
    recorded_s: float = 0.0
    gap_s: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    reconnects: int = 0
    last: dict[str, Any] | None = None
    _before: dict[str, Any] | None = None

    def add(self, state: dict[str, Any] | None) -> None:
        """Take note of the next state; its counts begin with its process."""
        self.last = state
        if state is None:
            return
        before = self._before or state
        before = before if before["pid"] == state["pid"] else {}
        self.recorded_s += state["recorded_s"] - before.get("recorded_s", 0.0)
        self.reconnects += state["reconnects"] - before.get("reconnects", 0)
        for reason, seconds in state["gap_s"].items():
            self.gap_s[reason] += max(0.0, seconds - before.get("gap_s", {}).get(reason, 0.0))
        self._before = state

    @property
    def is_well(self) -> bool:
        """Whether the camera is recorded, or its owner does not want it to be at this hour."""
        return self.last is not None and self.last["state"] in WELL

    @property
    def told(self) -> str:
        """How it goes, in a few words."""
        if self.last is None:
            return f"{self.camera}: no recorder is at work"
        since = dt.datetime.fromisoformat(self.last["since"]).astimezone(self.zone)
        told = f"{self.camera}: {self.last['state'].replace('_', ' ')} since {since:%Y-%m-%d %H:%M:%S}"
        if not self.last["reason"]:
            return told
        from home.coverage import reason_words  # brings pandas along: not for those who are well

        return f"{told}: {reason_words(self.last['reason'])}"


def watch(home: Home, camera: str, seconds: float, start: Callable[[], None], tell: Callable[[str], None]) -> Watched:
    """Look at a camera's recorder for a while; longer, while the camera is not recorded at the end.

    Args:
        home: the home.
        camera: id.
        seconds: how long.
        start: called while no recorder is at work.
        tell: gets a sentence at the begin and where something has changed.
    """
    spool, watched, told = open_spool(home), Watched(camera, home.zone), ""
    began = time.monotonic()
    while True:
        watched.add(say_of(spool, camera))
        if watched.told != told:
            told = watched.told
            tell(told)
        if watched.last is None:
            start()
        watched.lasted_s = time.monotonic() - began
        left = seconds + (0 if watched.is_well else GRACE_S) - watched.lasted_s
        if left <= 0:
            return watched
        time.sleep(min(LOOK_EVERY_S, left))
