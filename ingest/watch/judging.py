"""From what is followed to events: a rule of home.yaml that holds for a track makes one, once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from uuid import UUID, uuid5

from home.ethogram import UNKNOWN
from home.event_payloads import CatPayload, HumanPayload, WildlifePayload
from home.events import Event
from home.folder import Home
from home.rules import Rule, in_hours, matches
from ingest.record.host import Arrival
from ingest.watch.following import Followed
from ingest.watch.inbox import Shot
from ingest.watch.reading import CAT

__all__ = ["Judge", "event_id"]

PEOPLE = ("person", "human")
FLICKER_S = 2.0  # what does not hold for so long holds still: a box that is lost for some frames, an edge of a zone
NAME_WITHIN_S = 1.0  # an event waits so long for a name, in a home whose cats are known by photos
_SPACE = UUID("0f0b3b1e-93a8-5b0c-8a2f-9f6f2f7d4c11")


def event_id(track: UUID, rule: str) -> UUID:
    """The id of the event that a rule makes of a track: the same, however often it is made."""
    return uuid5(_SPACE, f"{track} {rule}")


class Judge:
    """Holds the rules of a home against tracks.

    Args:
        home: whose rules, zones and clock.
        names: whether cats are known by photos.
    """

    def __init__(self, home: Home, names: bool) -> None:
        self._rules: Mapping[str, Rule] = home.config.rules
        self._zone, self._names, self._strangers_at = home.zone, names, home.params.watch.coats
        # By track and rule: since when it holds, and when it last held, seconds of the monotonic clock.
        self._held: dict[tuple[UUID, str], tuple[float, float]] = {}

    def events(self, track: Followed, shot: Shot, latency_ms: float) -> list[Event]:
        """The events that a track makes with a frame.

        Args:
            track: as it is on the frame.
            shot: the frame.
            latency_ms: from its arrival until now.
        """
        ts, made = shot.arrival.monotonic, []
        for name, rule in self._rules.items():
            if name in track.fired:
                continue
            key = (track.key, name)
            since, last = self._held.get(key, (ts, ts))
            if self._holds(rule, track, shot.arrival):
                since = ts if ts - last > FLICKER_S else since
                self._held[key] = since, ts
                if ts - since >= rule.duration_s and not self._waits(track, ts):
                    track.fired.add(name)
                    made.append(_event(track, name, rule, shot, latency_ms))
            elif ts - last > FLICKER_S:
                self._held.pop(key, None)
        return made

    def forget(self, track: Followed) -> None:
        """A track has ended."""
        for name in self._rules:
            self._held.pop((track.key, name), None)

    def _holds(self, rule: Rule, track: Followed, arrival: Arrival) -> bool:
        if rule.kind != track.kind or not track.present or (rule.cameras and track.camera not in rule.cameras):
            return False
        if rule.zone is not None and not any(matches(rule.zone, zone) for zone in track.zones):
            return False
        if rule.behaviour is not None and rule.behaviour != track.life.behaviour:
            return False
        if rule.cat is not None and not self._is(track, rule.cat):
            return False
        return in_hours(rule.hours, dt.datetime.fromtimestamp(arrival.utc, dt.UTC), self._zone)

    def _is(self, track: Followed, cat: str) -> bool:
        """Whether it is that cat; unknown is only who was looked at often enough to be known, were it one of ours."""
        if cat != UNKNOWN:
            return track.cat == cat
        return track.cat == UNKNOWN and track.life.asked >= self._strangers_at

    def _waits(self, track: Followed, ts: float) -> bool:
        return self._names and track.kind == CAT and track.cat == UNKNOWN and ts - track.began < NAME_WITHIN_S


def _event(track: Followed, name: str, rule: Rule, shot: Shot, latency_ms: float) -> Event:
    x1, y1, x2, y2 = (round(min(max(float(side), 0.0), 1.0), 5) for side in track.box)
    payload: CatPayload | HumanPayload | WildlifePayload
    if track.kind == CAT:
        payload = CatPayload(identity=track.cat, behaviour=track.life.behaviour)
    elif track.kind in PEOPLE:
        payload = HumanPayload(risk_level=rule.risk)
    else:
        payload = WildlifePayload(species=track.kind, species_confidence=round(track.best, 4), threat_level=rule.risk)
    return Event(
        event_id=event_id(track.key, name), stream_id=track.camera, track_id=track.number,
        timestamp_utc=dt.datetime.fromtimestamp(shot.arrival.utc, dt.UTC), frame_index=shot.index,
        bbox=(x1, y1, x2, y2) if x1 < x2 and y1 < y2 else None, confidence=round(track.score, 4),
        inference_latency_ms=round(latency_ms, 1), gpu_enabled=False, rule=name, payload=payload,
    )  # fmt: skip
