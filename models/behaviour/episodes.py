"""From a behaviour per second to episodes: short slips join their neighbours, short breaks do not part a bout."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["UNSEEN", "Episode", "episodes", "smooth"]

UNSEEN = -1


@dataclass(frozen=True)
class Episode:
    """One unbroken episode, in seconds of the grid it was read from, `start <= s < end`.

    Attributes:
        start, end: first second, and the second after the last.
        label: the behaviour.
        seconds: how many of these seconds it was seen; fewer than `end - start` where footage is missing in between.
    """

    start: int
    end: int
    label: int
    seconds: int


def smooth(
    labels: NDArray[np.int8], recorded: NDArray[np.bool_], *, other: int, minimum_s: float, merge_gap_s: float
) -> NDArray[np.int8]:
    """Labels without slips and breaks.

    A run shorter than `minimum_s` takes the label of the longer run it touches. Two runs of one behaviour that lie at
    most `merge_gap_s` apart, with nothing but `other` or an unseen cat between them, become one where there is footage.

    Args:
        labels: behaviour per second, `UNSEEN` where the animal was not seen; `int8 [S]`.
        recorded: seconds with footage, `bool [S]`; nothing is filled in elsewhere.
        other: the label that gives way.
        minimum_s, merge_gap_s: seconds.
    """
    result = _without_slips(labels, minimum_s)
    return _without_breaks(result, recorded, other, merge_gap_s)


def episodes(labels: NDArray[np.int8], recorded: NDArray[np.bool_], merge_gap_s: float) -> list[Episode]:
    """Runs of one label as episodes; one goes on over missing footage of at most `merge_gap_s`."""
    found: list[Episode] = []
    for start, end, label in _runs(labels):
        if label == UNSEEN:
            continue
        last = found[-1] if found else None
        if last and last.label == label and start - last.end <= merge_gap_s and not recorded[last.end : start].any():
            found[-1] = Episode(last.start, end, label, last.seconds + end - start)
        else:
            found.append(Episode(start, end, label, end - start))
    return found


def _runs(labels: NDArray[np.int8]) -> list[tuple[int, int, int]]:
    """(start, end, label) of every run, unseen ones too."""
    if not len(labels):
        return []
    edges = np.flatnonzero(np.diff(labels)) + 1
    starts, ends = np.concatenate([[0], edges]), np.concatenate([edges, [len(labels)]])
    return [(int(start), int(end), int(labels[start])) for start, end in zip(starts, ends, strict=True)]


def _without_slips(labels: NDArray[np.int8], minimum_s: float) -> NDArray[np.int8]:
    result = labels.copy()
    runs = _runs(result)
    while True:
        # Shortest first: what it joins may by that become long enough itself.
        slips = [
            (end - start, index)
            for index, (start, end, label) in enumerate(runs)
            if label != UNSEEN and end - start < minimum_s and _longer_neighbour(runs, index) is not None
        ]
        if not slips:
            return result
        _, index = min(slips)
        neighbour = _longer_neighbour(runs, index)
        assert neighbour is not None
        start, end, _ = runs[index]
        result[start:end] = neighbour
        runs = _joined([*runs[:index], (start, end, neighbour), *runs[index + 1 :]])


def _longer_neighbour(runs: list[tuple[int, int, int]], index: int) -> int | None:
    length = runs[index][1] - runs[index][0]
    touching = [runs[near] for near in (index - 1, index + 1) if 0 <= near < len(runs)]
    longer = [(end - start, label) for start, end, label in touching if label != UNSEEN and end - start > length]
    return max(longer)[1] if longer else None


def _joined(runs: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    joined: list[tuple[int, int, int]] = []
    for start, end, label in runs:
        if joined and joined[-1][2] == label and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end, label)
        else:
            joined.append((start, end, label))
    return joined


def _without_breaks(
    labels: NDArray[np.int8], recorded: NDArray[np.bool_], other: int, merge_gap_s: float
) -> NDArray[np.int8]:
    result = labels.copy()
    for behaviour in [*sorted(set(labels.tolist()) - {UNSEEN, other}), other]:
        giving_way = {UNSEEN} if behaviour == other else {UNSEEN, other}
        last_end: int | None = None
        for start, end, label in _runs(result):
            if label == behaviour:
                if last_end is not None and start - last_end <= merge_gap_s:
                    between = np.arange(last_end, start)
                    result[between[recorded[between]]] = behaviour
                last_end = end
            elif label not in giving_way:
                last_end = None
    return result
