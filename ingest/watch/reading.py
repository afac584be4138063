"""Pose, behaviour and name of the animals that are followed: only where it is needed, and more rarely than frames come.

A moment is what it is by night: a sample and, where the animal moves, the frames of the burst after it. The night's own
classifier reads it. What it lacks is the future (what came next, how long it lies still), the pass over the whole day, and
what the night knows of how rare each behaviour is in a life: here all begin alike, so that rare ones are told at all.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from home.ethogram import UNKNOWN
from home.frame import Frame, Picture
from home.params import Params
from ingest.watch import metrics
from ingest.watch.following import Followed
from ingest.watch.life import Life, Look
from models.behaviour.classifier import BehaviourReader
from models.behaviour.evidence import Evidence, evidence
from models.behaviour.rules import Polygon
from models.identity import Recogniser, named
from models.pose.predict import PoseReader

__all__ = ["Reading", "name_all"]

CAT = "cat"
STIRRED_S = 1.0  # a burst is read while it moves, and so long after: a cat that eats pauses
_SOONER = 5.0  # so many times as often while nobody knows yet who it is


@dataclass
class Reading:
    """Reads the animals of one camera.

    Attributes:
        camera: its id.
        params: of the home.
        zones: its polygons by kind.
        poses, behaviours, recogniser: the networks and the home's gallery; None where there is none.
    """

    camera: str
    params: Params
    zones: Mapping[str, Sequence[Polygon]]
    poses: PoseReader | None
    behaviours: BehaviourReader | None
    recogniser: Recogniser | None

    def read(self, tracks: Sequence[Followed], frame: Frame, ts: float, stirring: float) -> bool:
        """Read those of a frame's tracks that are due.

        Args:
            tracks: that were found on it.
            frame: at full resolution.
            ts: seconds of the monotonic clock.
            stirring: share of the frames of the last seconds on which anything moved, 0..1.

        Returns:
            Whether one of them may have a name now that it had not before: there is a coat more.
        """
        picture: Picture | None = None
        coats = False
        for track in tracks:
            if self.poses is None or track.kind != CAT or not self._is_due(track, ts):
                continue
            picture = frame.rgb() if picture is None else picture
            coats |= self._read(track, picture, ts, stirring)
        return coats

    def settle(self, tracks: Sequence[Followed], ts: float, aspect: float) -> None:
        """Say what those do whose moment is complete."""
        for track in tracks:
            look = track.life.looks[-1] if track.life.looks else None
            if look is not None and look.open and ts - look.ts >= self.params.pose.burst_s:
                look.open = False
                self._behaves(track.life, aspect)

    def _is_due(self, track: Followed, ts: float) -> bool:
        look = track.life.looks[-1] if track.life.looks else None
        if look is None:
            return True
        if look.open:
            last = look.burst[-1][0] if look.burst else 0.0
            return ts - track.stirred <= STIRRED_S and ts - look.ts - last >= 0.75 / self.params.pose.burst_fps
        every = self.params.watch.pose_every_s
        unnamed = (
            self.recogniser is not None and track.cat == UNKNOWN and len(track.life.coats) < self.params.watch.coats
        )
        return ts - look.ts >= (every / _SOONER if unnamed else every)

    def _read(self, track: Followed, picture: Picture, ts: float, stirring: float) -> bool:
        assert self.poses is not None
        began, life = time.perf_counter(), track.life
        sample = not life.looks or not life.looks[-1].open
        wants_coat = sample and self.recogniser is not None
        read = self.poses.read(picture, track.box[None], coats_too=wants_coat)
        if sample:
            life.looks.append(Look(ts, track.box, read.keypoints[0], read.looks[0], stirring))
            if wants_coat:
                life.coats.append(read.coats[0])
                life.weights.append(float(read.keypoints[0][:, 2].mean()))
        else:
            life.looks[-1].burst.append((ts - life.looks[-1].ts, track.box, read.keypoints[0]))
        metrics.INFERENCE_SECONDS.labels(self.camera, "pose").observe(time.perf_counter() - began)
        return wants_coat

    def _behaves(self, life: Life, aspect: float) -> None:
        """The mean of what is said of its last moments."""
        if self.behaviours is None:
            return
        began = time.perf_counter()
        own = evidence(life.moments(aspect), self.zones)
        newest = Evidence(own.values[-1:], own.known[-1:], own.names)
        life.told.append(self.behaviours.probabilities(newest)[0].astype(float))
        while len(life.told) > self.params.watch.behaviour_moments:
            life.told.popleft()
        told, names = np.mean(life.told, axis=0), self.behaviours.description.behaviours
        life.behaviour = names[int(told.argmax())] if told.max() >= self.params.watch.behaviour_least else ""
        metrics.INFERENCE_SECONDS.labels(self.camera, "behaviour").observe(time.perf_counter() - began)


def name_all(recogniser: Recogniser, tracks: Sequence[Followed], rooms: Mapping[str, str], least: float) -> None:
    """Say which cats these are, by all coats of each; whoever is one of them is none of the others that are elsewhere now.

    Args:
        recogniser: the home's gallery.
        tracks: all that are there now, of all cameras.
        rooms: by camera; empty where not known.
        least: probability that a name needs.
    """
    asked = [track for track in tracks if track.life.coats]
    if not asked:
        return
    began = time.perf_counter()
    ratios = np.stack([
        recogniser.track(np.stack(track.life.coats), np.array(track.life.weights)) for track in asked
    ])  # fmt: skip
    apart = [
        frozenset(index for index, other in enumerate(asked) if other is not own and _are_two(own, other, rooms))
        for own in asked
    ]
    cats, sure = named(ratios, apart, least=least)
    for track, cat, confidence in zip(asked, cats, sure, strict=True):
        track.cat = recogniser.names[cat] if cat >= 0 else UNKNOWN
        track.cat_confidence, track.life.asked = float(confidence), len(track.life.coats)
    metrics.INFERENCE_SECONDS.labels(asked[0].camera, "identity").observe(time.perf_counter() - began)


def _are_two(own: Followed, other: Followed, rooms: Mapping[str, str]) -> bool:
    """Whether they are certainly two animals: both there now, on one camera or in two rooms."""
    if not (own.present and other.present):
        return False
    mine, theirs = rooms.get(own.camera, ""), rooms.get(other.camera, "")
    return own.camera == other.camera or bool(mine and theirs and mine != theirs)
