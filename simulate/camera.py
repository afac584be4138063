"""A camera in a simulated room: any frame of it, cheaply, with the truth about what it shows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from simulate.acting import EPOCH, Actor
from simulate.cat import Sprite, Stance, draw_cat
from simulate.compose import Sighting, place_cats
from simulate.flesh import Body
from simulate.lens import Lens
from simulate.light import Light, drawn_in, exposed, light_at, light_for
from simulate.people import Passer, draw_person, passer
from simulate.room import Room, draw_room
from simulate.routine import Episode
from simulate.surface import Canvas
from simulate.toys import ToyBox, struck
from simulate.view import View

Picture = NDArray[np.uint8]

LIGHTS = 2  # rooms kept as drawn, each in one light
PATCHES, SPRITES = 160, 40  # drawn pieces kept: more than the frames of one posture's period
NOISE_SIGMA = {"day": 2.0, "evening": 3.0, "night": 5.0}  # grey levels, as cheap indoor cameras have
NOISE_PERIOD_MS = 10_000  # then the grain comes again; two keyframe intervals
CLOUD_PERIOD_S, CLOUD_STEP_S, CLOUD_DIMS = 97.0, 5.0, 5  # a passing cloud dims the day by up to 5 %, in steps of 1 %


@dataclass(frozen=True)
class Shot:
    """All that decides what a frame looks like: equal shots are equal pictures."""

    light: Light
    dimmed: int  # per cent that clouds take
    noise: int
    stances: tuple[Stance | None, ...]
    somebody: Passer | None


@dataclass(frozen=True)
class Frame:
    """One frame: `ts` in UTC; `doing` is what each cat in the room does, seen or not. It is drawn when it is looked at."""

    ts: datetime
    key: Shot
    doing: dict[str, Episode]
    camera: Camera

    @property
    def yuv(self) -> Picture:
        """Planar 4:2:0 (h * 3 / 2, w)."""
        return self.camera.picture(self.key)

    @property
    def truth(self) -> dict[str, Sighting]:
        """What it truly shows of each cat by name."""
        return self.camera.truth(self.key)


@dataclass(frozen=True)
class _Patch:
    left: int
    top: int
    yuv: Picture
    truth: dict[str, Sighting]


class Camera:
    """One camera of a simulated home; `draws` counts how often a cat had to be drawn anew."""

    def __init__(
        self, room: Room, view: View, cats: dict[str, tuple[Body, Actor]], seed: int, zone: tzinfo = UTC,
        bend: float = 0.0, people: bool = False, style: str = "soft",
    ):  # fmt: skip
        """A camera that has seen nothing yet.

        Args:
            cats: by name, with the actor that plays them.
            seed: of its noise, its lamps and who passes.
            zone: decides when it is day.
            bend: of the lens.
            people: whether they pass through the room.
            style: of drawing, one of STYLES.

        Raises:
            ValueError: if a side of the view is odd, or there is no such style.
        """
        if view.width % 2 or view.height % 2:
            raise ValueError(f"a picture of {view.width}x{view.height}: width and height must be even for 4:2:0 video")
        drawn_in(light_for(12, view), style)
        self.draws, self._style = 0, style
        self.view, self.lens = view, Lens(view.width, view.height, bend)
        self._room, self._cats, self._zone, self._seed, self._people = room, cats, zone, seed, people
        self._scenes: OrderedDict[Light, _Scene] = OrderedDict()
        self._sprites: OrderedDict[tuple[str, Stance, Light], Sprite | None] = OrderedDict()

    def frames(self, start: datetime, seconds: float, fps: int) -> Iterator[Frame]:
        """Frames from `start` for `seconds`."""
        for k in range(round(seconds * fps)):
            yield self.frame(start + timedelta(seconds=k) / fps)

    def frame(self, ts: datetime) -> Frame:
        """The frame at `ts`: it depends on nothing that was asked for before."""
        doing = {name: episode for name, (_, actor) in self._cats.items() if (episode := actor.doing(ts))}
        return Frame(ts, self._shot(ts), doing, self)

    def picture(self, shot: Shot) -> Picture:
        """A shot as planar 4:2:0 (h * 3 / 2, w)."""
        scene = self._scene(shot.light)
        yuv = scene.dimmed(shot.dimmed).copy()
        patch = self._patch(scene, shot)
        if patch is not None:
            _paste(yuv, patch, self.view, shot.dimmed)
        x, y = np.random.default_rng((self._seed, 5, shot.noise)).integers(0, 64, 2)
        luma = yuv[: self.view.height]
        cv2.add(luma, scene.noise[y : y + self.view.height, x : x + self.view.width], dst=luma, dtype=cv2.CV_8U)
        return yuv

    def truth(self, shot: Shot) -> dict[str, Sighting]:
        """What a shot shows of each cat by name."""
        patch = self._patch(self._scene(shot.light), shot)
        return patch.truth if patch else {}

    def _shot(self, ts: datetime) -> Shot:
        light = drawn_in(light_at(ts.astimezone(self._zone), self.view, self._seed), self._style)
        t = (ts - EPOCH).total_seconds()
        dimmed = 0
        if light.name == "day":
            cloud = 0.5 - 0.5 * np.cos(2 * np.pi * (t // CLOUD_STEP_S * CLOUD_STEP_S) / CLOUD_PERIOD_S)
            dimmed = round(CLOUD_DIMS * float(cloud))
        stances = tuple(actor.stance(ts) for _, actor in self._cats.values())
        somebody = passer(self._room, self._seed, ts, self._zone) if self._people else None
        return Shot(light, dimmed, round(t * 1000) % NOISE_PERIOD_MS, stances, somebody)

    def _scene(self, light: Light) -> _Scene:
        if light not in self._scenes:
            self._scenes[light] = _Scene(self._room, self.view, self.lens, light, self._seed)
            if len(self._scenes) > LIGHTS:
                self._scenes.popitem(last=False)
        self._scenes.move_to_end(light)
        return self._scenes[light]

    def _patch(self, scene: _Scene, shot: Shot) -> _Patch | None:
        key = (shot.stances, shot.somebody)
        if key not in scene.patches:
            scene.patches[key] = self._draw(scene, shot)
            if len(scene.patches) > PATCHES:
                scene.patches.popitem(last=False)
        scene.patches.move_to_end(key)
        return scene.patches[key]

    def _draw(self, scene: _Scene, shot: Shot) -> _Patch | None:
        """Cats and people into the empty room; what was touched is copied out as a patch and wiped again."""
        present = {name: stance for name, stance in zip(self._cats, shot.stances, strict=True) if stance}
        sprites = {name: sprite for name in present if (sprite := self._sprite(name, present[name], shot.light))}
        person = draw_person(shot.somebody, self.view, shot.light) if shot.somebody else None
        if not sprites and person is None:
            return None
        drawn = [*sprites.values(), *([person] if person else [])]
        toy = next((now for stance in present.values() if (now := struck(stance, self._room))), None)
        if toy is not None:
            scene.toy.lay(scene.work, toy)
        seen, (rows, cols) = place_cats(scene.work.picture, scene.work.depth, drawn, self.view, self.lens)
        if toy is not None:
            rows, cols = _both(rows, scene.toy.rows), _both(cols, scene.toy.cols)
        shown_rows, shown_cols = self.lens.window(rows, cols)
        part = self.lens.shown(scene.work.picture, shown_rows, shown_cols)
        yuv = _to_yuv(exposed(part, shot.light)) if part.size else np.zeros((0, 0), np.uint8)
        scene.wipe(rows, cols)
        truth = {name: sighting for name, sighting in zip(sprites, seen, strict=False) if sighting is not None}
        return _Patch(shown_cols.start, shown_rows.start, yuv, truth)

    def _sprite(self, name: str, stance: Stance, light: Light) -> Sprite | None:
        key = (name, stance, light)
        if key not in self._sprites:
            self.draws += 1
            self._sprites[key] = draw_cat(self._cats[name][0], stance, self.view, light)
            if len(self._sprites) > SPRITES:
                self._sprites.popitem(last=False)
        self._sprites.move_to_end(key)
        return self._sprites[key]


class _Scene:
    """The empty room in one light, and what was drawn into it."""

    def __init__(self, room: Room, view: View, lens: Lens, light: Light, seed: int):
        self._canvas = draw_room(room, view, light)
        whole = slice(0, view.height), slice(0, view.width)
        self._empty = {0: _to_yuv(exposed(lens.shown(self._canvas.picture, *whole), light))}
        self._height = view.height
        self._room, self._view = room, view
        self.work = Canvas(view, light)
        self.wipe(*whole)
        self.patches: OrderedDict[tuple[tuple[Stance | None, ...], Passer | None], _Patch | None] = OrderedDict()
        rng = np.random.default_rng((seed, 3))
        shape = (view.height + 64, view.width + 64)
        grain = rng.normal(0, 1, shape).astype(np.float32)
        if light.flat:  # blotches, as a camera leaves them that smooths its picture
            grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), 1.3), np.float32)
            grain /= grain.std()
        self.noise = np.round(grain * NOISE_SIGMA[light.name]).astype(np.int8)

    @cached_property
    def toy(self) -> ToyBox:
        """The room's toy, drawn apart once a cat bats at it."""
        return ToyBox(self._room, self._view, self._canvas)

    def dimmed(self, dimmed: int) -> Picture:
        """The empty room, per cent darker; not to be written to."""
        if dimmed not in self._empty:
            darker = self._empty[0].copy()
            cv2.LUT(darker[: self._height], _dimming(dimmed), dst=darker[: self._height])
            self._empty[dimmed] = darker
        return self._empty[dimmed]

    def wipe(self, rows: slice, cols: slice) -> None:
        """Take cats and people out of a window again."""
        self.work.picture[rows, cols] = self._canvas.picture[rows, cols]
        self.work.depth[rows, cols] = self._canvas.depth[rows, cols]


def _to_yuv(picture: NDArray[np.float32]) -> Picture:
    """RGB 0..1 (h, w, 3), even sides, to planar 4:2:0 (h * 3 / 2, w)."""
    return np.asarray(cv2.cvtColor(cv2.convertScaleAbs(picture, alpha=255), cv2.COLOR_RGB2YUV_I420), np.uint8)


def _both(first: slice, second: slice) -> slice:
    return slice(min(first.start, second.start), max(first.stop, second.stop))


def _dimming(dimmed: int) -> Picture:
    """What each grey level (256) becomes, per cent darker."""
    return np.round(np.arange(256) * (1 - dimmed / 100)).astype(np.uint8)


def _paste(yuv: Picture, patch: _Patch, view: View, dimmed: int) -> None:
    """Put a patch's luma, per cent darker, and both chroma planes where they belong, in place."""
    rows, width = patch.yuv.shape[0] * 2 // 3, patch.yuv.shape[1]
    luma = cv2.LUT(patch.yuv[:rows], _dimming(dimmed)) if dimmed and patch.yuv.size else patch.yuv[:rows]
    yuv[patch.top : patch.top + rows, patch.left : patch.left + width] = luma
    y, x, h, w = patch.top // 2, patch.left // 2, rows // 2, width // 2
    chroma, flat = view.height * view.width // 4, yuv.reshape(-1)
    for plane in range(2):
        start = (4 + plane) * chroma
        target = flat[start : start + chroma].reshape(view.height // 2, view.width // 2)
        target[y : y + h, x : x + w] = patch.yuv[rows:].reshape(2, h, w)[plane]
