"""Faults of the house that the watcher sees: a camera that sends nothing, and one whose frames come faster than they are seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal
from uuid import UUID, uuid5

from home.event_payloads import SystemPayload
from home.events import Event
from home.watch_params import WatchParams

__all__ = ["Health", "open_faults", "words"]

Kind = Literal["camera_offline", "stream_slow"]
_SPACE = UUID("7f7c1a52-22f1-57d0-9b6f-5d7b9b3f1c0a")


class Health:
    """Of one camera: which faults it has. Times of their lengths are of the monotonic clock, so that nobody sets them.

    Args:
        camera: its id.
        params: of watching.
        now: seconds of the monotonic clock: from here on frames are expected.
        known: faults that are open since another watcher told them.
    """

    def __init__(self, camera: str, params: WatchParams, now: float, known: Iterable[SystemPayload] = ()) -> None:
        self._camera, self._params = camera, params
        self._known: dict[Kind, SystemPayload] = {each.kind: each for each in known if _is_ours(each.kind)}  # type: ignore[misc]
        self._expected = now
        self._slow_since: float | None = None
        self._counts = (0, 0)
        self._looked = now

    @property
    def online(self) -> bool:
        """Whether it is not known to be offline."""
        return "camera_offline" not in self._known

    def unwanted(self, now: float) -> None:
        """Private hours: nothing is expected, and an open fault stays open, for nobody looks."""
        self._expected, self._slow_since, self._looked = now, None, now

    def look(self, now: float, utc: dt.datetime, last: float | None, taken: int, dropped: int) -> list[Event]:
        """What has begun or is over.

        Args:
            now: seconds of the monotonic clock.
            utc: the same by the clock on the wall.
            last: when the last frame came; None before the first.
            taken, dropped: frames since the begin.
        """
        silent = now - max(self._expected, last if last is not None else self._expected)
        limit = self._params.offline_after_s
        made = self._fault(
            "camera_offline", silent > limit, last is not None and silent < limit and last > self._expected,
            utc - dt.timedelta(seconds=silent), utc,
            "no frames come; is it on, and its address right? A camera that bears one connection only needs `relay:`",
        )  # fmt: skip
        return made + self._slow(now, utc, taken, dropped)

    def _slow(self, now: float, utc: dt.datetime, taken: int, dropped: int) -> list[Event]:
        if now - self._looked < self._params.slow_after_s / 6:
            return []
        came, lost = taken - self._counts[0], dropped - self._counts[1]
        self._looked, self._counts = now, (taken, dropped)
        slow = came > 0 and lost / came >= self._params.slow_share
        if not slow:
            self._slow_since = None
        elif self._slow_since is None:
            self._slow_since = now
        lasts = self._slow_since is not None and now - self._slow_since >= self._params.slow_after_s
        begun = utc - dt.timedelta(seconds=now - self._slow_since) if self._slow_since is not None else utc
        return self._fault(
            "stream_slow", lasts, came > 0 and not slow, begun, utc,
            "frames come faster than they can be seen; a smaller `watch.fps`, or fewer cameras, would help",
        )  # fmt: skip

    def _fault(
        self, kind: Kind, begins: bool, ends: bool, start: dt.datetime, now: dt.datetime, what: str
    ) -> list[Event]:
        known = self._known.get(kind)
        if known is None and begins:
            known = self._known[kind] = SystemPayload(
                kind=kind, of=self._camera, severity="warning", sentence=f"{self._camera}: {what}.", start=start
            )
            return [self._event(known)]
        if known is not None and ends:
            del self._known[kind]
            over = known.model_copy(update={"end": max(now, known.start)})
            return [self._event(over)]
        return []

    def _event(self, payload: SystemPayload) -> Event:
        number = uuid5(_SPACE, f"{self._camera} {payload.kind} {payload.start.astimezone(dt.UTC).isoformat()}")
        return Event(event_id=number, stream_id=self._camera, timestamp_utc=payload.start, payload=payload)


def words(event: Event) -> str:
    """What a fault is, or that it is over, for the log."""
    payload = event.payload
    assert isinstance(payload, SystemPayload)
    return payload.sentence if payload.end is None else f"{payload.of}: {payload.kind.replace('_', ' ')} is over"


def _is_ours(kind: str) -> bool:
    return kind in ("camera_offline", "stream_slow")


def open_faults(events: Iterable[Event], camera: str) -> list[SystemPayload]:
    """Faults of a camera that are not over, of all events of the house."""
    payloads = [event.payload for event in events if event.stream_id == camera]
    return [each for each in payloads if isinstance(each, SystemPayload) and each.end is None and _is_ours(each.kind)]
