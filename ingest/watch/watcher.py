"""The one who looks: frames of all cameras, the newest first, through the same networks, to tracks, events and what is shown."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from home.clock import Span
from home.errors import redacted
from home.events import Event, events
from home.folder import Home
from home.live import FOLDER as LIVE
from home.live import LiveCamera, show
from home.tracks import Ended, close_open, last_number
from ingest.record.address import as_fetched
from ingest.record.host import now as this_moment
from ingest.record.schedule import PrivateHours
from ingest.watch import metrics
from ingest.watch.clerk import Clerk
from ingest.watch.eyes import Eyes
from ingest.watch.following import Followed
from ingest.watch.health import Health, open_faults, words
from ingest.watch.inbox import Inbox, Shot
from ingest.watch.judging import Judge
from ingest.watch.reading import name_all
from ingest.watch.source import Eye
from ingest.watch.view import LIVE_QUALITY, LIVE_WIDTH, View, jpeg

__all__ = ["Watcher"]

log = logging.getLogger("catml.watch")

_WAIT_S = 0.1
_TURN_S = 0.5
_SUMMARIES_S = 2.0  # what is known of open tracks is kept so often: so much is lost by a kill
_PICTURE = 1280  # pixels of the longer side of an event's picture
_SILENT_S = 2.0  # a track that ends while no frames come may still be there


@dataclass
class _Camera:
    """All there is of one camera."""

    eye: Eye
    view: View
    health: Health
    private: bool = False
    drops: int = 0


class Watcher:
    """Watches cameras of a home.

    Args:
        home: the home.
        cameras: ids; each has a stream, and nobody else watches it.
        eyes: the networks.

    Raises:
        WrongUse: a camera's address cannot be made.
        StoreError, TableError: the rows of the home cannot be read.
    """

    def __init__(self, home: Home, cameras: Sequence[str], eyes: Eyes) -> None:
        self._home, self._params = home, home.params.watch
        self._recogniser = eyes.recogniser
        self._rooms = {camera: settings.room for camera, settings in home.config.cameras.items()}
        self._inbox = Inbox(cameras)
        self._judge = Judge(home, eyes.recogniser is not None)
        told = events(home.database, category="system")
        self._cameras = {camera: self._begin(camera, eyes, told) for camera in cameras}
        self._resume(cameras)
        self.clerk = Clerk(home)
        self._turned = self._kept = 0.0
        self._odd: set[str] = set()

    def run(self, stop: Callable[[], bool]) -> None:
        """Watch until told to stop, then end every track that is open.

        Args:
            stop: whether to stop; asked several times a second.
        """
        for each in self._cameras.values():
            each.eye.open()
        try:
            while not stop():
                shot = self._inbox.take(_WAIT_S)
                if shot is not None:
                    self._try_to_see(shot)
                if time.monotonic() - self._turned >= _TURN_S:
                    self._turned = time.monotonic()
                    self._turn()
        finally:
            for each in self._cameras.values():
                each.eye.close()
            for each in self._cameras.values():
                self._end(each.view.forget(), "stopped")
                self._hide(each)
            if not self.clerk.close():
                log.warning("the store is away: what happened last is not written")

    def _begin(self, camera: str, eyes: Eyes, told: Sequence[Event]) -> _Camera:
        home, settings = self._home, as_fetched(self._home, camera)
        hint = ""
        if settings is home.camera(camera) and not settings.safe_address.startswith("file:"):
            hint = ". A camera that bears one connection only is read by recorder and watcher through `relay:` of home.yaml"
        private = PrivateHours(home.camera(camera), home.zone)
        eye = Eye(camera, settings.address(), private, self._params.fps, self._inbox, hint)
        metrics.begin(camera)
        health = Health(camera, self._params, time.monotonic(), open_faults(told, camera))
        return _Camera(eye, View(home, camera, eyes, last_number(home.database, camera)), health)

    def _resume(self, cameras: Sequence[str]) -> None:
        """What another watcher left: tracks that were seen within the cooldown go on, with the events they have made."""
        now = this_moment()
        moment = dt.datetime.fromtimestamp(now.utc, dt.UTC)
        going = close_open(self._home.database, cameras, moment - dt.timedelta(seconds=self._params.cooldown_s))
        if not going:
            return
        fired: dict[tuple[str | None, int | None], set[str]] = {}
        since = Span(min(row.entered_at for row in going), moment + dt.timedelta(days=1))
        for event in events(self._home.database, span=since):
            if event.rule is not None:
                fired.setdefault((event.stream_id, event.track_id), set()).add(event.rule)
        for camera, each in self._cameras.items():
            own = [row for row in going if row.camera == camera]
            each.view.following.resume(
                own, {row.track_id: fired.get((camera, row.track_id), set()) for row in own}, now
            )

    def _try_to_see(self, shot: Shot) -> None:
        """Whatever is wrong with a frame: the next one is looked at, and it is told once."""
        try:
            self._see(shot)
        except Exception as error:
            if shot.camera not in self._odd:
                log.warning(
                    "%s: a frame that cannot be seen: %s", shot.camera, redacted(f"{type(error).__name__}: {error}")
                )
            self._odd.add(shot.camera)

    def _see(self, shot: Shot) -> None:
        each = self._cameras[shot.camera]
        if each.eye.private_now or each.private:
            return
        there, coats = each.view.see(shot)
        if coats and self._recogniser is not None:
            name_all(self._recogniser, self._all(), self._rooms, self._home.params.identify.least)
        for track in there:
            for event in self._judge.events(track, shot, 1e3 * (time.monotonic() - shot.arrival.monotonic)):
                log.info("%s: %s", shot.camera, event.rule)
                metrics.EVENTS.labels(shot.camera, event.rule).inc()
                self.clerk.tracks([track.row()])
                self.clerk.event(event, jpeg(shot.frame, _PICTURE))

    def _all(self) -> list[Followed]:
        return [track for each in self._cameras.values() for track in each.view.following.tracks]

    def _turn(self) -> None:
        """What is to be done now and then, whether frames come or not."""
        now = this_moment()
        summaries = now.monotonic - self._kept >= _SUMMARIES_S
        self._kept = now.monotonic if summaries else self._kept
        for camera, each in self._cameras.items():
            if self._is_private(camera, each):
                each.health.unwanted(now.monotonic)
                continue
            taken, dropped, waiting = self._inbox.counts(camera)
            moment, last = dt.datetime.fromtimestamp(now.utc, dt.UTC), each.eye.last
            for event in each.health.look(now.monotonic, moment, last.monotonic if last else None, taken, dropped):
                log.warning("%s", words(event))
                self.clerk.event(event)
            silent = last is None or now.monotonic - last.monotonic > _SILENT_S
            self._end(each.view.following.ended(now.monotonic), "offline" if silent else "left")
            if summaries:
                self.clerk.tracks(track.row() for track in each.view.following.tracks)
            self._show(each, waiting, dropped)

    def _is_private(self, camera: str, each: _Camera) -> bool:
        """Whether it is private now; where that begins, nothing is left of what was shown."""
        before, each.private = each.private, each.eye.private_now
        if each.private and not before:
            self._end(each.view.forget(), "private")
            metrics.unwatched(camera)
            self._hide(each)
            log.info("%s: private hours", camera)
        if before and not each.private:
            metrics.begin(camera)
        if each.private:
            self._tell(each.view.shown(False, 0, self._inbox.counts(camera)[1]))
        return each.private

    def _show(self, each: _Camera, waiting: int, dropped: int) -> None:
        view, shot = each.view, each.view.shot
        fps, _ = view.speed()
        metrics.STREAM_FPS.labels(view.camera).set(fps)
        metrics.STREAM_ONLINE.labels(view.camera).set(each.eye.connected)
        metrics.ACTIVE_TRACKS.labels(view.camera).set(len(view.following.tracks))
        metrics.QUEUE_DROPS.labels(view.camera).inc(dropped - each.drops)
        each.drops = dropped
        picture = jpeg(shot.frame, LIVE_WIDTH, LIVE_QUALITY) if shot is not None and fps > 0 else None
        self._tell(view.shown(fps > 0, waiting, dropped), picture)

    def _tell(self, state: LiveCamera, picture: bytes | None = None) -> None:
        try:
            show(self._home.root, state, picture)
        except OSError as error:  # a full disk: nobody sees it live, and all else goes on
            log.debug("%s cannot be shown: %s", state.camera, error.strerror)

    def _hide(self, each: _Camera) -> None:
        """No picture is shown of a camera that nobody looks through."""
        with contextlib.suppress(OSError):
            (self._home.root / LIVE / f"{each.view.camera}.jpg").unlink(missing_ok=True)

    def _end(self, gone: Sequence[Followed], why: Ended) -> None:
        for track in gone:
            self._judge.forget(track)
        self.clerk.tracks([track.row(why) for track in gone])
