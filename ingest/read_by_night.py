"""Has the night read a chunk? Only then may it go: what was never looked at is not deleted."""

from __future__ import annotations

import datetime as dt

from home.clock import local_dates
from home.errors import StoreError, TableError
from home.folder import Home
from home.manifest import CameraManifest, Chunk, read_manifest
from home.store import Entry
from home.tables import BOUTS, DETECTIONS, FRAMES, POSES

NOT_READ = "no night has read it: catml nightly --date DATE"
REJECTED = "the night could not read it; look at it, and delete it by hand if it is worth nothing"
CHANGED = "it is not the one that the night has read: catml nightly --date DATE"


class ReadByNight:
    """What the night has read of one camera. A date is looked at once.

    Args:
        home: the home.
        camera: id of the camera.
    """

    def __init__(self, home: Home, camera: str) -> None:
        self.home, self.camera = home, camera
        self._known: dict[dt.date, tuple[dict[str, Chunk], set[str], str]] = {}

    def chunk(self, date: dt.date, entry: Entry) -> Chunk | str:
        """A chunk as the manifest has it, or why it cannot be said that the night has read all of it.

        Args:
            date: the local date on which it begins.
            entry: the object as it lies in the store.

        Raises:
            StoreError: if the tables cannot be reached.
        """
        chunks, rejected, why = self._date(date)
        found = chunks.get(entry.key)
        if found is None:
            return REJECTED if entry.key in rejected else why or NOT_READ
        if found.size != entry.size:
            return CHANGED
        for touched in local_dates(found.span, self.home.zone):  # two of them where it goes over midnight
            chunks, _, why = self._date(touched)
            if why or entry.key not in chunks:
                return why or NOT_READ
        return found

    def _date(self, date: dt.date) -> tuple[dict[str, Chunk], set[str], str]:
        """Chunks of a local day by key, rejected keys, and what is missing before the day counts as read."""
        if date not in self._known:
            try:
                content = read_manifest(self.home.data, date).cameras.get(self.camera, CameraManifest())
            except (TableError, StoreError) as error:
                self._known[date] = {}, set(), f"its manifest cannot be read ({error})"
            else:
                keys = {rejected.key for rejected in content.rejected}
                self._known[date] = {c.key: c for c in content.chunks}, keys, self._missing(date, content)
        return self._known[date]

    def _missing(self, date: dt.date, content: CameraManifest) -> str:
        """What the tables of a day lack; empty if the night has gone through all of this footage."""
        tables = self.home.tables
        try:
            seconds = tables.notes(FRAMES, date, self.camera).get("footage_s")
        except TableError as error:
            return str(error)
        # Frames that were chosen from other footage than the manifest names: some of it came later, and was not read.
        whole = seconds == round(sum(chunk.span.seconds for chunk in content.chunks), 1)
        later = [DETECTIONS.key(date, self.camera), BOUTS.key(date)]
        later += [POSES.key(date, self.camera)] if self.home.params.pose.model else []
        return "" if whole and all(tables.store.find(key) for key in later) else NOT_READ
