"""Fixed things that are taken for a cat: a plush toy, a cushion. What never leaves its place, day and night, is no cat.

A cat sleeps in one place for hours, in the same bed every day; it does not stay there through twenty hours of the
clock, in nearly every look, without leaving once. That is the whole assumption. Its limits:

- An animal that truly does not move for so long is muted, so whoever mutes must say so where people see it.
- A camera that is looked at in fewer than twenty hours of the clock (private at night) mutes nothing.
- A thing the detector sees only by day, or only in half of the looks, is not muted either.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.tracker import overlap

__all__ = ["Fixture", "find_fixtures"]

# Different hours of the clock, 0..23. More than any sleep, and by counting both day and night: at most 12 of 24 hours
# are on either side. It does not matter whose clock, so none needs to be given.
MIN_HOURS = 20
MIN_SHARE = 0.9  # of the looks, hour by hour, those it was seen in
SAME_PLACE = 0.75  # IoU: a detector's jitter on a still thing stays above, a cat that turns over falls below
_LEFT_S = 900.0  # nothing there for longer, although the place was in view: it was taken away, or it walked
_BACK_S = 4 * 3600.0  # a known thing that reappears within this time, and ...
_BACK_PLACE = 0.9  # ... with this IoU of the median boxes, was hidden (by a person, say), not away
_COVERED = 0.3  # a look in which another box covers this much of its place says nothing of it
_MAX_COVERED = 0.25  # covered in more of the looks, the "thing" and what covers it are postures of one animal
_SLOT_S = 1800.0  # a thing is in nearly all looks, so one look in each half hour finds every candidate


@dataclass(frozen=True)
class Fixture:
    """A fixed thing.

    Attributes:
        box: `float32 [4]` x1 y1 x2 y2 in 0..1, the median of its detections.
        first_ts, last_ts: when it was first and last seen, seconds.
        share: of the looks in between that had it in view, those it was seen in, as the mean of its hours.
        hours: different hours of the clock in which it was seen, at most 24.
    """

    box: NDArray[np.float32]
    first_ts: float
    last_ts: float
    share: float
    hours: int


def find_fixtures(
    ts: NDArray[np.float64], boxes: NDArray[np.float32], looks: NDArray[np.float64]
) -> tuple[list[Fixture], NDArray[np.bool_]]:
    """Fixed things among the detections of one camera. Give two to three days: one day with an hour missing is too few.

    Args:
        ts: time of each detection, seconds, `[N]`; several at one time are several boxes of one picture.
        boxes: `float32 [N,4]` x1 y1 x2 y2 in 0..1.
        looks: times at which the camera was looked at, seconds, `[M]`; the times of detections are looks too.

    Returns:
        The fixed things, the most often seen first, and which detections are theirs, `bool [N]`.

    Raises:
        ValueError: if times and boxes do not fit each other.
    """
    if boxes.shape != (len(ts), 4):
        raise ValueError(f"expected ts [N] and boxes [N,4], got {np.shape(ts)} and {boxes.shape}")
    muted = np.zeros(len(ts), bool)
    found: list[Fixture] = []
    looks = np.union1d(looks, ts)
    sides = boxes.astype(np.float64)
    for place in _candidates(ts, sides):
        same = (overlap(place[None], sides)[0] >= SAME_PLACE) & ~muted
        if not same.any():
            continue
        place = np.median(sides[same], axis=0)
        same = (overlap(place[None], sides)[0] >= SAME_PLACE) & ~muted
        for fixture in _at_place(place, ts, sides, same, looks):
            found.append(fixture)
            muted |= same & (ts >= fixture.first_ts) & (ts <= fixture.last_ts)
    return found, muted


def _candidates(ts: NDArray[np.float64], boxes: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Places that are taken in enough half hours, the fullest first; a day's thousands of places cost nothing."""
    slots, first = np.unique(ts // _SLOT_S, return_index=True)
    chosen = np.flatnonzero(np.isin(ts, ts[first]))
    sample, slot = boxes[chosen], np.searchsorted(slots, ts[chosen] // _SLOT_S)
    near = overlap(sample, sample) >= SAME_PLACE
    taken = np.zeros((len(chosen), len(slots)), bool)
    for column in range(len(slots)):
        taken[:, column] = near[:, slot == column].any(axis=1)
    support, places = taken.sum(axis=1), []
    open_ = support >= MIN_HOURS  # half of the slots of so many hours: the thing may be missed or covered in the others
    while open_.any():
        best = int(np.argmax(np.where(open_, support, -1)))
        places.append(np.median(sample[near[best]], axis=0))
        open_ &= ~near[best]
    return places


@dataclass(frozen=True)
class _Stay:
    """An unbroken presence at one place: when it was seen there, when something hid it, when the place was in view."""

    box: NDArray[np.float64]
    seen: NDArray[np.float64]
    hidden: NDArray[np.float64]
    in_view: NDArray[np.float64]

    def share(self) -> float:
        return _hourly(self.seen, self.in_view)

    def hours(self) -> int:
        return len(np.unique(self.seen // 3600 % 24))

    def is_fixture(self) -> bool:
        if self.hours() < MIN_HOURS or self.share() < MIN_SHARE:
            return False
        return _hourly(self.hidden, np.concatenate([self.hidden, self.in_view])) <= _MAX_COVERED


def _hourly(part: NDArray[np.float64], whole: NDArray[np.float64]) -> float:
    """Mean of each hour's share: an hour of many samples, in which a cat plays, weighs no more than a still one."""
    hours = np.append(np.unique(whole // 3600), np.inf) * 3600
    return float(np.mean(np.histogram(part, hours)[0] / np.histogram(whole, hours)[0]))


def _at_place(
    place: NDArray[np.float64],
    ts: NDArray[np.float64],
    boxes: NDArray[np.float64],
    same: NDArray[np.bool_],
    looks: NDArray[np.float64],
) -> list[Fixture]:
    stays = _stays(place, ts, boxes, same, looks)
    found: list[Fixture] = []
    for index, stay in enumerate(stays):
        if not stay.is_fixture():
            continue
        first, last = stay, stay
        for before in reversed(stays[:index]):
            if not _returns(before, first, stay):
                break
            first = before
        for after in stays[index + 1 :]:
            if not _returns(last, after, stay):
                break
            last = after
        span = float(first.seen[0]), float(last.seen[-1])
        if not found or span[0] > found[-1].last_ts:
            found.append(Fixture(stay.box.astype(np.float32), *span, stay.share(), stay.hours()))
    return found


def _returns(earlier: _Stay, later: _Stay, known: _Stay) -> bool:
    """Whether the known thing was only hidden between two stays: soon back, and exactly where it was."""
    other = later if known.seen[0] <= earlier.seen[0] else earlier
    back = later.seen[0] - earlier.seen[-1] <= _BACK_S
    return bool(back and overlap(known.box[None], other.box[None])[0, 0] >= _BACK_PLACE)


def _stays(
    place: NDArray[np.float64],
    ts: NDArray[np.float64],
    boxes: NDArray[np.float64],
    same: NDArray[np.bool_],
    looks: NDArray[np.float64],
) -> list[_Stay]:
    """The times at one place, cut where it was in view and empty for long. No look is no evidence: it cuts nothing."""
    times = np.unique(ts[same])
    low, high = np.maximum(boxes[:, :2], place[:2]), np.minimum(boxes[:, 2:], place[2:])
    cover = np.prod(np.clip(high - low, 0, None), axis=1) / np.prod(place[2:] - place[:2])
    hidden = np.setdiff1d(ts[(cover >= _COVERED) & ~same], times)
    in_view = np.setdiff1d(looks, hidden)
    empty = np.setdiff1d(in_view, times)
    # How long the place is known to be empty between two times it was taken: from the first empty look to the last.
    first, end = np.searchsorted(empty, times[:-1]), np.searchsorted(empty, times[1:])
    known = np.zeros(len(times) - 1)
    some = end > first
    known[some] = empty[end[some] - 1] - empty[first[some]]
    cuts = np.flatnonzero(known > _LEFT_S) + 1
    stays = []
    for seen in np.split(times, cuts):
        members = same & _within(ts, seen)
        box = np.median(boxes[members], axis=0)
        stays.append(_Stay(box, seen, hidden[_within(hidden, seen)], in_view[_within(in_view, seen)]))
    return stays


def _within(times: NDArray[np.float64], stay: NDArray[np.float64]) -> NDArray[np.bool_]:
    return (times >= stay[0]) & (times <= stay[-1])
