"""What is wrong with the house itself, as far as nobody else keeps it: the disk, and cameras that only a recorder asks."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

from home.errors import CatMLError
from home.event_payloads import SystemPayload
from home.faults import Kind, begin, end, lasting
from home.folder import Home
from home.live import look
from ingest.check_disk import disk, rates
from ingest.record.health import STALE_S, WELL
from ingest.record.state import read_state

__all__ = ["HouseLook"]

DISK_EVERY = dt.timedelta(hours=1)
# A camera that starts anew is back within this; its recorder asks it every few seconds.
OFFLINE_AFTER = dt.timedelta(minutes=1)
_WATCHED = dt.timedelta(seconds=30)  # a watcher writes a few times a second
_WHY = {
    "camera_down": "the camera does not answer; its plug, its network and its address in home.yaml would be the first to look at",
    "stalled": "the camera sends nothing; switching it off and on often helps",
    "auth_failed": "the camera refuses user or password; `url` in home.yaml and its variable must be right",
    "not_found": "the camera has no such stream; the path of its `url` in home.yaml must be right",
}


class HouseLook:
    """Looks after the house from time to time, and keeps its faults as events.

    Args:
        home: the home.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._bad_since: dict[str, dt.datetime] = {}
        self._disk_at: dt.datetime | None = None
        self._kept = set[tuple[str, str]]()

    def look(self, now: dt.datetime) -> None:
        """Look, and keep what has changed.

        Raises:
            StoreError, TableError: if rows cannot be read or written.
        """
        self._kept = {
            (event.payload.kind, event.payload.of)
            for event in lasting(self._home.database, now)
            if isinstance(event.payload, SystemPayload)
        }
        self._cameras(now)
        # A clock that was set back does not let the disk fill up unseen.
        if self._disk_at is None or not dt.timedelta() <= now - self._disk_at < DISK_EVERY:
            self._disk(now)
            self._disk_at = now

    def _disk(self, now: dt.datetime) -> None:
        try:
            each = rates(self._home, self._home.config.recorded_cameras, {})
            found = disk(self._home, each)
        except (OSError, CatMLError):
            return  # a store that is away is no full disk
        # How many days are left is told once it is measured; before, it is a guess that nobody need be woken for.
        guessed = found.state == "warn" and all(rate.assumed for rate in each.values())
        if found.state == "ok" or guessed:
            self._over("disk_nearly_full", "disk", now)
            return
        severity: Literal["urgent", "warning"] = "urgent" if found.state == "fail" else "warning"
        begin(self._home.database, "disk_nearly_full", "disk", severity, f"{found.found}; {found.right}.", now)

    def _cameras(self, now: dt.datetime) -> None:
        watched = {each.camera: each.online for each in look(self._home.root) if abs(now - each.written_at) < _WATCHED}
        spool = self._home.root / Path(self._home.config.recording.spool).expanduser()
        for camera in self._home.config.recorded_cameras:
            state = read_state(spool / camera / "state.json") or {}
            if _is_old(state, now):
                state = {}
            if watched.get(camera, state.get("state") in WELL):
                self._bad_since.pop(camera, None)
                self._over("camera_offline", camera, now)
            elif camera not in watched and state.get("reason") in _WHY:
                since = self._bad_since.setdefault(camera, now)
                if now - since >= OFFLINE_AFTER and ("camera_offline", camera) not in self._kept:
                    name = self._home.config.cameras[camera].name or camera
                    told = f"No picture of {name}: {_WHY[state['reason']]}."
                    begin(self._home.database, "camera_offline", camera, "warning", told, since)

    def _over(self, kind: Kind, of: str, now: dt.datetime) -> None:
        if (kind, of) in self._kept:
            end(self._home.database, kind, of, now)


def _is_old(state: dict[str, object], now: dt.datetime) -> bool:
    """Whether a recorder that wrote this is gone: nothing is known of its camera then."""
    try:
        told = dt.datetime.fromisoformat(str(state["updated"]))
    except (KeyError, ValueError):
        return True
    return (now - told).total_seconds() > STALE_S
