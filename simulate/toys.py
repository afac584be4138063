"""A toy that gives way to the paw: where it lies while a cat bats at it, and how it is drawn there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simulate.cat import Stance
from simulate.furniture import FURNITURE, Place, Thing
from simulate.light import falloff
from simulate.pose import STRIKES_HZ
from simulate.room import Room, draw_room
from simulate.surface import Canvas
from simulate.view import View, single

SWING_M, AHEAD_M, PUSH_M, SPIN = 0.06, 0.03, 0.05, 0.9  # aside, ahead of its place, with a strike, radians; our choice
NEAR_M = (0.12, 0.34)  # a cat that bats from here at what lies ahead of it means the toy
AROUND_M = 0.3  # of the toy's place, in which it stays with its tail


@dataclass(frozen=True)
class Struck:
    """The toy at one moment: where it lies, turned by `turn` radians."""

    at: Place
    turn: float


def struck(stance: Stance, room: Room) -> Struck | None:
    """Where the toy lies while a cat strikes at it, from one forepaw to the other and back; None if none does."""
    if stance.posture != "bat" or "toy" not in room.places:
        return None
    toy = np.array(room.places["toy"])
    cos, sin = np.cos(stance.heading), np.sin(stance.heading)
    ahead, left = np.array([cos, sin, 0.0]), np.array([-sin, cos, 0.0])
    way = toy - stance.at
    if not NEAR_M[0] < way @ ahead < NEAR_M[1] or abs(way @ left) > 0.05:
        return None
    phase = 2 * np.pi * STRIKES_HZ * stance.t
    x, y, z = toy + ahead * (AHEAD_M + PUSH_M * abs(np.sin(phase))) + left * (SWING_M * np.cos(phase))
    return Struck((float(x), float(y), float(z)), float(SPIN * np.cos(phase)))


class ToyBox:
    """The toy of a room as one view shows it, apart from the room."""

    def __init__(self, room: Room, view: View, canvas: Canvas):
        """`canvas` shows the room with its toy in place."""
        toys = [thing for thing in room.things if thing.kind == "toy" and thing.at == room.places.get("toy")]
        self._toy: Thing = toys[0]
        self._room = replace(room, things=tuple(thing for thing in room.things if thing is not self._toy))
        x, y, z = self._toy.at
        corners = [
            (x + a, y + b, z + c) for a in (-AROUND_M, AROUND_M) for b in (-AROUND_M, AROUND_M) for c in (0, 0.08)
        ]
        pixels, _ = view.project(np.array(corners))
        low = np.clip(np.floor(pixels.min(axis=0) / 2).astype(int) * 2, 0, (view.width, view.height))
        high = np.clip(np.ceil(pixels.max(axis=0) / 2).astype(int) * 2, 0, (view.width, view.height))
        self.rows, self.cols = slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))
        bare = draw_room(self._room, view, canvas.light)
        self._picture, self._depth = (part[self.rows, self.cols].copy() for part in (bare.picture, bare.depth))

    def lay(self, canvas: Canvas, now: Struck) -> None:
        """Take the toy from its place in `canvas` and lay it where it is now."""
        part = np.s_[self.rows, self.cols]
        canvas.picture[part], canvas.depth[part] = self._picture, self._depth
        FURNITURE["toy"](canvas, replace(self._toy, at=now.at, turn=now.turn))
        height, width = canvas.depth.shape
        x = single(2 * np.arange(self.cols.start, self.cols.stop) / width - 1)[None]
        y = single(2 * np.arange(self.rows.start, self.rows.stop) / height - 1)[:, None]
        reach = falloff(canvas.light, canvas.depth[part], x, y)
        drawn = canvas.depth[part] != self._depth
        canvas.picture[part][drawn] *= reach[drawn][:, None]
