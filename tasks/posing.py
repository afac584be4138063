"""From the detections of a camera's day to poses: which samples get a burst, and what is read on each frame.

An animal around which nothing moves costs one look; where something moves, the frames after the sample are decoded too,
found anew on each, and joined to the animals of the sample.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from home.errors import FootageError, StoreMissing
from home.folder import Home
from home.frame import Frame, Picture
from home.params import PoseParams
from home.video import burst, frames_at, probe
from models.detector.animals import animals_in
from models.detector.predict import Detector
from models.following import Burst
from models.movement_map import moved_around
from models.pose.predict import PoseReader
from models.tracker import TrackerSettings
from tasks.sample_pictures import LONGEST, Kept, picture

_MARGIN = 0.2  # of the box on each side: a tail, a toy, a paw that reaches out
_PIECE = 8  # samples: with their bursts a few seconds of work
_SAME_S = 1e-3


@dataclass(frozen=True)
class Sample:
    """A sample with animals on it.

    Attributes:
        ts: UTC.
        chunk: key of its chunk.
        offset_s: seconds from the chunk's first frame.
        tracks: `[N]`.
        boxes: `float32 [N,4]` x1 y1 x2 y2 in 0..1.
        stirs: `bool [N]`: something moves in or around the box.
        burst_s: length of its burst, 0 for none; it ends where the next sample begins.
    """

    ts: dt.datetime
    chunk: str
    offset_s: float
    tracks: NDArray[np.int64]
    boxes: NDArray[np.float32]
    stirs: NDArray[np.bool_]
    burst_s: float


@dataclass(frozen=True)
class Posed:
    """What was read on one frame: keypoints `[N,K,3]`, looks and coats `[N,D]` of the tracks `[N]` in their boxes `[N,4]`."""

    sample: Sample
    offset_s: float
    burst: bool
    tracks: NDArray[np.int64]
    boxes: NDArray[np.float32]
    keypoints: NDArray[np.float32]
    looks: NDArray[np.float32]
    coats: NDArray[np.float32]


@dataclass(frozen=True)
class Eyes:
    """All it takes to read poses: where the footage is, what was kept of it, and the models."""

    home: Home
    pictures: Kept
    detector: Detector
    reader: PoseReader
    tracker: TrackerSettings


def samples_of(frames: pd.DataFrame, detections: pd.DataFrame, params: PoseParams) -> list[Sample]:
    """The samples that show animals, in order of time.

    Args:
        frames: a partition of the table; tells where it moves on each sample.
        detections: the same partition of that table.
        params: of the stage.
    """
    moved = dict(zip(frames["ts"], frames["moved"], strict=True))
    found = []
    for ts, rows in detections.sort_values(["ts", "track_id"]).groupby("ts", sort=True):
        boxes = rows[["x1", "y1", "x2", "y2"]].to_numpy(np.float32)
        where = moved.get(ts, b"")
        stirs = (moved_around(where, boxes, _MARGIN) >= params.min_movement) & bool(where)
        tracks, first = rows["track_id"].to_numpy(np.int64), rows.iloc[0]
        length = params.burst_s if stirs.any() else 0.0
        found.append(Sample(ts, first["chunk"], float(first["offset_s"]), tracks, boxes, stirs, length))
    return _apart(found)


def _apart(samples: list[Sample]) -> list[Sample]:
    """Bursts that end before the next sample: each frame belongs to one burst, and is looked at once."""
    if not samples:
        return []
    cut = [
        replace(own, burst_s=min(own.burst_s, after.offset_s - own.offset_s)) if after.chunk == own.chunk else own
        for own, after in pairwise(samples)
    ]
    return [*cut, samples[-1]]


def read_poses(eyes: Eyes, samples: Sequence[Sample], threads: int) -> Iterator[Posed]:
    """What is read on the samples and their bursts, in order of time; frames that cannot be decoded are missing.

    As in `detect` a worker takes a piece all the way from packets to keypoints, one thread each.
    """
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[list[Posed]]] = deque()
        for piece in _pieces(samples):
            waiting.append(pool.submit(_read, eyes, piece))
            if len(waiting) > threads:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _pieces(samples: Sequence[Sample]) -> Iterator[list[Sample]]:
    """A few samples of one chunk at a time."""
    piece: list[Sample] = []
    for sample in samples:
        if piece and (len(piece) == _PIECE or piece[-1].chunk != sample.chunk):
            yield piece
            piece = []
        piece.append(sample)
    if piece:
        yield piece


def _read(eyes: Eyes, piece: list[Sample]) -> list[Posed]:
    read, rest = [], []
    for sample in piece:
        jpeg = None if sample.burst_s else eyes.pictures.find(sample.chunk, sample.offset_s)
        kept = None if jpeg is None else picture(jpeg, LONGEST)
        if kept is not None and _is_enough(kept, sample.boxes, eyes.reader):
            read.append(_of_sample(eyes, sample, kept))
        else:
            rest.append(sample)
    if rest:
        # What detect read and is gone now is counted as samples that could not be decoded.
        with suppress(FootageError, StoreMissing):
            read += _decoded(eyes, rest)
    return sorted(read, key=lambda posed: posed.offset_s)


def _is_enough(kept: Picture, boxes: NDArray[np.float32], reader: PoseReader) -> bool:
    """Whether no crop of the kept picture would have to be enlarged; if not, full resolution has more to show."""
    height, width = kept.shape[:2]
    longer = ((boxes[:, 2:] - boxes[:, :2]) * (width, height)).max(axis=1)
    whole = max(height, width) < LONGEST
    return whole or bool((longer * reader.description.around >= reader.input_size).all())


def _decoded(eyes: Eyes, samples: list[Sample]) -> Iterator[Posed]:
    """Samples and bursts of one chunk, each frame decoded once and let go before the next."""
    chunk, fps = samples[0].chunk, eyes.home.params.pose.burst_fps
    info = probe(eyes.home.footage.open(chunk))
    wanted = {sample.offset_s for sample in samples}
    for sample in samples:
        wanted.update(burst(info, sample.offset_s, sample.burst_s, fps).tolist())
    begins = np.array([sample.offset_s for sample in samples])
    followed: Sample | None = None
    last = -1.0
    for frame in frames_at(eyes.home.footage.open(chunk), sorted(wanted), info):
        at = int(np.searchsorted(begins, frame.offset_s + _SAME_S)) - 1
        if at < 0 or frame.offset_s - last < _SAME_S:
            continue
        sample, last = samples[at], frame.offset_s
        if frame.offset_s - sample.offset_s < _SAME_S:
            followed, following = sample, Burst(sample.boxes, eyes.tracker)
            yield _of_sample(eyes, sample, _best(frame, sample, eyes.reader))
        elif sample is followed:
            yield from _of_burst(eyes, sample, following, frame)


def _best(frame: Frame, sample: Sample, reader: PoseReader) -> Picture:
    """The picture of a sample, the same whether it was kept or is decoded again."""
    if sample.burst_s:
        return frame.rgb()
    small = picture(frame, LONGEST)
    return small if _is_enough(small, sample.boxes, reader) else frame.rgb()


def _of_sample(eyes: Eyes, sample: Sample, seen: Picture) -> Posed:
    read = eyes.reader.read(seen, sample.boxes)
    return Posed(sample, sample.offset_s, False, sample.tracks, sample.boxes, read.keypoints, read.looks, read.coats)


def _of_burst(eyes: Eyes, sample: Sample, following: Burst, frame: Frame) -> Iterator[Posed]:
    """The animals that stir, where the detector finds them again; one that is lost has no pose here."""
    low = eyes.home.params.detect.confidence_low
    found = animals_in(eyes.detector, frame.rgb(eyes.detector.input_size), low)
    animals = following.update(frame.offset_s - sample.offset_s, found.boxes, found.scores)
    boxes = np.clip(found.boxes, 0, 1)
    wanted = (animals >= 0) & (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
    wanted[wanted] &= sample.stirs[animals[wanted]]
    if wanted.any():
        order = np.flatnonzero(wanted)[np.argsort(sample.tracks[animals[wanted]])]
        read = eyes.reader.read(frame.rgb(), boxes[order], coats_too=False)
        offset = round(frame.offset_s, 6)
        tracks = sample.tracks[animals[order]]
        yield Posed(sample, offset, True, tracks, boxes[order], read.keypoints, read.looks, read.coats)
