"""ByteTrack (Zhang et al., ECCV 2022, https://arxiv.org/abs/2110.06864) for samples that may lie a minute apart.

As in the paper: a Kalman filter foretells each track's box, confident boxes are assigned first, weak ones carry on what
is left, and only confident ones begin a track. Adapted: between two samples a cat may cross the room, so boxes are
compared by place (in lengths of the animal, with a reach that grows with time), size and appearance, not by overlap
alone; velocity is forgotten within seconds; one confident detection is a track, because samples are rare.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from models.appearance import likeness

__all__ = ["Tracker", "TrackerSettings", "overlap"]

_NEVER = 1e6
_FORGET_S = 1.5  # velocity fades with this time constant: a cat that walked 5 s ago says little of where it is
# Standard deviations in lengths of the animal: unrest per root second, and a box's jitter.
_PROCESS, _MEASURED = 0.15, 0.05
_MINGLED = 0.2  # IoU from which a box also shows the animal of another
_MINGLED_COAT = 1.0  # what another coat costs on a box that shows half of another animal


@dataclass(frozen=True)
class TrackerSettings:
    """How boxes become tracks.

    Attributes:
        high_score: boxes from here on are assigned first and may begin a track.
        low_score: boxes from here up to `high_score` carry on a track that they overlap.
        max_gap_s: a track that was not seen for longer has ended, seconds.
        reach: how far an animal may be from where it is expected at once, in its own lengths.
        speed: how much farther per second, lengths per second; a cat at a brisk walk: 1 m/s, boxes 0.4 m wide.
        max_reach: and how far at most: beyond that only appearance could tell, and it is not that sure.
        low_overlap: IoU that a weak box needs with the expected one.
        overlap: IoU from which a confident box goes before all others, as in the paper: for frames that follow each other
            within a fraction of a second. What no box overlaps so is then looked for by place, size and appearance. 0: at once.
        duplicate_overlap: IoU from which an unmatched box is a second box of a matched animal.
        max_cost: dearer pairs are not the same animal; 0 is the same, `max_reach` lengths away cost 0.6, another size
            up to 0.2, `max_gap_s` unseen 0.3, a coat that is nothing like it `coat`, counted as far as the boxes do not overlap.
        coat: what another coat costs. At 1 a cat stays one track when it walks into another light; at 3 it seldom takes over
            the track of another cat: 1 sample in 160 for 1 in 30 (`python -m bench.tracks`), and more tracks.
    """

    high_score: float = 0.3
    low_score: float = 0.1
    max_gap_s: float = 150.0
    reach: float = 0.7
    speed: float = 2.5
    max_reach: float = 8.0
    low_overlap: float = 0.3
    overlap: float = 0.0
    duplicate_overlap: float = 0.7
    max_cost: float = 0.9
    coat: float = 1.0


class _Track:
    """A box that is followed: centre with velocity (Kalman), size (smoothed), appearance (smoothed)."""

    def __init__(self, number: int, ts: float, box: NDArray[np.float64], look: NDArray[np.float32] | None) -> None:
        self.number, self.ts = number, ts
        self.centre, self.size = _centre(box), _size(box)
        self.velocity = np.zeros(2)
        # Covariance of place and velocity, the same for x and y, in squared lengths of the animal.
        self.spread = np.diag([_MEASURED**2, 1.0])
        self.look = look

    def expected(self, ts: float) -> NDArray[np.float64]:
        """The box foretold for a time."""
        travelled = self.velocity * _FORGET_S * (1 - np.exp(-(ts - self.ts) / _FORGET_S))
        return np.concatenate([self.centre + travelled - self.size / 2, self.centre + travelled + self.size / 2])

    def seen(self, ts: float, box: NDArray[np.float64], look: NDArray[np.float32] | None) -> None:
        """Take in a box: the Kalman update of a constant velocity that fades."""
        dt = ts - self.ts
        fade = float(np.exp(-dt / _FORGET_S))
        move = np.array([[1.0, _FORGET_S * (1 - fade)], [0.0, fade]])
        unrest = _PROCESS**2 * np.array([[min(dt, 60.0), 0.0], [0.0, 1 - fade**2]])
        spread = move @ self.spread @ move.T + unrest
        gain = spread[:, 0] / (spread[0, 0] + _MEASURED**2)
        place = self.expected(ts)
        surprise = _centre(box) - _centre(place)
        self.centre = _centre(place) + gain[0] * surprise
        self.velocity = fade * self.velocity + gain[1] * surprise
        self.spread = spread - np.outer(gain, spread[0])
        self.size = 0.5 * self.size + 0.5 * _size(box)
        if look is not None:
            blended = look if self.look is None else 0.8 * self.look + 0.2 * look
            self.look = (blended / np.linalg.norm(blended)).astype(np.float32)
        self.ts = ts


class Tracker:
    """Follows the animals of one camera; feed it samples in order of time. Same input, same tracks.

    Attributes:
        settings: how boxes become tracks.
        found_again: how often a track went on with a box that did not overlap it, where `overlap` is set.
    """

    def __init__(self, settings: TrackerSettings | None = None, last_number: int = 0) -> None:
        self.settings = settings or TrackerSettings()
        self.found_again = 0
        self._tracks: list[_Track] = []
        self._count = last_number
        self._ts = -np.inf

    def update(
        self,
        ts: float,
        boxes: NDArray[np.float32],
        scores: NDArray[np.float32],
        looks: NDArray[np.float32] | None = None,
    ) -> NDArray[np.int64]:
        """Assign the boxes of one sample.

        Args:
            ts: seconds, later than at the call before.
            boxes: `float32 [N,4]` x1 y1 x2 y2 in 0..1.
            scores: `float32 [N]` in 0..1.
            looks: `float32 [N,D]` appearances (`models.appearance`), or None to do without.

        Returns:
            `int64 [N]`: the track of each box, 1 or more; -1 for a weak box that carries no track on, and for a
            second box of an animal that has one.

        Raises:
            ValueError: if time runs backwards or the arrays do not fit each other.
        """
        if ts <= self._ts:
            raise ValueError(f"samples must come in order of time: {ts!r} after {self._ts!r}")
        if boxes.shape != (len(scores), 4) or (looks is not None and len(looks) != len(scores)):
            shapes = f"boxes {boxes.shape}, scores {scores.shape}, looks {None if looks is None else looks.shape}"
            raise ValueError(f"expected boxes [N,4], scores [N] and looks [N,D], got {shapes}")
        self._ts = ts
        self._tracks = [track for track in self._tracks if ts - track.ts <= self.settings.max_gap_s]
        numbers = np.full(len(boxes), -1, np.int64)
        sides = boxes.astype(np.float64)
        strong = np.flatnonzero(scores >= self.settings.high_score)
        weak = np.flatnonzero((scores >= self.settings.low_score) & (scores < self.settings.high_score))
        if self.settings.overlap:
            self._frame(ts, sides, strong, weak, looks, numbers)
        else:
            free = self._assign(
                self._tracks, strong, self._costs(self._tracks, ts, sides[strong], _rows(looks, strong)), numbers
            )
            lost = [self._tracks[index] for index in free]
            self._assign(lost, weak, self._overlap_costs(lost, ts, sides[weak], self.settings.low_overlap), numbers)
        self._begin(ts, sides, strong, looks, numbers)
        # A weak box, or one that shows half of another animal, is no picture of this one.
        clear = (scores >= self.settings.high_score) & _alone(sides)
        for track in self._tracks:
            for index in np.flatnonzero(numbers == track.number):
                if track.ts < ts:
                    track.seen(ts, sides[index], looks[index] if looks is not None and clear[index] else None)
        return numbers

    def stay(self, ts: float, numbers: Iterable[int]) -> None:
        """Tracks that are where they were, because nothing moved there: they are as if seen in the same place.

        Args:
            ts: seconds, as in `update`.
            numbers: of the tracks.
        """
        still = set(numbers)
        for track in self._tracks:
            if track.number in still and track.ts < ts:
                track.ts, track.velocity = ts, np.zeros(2)

    def resume(self, number: int, ts: float, box: NDArray[np.float32]) -> None:
        """Take on a track that another one has followed: its number, and where it was at that time."""
        self._tracks.append(_Track(number, ts, box.astype(np.float64), None))
        self._count = max(self._count, number)

    def _frame(
        self,
        ts: float,
        boxes: NDArray[np.float64],
        strong: NDArray[np.intp],
        weak: NDArray[np.intp],
        looks: NDArray[np.float32] | None,
        numbers: NDArray[np.int64],
    ) -> None:
        """Both rounds of the paper by overlap; then confident boxes that are left, to tracks that are left, as in samples."""
        left = self._tracks
        for members, least in ((strong, self.settings.overlap), (weak, self.settings.low_overlap)):
            free = self._assign(left, members, self._overlap_costs(left, ts, boxes[members], least), numbers)
            left = [left[index] for index in free]
        rest = strong[numbers[strong] < 0]
        self._assign(left, rest, self._costs(left, ts, boxes[rest], _rows(looks, rest)), numbers)
        self.found_again += int((numbers[rest] > 0).sum())

    def _assign(
        self, tracks: list[_Track], members: NDArray[np.intp], costs: NDArray[np.float64], numbers: NDArray[np.int64]
    ) -> list[int]:
        """Cheapest pairs get the track's number; returns the tracks that are left over."""
        left = set(range(len(tracks)))
        for row, column in zip(*linear_sum_assignment(costs), strict=True):
            if costs[row, column] < _NEVER:
                numbers[members[column]] = tracks[row].number
                left.discard(int(row))
        return sorted(left)

    def _costs(
        self, tracks: list[_Track], ts: float, boxes: NDArray[np.float64], looks: NDArray[np.float32] | None
    ) -> NDArray[np.float64]:
        """Place, size, time unseen and appearance; `_NEVER` beyond reach and above `max_cost`.

        Distance counts in lengths whatever the time: in parts of a reach that grows, a track lost for a minute would
        be nearer to everything than one seen a second ago, and take its boxes.
        """
        if not tracks or not len(boxes):
            return np.zeros((len(tracks), len(boxes)))
        expected = np.stack([track.expected(ts) for track in tracks])
        gone = np.array([ts - track.ts for track in tracks])[:, None]
        reach = np.minimum(self.settings.reach + self.settings.speed * gone, self.settings.max_reach)
        length = np.sqrt(np.prod(expected[:, 2:] - expected[:, :2], axis=1))[:, None]
        shift = np.linalg.norm(_centre(expected)[:, None] - _centre(boxes)[None], axis=2) / length
        area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)[None]
        growth = np.abs(np.log(np.maximum(area, 1e-9) / length**2)) / np.log(6.0)
        shared = overlap(expected, boxes)
        place = shift / self.settings.max_reach * (1 - shared)
        costs = 0.6 * place + 0.2 * growth + 0.3 * gone / self.settings.max_gap_s
        if looks is not None and all(track.look is not None for track in tracks):
            alike = likeness(np.stack([track.look for track in tracks if track.look is not None]), looks)
            # Another coat in the very same place is the infrared light going on, a lamp, a cat that turned round.
            dear = np.where(_alone(boxes), self.settings.coat, _MINGLED_COAT)
            costs += dear * (1 - alike) * (1 - shared)
        never = (shift > reach) | (growth > 1) | (costs > self.settings.max_cost)
        return np.where(never, _NEVER, costs)

    def _overlap_costs(
        self, tracks: list[_Track], ts: float, boxes: NDArray[np.float64], least: float
    ) -> NDArray[np.float64]:
        """The rounds of the paper: boxes count only where a track is expected."""
        if not tracks or not len(boxes):
            return np.zeros((len(tracks), len(boxes)))
        shared = overlap(np.stack([track.expected(ts) for track in tracks]), boxes)
        return np.where(shared >= least, self.settings.max_cost * (1 - shared), _NEVER)

    def _begin(
        self,
        ts: float,
        boxes: NDArray[np.float64],
        strong: NDArray[np.intp],
        looks: NDArray[np.float32] | None,
        numbers: NDArray[np.int64],
    ) -> None:
        """New tracks from confident boxes that nobody took, unless they are second boxes of an animal."""
        for index in strong:
            if numbers[index] > 0:
                continue
            taken = boxes[numbers > 0]
            if len(taken) and overlap(boxes[index][None], taken).max() >= self.settings.duplicate_overlap:
                continue
            self._count += 1
            self._tracks.append(_Track(self._count, ts, boxes[index], None if looks is None else looks[index]))
            numbers[index] = self._count


def overlap(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of `[N,4]` against `[M,4]` boxes: `[N,M]`."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    areas = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (first, second)]
    return np.asarray(shared / np.maximum(areas[0][:, None] + areas[1][None] - shared, 1e-12))


def _centre(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    return (boxes[..., :2] + boxes[..., 2:]) / 2


def _size(box: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(box[2:] - box[:2], 1e-4)


def _alone(boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which boxes `[N]` show one animal alone."""
    return np.asarray((overlap(boxes, boxes) > _MINGLED).sum(axis=1) == 1)


def _rows(looks: NDArray[np.float32] | None, members: NDArray[np.intp]) -> NDArray[np.float32] | None:
    return None if looks is None else looks[members]
