"""What can be read of one photo, or of the moments of one clip, that somebody shows: the night's own networks, without the night around them.

A photo has no movement, no moment before it and none after it: what a cat does on it is read by a reader of its own
(`models.photo`), and zones count as they do for the classifier of moments (`of_a_photo`). How a cat holds itself is not said of
a single picture, for nothing says whether it is still.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from home.ethogram import BEHAVIOURS, OTHER, POSTURES
from home.look import listed, mark_of
from models.behaviour.body import Moments
from models.behaviour.classifier import BehaviourReader
from models.behaviour.evidence import Evidence, evidence
from models.behaviour.rules import Polygon
from models.detector.any_shape import found_in
from models.detector.predict import Detector
from models.own_past import OwnPast, strange
from models.photo.predict import PhotoReader
from models.pose.predict import PoseReader
from models.posture import NOT_READ, Posture, Usual, posture
from models.tracker import TrackerSettings

__all__ = ["Animal", "Best", "Clock", "Known", "Readers", "of_a_photo", "of_most", "read_photo", "said_of"]

Array = NDArray[np.float64]
Picture = NDArray[np.uint8]

NO_MOVEMENT = "a photo: no movement is seen, and only {} can be told"
MOSTLY = 0.5  # of the moments: a reason that fewer have says what some moment was like, not the animal
NO_PAST = "not compared with a past of this cat: there is none for a picture from nowhere in particular"
MOST_OF_ZONES = 10.0
"""What zones may make a behaviour of a photo likelier by, or less likely, at most: they are never the whole answer. Our choice."""


@dataclass(frozen=True)
class Readers:
    """The networks, and how they are asked.

    Attributes:
        detector, poses, behaviour: ready to run.
        photos: reads what a cat does on a single photo.
        tracker: how boxes become tracks; `high_score` is the least of a photo's animals too.
        burst_s, burst_fps: of a clip's moments.
    """

    detector: Detector
    poses: PoseReader
    behaviour: BehaviourReader
    photos: PhotoReader
    tracker: TrackerSettings
    burst_s: float
    burst_fps: float


@dataclass(frozen=True)
class Known:
    """What is known of the cat that is shown, and of the place.

    Attributes:
        zones: polygons by kind on that camera.
        usual, past: of the cat on that camera; None where there is none.
        rate: share of ordinary moments that may be called unusual.
    """

    zones: Mapping[str, Sequence[Polygon]] = field(default_factory=dict)
    usual: Usual | None = None
    past: OwnPast | None = None
    rate: float = 0.01


@dataclass(frozen=True)
class Animal:
    """One animal of a photo or clip.

    Attributes:
        box: `[4]` x1 y1 x2 y2 in 0..1; in a clip where it was surest.
        at: seconds at which it was there.
        seen: of the box, 0..1.
        species: the detector's class.
        keypoints: `[20,3]` x y in 0..1, confidence, at that time.
        behaviour: the likeliest.
        probabilities: of each behaviour, sum 1.
        posture: None where nothing is said or nothing is clear.
        postures: scores of each posture, 0..1, each by itself; empty where nothing is said.
        comfort: 0..1; None where nothing is said.
        unusual: whether it is unusual for this cat; None for a cat without a past.
        anomaly: 0..1, None likewise.
        reasons: in words.
        moments: that were read of it.
        first, last: seconds between which it was seen.
    """

    box: NDArray[np.float32]
    at: float
    seen: float
    species: str
    keypoints: NDArray[np.float32]
    behaviour: str
    probabilities: dict[str, float]
    posture: str | None
    postures: dict[str, float]
    comfort: float | None
    unusual: bool | None
    anomaly: float | None
    reasons: tuple[str, ...]
    moments: int
    first: float
    last: float


class Clock:
    """Milliseconds by step."""

    def __init__(self) -> None:
        self.ms: dict[str, float] = defaultdict(float)
        self._last = perf_counter()

    def begin(self) -> None:
        """What was done until now is no step."""
        self._last = perf_counter()

    def step(self, name: str) -> None:
        """What was done since the last step, or since `begin`."""
        now = perf_counter()
        self.ms[name] += (now - self._last) * 1000
        self._last = now


def of_a_photo(read: Array, there: Array, anywhere: Array, names: Sequence[str]) -> Array:
    """Probabilities of BEHAVIOURS `[N,8]` of a photo whose place is known.

    What the zones say is what they change in the classifier of moments: by how much it finds each behaviour likelier than
    without them, at most by `MOST_OF_ZONES`.

    Args:
        read: from `PhotoReader.probabilities`.
        there, anywhere: what the classifier says with the zones and without them `[N,K]`.
        names: of its behaviours.
    """
    likelier = np.ones_like(read)
    for column, name in enumerate(names):
        if name in BEHAVIOURS:
            ratio = there[:, column] / np.maximum(anywhere[:, column], 1e-9)
            likelier[:, BEHAVIOURS.index(name)] = np.clip(ratio, 1 / MOST_OF_ZONES, MOST_OF_ZONES)
    told = read * likelier
    return np.asarray(told / told.sum(axis=1, keepdims=True))


def read_photo(readers: Readers, picture: Picture, clock: Clock, known: Known | None = None) -> list[Animal]:
    """Every animal of a photo, the surest first.

    Args:
        readers: the networks.
        picture: RGB `uint8 [h,w,3]`, upright.
        clock: gets the steps detect, pose, behaviour.
        known: of the cat and the place.
    """
    clock.begin()
    with ThreadPoolExecutor(
        1
    ) as beside:  # who sends a photo waits for the longer way, not for all looks one after the other
        whole = beside.submit(readers.photos.whole, picture)
        found = found_in(readers.detector, picture, readers.tracker.high_score)
        clock.step("detect")
        told = beside.submit(lambda: readers.photos.probabilities(picture, found.boxes, whole.result()))
        read = readers.poses.read(picture, found.boxes, coats_too=False)
        clock.step("pose")
        photo = told.result()
    count, aspect = len(found), picture.shape[1] / picture.shape[0]
    moments = Moments(
        np.zeros(count), np.arange(count), found.boxes.astype(float), aspect, read.keypoints.astype(float),
        looks=read.looks.astype(float),
    )  # fmt: skip
    rows = [[number] for number in range(count)]
    boxes = [
        (found.boxes[n], 0.0, float(found.scores[n]), str(found.classes[n]), read.keypoints[n]) for n in range(count)
    ]
    animals = said_of(readers, moments, rows, boxes, known or Known(), photo) if count else []
    clock.step("behaviour")
    return animals


Best = tuple[NDArray[np.float32], float, float, str, NDArray[np.float32]]
"""Where an animal was surest: box, seconds, how sure, class, keypoints."""


def said_of(
    readers: Readers,
    moments: Moments,
    groups: Sequence[list[int]],
    best: Sequence[Best],
    known: Known,
    photo: Array | None = None,
) -> list[Animal]:
    """What is said of each animal: of the moments of its group together; `photo`: what was read of each if they are of a photo."""
    own = evidence(moments, known.zones)
    if photo is None:
        told, names = readers.behaviour.probabilities(own).astype(float), readers.behaviour.description.behaviours
    else:
        told, names = _photo_told(readers, moments, own, known, photo), list(BEHAVIOURS)
    places = np.array([BEHAVIOURS.index(name) if name in BEHAVIOURS else -1 for name in names], np.int8)
    animals = []
    for rows, (box, at, seen, species, keypoints) in zip(groups, best, strict=True):
        mean = told[rows].mean(axis=0)
        top = int(mean.argmax())
        part = Evidence(own.values[rows], own.known[rows], own.names)
        doing = places[told[rows].argmax(axis=1)]
        held = posture(part, doing, known.usual)
        odd = strange(part, np.where(doing < 0, OTHER, doing), known.past)
        said = np.isfinite(odd.p)
        anomaly = float(odd.anomaly[said].max()) if said.any() else None
        unusual = bool(odd.alarms(known.rate / int(said.sum()))[said].any()) if said.any() else None
        scores = _mean(held.scores)
        reasons = [] if photo is None else [_only(readers.photos.behaviours)]
        reasons += of_most(held.reasons, scores is not None)
        reasons += [NO_PAST] if unusual is None else []
        if unusual:
            reasons += dict.fromkeys(part for row, flag in zip(odd.parts, said, strict=True) if flag for part in row)
        animals.append(
            Animal(
                box=box, at=at, seen=seen, species=species, keypoints=keypoints, behaviour=names[top],
                probabilities={name: float(share) for name, share in zip(names, mean, strict=True)},
                posture=_clearest(held, scores), postures={} if scores is None else dict(zip(POSTURES, scores, strict=True)),
                comfort=_middle(held.comfort), unusual=unusual, anomaly=anomaly, reasons=tuple(reasons),
                moments=len(rows), first=float(moments.ts[rows[0]]), last=float(moments.ts[rows[-1]]),
            )
        )  # fmt: skip
    return sorted(animals, key=lambda animal: -animal.seen)


def _only(behaviours: Sequence[str]) -> str:
    """What a photo cannot tell, in words."""
    return NO_MOVEMENT.format(listed(mark_of(name).label.lower() for name in behaviours))


def of_most(reasons: Sequence[Sequence[str]], read: bool) -> list[str]:
    """The reasons that most moments share, the most frequent in any case.

    Args:
        reasons: of each moment.
        read: whether any was read: why others were not is then no reason for what it says.
    """
    own = [[each for each in row if not (read and each.startswith(NOT_READ))] for row in reasons]
    counts = Counter(each for row in own for each in row)
    least = min(MOSTLY * sum(bool(row) for row in own), max(counts.values(), default=0))
    return [each for each, count in counts.items() if count >= least]


def _photo_told(readers: Readers, moments: Moments, own: Evidence, known: Known, photo: Array) -> Array:
    if not known.zones:
        return photo
    there, anywhere = (readers.behaviour.probabilities(each).astype(float) for each in (own, evidence(moments)))
    return of_a_photo(photo, there, anywhere, readers.behaviour.description.behaviours)


def _mean(scores: Array) -> list[float] | None:
    """Of the moments of which anything is said."""
    said = scores[np.isfinite(scores).all(axis=1)]
    return [float(score) for score in said.mean(axis=0)] if len(said) else None


def _clearest(held: Posture, scores: list[float] | None) -> str | None:
    return None if scores is None else Posture(np.array([scores]), held.comfort[:1], ((),)).names()[0]


def _middle(values: Array) -> float | None:
    said = values[np.isfinite(values)]
    return float(np.median(said)) if len(said) else None
