"""From a diary to movement: where in the room a cat is at each moment, and how it holds itself."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from simulate.cat import Stance
from simulate.furniture import Place
from simulate.pose import PERIODS, STRIDE_M
from simulate.room import Room
from simulate.routine import Episode
from simulate.skeleton import Manner
from simulate.view import Array

SETTLE_S = 0.8  # how long a cat takes from one posture to the next
REACH_M = 0.235  # from the middle of an eating or batting cat to what it has before it


@dataclass(frozen=True)
class Segment:
    """One posture from `start` to `end` (seconds), along `path` (K, 3) in metres, facing `heading` unless it walks."""

    start: float
    end: float
    posture: str
    path: Array
    heading: float
    manner: Manner = field(default_factory=Manner)

    def stance(self, t: float) -> Stance:
        """Where and how the cat is at `t` seconds."""
        part = float(np.clip((t - self.start) / max(self.end - self.start, 1e-6), 0, 1))
        at, heading, run = _along(self.path, part, self.heading)
        if self.posture in ("walk", "stalk"):
            phase = run / STRIDE_M[self.posture] % 1.0
        elif self.posture == "pounce":
            phase = part
        else:
            phase = (t - self.start) % PERIODS[self.posture]
        place = (round(float(at[0]), 4), round(float(at[1]), 4), round(float(at[2]), 4))
        return Stance(self.posture, round(phase, 3), place, round(heading, 4), self.manner)


class Actor:
    """One cat on one camera: asks the diary what it does and plays it in the room."""

    def __init__(
        self, episodes: Sequence[Episode], camera: str, room: Room, origin: datetime, seed: int, number: int = 0
    ):
        """`episodes` of one cat in order; times count from `origin`; cats of other `number` keep out of each other's way."""
        self._room, self._number = room, number
        self._rng = np.random.default_rng((seed, number, 77))
        self._segments = self._play(list(episodes), camera, origin)
        self._starts = [segment.start for segment in self._segments]

    def stance(self, t: float) -> Stance | None:
        """How the cat is `t` seconds after the origin; None if this camera does not see it."""
        k = bisect_right(self._starts, t) - 1
        if k < 0 or t >= self._segments[k].end:
            return None
        now = self._segments[k]
        stance = now.stance(t)
        settled = (t - now.start) / min(SETTLE_S, 0.5 * (now.end - now.start))
        if k == 0 or settled >= 1 or self._segments[k - 1].end < now.start:
            return stance
        before = self._segments[k - 1].stance(now.start)
        return stance.coming_from(before, round(settled, 3))

    def _play(self, episodes: list[Episode], camera: str, origin: datetime) -> list[Segment]:
        out: list[Segment] = []
        spots = [self._spot(e) if e.camera == camera else None for e in episodes]
        here: Place = self._room.door
        for k, episode in enumerate(episodes):
            start, end = ((moment - origin).total_seconds() for moment in (episode.start, episode.end))
            spot = spots[k]
            if episode.camera != camera:
                here = self._room.door
            elif episode.subtype == "walking":
                following = next((s for s in spots[k + 1 : k + 2] if s is not None), None)
                goal = following[0] if following else self._room.door
                out += self._walk(start, end, here, goal)
                here = goal
            elif spot is not None:
                out += self._stay(episode, start, end, *spot)
                here = spot[0]
        return out

    def _spot(self, episode: Episode) -> tuple[Place, float] | None:
        """Where an episode takes place and which way the cat faces there; None for walks."""
        room, rng = self._room, self._rng
        places = room.places
        aside = 0.16 * self._number
        if episode.subtype == "walking":
            return None
        if episode.behaviour == "sleeping":
            x, y, z = places["bed"]
            return (x, y + aside, z), float(rng.uniform(-0.3, 2.4))  # the face towards the camera's side
        if episode.behaviour == "using_litter_box":
            return places["litter_box"], float(rng.choice([0.0, np.pi]) + rng.uniform(-0.25, 0.25))
        if episode.behaviour in ("eating", "playing"):
            target = places["food_bowl" if episode.behaviour == "eating" else "toy"]
            heading = (0.0 if target[0] > room.width / 2 else np.pi) + float(rng.uniform(-0.5, 0.5))
            return _before(target, heading, REACH_M), heading
        free = [
            (room.width * float(x), room.depth * float(y) + aside, 0.0)
            for x, y in zip(rng.uniform(0.25, 0.75, 6), rng.uniform(0.2, 0.45, 6), strict=True)
        ]
        spot = max(free, key=lambda at: min(float(np.hypot(at[0] - x, at[1] - y)) for x, y, _ in places.values()))
        return spot, float(rng.uniform(-2.2, -0.9))

    def _stay(self, episode: Episode, start: float, end: float, at: Place, heading: float) -> list[Segment]:
        here = np.array([at])
        if episode.behaviour == "playing":
            return self._game(start, end, heading)
        if episode.behaviour == "using_litter_box":  # dig a hole, squat, cover it: in about these parts of the visit
            cuts = start + (end - start) * np.array([0, 0.22, 0.68, 1])
            return [
                Segment(cuts[i], cuts[i + 1], posture, here, heading)
                for i, posture in enumerate(("dig", "squat", "dig"))
            ]
        if episode.behaviour == "sleeping":
            posture = "sprawl" if episode.subtype == "stretched" else "curl"
        else:
            posture = {"eating": "eat", "grooming": "groom", "scratching": "scratch_post", "hunting": "stalk"}.get(
                episode.behaviour, "sit"
            )
        return [Segment(start, end, posture, here, heading)]

    def _game(self, start: float, end: float, heading: float) -> list[Segment]:
        """Batting at the toy; every so often the cat goes off, stalks it and pounces."""
        toy, out, now = self._room.places["toy"], [], start
        while now < end:
            at = _before(toy, heading, REACH_M)
            bat = min(now + float(self._rng.uniform(5, 9)), end)
            out.append(Segment(now, bat, "bat", np.array([at]), heading))
            now = bat
            if end - now < 9:
                if out and now < end:
                    out.append(Segment(now, end, "bat", np.array([at]), heading))
                break
            heading += float(self._rng.choice([-1, 1]) * self._rng.uniform(0.5, 1.2))
            lair, jump, land = (_before(toy, heading, away) for away in (0.95, 0.62, REACH_M))
            out += self._walk(now, now + 2.4, at, lair)
            out.append(Segment(now + 2.4, now + 5.0, "stalk", np.array([lair, jump]), heading))
            out.append(Segment(now + 5.0, now + 5.8, "pounce", np.array([jump, land]), heading))
            now += 5.8
        return out

    def _walk(self, start: float, end: float, origin: Place, goal: Place) -> list[Segment]:
        path = _bend(np.array(origin), np.array(goal), self._room)
        return [Segment(start, end, "walk", path, 0.0, Manner(tail_lift=float(self._rng.uniform(-0.3, 0.3))))]


def _before(target: Place, heading: float, away: float) -> Place:
    """The point `away` metres before `target` when facing it along `heading`."""
    return (target[0] - away * float(np.cos(heading)), target[1] - away * float(np.sin(heading)), target[2])


def _bend(origin: Array, goal: Array, room: Room) -> Array:
    """A way (K, 3) from `origin` to `goal` that curves around what stands in between."""
    at = np.linspace(0, 1, 25)[:, None]
    circles = [(x, y, r + 0.15) for x, y, r in room.obstacles]
    circles += [(x, y, 0.42) for name, (x, y, _) in room.places.items() if name != "toy"]
    ends = np.stack([origin, goal])[:, :2]
    circles = [c for c in circles if np.linalg.norm(ends - c[:2], axis=1).min() > c[2]]
    side = np.array([-(goal - origin)[1], (goal - origin)[0], 0.0]) / max(
        float(np.linalg.norm((goal - origin)[:2])), 1e-6
    )

    def way(push: float) -> Array:
        middle = (origin + goal) / 2 + side * push
        path = (1 - at) ** 2 * origin + 2 * at * (1 - at) * middle + at**2 * goal
        path[:, 2] = origin[2] * np.clip(1 - at[:, 0] * 8, 0, 1) + goal[2] * np.clip(at[:, 0] * 8 - 7, 0, 1)
        return path

    def blocked(path: Array) -> float:
        return sum(float(np.clip(r - np.hypot(path[:, 0] - x, path[:, 1] - y), 0, None).sum()) for x, y, r in circles)

    return min((way(push) for push in (0.0, 0.4, -0.4, 0.9, -0.9, 1.5, -1.5)), key=lambda p: round(blocked(p), 3))


def _along(path: Array, part: float, heading: float) -> tuple[Array, float, float]:
    """Point, heading and metres run after `part` (0..1) of a path; a path of one point keeps `heading`."""
    if len(path) == 1:
        return path[0], heading, 0.0
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    marks = np.concatenate([[0.0], np.cumsum(steps)])
    run = part * marks[-1]
    point = np.array([np.interp(run, marks, path[:, axis]) for axis in range(3)])
    ahead = np.array([np.interp(min(run + 0.1, marks[-1]), marks, path[:, axis]) for axis in range(2)])
    behind = np.array([np.interp(max(run - 0.1, 0), marks, path[:, axis]) for axis in range(2)])
    direction = ahead - behind
    return point, float(np.arctan2(direction[1], direction[0])), float(run)
