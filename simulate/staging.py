"""How each behaviour is played: an episode as a sequence of postures, each on its way through the room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from simulate.cat import Stance
from simulate.furniture import POST_RADIUS_M, Place
from simulate.paths import along, arc, around, before
from simulate.pose import PERIODS, STILL, STRIDE_M, canonical
from simulate.room import Room
from simulate.skeleton import Manner
from simulate.view import Array

Rng = np.random.Generator

REACH_M = 0.235  # from the middle of an eating or batting cat of size 1 to what it has before it
POST_REACH_M = 0.172  # from the middle of an upright cat of size 1 to its forepaws
MOVING = ("walk", "stalk", "rush")
ONCE = ("pounce", "leap")  # postures that run from 0 to 1 over their segment
FACE_SEEN, LEFT_SEEN = (-2.2, -0.9), (-2.7, -1.8)  # headings that show the camera the face, or a cat's left side
RUSH_M_S = 1.9  # a house cat's short sprint across a room; our choice


@dataclass(frozen=True)
class Segment:
    """One posture from `start` to `end` (seconds), along `path` (K, 3) in metres, facing `heading` unless it walks."""

    start: float
    end: float
    posture: str
    path: Array
    heading: float
    manner: Manner = field(default_factory=Manner)

    def stance(self, t: float, clock: float) -> Stance:
        """Where and how the cat is at `t` seconds of the episode; `clock` are the seconds that still postures follow."""
        part = float(np.clip((t - self.start) / max(self.end - self.start, 1e-6), 0, 1))
        at, heading, run = along(self.path, part, self.heading)
        if self.posture in MOVING:
            phase = round(run / STRIDE_M[self.posture] % 1.0, 3)
        elif self.posture in ONCE:
            phase = round(part, 3)
        else:
            phase = canonical(
                self.posture, clock if self.posture in STILL else (t - self.start) % PERIODS[self.posture]
            )
        place = (round(float(at[0]), 4), round(float(at[1]), 4), round(float(at[2]), 4))
        return Stance(self.posture, phase, place, round(heading, 4), self.manner)


@dataclass(frozen=True)
class Stage:
    """What an episode is played on: the room, the cat's `size`, how far `aside` it keeps, and its own luck."""

    room: Room
    size: float
    aside: float
    rng: Rng

    def side_on(self, towards: Place | None = None) -> float:
        """A heading across the picture, give or take half a radian; away from the nearer wall if `towards` is given."""
        right = towards[0] > self.room.width / 2 if towards else self.rng.random() < 0.5
        return (0.0 if right else np.pi) + float(self.rng.uniform(-0.5, 0.5))

    def free_spot(self) -> Place:
        """A point on the floor away from everything."""
        xs, ys = self.rng.uniform(0.25, 0.75, 6), self.rng.uniform(0.2, 0.45, 6)
        free = [
            (self.room.width * float(x), self.room.depth * float(y) + self.aside, 0.0)
            for x, y in zip(xs, ys, strict=True)
        ]
        taken = [(x, y) for x, y, _ in self.room.places.values()] + [(x, y) for x, y, _ in self.room.obstacles]
        return max(free, key=lambda at: min(float(np.hypot(at[0] - x, at[1] - y)) for x, y in taken))


Play = Callable[[Stage, float], list[Segment]]


def stay(behaviour: str, subtype: str | None, stage: Stage, seconds: float) -> list[Segment]:
    """The segments of an episode that is no walk, from 0 to `seconds`."""
    play = SCENES.get((behaviour, subtype)) or SCENES.get((behaviour, None)) or _sitting
    return play(stage, seconds)


def walk(origin: Place, goal: Place, stage: Stage, start: float, end: float) -> Segment:
    """On four feet from one place to another."""
    manner = Manner(tail_lift=float(stage.rng.uniform(-0.3, 0.3)))
    return Segment(start, end, "walk", around(origin, goal, stage.room), 0.0, manner)


def _asleep(posture: str, headings: tuple[float, float] = (-0.3, 2.4)) -> Play:
    """On the bed; lying in a ring or on the side, these headings turn face and legs to the camera."""

    def play(stage: Stage, seconds: float) -> list[Segment]:
        x, y, z = stage.room.places["bed"]
        heading = float(stage.rng.uniform(*headings))
        return [Segment(0, seconds, posture, np.array([(x, y + stage.aside, z)]), heading)]

    return play


def _eating(stage: Stage, seconds: float) -> list[Segment]:
    bowl = stage.room.places["food_bowl"]
    heading = stage.side_on(bowl)
    return [Segment(0, seconds, "eat", np.array([before(bowl, heading, REACH_M * stage.size)]), heading)]


def _litter(stage: Stage, seconds: float) -> list[Segment]:
    """Dig a hole, squat, turn, cover it: in about these parts of the visit."""
    box = stage.room.places["litter_box"]
    heading = float(stage.rng.choice([0.0, np.pi]) + stage.rng.uniform(-0.25, 0.25))
    cuts = seconds * np.array([0, 0.22, 0.66, 1])
    turned = heading + float(stage.rng.choice([-1, 1])) * 0.5
    facing = (heading, heading, turned)
    return [
        Segment(float(cuts[i]), float(cuts[i + 1]), posture, np.array([box]), facing[i])
        for i, posture in enumerate(("dig", "squat", "dig"))
    ]


def _grooming(stage: Stage, seconds: float) -> list[Segment]:
    """Flank, raised leg and face in turn, 8 to 14 s each."""
    spot, heading = np.array([stage.free_spot()]), float(stage.rng.uniform(*LEFT_SEEN))
    order = stage.rng.permutation(["lick_flank", "groom", "wash_face"])
    out, now = list[Segment](), 0.0
    while now < seconds:
        end = min(now + float(stage.rng.uniform(8, 14)), seconds)
        end = seconds if seconds - end < 3 else end
        out.append(Segment(now, end, str(order[len(out) % 3]), spot, heading))
        now = end
    return out


def _at_post(stage: Stage, seconds: float) -> list[Segment]:
    post = stage.room.places.get("scratching_post")
    if post is None:
        return [Segment(0, seconds, "scratch_post", np.array([stage.free_spot()]), stage.side_on())]
    heading = stage.side_on(post)
    spot = before(post, heading, POST_REACH_M * stage.size + POST_RADIUS_M)
    return [Segment(0, seconds, "scratch_post", np.array([spot]), heading)]


def _still(posture: str, headings: tuple[float, float] = FACE_SEEN) -> Play:
    def play(stage: Stage, seconds: float) -> list[Segment]:
        return [Segment(0, seconds, posture, np.array([stage.free_spot()]), float(stage.rng.uniform(*headings)))]

    return play


def _sitting(stage: Stage, seconds: float) -> list[Segment]:
    """On the floor, or on the window sill now and then, looking out."""
    looks_out = stage.rng.random() < 0.4
    if looks_out and seconds > 8 and "window" in stage.room.places:
        return _looking_out(stage, seconds)
    return _still("sit")(stage, seconds)


def _looking_out(stage: Stage, seconds: float) -> list[Segment]:
    """Up onto the sill, a while at the window, down again."""
    if "window" not in stage.room.places:
        return _still("sit")(stage, seconds)
    sill = stage.room.places["window"]
    out = np.pi if sill[0] < stage.room.width / 2 else 0.0
    foot = (before(sill, out, 0.75)[0], sill[1], 0.0)
    path = np.array([foot])
    return [
        Segment(0, 1.2, "lurk", path, out),
        Segment(1.2, 2.0, "leap", arc(foot, sill, 0.12), out),
        Segment(2.0, seconds - 2.0, "sit", np.array([sill]), out + float(stage.rng.uniform(-0.35, 0.35))),
        Segment(seconds - 2.0, seconds - 1.2, "leap", arc(sill, foot, 0.06), out + np.pi),
        Segment(seconds - 1.2, seconds, "stand", path, out + np.pi),
    ]


def _playing(stage: Stage, seconds: float) -> list[Segment]:
    """Batting at the toy; every so often the cat goes off, lies in wait and pounces on it."""
    room, out, now, rng = stage.room, list[Segment](), 0.0, stage.rng
    toy = room.places["toy"]
    heading, reach = stage.side_on(toy), REACH_M * stage.size
    while now < seconds:
        at = before(toy, heading, reach)
        end = min(now + float(rng.uniform(4, 8)), seconds)
        end = seconds if seconds - end < 7 else end
        out.append(Segment(now, end, "bat", np.array([at]), heading))
        if end == seconds:
            break
        turn = float(rng.uniform(0.5, 1.2))
        heading = max((heading - turn, heading + turn, heading + np.pi), key=lambda way: _seen_from(room, toy, way))
        lair, jump = before(toy, heading, 0.95), before(toy, heading, 0.66)
        out.append(walk(at, lair, stage, end, end + 2.2))
        out.append(Segment(end + 2.2, end + 4.4, "lurk", np.array([lair]), heading))
        out.append(Segment(end + 4.4, end + 4.7, "rush", np.array([lair, jump]), heading))
        out.append(Segment(end + 4.7, end + 5.5, "pounce", np.array([jump, before(toy, heading, reach)]), heading))
        now = end + 5.5
    return out


def _seen_from(room: Room, toy: Place, heading: float) -> float:
    """How well the place is in the picture from which a cat springs at the toy: metres to the nearest edge, at most 0.6."""
    x, y, _ = before(toy, heading, 0.95)
    return min(x, room.width - x, y + 0.2, room.depth - y, 0.6)


def _hunting(stage: Stage, seconds: float) -> list[Segment]:
    """Stalking low across the room with halts, then a rush and a pounce; again from there until the time is over."""
    rng, room = stage.rng, stage.room
    out, now, side = list[Segment](), 0.0, float(rng.choice([-1, 1]))
    here = (room.width * (0.5 - 0.24 * side), room.depth * float(rng.uniform(0.2, 0.36)) + stage.aside, 0.0)
    while now < seconds:
        there = (room.width * (0.5 + 0.24 * side), room.depth * float(rng.uniform(0.2, 0.36)) + stage.aside, 0.0)
        way = np.linspace(here, there, 4)
        heading = float(np.arctan2(*(way[3] - way[0])[1::-1]))
        parts = [("stalk", way[:2], 4.2), ("lurk", way[1:2], float(rng.uniform(2, 4))), ("stalk", way[1:3], 4.2),
                 ("lurk", way[2:3], float(rng.uniform(2, 4)))]  # fmt: skip
        leg = float(np.linalg.norm(way[3] - way[2]))
        spring = way[2] + (way[3] - way[2]) * max(0.0, 1 - 0.4 / leg)
        parts += [("rush", np.stack([way[2], spring]), max(leg - 0.4, 0.1) / RUSH_M_S),
                  ("pounce", np.stack([spring, way[3]]), 0.7), ("bat", way[3:4], float(rng.uniform(1.5, 3)))]  # fmt: skip
        for posture, path, length in parts:
            out.append(Segment(now, min(now + length, seconds), posture, path, heading))
            now += length
            if now >= seconds:
                break
        here, side = there, -side
    return out


SCENES: dict[tuple[str, str | None], Play] = {
    ("sleeping", None): _asleep("curl"), ("sleeping", "stretched"): _asleep("sprawl"), ("sleeping", "loaf"): _asleep("doze", LEFT_SEEN),
    ("eating", None): _eating, ("using_litter_box", None): _litter, ("grooming", None): _grooming,
    ("scratching", None): _at_post, ("scratching", "leg"): _still("scratch_leg", FACE_SEEN), ("hunting", None): _hunting,
    ("playing", None): _playing, ("other", "loafing"): _still("loaf"), ("other", "hunched"): _still("hunch"),
    ("other", "standing"): _still("stand"), ("other", "window"): _looking_out,
}  # fmt: skip
"""By behaviour and subtype; a subtype that has no scene of its own is played as its behaviour."""
