"""One camera as the watcher sees it: from each of its frames to tracks, and to what is shown of it."""

from __future__ import annotations

import datetime as dt
import time
from collections import deque
from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from home.config import Camera
from home.ethogram import UNKNOWN
from home.folder import Home
from home.frame import Frame, Picture
from home.live import LiveCamera, LiveTrack
from home.rules import zone_kind
from ingest.record.host import Arrival
from ingest.watch import metrics
from ingest.watch.eyes import Eyes
from ingest.watch.following import Followed, Following, Thumb
from ingest.watch.inbox import Shot
from ingest.watch.reading import Reading
from models.appearance import appearance
from models.detector.animals import animals_in
from models.detector.predict import Detections
from models.motion import Background, MotionSettings
from models.movement_map import movement_map

__all__ = ["View", "jpeg"]

LIVE_WIDTH, LIVE_QUALITY = 640, 75
_LAST_S = 5.0  # frames a second and latency are of so long
_AFTER_S = 1.0  # the detector goes on looking for so long after the last movement: an animal that has just sat down
_STIR, _STIR_S = 1e-4, 30.0  # as the night: a pixel or two of a thumbnail, in so many seconds before


class View:
    """What is seen through one camera.

    Args:
        home: the home.
        camera: its id.
        eyes: the networks.
        last_number: the highest number that one of its tracks ever had.

    Attributes:
        following: who is there.
        reading: reads those who are there.
        shot: the last frame that was taken in; None before the first and in private hours.
    """

    def __init__(self, home: Home, camera: str, eyes: Eyes, last_number: int) -> None:
        settings, self._params = home.camera(camera), home.params
        self.camera, self._eyes = camera, eyes
        self.following = Following(camera, home.params.watch, settings.zones, last_number)
        self.reading = Reading(camera, home.params, _by_kind(settings), eyes.poses, eyes.behaviours, eyes.recogniser)
        self.shot: Shot | None = None
        self._background = self._new_background()
        self._moved_at = self._looked_at = -np.inf
        self._moves: deque[tuple[float, bool]] = deque()
        self._latest: deque[tuple[float, float]] = deque()  # seconds of the monotonic clock, and from arrival to tracks

    def see(self, shot: Shot) -> tuple[list[Followed], bool]:
        """Take in a frame.

        Returns:
            Those that are there and count; and whether one of them may have a name now.
        """
        ts, before = shot.arrival.monotonic, self.shot
        if before is not None and ts <= before.arrival.monotonic:
            return [], False
        grey = shot.frame.grey(self._params.extract.thumbnail_width)
        movement = self._background.update(grey, ts - before.arrival.monotonic if before else 0.0)
        moved = movement_map(shot.frame.upright(self._background.moved)) if before else b""
        thumb = Thumb(moved, shot.frame.upright(grey))
        self.shot = shot
        stirring = self._stirring(ts, movement)
        self._moved_at = ts if self._background.moves(movement) else self._moved_at
        coats = False
        if ts - self._moved_at <= _AFTER_S or ts - self._looked_at >= self._params.watch.heartbeat_s:
            found = self._look(shot, thumb)
            counted = [track for track in found if track in self.following.tracks]
            coats = self.reading.read(counted, shot.frame, ts, stirring)
        else:
            self.following.still(shot.arrival, thumb)
        self.reading.settle(self.following.tracks, ts, _aspect(shot.frame))
        self._latest.append((ts, time.monotonic() - ts))
        return [track for track in self.following.tracks if track.present], coats

    def forget(self) -> list[Followed]:
        """Private hours, or the camera is gone: nobody is followed any more, and nothing is remembered of the room.

        Returns:
            Who was followed.
        """
        self.shot, self._background = None, self._new_background()
        self._latest.clear()
        return self.following.end_all()

    def shown(self, online: bool, waiting: int, dropped: int) -> LiveCamera:
        """What is shown of it now."""
        fps, latency_ms = self.speed()
        return LiveCamera(
            camera=self.camera, at=None if self.shot is None else _moment(self.shot.arrival),
            written_at=dt.datetime.now(dt.UTC), online=online, fps=round(fps, 2), latency_ms=round(latency_ms, 1),
            queue=waiting, dropped=dropped,
            tracks=tuple(_shown(track) for track in self.following.tracks if track.present),
        )  # fmt: skip

    def speed(self) -> tuple[float, float]:
        """Frames a second, and milliseconds from arrival to tracks, over the last seconds."""
        now = time.monotonic()
        while self._latest and now - self._latest[0][0] > _LAST_S:
            self._latest.popleft()
        if not self._latest:
            return 0.0, 0.0
        return len(self._latest) / _LAST_S, 1e3 * float(np.median([took for _, took in self._latest]))

    def _look(self, shot: Shot, thumb: Thumb) -> list[Followed]:
        began, detector, ts = time.perf_counter(), self._eyes.detector, shot.arrival.monotonic
        picture = shot.frame.rgb(detector.input_size)
        found = animals_in(detector, picture, self._params.watch.score_low)
        features = np.stack([appearance(_cut(picture, box)) for box in found.boxes]) if len(found) else None
        found = Detections(np.clip(found.boxes, 0, 1), found.scores, found.classes)
        metrics.INFERENCE_SECONDS.labels(self.camera, "detect").observe(time.perf_counter() - began)
        again = self.following.found_again
        tracks = self.following.look(shot.arrival, found, features, thumb)
        metrics.REASSIGNMENTS.labels(self.camera).inc(self.following.found_again - again)
        self._looked_at = ts
        return tracks

    def _stirring(self, ts: float, movement: float) -> float:
        """Share of the frames of the last seconds on which anything moved."""
        self._moves.append((ts, movement >= _STIR))
        while ts - self._moves[0][0] > _STIR_S:
            self._moves.popleft()
        return sum(moves for _, moves in self._moves) / len(self._moves)

    def _new_background(self) -> Background:
        return Background(MotionSettings(min_area=self._params.extract.min_movement))


def jpeg(frame: Frame, longest: int, quality: int = 85) -> bytes:
    """A frame as a JPEG, its longer side at most so many pixels."""
    _, data = cv2.imencode(
        ".jpg", cv2.cvtColor(frame.rgb(longest), cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    return bytes(data.tobytes())


def _by_kind(settings: Camera) -> Mapping[str, list[list[tuple[float, float]]]]:
    return {kind: settings.zones_of(kind) for kind in sorted({zone_kind(name) for name in settings.zones})}


def _shown(track: Followed) -> LiveTrack:
    x1, y1, x2, y2 = (round(float(side), 4) for side in track.box)
    return LiveTrack(
        track_id=track.number, kind=track.kind, bbox=(x1, y1, x2, y2), confidence=round(track.score, 3),
        cat=None if track.cat == UNKNOWN else track.cat, behaviour=track.life.behaviour, since=track.entered_at,
    )  # fmt: skip


def _moment(arrival: Arrival) -> dt.datetime:
    return dt.datetime.fromtimestamp(arrival.utc, dt.UTC)


def _aspect(frame: Frame) -> float:
    """Width over height of the upright picture."""
    height, width = frame.grey(64).shape
    turned = round(frame.rotation / 90) % 2
    return height / width if turned else width / height


def _cut(picture: Picture, box: NDArray[np.float32]) -> Picture:
    height, width = picture.shape[:2]
    x1, y1, x2, y2 = (box * (width, height, width, height)).round().astype(int)
    return picture[max(0, y1) : max(y1 + 1, y2), max(0, x1) : max(x1 + 1, x2)]
