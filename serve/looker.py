"""The networks of a home, loaded once and asked by all: what is seen on a photo or clip that somebody sends."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from home.champion import behaviour_model
from home.errors import CatMLError, WrongUse
from home.ethogram import UNKNOWN, known_cat
from home.folder import Home, today
from home.nested import array_of
from home.tables import REMEMBERED
from models.behaviour.classifier import BehaviourReader
from models.behaviour.evidence import ZONE_KINDS
from models.clip_glance import ClipReader
from models.detector.any_shape import found_in
from models.detector.modes import Mode
from models.detector.predict import Detector
from models.glance import Animal, Clock, Known, Readers, read_photo
from models.photo.predict import PhotoReader
from models.pose.predict import PoseReader
from models.remembered import NUMBERS, known_of
from models.remembered import Known as OfCat
from models.tracker import TrackerSettings
from serve.decoding import Decoders
from serve.kinds import Kind
from serve.lanes import Lanes
from serve.problems import Problem

__all__ = ["Looked", "Looker"]

_WARM = ((336, 448), (448, 448), (448, 336))
"""Height and width of the shapes that pictures come in (`models.glance`)."""


@dataclass
class Looked:
    """What was seen.

    Attributes:
        animals: the surest first.
        facts: of the file, as `serve.decoding.Decoded` has them.
        picture: RGB `uint8 [h,w,3]`: the photo, or the frame of the clip with the surest animal; scaled down.
        at: seconds at which that frame is.
        frames: that were looked at.
        ms: milliseconds by step.
    """

    animals: list[Animal]
    facts: dict[str, float]
    picture: NDArray[np.uint8]
    at: float
    frames: int
    ms: dict[str, float] = field(default_factory=dict)


class Looker:
    """Looks at what is sent.

    Args:
        home: whose networks and parameters are taken. Nothing is loaded before it is needed.
    """

    def __init__(self, home: Home) -> None:
        self._home, params = home, home.params.serve
        self.lanes = Lanes(params)
        self._photos, self._clips = Decoders(params, params.photos_at_once), Decoders(params, 1)
        self._callers = params.photos_at_once + 1
        self._loading, self._closed = threading.Lock(), False
        self._detectors: dict[Mode, Detector] = {}
        self._poses: PoseReader | None = None
        self._of_photos: PhotoReader | None = None
        self._behaviour: tuple[Path, BehaviourReader] | None = None
        self.state = "not asked for yet"
        """Of the networks: this, `loading`, `ok`, `left out` where the home reads no behaviour, or what is wrong."""

    def readers(self, mode: Mode) -> Readers:
        """The networks; loaded by whoever asks first, while others wait.

        Raises:
            Problem: the home reads no pose or no behaviour.
            ModelError: one cannot be loaded.
        """
        params = self._home.params
        if not params.pose.model or not params.behave.model:
            self.state = "left out"
            raise Problem(
                503,
                "no-model",
                "This home reads no behaviour",
                "params.yaml names no `pose.model` or no `behave.model`.",
            )
        with self._loading:
            try:
                detector, poses, behaviour, photos = self._loaded(mode)
            except CatMLError as error:
                self.state = f"cannot be loaded ({type(error).__name__})"
                raise
            self.state = "ok"
        detect, pose = params.detect, params.pose
        tracker = TrackerSettings(detect.confidence, detect.confidence_low, detect.max_gap_s)
        return Readers(detector, poses, behaviour, photos, tracker, pose.burst_s or 2.0, pose.burst_fps)

    def _loaded(self, mode: Mode) -> tuple[Detector, PoseReader, BehaviourReader, PhotoReader]:
        params = self._home.params
        if mode not in self._detectors:
            self.state = "loading"
            named = self._home.file(params.detect.model)
            self._detectors[mode] = Detector.load(
                str(named) if named.exists() else params.detect.model, threads=1, classes=params.detect.classes,
                cache=self._cache, runtime=params.detect.runtime, mode=mode, callers=self._callers,
            )  # fmt: skip
        if self._poses is None:
            file = self._home.file(params.pose.model)
            self._poses = PoseReader.load(
                file, threads=1, cache=self._cache, runtime=params.pose.runtime, callers=self._callers
            )
        if self._of_photos is None:
            self._of_photos = PhotoReader.load(runtime=params.pose.runtime, callers=self._callers)
        file = behaviour_model(self._home)
        if self._behaviour is None or self._behaviour[0] != file:  # the owner may have promoted another one
            self._behaviour = file, BehaviourReader.load(file)
        return self._detectors[mode], self._poses, self._behaviour[1], self._of_photos

    def known(self, camera: str | None, cat: str | None) -> Known:
        """What is known of the place and the cat that are shown.

        Args:
            camera: its id.
            cat: id or name; it is compared with its own past on that camera.

        Raises:
            WrongUse: the home has no such camera or cat, or a cat without a camera is named.
        """
        params = self._home.params.behave
        if camera is None:
            if cat is not None:
                raise WrongUse("`cat` needs `camera` beside it: a cat's past is that on one camera")
            return Known(rate=params.unusual_rate)
        settings = self._home.camera(camera)
        zones = {kind: settings.zones_of(kind) for kind in ZONE_KINDS}
        names = {key: each.name for key, each in self._home.config.cats.items()}
        own = None if cat is None else self._past(camera, known_cat(cat, names))
        return Known(zones, own.usual if own else None, own.past if own else None, params.unusual_rate)

    def _past(self, camera: str, cat: str) -> OfCat | None:
        """What the last days say of a cat: those that today's pose network and the newest day's classifier have read."""
        last, days = today(self._home), self._home.params.behave.past_days
        notes = {
            date: self._home.tables.notes(REMEMBERED, date, camera)
            for date in (last - dt.timedelta(days=number) for number in range(1, days + 1))
        }
        there = [date for date, told in notes.items() if told]
        network = self.readers("fast").poses.weights[:16]
        same = {"eyes": notes[there[0]].get("eyes"), "network": network} if there else {}
        read = [date for date in there if all(notes[date].get(name) == value for name, value in same.items())]
        parts = [self._home.tables.read(REMEMBERED, date, camera).assign(day=date.toordinal()) for date in read]
        rows = pd.concat(parts, ignore_index=True) if parts else REMEMBERED.empty().assign(day=0)
        rows = rows[rows["cat"] == cat]
        if rows.empty or cat == UNKNOWN:
            return None
        numbers = array_of(rows["numbers"], (len(NUMBERS),))
        name = self._home.config.cats[cat].name
        return known_of(numbers, rows["behaviour"].tolist(), rows["day"].to_numpy(np.int64), name)

    def decoded(self, file: BinaryIO, kind: Kind) -> tuple[NDArray[np.uint8], dict[str, float]]:
        """A photo's picture, RGB `uint8 [h,w,3]` upright and scaled down, and the facts of its file.

        Raises:
            Problem: it cannot be decoded.
        """
        with self._photos.decode(file, kind, 1.0) as decoded:
            (shot,) = decoded
        return shot.picture, decoded.facts

    def photo(self, file: BinaryIO, kind: Kind, mode: Mode, known: Known) -> Looked:
        """Look at a photo.

        Raises:
            Problem: it cannot be decoded, or as `readers`.
            ModelError: as `readers`.
        """
        readers, clock, begun = self.readers(mode), Clock(), perf_counter()
        picture, facts = self.decoded(file, kind)
        ms = {"decode": (perf_counter() - begun) * 1000}
        animals = read_photo(readers, picture, clock, known)
        return Looked(animals, facts, picture, 0.0, 1, ms | clock.ms)

    def size(self, file: BinaryIO, kind: Kind) -> tuple[int, int]:
        """Width and height of a photo in pixels, upright, after all of it was decoded.

        Raises:
            Problem: it cannot be decoded.
        """
        with self._photos.decode(file, kind, 1.0) as decoded:
            for _ in decoded:
                pass
        return int(decoded.facts["width"]), int(decoded.facts["height"])

    def clip(self, file: BinaryIO, kind: Kind, mode: Mode, known: Known) -> Looked:
        """Look at a clip, as it is decoded; photos go first.

        Raises:
            Problem: it cannot be decoded, or as `readers`.
            ModelError: as `readers`.
        """
        readers, clock = self.readers(mode), Clock()
        reader, begun, best, count = ClipReader(readers, clock, known), perf_counter(), -1.0, 0
        with self._clips.decode(file, kind, readers.burst_fps) as decoded:
            for shot in decoded:
                sure, count = reader.look(shot.at, shot.picture), count + 1
                if sure > best:
                    best, picture, at = sure, shot.picture, shot.at
                self.lanes.give_way()
        spent = (perf_counter() - begun) * 1000 - sum(clock.ms.values())
        animals = reader.animals()
        return Looked(animals, decoded.facts, picture, at, count, {"decode": spent} | clock.ms)

    def warm(self, told: Callable[[str], None] = lambda _: None) -> None:
        """Load all there is, so that the first who asks need not wait; what cannot be loaded is told."""
        try:
            self._photos.warm()
            for mode in ("fast", "accurate"):
                readers = self.readers(mode)
                for height, width in _WARM:
                    found_in(readers.detector, np.zeros((height, width, 3), np.uint8), 0.5)
            box = np.array([[0.2, 0.2, 0.8, 0.8]], np.float32)
            nothing = np.zeros((64, 64, 3), np.uint8)
            readers.poses.read(nothing, box, coats_too=False)
            readers.photos.probabilities(nothing, box)
        except (CatMLError, Problem) as error:
            if not self._closed:
                told(str(error))

    def close(self) -> None:
        """End the decoders and begin nothing any more."""
        self._closed = True
        self.lanes.close()
        self._photos.close()
        self._clips.close()

    @property
    def _cache(self) -> Path:
        return self._home.root / "data" / "cache" / "models"
