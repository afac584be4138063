"""The animals and people of one camera, from frame to frame: who they are, since when, where, and when they are gone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from home.ethogram import UNKNOWN
from home.rules import zone_kind
from home.tracks import Ended, TrackRow, key_of
from home.watch_params import WatchParams
from ingest.record.host import Arrival
from ingest.watch.life import Life
from models.behaviour.rules import Polygon, grown, lower_half, zone_cover
from models.detector.predict import Detections
from models.movement_map import moved_around
from models.tracker import Tracker, TrackerSettings

__all__ = ["Followed", "Following", "Thumb"]

STILL_S = 600.0  # an animal that is not found any more where nothing moves is held to be there for so long at most
MARGIN, STIRS = 0.2, 0.01  # as the night judges whether it moves around an animal (`pose.min_movement`)
CHANGED = (
    4.0  # grey levels by which the place of an animal differs on average once it is gone; noise and breathing: 1 or 2
)
LOST_S = 1.0  # one that is not found for so long while it moves there is out of sight
_STEP_S = 5.0  # two frames further apart than this tell nothing of the time between


@dataclass(frozen=True)
class Thumb:
    """A frame, small: where it moves (`models.movement_map`), and grey `uint8 [h,w]`, upright."""

    moved: bytes
    grey: NDArray[np.uint8]

    def cut(self, box: NDArray[np.float32]) -> NDArray[np.uint8]:
        """The part of it in a box."""
        height, width = self.grey.shape
        x1, y1, x2, y2 = (box * (width, height, width, height)).round().astype(int)
        return self.grey[max(0, y1) : max(y1 + 1, y2), max(0, x1) : max(x1 + 1, x2)]


@dataclass
class Followed:
    """One track.

    Attributes:
        key, camera, number, kind, entered_at: as in `home.tracks.TrackRow`.
        began, seen, found: seconds of the monotonic clock: its first frame; the last one on which it was found, or lay
            where nothing moved; the last one on which it was found.
        box: `float32 [4]` x1 y1 x2 y2 in 0..1, the last one.
        score, best: of its last detection, and its highest.
        hits: frames on which it was found.
        present: whether it was there on the last frame.
        stirred: seconds of the monotonic clock: the last frame on which it moved in or around it.
        place: its part of the small grey picture, as it was when it was last found.
        zones: names of those it is in.
        in_zones: seconds in each.
        cat, cat_confidence: who it is.
        life: what was read of it: poses, behaviour, coats.
        fired: rules that have made an event of it.
    """

    key: UUID
    camera: str
    number: int
    kind: str
    entered_at: dt.datetime
    began: float
    seen: float
    found: float
    box: NDArray[np.float32]
    score: float
    best: float
    hits: int = 0
    present: bool = True
    stirred: float = 0.0
    place: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, 0), np.uint8))
    zones: frozenset[str] = frozenset()
    in_zones: dict[str, float] = field(default_factory=dict)
    cat: str = UNKNOWN
    cat_confidence: float = 0.0
    life: Life = field(default_factory=Life)
    fired: set[str] = field(default_factory=set)

    @property
    def seen_at(self) -> dt.datetime:
        """When it was last there: its begin and the time that passed, whatever became of the clock on the wall."""
        return self.entered_at + dt.timedelta(seconds=self.seen - self.began)

    def row(self, ended: Ended = "") -> TrackRow:
        """Its summary, as it is now or, with a reason, at its end."""
        return TrackRow(
            key=self.key, camera=self.camera, track_id=self.number, kind=self.kind, entered_at=self.entered_at,
            seen_at=self.seen_at, left_at=self.seen_at if ended else None, ended=ended,
            duration_s=round(self.seen - self.began, 3), cat=self.cat, confidence=round(self.best, 4),
            bbox=tuple(round(float(side), 5) for side in self.box),
            behaviours={name: round(seconds, 1) for name, seconds in self.life.behaviours.items()},
            zones={name: round(seconds, 1) for name, seconds in self.in_zones.items()},
        )  # fmt: skip


class Following:
    """Follows whatever one camera sees.

    Args:
        camera: its id.
        params: of watching.
        zones: its polygons by name.
        last_number: the highest number that one of its tracks ever had.

    Attributes:
        found_again: how often a track went on elsewhere, by place and looks.
    """

    def __init__(self, camera: str, params: WatchParams, zones: Mapping[str, Polygon], last_number: int = 0) -> None:
        self._camera, self._params, self._zones = camera, params, zones
        self._last = last_number
        self.found_again = 0
        self._tracker = self._new_tracker()
        self._tracks: dict[int, Followed] = {}

    @property
    def tracks(self) -> list[Followed]:
        """Those that count: found on as many frames as it takes."""
        return [track for track in self._tracks.values() if track.hits >= self._params.sightings]

    def resume(self, rows: Iterable[TrackRow], fired: Mapping[int, set[str]], now: Arrival) -> None:
        """Take on tracks of a watcher that ended a moment ago; they are lost until they are found."""
        for row in rows:
            seen = now.monotonic - max(0.0, now.utc - row.seen_at.timestamp())
            box = np.array(row.bbox, np.float32)
            self._tracks[row.track_id] = Followed(
                key=row.key, camera=row.camera, number=row.track_id, kind=row.kind, entered_at=row.entered_at,
                began=seen - row.duration_s, seen=seen, found=seen, box=box, score=0.0, best=row.confidence,
                hits=self._params.sightings, present=False, in_zones=dict(row.zones), cat=row.cat,
                life=Life(behaviours=dict(row.behaviours)), fired=set(fired.get(row.track_id, ())),
            )  # fmt: skip
            self._tracker.resume(row.track_id, seen, box)
            self._last = max(self._last, row.track_id)

    def look(
        self, arrival: Arrival, found: Detections, looks: NDArray[np.float32] | None, thumb: Thumb
    ) -> list[Followed]:
        """Take in a frame that the detector has seen.

        Args:
            arrival: of the frame, later than the one before.
            found: on it.
            looks: `float32 [N,D]` appearances.
            thumb: the frame, small.

        Returns:
            The tracks that were found on it, those that do not count yet among them.
        """
        ts, before = arrival.monotonic, self._tracker.found_again
        numbers = self._tracker.update(ts, found.boxes, found.scores, looks)
        self.found_again += self._tracker.found_again - before
        hits = {int(number): index for index, number in enumerate(numbers) if number > 0}
        for number, index in hits.items():
            self._last = max(self._last, number)
            own = self._tracks.get(number)
            if own is None:
                own = self._tracks[number] = self._begin(number, arrival, found, index)
            self._found(own, ts, found, index, thumb)
        self._count([self._tracks[number] for number in hits])
        self._rest([track for number, track in self._tracks.items() if number not in hits], ts, thumb)
        self._around([self._tracks[number] for number in hits], ts, thumb)
        return [self._tracks[number] for number in hits]

    def still(self, arrival: Arrival, thumb: Thumb) -> None:
        """Take in a frame on which nothing moves: whoever was there still is."""
        self._rest(list(self._tracks.values()), arrival.monotonic, thumb)

    def ended(self, now: float) -> list[Followed]:
        """Let those go that were not seen for longer than the cooldown; those that counted are returned."""
        gone = [track for track in self._tracks.values() if now - track.seen > self._params.cooldown_s]
        counted = [track for track in gone if track.hits >= self._params.sightings]
        for track in gone:
            del self._tracks[track.number]
        return counted

    def end_all(self) -> list[Followed]:
        """Let all go: nobody looks any more."""
        counted, self._tracks = self.tracks, {}
        self._tracker = self._new_tracker()
        return counted

    def _new_tracker(self) -> Tracker:
        params = self._params
        settings = TrackerSettings(
            high_score=params.score, low_score=params.score_low, overlap=params.iou, max_gap_s=params.cooldown_s
        )
        return Tracker(settings, self._last)

    def _begin(self, number: int, arrival: Arrival, found: Detections, index: int) -> Followed:
        entered = dt.datetime.fromtimestamp(arrival.utc, dt.UTC)
        return Followed(
            key=key_of(self._camera, number, entered), camera=self._camera, number=number, kind=str(found.classes[index]),
            entered_at=entered, began=arrival.monotonic, seen=arrival.monotonic, found=arrival.monotonic,
            box=found.boxes[index], score=float(found.scores[index]), best=0.0, stirred=arrival.monotonic,
        )  # fmt: skip

    def _found(self, own: Followed, ts: float, found: Detections, index: int, thumb: Thumb) -> None:
        own.box, own.score = found.boxes[index], float(found.scores[index])
        if own.score > own.best:
            own.best, own.kind = own.score, str(found.classes[index])
        own.present, own.found, own.place = True, ts, thumb.cut(own.box)
        self._lived(own, ts)

    def _count(self, there: Sequence[Followed]) -> None:
        """A frame more on which each was found; one that lies within a surer one may be its tail, and counts once it is apart."""
        for own in there:
            surer = [other.box for other in there if other is not own and other.best > own.best]
            own.hits += not any(_within(own.box, box) for box in surer)

    def _rest(self, others: Sequence[Followed], ts: float, thumb: Thumb) -> None:
        """Those that were not found: one whose place looks as it did is still there, for as long as that is likely."""
        lying = []
        for track in others:
            unfound, known = ts - track.found, track.found - track.began
            likely = unfound <= self._params.heartbeat_s + 1 or unfound <= min(known, STILL_S)
            counts = track.present and track.hits >= self._params.sightings
            lies = counts and likely and _differ(thumb.cut(track.box), track.place) < CHANGED
            track.present = lies or (track.present and unfound <= LOST_S)
            if lies:
                lying.append(track.number)
                self._lived(track, ts)
        self._tracker.stay(ts, lying)

    def _lived(self, own: Followed, ts: float) -> None:
        """It was there from the last time it was seen until now."""
        passed = ts - own.seen if ts - own.seen <= _STEP_S else 0.0
        own.zones = self._zones_of(own.box)
        for zone in own.zones:
            own.in_zones[zone] = own.in_zones.get(zone, 0.0) + passed
        own.life.passed(passed)
        own.seen = ts

    def _around(self, tracks: Sequence[Followed], ts: float, thumb: Thumb) -> None:
        if tracks:
            moves = moved_around(thumb.moved, np.stack([track.box for track in tracks]), MARGIN) >= STIRS
            for track, stirs in zip(tracks, moves, strict=True):
                track.stirred = ts if stirs else track.stirred

    def _zones_of(self, box: NDArray[np.float32]) -> frozenset[str]:
        """Zones that an animal in this box is in, as the night's rules have it: at a bowl, with its feet in the others."""
        own, feet = box[None], lower_half(box[None])
        inside = set()
        for name, polygon in self._zones.items():
            if zone_kind(name) == "food_bowl":
                there = bool(zone_cover(grown(own, 0.1), [polygon]).zone[0] >= 0.3)
            else:
                there = bool(zone_cover(feet, [polygon]).box[0] >= 0.5)
            inside |= {name} if there else set()
        return frozenset(inside)


def _within(inner: NDArray[np.float32], outer: NDArray[np.float32]) -> bool:
    """Whether nine tenths of a box lie in another."""
    sides = np.clip(np.minimum(inner[2:], outer[2:]) - np.maximum(inner[:2], outer[:2]), 0, None)
    return float(sides.prod()) >= 0.9 * float((inner[2:] - inner[:2]).prod())


def _differ(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """Mean difference of two pictures, grey levels; of another size they are not the same place."""
    if first.shape != second.shape or not first.size:
        return 255.0
    return float(np.abs(first.astype(np.int16) - second).mean())
