"""From a diary to movement: where in the room a cat is at each moment, and how it holds itself."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np

from simulate.cat import Stance
from simulate.furniture import Place
from simulate.room import Room
from simulate.routine import Episode
from simulate.staging import Segment, Stage, stay, walk

SETTLE_S = 0.8  # how long a cat takes from one posture to the next
AMBLE_M_S = 0.45  # the slowest that looks like walking; our choice
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # the clock that resting cats breathe by


class Actor:
    """One cat on one camera: asks the diary what it does and plays it in the room.

    An episode is played when it is asked for, and always the same way, whatever was asked for before: it depends on the
    seed, its start, and the episodes beside it.
    """

    def __init__(
        self, episodes: Sequence[Episode], camera: str, room: Room, seed: int, number: int = 0, size: float = 1.0
    ):
        """`episodes` of one cat in order; cats of other `number` keep out of each other's way; `size` of its body."""
        self._episodes, self._camera, self._room = list(episodes), camera, room
        self._seed, self._number, self._size = seed, number, size
        self._starts = [episode.start for episode in self._episodes]
        self._played = lru_cache(maxsize=8)(self._play)

    def doing(self, ts: datetime) -> Episode | None:
        """The episode at `ts` if this camera sees it."""
        k = self._at(ts)
        return None if k is None else self._episodes[k]

    def stance(self, ts: datetime) -> Stance | None:
        """How the cat is at `ts`; None if this camera does not see it."""
        k = self._at(ts)
        if k is None:
            return None
        t = (ts - self._starts[k]).total_seconds()
        segments = self._played(k)
        i = max(bisect_right(segments, t, key=lambda segment: segment.start) - 1, 0)
        now = segments[i]
        stance = now.stance(t, self._clock(ts))
        settled = (t - now.start) / max(min(SETTLE_S, 0.5 * (now.end - now.start)), 1e-6)
        if settled >= 1:
            return stance
        earlier = segments[i - 1] if i else self._last(k - 1, self._starts[k])
        if earlier is None:
            return stance
        return stance.coming_from(earlier.stance(earlier.end, self._clock(ts)), round(settled, 3))

    def _at(self, ts: datetime) -> int | None:
        k = bisect_right(self._starts, ts) - 1
        return k if self._seen(k) and ts < self._episodes[k].end else None

    def _seen(self, k: int) -> bool:
        return 0 <= k < len(self._episodes) and self._episodes[k].camera == self._camera

    def _walks(self, k: int) -> bool:
        return self._episodes[k].subtype == "walking"

    def _clock(self, ts: datetime) -> float:
        return (ts - EPOCH).total_seconds() + 0.9 * self._number

    def _last(self, k: int, until: datetime) -> Segment | None:
        """The last segment of episode `k` if it lasts `until` then."""
        return self._played(k)[-1] if self._seen(k) and self._episodes[k].end == until else None

    def _play(self, k: int) -> list[Segment]:
        episode = self._episodes[k]
        stage = self._stage(k)
        if self._walks(k):
            return _way(self._left(k - 1), self._entered(k + 1), stage, episode.seconds)
        return stay(episode.behaviour, episode.subtype, stage, episode.seconds)

    def _entered(self, k: int) -> Place:
        """Where episode `k` begins; out of sight, or on the way, it is the door."""
        return self._room.door if not self._seen(k) or self._walks(k) else _place(self._played(k)[0].path[0])

    def _left(self, k: int) -> Place:
        """Where episode `k` ends."""
        if not self._seen(k):
            return self._room.door
        return self._entered(k + 1) if self._walks(k) else _place(self._played(k)[-1].path[-1])

    def _stage(self, k: int) -> Stage:
        moment = int(self._starts[k].timestamp() * 1000)
        rng = np.random.default_rng((self._seed, self._number, 77, moment))
        return Stage(self._room, self._size, 0.16 * self._number, rng)


def _way(origin: Place, goal: Place, stage: Stage, seconds: float) -> list[Segment]:
    """Walking there, no slower than a cat walks; who arrives early stands and waits."""
    whole = walk(origin, goal, stage, 0.0, seconds)
    arrives = float(np.linalg.norm(np.diff(whole.path, axis=0), axis=1).sum()) / AMBLE_M_S
    if arrives > seconds - 1:
        return [whole]
    before = replace(whole, end=max(arrives, 0.5))
    facing = before.stance(before.end, 0.0).heading
    return [before, Segment(before.end, seconds, "stand", whole.path[-1:], facing)]


def _place(point: np.ndarray) -> Place:
    return (float(point[0]), float(point[1]), float(point[2]))
