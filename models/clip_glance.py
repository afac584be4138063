"""What can be read of one clip that somebody shows.

It is looked at throughout: samples with a burst behind each, as the night has them, only that the next sample follows at once.
Its animals are followed as the night follows them, and what their moments say is averaged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.appearance import appearance
from models.behaviour.body import POINTS, Moments
from models.detector.any_shape import found_in
from models.detector.predict import Detections
from models.following import Burst, Look, follow
from models.glance import Animal, Best, Clock, Known, Readers, said_of

__all__ = ["ClipReader"]

Picture = NDArray[np.uint8]


@dataclass
class _Sample:
    at: float
    found: Detections
    features: NDArray[np.float32] | None
    keypoints: NDArray[np.float32]
    looks: NDArray[np.float32]
    # per animal: seconds after the sample, box, keypoints
    burst: list[list[tuple[float, NDArray[np.float32], NDArray[np.float32]]]]
    follower: Burst | None


class ClipReader:
    """Reads a clip, frame by frame as it is decoded; nothing of the pictures is kept.

    Args:
        readers: the networks.
        clock: gets the steps detect, pose, behaviour.
        known: of the cat and the place.
    """

    def __init__(self, readers: Readers, clock: Clock, known: Known | None = None) -> None:
        self._readers, self._clock, self._known = readers, clock, known or Known()
        self._samples: list[_Sample] = []
        self._aspect = 4 / 3

    def look(self, at: float, picture: Picture) -> float:
        """Look at a frame.

        Args:
            at: seconds from the beginning, more than at the call before.
            picture: RGB `uint8 [h,w,3]`, upright.

        Returns:
            How sure the surest animal on it is, 0..1, where it is the sample of moments; else 0.
        """
        self._clock.begin()
        self._aspect = picture.shape[1] / picture.shape[0]
        found = found_in(self._readers.detector, picture, self._readers.tracker.low_score)
        self._clock.step("detect")
        half = 0.5 / self._readers.burst_fps
        if not self._samples or at - self._samples[-1].at > self._readers.burst_s + half:
            self._begin(at, picture, found)
            surest = float(found.scores.max(initial=0.0))
        else:
            self._go_on(at, picture, found)
            surest = 0.0
        self._clock.step("pose")
        return surest

    def _begin(self, at: float, picture: Picture, found: Detections) -> None:
        read = self._readers.poses.read(picture, found.boxes, coats_too=False)
        features = np.stack([appearance(_crop(picture, box)) for box in found.boxes]) if len(found) else None
        follower = Burst(found.boxes, self._readers.tracker) if len(found) else None
        burst: list[list[tuple[float, NDArray[np.float32], NDArray[np.float32]]]] = [[] for _ in range(len(found))]
        self._samples.append(_Sample(at, found, features, read.keypoints, read.looks, burst, follower))

    def _go_on(self, at: float, picture: Picture, found: Detections) -> None:
        sample = self._samples[-1]
        if sample.follower is None:
            return
        later = at - sample.at
        places = sample.follower.update(later, found.boxes, found.scores)
        mine = np.flatnonzero(places >= 0)
        read = self._readers.poses.read(picture, found.boxes[mine], coats_too=False)
        for index, keypoints in zip(mine, read.keypoints, strict=True):
            sample.burst[places[index]].append((later, found.boxes[index], keypoints))

    def animals(self) -> list[Animal]:
        """Every animal that was followed, the one that was surest first."""
        self._clock.begin()
        looks = [Look(own.at, own.found.boxes, own.found.scores, own.features) for own in self._samples]
        tracks = follow(looks, self._readers.tracker)
        rows = sorted(
            (int(track), number, index)
            for number, own in enumerate(tracks)
            for index, track in enumerate(own)
            if track > 0
        )
        animals = self._animals(rows) if rows else []
        self._clock.step("behaviour")
        return animals

    def _animals(self, rows: list[tuple[int, int, int]]) -> list[Animal]:
        own = [(self._samples[number], index) for _, number, index in rows]
        tracks = np.array([track for track, _, _ in rows])
        longest = max(len(sample.burst[index]) for sample, index in own)
        seconds = np.full((len(own), longest), np.nan)
        boxes, points = np.full((len(own), longest, 4), np.nan), np.full((len(own), longest, POINTS, 3), np.nan)
        for row, (sample, index) in enumerate(own):
            for turn, (later, box, keypoints) in enumerate(sample.burst[index]):
                seconds[row, turn], boxes[row, turn], points[row, turn] = later, box, keypoints
        moments = Moments(
            np.array([sample.at for sample, _ in own]), tracks,
            np.array([sample.found.boxes[index] for sample, index in own], float), self._aspect,
            np.array([sample.keypoints[index] for sample, index in own], float), burst_s=seconds if longest else None,
            burst_boxes=boxes if longest else None, burst_keypoints=points if longest else None,
            looks=np.array([sample.looks[index] for sample, index in own], float),
        )  # fmt: skip
        groups: list[list[int]] = []
        best: list[Best] = []
        for track in np.unique(tracks):
            mine = np.flatnonzero(tracks == track)
            surest = max(mine, key=lambda row: float(own[row][0].found.scores[own[row][1]]))
            sample, index = own[surest]
            groups.append(mine.tolist())
            best.append((
                sample.found.boxes[index], sample.at, float(sample.found.scores[index]), str(sample.found.classes[index]),
                sample.keypoints[index],
            ))  # fmt: skip
        return said_of(self._readers, moments, groups, best, self._known)


def _crop(picture: Picture, box: NDArray[np.float32]) -> Picture:
    height, width = picture.shape[:2]
    x1, y1, x2, y2 = (box * (width, height, width, height)).round().astype(int)
    return picture[max(0, y1) : max(y1 + 1, y2), max(0, x1) : max(x1 + 1, x2)]
