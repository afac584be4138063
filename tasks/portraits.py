"""Drawn cats, each in many rooms, lights and postures: what one cat differs from itself is learned from them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.detector.pictures import read_image
from simulate.cat import draw_cat
from simulate.close_ups import LEAST_PIXELS, as_there, framed
from simulate.coat import COATS, varied
from simulate.compose import place_cats
from simulate.flesh import Body
from simulate.light import drawn_in, exposed, light_for
from simulate.room import draw_room
from simulate.training import developed, random_light, random_room, random_stance, view_of
from simulate.view import View

__all__ = ["Portrait", "litters", "portraits", "read_portraits", "write_portraits"]

SIZE = 480  # longer side, pixels
A_ROOM = 8  # cats drawn into one room: the room costs more than a cat
NIGHTS = 0.3  # share of the rooms under infrared
LEAST_SHOWN = 0.4
CLOSE = 0.75  # share of the rooms in which the cat is seen large


@dataclass(frozen=True)
class Portrait:
    """A picture of one cat.

    Attributes:
        picture: RGB `uint8 [h,w,3]`.
        box: x1 y1 x2 y2 as shares 0..1.
        cat: its number.
        night: whether it was drawn under infrared.
    """

    picture: NDArray[np.uint8]
    box: NDArray[np.float32]
    cat: int
    night: bool


def litters(count: int, seed: int) -> list[Body]:
    """Cats of every kind of coat in turn, no two alike."""
    rng = np.random.default_rng((seed, 61))
    kinds = list(COATS.values())
    return [
        Body(varied(kinds[number % len(kinds)], rng), float(rng.uniform(0.9, 1.15)), float(rng.uniform(0.9, 1.2)))
        for number in range(count)
    ]


def portraits(
    bodies: Sequence[Body], rooms: int, seed: int, *, nights: float = NIGHTS, style: str = "soft"
) -> Iterator[Portrait]:
    """Some of the cats in each of many rooms; same seed, same pictures.

    Args:
        bodies: the cats, by number.
        rooms: how many.
        seed: of the rooms.
        nights: share of them under infrared.
        style: of drawing.
    """
    for number in range(rooms):
        rng = np.random.default_rng((seed, number, 63))
        room = random_room(rng)
        first = random_stance(rng, room)
        view = view_of(rng, room, first, SIZE)
        view = framed(rng, view, first) if rng.random() < CLOSE else view
        light = drawn_in(light_for(2, view) if rng.random() < nights else random_light(rng, view), style)
        canvas = draw_room(room, view, light)
        empty = canvas.picture.copy(), canvas.depth.copy()
        for cat in rng.choice(len(bodies), min(A_ROOM, len(bodies)), replace=False):
            canvas.picture[:], canvas.depth[:] = empty
            sprite = draw_cat(bodies[cat], as_there(rng, room, first), view, light)
            seen = place_cats(canvas.picture, canvas.depth, [sprite], view)[0][0] if sprite is not None else None
            if seen is None or seen.shown < LEAST_SHOWN or _long_side(seen.box, view) < LEAST_PIXELS:
                continue
            yield Portrait(
                developed(rng, exposed(canvas.picture, light), light),
                np.array(seen.box, np.float32),
                int(cat),
                light.infrared,
            )


def write_portraits(out: Path, cats: int, rooms: int, seed: int) -> None:
    """Write portraits of `cats` cats as `out/*.jpg`, and `out/portraits.json` with what is on them."""
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, each in enumerate(portraits(litters(cats, seed), rooms, seed)):
        name = f"portrait-{number:05d}.jpg"
        cv2.imwrite(str(out / name), each.picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 60 + number * 7 % 36])
        rows.append(
            {"file": name, "box": [round(side, 5) for side in each.box.tolist()], "cat": each.cat, "night": each.night}
        )
    (out / "portraits.json").write_text(json.dumps(rows) + "\n", encoding="utf-8")


def read_portraits(folder: Path) -> Iterator[Portrait]:
    """What `write_portraits` wrote."""
    for row in json.loads((folder / "portraits.json").read_text(encoding="utf-8")):
        yield Portrait(read_image(folder / row["file"]), np.array(row["box"], np.float32), row["cat"], row["night"])


def _long_side(box: tuple[float, float, float, float], view: View) -> float:
    return max((box[2] - box[0]) * view.width, (box[3] - box[1]) * view.height)
