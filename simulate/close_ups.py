"""Cats seen large, several of them in each drawn room, with the truth about their keypoints: what a pose is learned from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from simulate.cat import Stance, draw_cat
from simulate.compose import NOTHING, OUTSIDE, Sighting, place_cats
from simulate.flesh import KEYPOINTS
from simulate.light import TESTS_ONLY, Light, drawn_in, exposed
from simulate.overlay import BONES
from simulate.room import Room, draw_room
from simulate.surface import Canvas
from simulate.training import (
    LEAST_SHOWN,
    TEST_MARK,
    carton_between,
    developed,
    random_body,
    random_light,
    random_room,
    random_stance,
    view_of,
)
from simulate.view import View

__all__ = ["as_there", "close_ups", "framed", "write_close_ups"]

Rng = np.random.Generator
Shown = tuple[NDArray[np.uint8], list[Sighting]]

TIMES = 6  # cats drawn into one room: the room costs ten times as much as a cat
LEAST_PIXELS = 40  # a cat whose longer side is smaller shows no joints
FRAMED_M = 0.5  # what the picture shows is about so wide at the cat, times 1 to 2.2
NARROWEST, WIDEST = 9.0, 70.0  # degrees that a view is wide


def close_ups(seed: int, size: int, style: str = "soft") -> Iterator[Shown]:
    """RGB pictures (h, w, 3), longer side `size`, and what is seen of the cats on each; up to six of one room.

    In one of four a second cat is about. Pictures in which little is seen of a cat are left out.
    """
    rng = np.random.default_rng((seed, 77))
    room = random_room(rng)
    first = random_stance(rng, room)
    view = framed(rng, view_of(rng, room, first, size), first)
    if rng.random() < 0.25:
        room = replace(room, things=(*room.things, carton_between(rng, view, first)))
    light = drawn_in(random_light(rng, view), style)
    canvas = draw_room(room, view, light)
    empty = canvas.picture.copy(), canvas.depth.copy()
    for _ in range(TIMES):
        canvas.picture[:], canvas.depth[:] = empty
        stances = [as_there(rng, room, first)]
        if rng.random() < 0.25:
            stances.append(_beside(rng, room, first))
        seen = _with_cats(rng, canvas, stances, view, light)
        if seen:
            yield developed(rng, exposed(canvas.picture, light), light), seen


def write_close_ups(
    out: Path,
    count: int,
    seed: int,
    size: int = 352,
    style: str = "soft",
    progress: Callable[[int], None] | None = None,
) -> None:
    """Write `count` pictures as `out/images/*.jpg` with `out/annotations.json` in the form of Animal-Pose.

    A keypoint is `x y seen` in pixels: 1 seen, -1 hidden (its place is known), 0 off the picture. Same seed, same bytes.
    Pictures in the style that only tests may see mark the folder with `only-for-tests`.
    """
    (out / "images").mkdir(parents=True, exist_ok=True)
    if style == TESTS_ONLY:
        (out / TEST_MARK).write_text(f"Drawn in the style {style!r}. No model may be trained on these pictures.\n")
    rows: list[dict[str, Any]] = []
    number, room = 0, seed
    while number < count:
        for take, (picture, sightings) in enumerate(close_ups(room, size, style)):
            if number == count:
                break
            name = f"close-{room:07d}-{take}.jpg"
            quality = [cv2.IMWRITE_JPEG_QUALITY, 60 + (room * 7 + take * 11) % 36]
            cv2.imwrite(str(out / "images" / name), picture[..., ::-1], quality)
            rows += [_row(name, picture, sighting) for sighting in sightings]
            number += 1
            if progress is not None:
                progress(number)
        room += 1
    tree = {"keypoint_names": KEYPOINTS, "skeleton": BONES, "annotations": rows}
    (out / "annotations.json").write_text(json.dumps(tree) + "\n", encoding="utf-8")


def framed(rng: Rng, view: View, stance: Stance) -> View:
    """The view turned and zoomed so that the cat is seen large."""
    target = np.add(stance.at, (0, 0, 0.12)) + rng.normal(0, 0.05, 3)
    away = float(np.linalg.norm(np.subtract(view.eye, target)))
    wide = FRAMED_M * float(rng.uniform(1.0, 2.2)) * max(view.width / view.height, 1.0)
    angle = float(np.degrees(2 * np.arctan(wide / 2 / away)))
    return replace(
        view, target=(target[0], target[1], target[2]), fov_deg=float(np.clip(angle, NARROWEST, WIDEST))
    )  # fmt: skip


def as_there(rng: Rng, room: Room, first: Stance) -> Stance:
    """Another cat at the same place: another posture, another way it faces."""
    for _ in range(40):
        other = random_stance(rng, room)
        if abs(other.at[2] - first.at[2]) < 0.05:
            break
    jitter = rng.normal(0, 0.04, 2)
    return replace(other, at=(first.at[0] + jitter[0], first.at[1] + jitter[1], first.at[2]))


def _beside(rng: Rng, room: Room, first: Stance) -> Stance:
    other, bearing, away = as_there(rng, room, first), rng.uniform(0, 2 * np.pi), rng.uniform(0.25, 0.5)
    x, y, z = other.at
    return replace(other, at=(x + away * np.cos(bearing), y + away * np.sin(bearing), z))


def _with_cats(rng: Rng, canvas: Canvas, stances: list[Stance], view: View, light: Light) -> list[Sighting]:
    """Draw them; what is seen of each, or nothing where one is hardly seen."""
    sprites = [draw_cat(random_body(rng), stance, view, light) for stance in stances]
    sightings, _ = place_cats(canvas.picture, canvas.depth, [each for each in sprites if each is not None], view)
    seen = [each for each in sightings if each is not None]
    return seen if all(each.shown >= LEAST_SHOWN and _long_side(each, view) >= LEAST_PIXELS for each in seen) else []


def _long_side(seen: Sighting, view: View) -> float:
    return max((seen.box[2] - seen.box[0]) * view.width, (seen.box[3] - seen.box[1]) * view.height)


def _row(name: str, picture: NDArray[np.uint8], seen: Sighting) -> dict[str, Any]:
    height, width = picture.shape[:2]
    points = [
        [0.0, 0.0, 0]
        if hidden == OUTSIDE
        else [round(x * width, 2), round(y * height, 2), 1 if hidden == NOTHING else -1]
        for (x, y, _), hidden in zip(seen.keypoints.tolist(), seen.hidden, strict=True)
    ]
    box = [round(side * size, 2) for side, size in zip(seen.box, (width, height) * 2, strict=True)]
    return {"file": name, "species": "cat", "width": width, "height": height, "bbox_xyxy": box, "keypoints": points}
