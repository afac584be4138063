"""What can be read of one photo, or of the moments of one clip, that somebody shows: the night's own networks, without the night around them.

A photo has no movement, no moment before it and none after it: its behaviour comes from pose and looks alone. What the
classifier promises of moments it does not keep of photos, and its own figures say by how much; so far its probabilities are drawn
towards not knowing (`of_a_photo`). How a cat holds itself is not said of a single picture, for nothing says whether it is still.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import cv2
import numpy as np
from numpy.typing import NDArray

from home.ethogram import BEHAVIOURS, OTHER, POSTURES
from models.behaviour.body import Moments
from models.behaviour.classifier import BehaviourReader, ClassifierDescription
from models.behaviour.evidence import Evidence, evidence
from models.behaviour.rules import Polygon
from models.detector.animals import animals_in
from models.detector.letterbox import PAD
from models.detector.predict import Detections, Detector
from models.own_past import OwnPast, strange
from models.pose.predict import PoseReader
from models.posture import NOT_READ, Posture, Usual, posture
from models.tracker import TrackerSettings

__all__ = ["Animal", "Best", "Clock", "Known", "Readers", "found_in", "of_a_photo", "read_photo", "said_of"]

Array = NDArray[np.float64]
Picture = NDArray[np.uint8]

NO_MOVEMENT = "a photo: read from pose and looks alone, no movement is seen"
NO_PAST = "not compared with a past of this cat: there is none for a picture from nowhere in particular"
# Of the classifier that ships, on 338 photos it had not seen (its card): for a classifier that says nothing of photos.
_PHOTO_RIGHT, _PHOTO_TOO_SURE = 0.56, 0.175


@dataclass(frozen=True)
class Readers:
    """The networks, and how they are asked.

    Attributes:
        detector, poses, behaviour: ready to run.
        tracker: how boxes become tracks; `high_score` is the least of a photo's animals too.
        burst_s, burst_fps: of a clip's moments.
    """

    detector: Detector
    poses: PoseReader
    behaviour: BehaviourReader
    tracker: TrackerSettings
    burst_s: float
    burst_fps: float


# Width over height of what a detector is given. OpenVINO compiles a network anew for each shape, which takes longer than a
# hundred looks, and people's pictures have all shapes.
_SHAPES = (4 / 3, 1.0)


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


def found_in(detector: Detector, picture: Picture, confidence: float) -> Detections:
    """The animals of a picture of any shape, looked at with a grey border that makes it one of few shapes.

    Args:
        detector: that looks.
        picture: RGB `uint8 [h,w,3]`, upright.
        confidence: lowest score to return, 0..1.
    """
    small = _small(picture, detector.input_size)
    height, width = small.shape[:2]
    shape = next((each for each in _SHAPES if max(height, width) / min(height, width) > each - 0.02), 1.0)
    rows, columns = (
        (max(height, round(width / shape)), width) if width >= height else (height, max(width, round(height / shape)))
    )
    framed = np.full((rows, columns, 3), PAD, np.uint8)
    top, left = (rows - height) // 2, (columns - width) // 2
    framed[top : top + height, left : left + width] = small
    found = animals_in(detector, framed, confidence)
    boxes = (found.boxes * (columns, rows, columns, rows) - (left, top, left, top)) / (width, height, width, height)
    boxes = np.clip(boxes, 0, 1).astype(np.float32)
    inside = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
    return Detections(boxes[inside], found.scores[inside], found.classes[inside])


def _small(picture: Picture, longest: int) -> Picture:
    height, width = picture.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return picture
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def of_a_photo(told: Array, description: ClassifierDescription) -> Array:
    """Probabilities `[N,K]` of single photos, as sure as photos of the same network turned out to be right.

    They are mixed with not knowing (each behaviour alike), so that their mean certainty is the share that was right: with
    a share `r` right and a mean certainty of `r + e` (the calibration error of a network that is too sure), a part
    `(r - 1/K) / (r + e - 1/K)` of them is kept.
    """
    even = 1 / told.shape[1]
    right = description.metric.get("photos_macro_f1", _PHOTO_RIGHT)
    sure = right + description.metric.get("photos_ece", _PHOTO_TOO_SURE)
    kept = np.clip((right - even) / max(sure - even, 1e-6), 0, 1)
    return np.asarray(kept * told + (1 - kept) * even)


def read_photo(readers: Readers, picture: Picture, clock: Clock, known: Known | None = None) -> list[Animal]:
    """Every animal of a photo, the surest first.

    Args:
        readers: the networks.
        picture: RGB `uint8 [h,w,3]`, upright.
        clock: gets the steps detect, pose, behaviour.
        known: of the cat and the place.
    """
    clock.begin()
    found = found_in(readers.detector, picture, readers.tracker.high_score)
    clock.step("detect")
    read = readers.poses.read(picture, found.boxes, coats_too=False)
    clock.step("pose")
    count, aspect = len(found), picture.shape[1] / picture.shape[0]
    moments = Moments(
        np.zeros(count), np.arange(count), found.boxes.astype(float), aspect, read.keypoints.astype(float),
        looks=read.looks.astype(float),
    )  # fmt: skip
    rows = [[number] for number in range(count)]
    boxes = [
        (found.boxes[n], 0.0, float(found.scores[n]), str(found.classes[n]), read.keypoints[n]) for n in range(count)
    ]
    animals = said_of(readers, moments, rows, boxes, known or Known(), photo=True) if count else []
    clock.step("behaviour")
    return animals


Best = tuple[NDArray[np.float32], float, float, str, NDArray[np.float32]]
"""Where an animal was surest: box, seconds, how sure, class, keypoints."""


def said_of(
    readers: Readers, moments: Moments, groups: Sequence[list[int]], best: Sequence[Best], known: Known, *, photo: bool
) -> list[Animal]:
    """What is said of each animal: of the moments of its group together."""
    own = evidence(moments, known.zones)
    told, names = readers.behaviour.probabilities(own).astype(float), readers.behaviour.description.behaviours
    told = of_a_photo(told, readers.behaviour.description) if photo else told
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
        reasons = [NO_MOVEMENT] if photo else []
        # Why some moments were not read is no reason for what the others say.
        told_why = dict.fromkeys(reason for row in held.reasons for reason in row)
        reasons += [each for each in told_why if scores is None or not each.startswith(NOT_READ)]
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


def _mean(scores: Array) -> list[float] | None:
    """Of the moments of which anything is said."""
    said = scores[np.isfinite(scores).all(axis=1)]
    return [float(score) for score in said.mean(axis=0)] if len(said) else None


def _clearest(held: Posture, scores: list[float] | None) -> str | None:
    return None if scores is None else Posture(np.array([scores]), held.comfort[:1], ((),)).names()[0]


def _middle(values: Array) -> float | None:
    said = values[np.isfinite(values)]
    return float(np.median(said)) if len(said) else None
