"""Pictures with labels to train detectors on: random rooms, cats, cameras and light."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from simulate.cat import Stance, draw_cat
from simulate.coat import COATS, varied
from simulate.compose import Sighting, place_cats
from simulate.flesh import Body
from simulate.furnish import furnished_room, mounted_camera
from simulate.furniture import Thing
from simulate.light import TESTS_ONLY, Light, drawn_in, exposed, light_for
from simulate.room import Room, draw_room
from simulate.skeleton import Manner
from simulate.surface import Texture
from simulate.view import View

Rng = np.random.Generator

LEAST_SHOWN = 0.25  # a cat of which less is seen gets no label, and its picture is drawn anew
LEAST_PIXELS = 12  # nor does one that is smaller than this
TEST_MARK = "only-for-tests"
POSTURES_ON_FLOOR = (
    "walk", "walk", "stand", "sit", "sit", "loaf", "stalk", "lurk", "rush", "pounce", "leap", "bat", "groom", "lick_flank",
    "wash_face", "scratch_leg", "hunch", "sprawl", "curl",
)  # fmt: skip
POSTURES_AT_REST = ("curl", "curl", "curl", "loaf", "doze", "sprawl", "sit", "groom", "lick_flank")
POSTURES_IN_LITTER = ("squat", "dig", "squat", "stand")


def write_detection_set(
    out: Path,
    count: int,
    seed: int,
    size: int = 640,
    progress: Callable[[int], None] | None = None,
    style: str = "soft",
) -> None:
    """Write `count` pictures, long side `size`, as `out/images/*.jpg` with YOLO labels `out/labels/*.txt` (0 = cat).

    Picture k depends on `seed + k` alone: same seed, same bytes. Every fifth has no cat and an empty label file.

    Raises:
        ValueError: if `style` is the one that only tests may see; `write_test_set` draws that.
    """
    if style == TESTS_ONLY:
        raise ValueError(f"style {style!r} is never trained on: it is there to test what was trained on other styles")
    _write_set(out, count, seed, size, progress, style)


def write_test_set(
    out: Path,
    count: int,
    seed: int,
    size: int = 640,
    progress: Callable[[int], None] | None = None,
    style: str = TESTS_ONLY,
) -> None:
    """The same for tests, in any style; `out/only-for-tests` marks the folder."""
    out.mkdir(parents=True, exist_ok=True)
    (out / TEST_MARK).write_text(f"Drawn in the style {style!r}. No model may be trained on these pictures.\n")
    _write_set(out, count, seed, size, progress, style)


def _write_set(out: Path, count: int, seed: int, size: int, progress: Callable[[int], None] | None, style: str) -> None:
    for folder in ("images", "labels"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    for k in range(count):
        picture, sightings = training_picture(seed + k, size, style)
        name = f"sim-{seed + k:07d}"
        quality = 60 + (seed + k) * 7 % 36
        cv2.imwrite(str(out / "images" / f"{name}.jpg"), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
        (out / "labels" / f"{name}.txt").write_text("".join(map(_yolo_line, sightings)))
        if progress is not None:
            progress(k + 1)


def training_picture(seed: int, size: int, style: str = "soft") -> tuple[NDArray[np.uint8], list[Sighting]]:
    """One RGB picture (h, w, 3) and what is seen of the cats on it."""
    for attempt in range(20):
        rng = np.random.default_rng((seed, attempt))
        drawn = _attempt(rng, size, style, cats=0 if seed % 5 == 0 else int(rng.choice((1, 1, 1, 2, 3))))
        if drawn is not None:
            return drawn
    raise RuntimeError(f"no picture with clearly visible cats in 20 attempts for seed {seed}")


def _attempt(rng: Rng, size: int, style: str, cats: int) -> tuple[NDArray[np.uint8], list[Sighting]] | None:
    room = random_room(rng)
    stances = [random_stance(rng, room) for _ in range(max(cats, 1))]
    view = view_of(rng, room, stances[0], size)
    if cats and rng.random() < 0.18:
        room = replace(room, things=(*room.things, carton_between(rng, view, stances[0])))
    light = drawn_in(random_light(rng, view), style)
    canvas = draw_room(room, view, light)
    bodies = [random_body(rng) for _ in stances[:cats]]
    drawn = [draw_cat(body, stance, view, light) for body, stance in zip(bodies, stances, strict=False)]
    sightings, _ = place_cats(canvas.picture, canvas.depth, [d for d in drawn if d is not None], view)
    seen = [s for s in sightings if s is not None]
    if any(s.shown < LEAST_SHOWN or _long_side(s, view) < LEAST_PIXELS for s in seen) or (cats and not seen):
        return None
    return developed(rng, exposed(canvas.picture, light), light), seen


def random_room(rng: Rng) -> Room:
    """A furnished room with a few more things that lie about, some of which a careless eye takes for a cat."""
    room = furnished_room(rng)
    things = list(room.things)
    for _ in range(int(rng.integers(0, 6))):
        at = (float(rng.uniform(0.3, room.width - 0.3)), float(rng.uniform(0.2, room.depth - 0.8)))
        first, second = rng.uniform(0.05, 0.9, (2, 3))
        cloth = Texture(str(rng.choice(("plain", "weave", "bands", "books"))), (first[0], first[1], first[2]),
                        (second[0], second[1], second[2]), 0.4, int(rng.integers(99)))  # fmt: skip
        kind = str(rng.choice(("cushion", "toy", "carton", "lamp", "cabinet")))
        side = rng.uniform(0.1, 0.45, 3)
        low = -0.04 if kind == "cushion" else 0.0
        things.append(Thing(kind, (*at, low), (side[0], side[1], side[2]), cloth))
    return replace(room, things=tuple(things))


def random_stance(rng: Rng, room: Room) -> Stance:
    """A cat somewhere sensible: on the floor, the bed, the sofa, at the bowl or in the litter."""
    kind = str(rng.choice(("floor", "floor", "floor", "bed", "sofa", "food_bowl", "litter_box")))
    heading = float(rng.uniform(0, 2 * np.pi))
    manner = Manner(*rng.normal(0, (22, 12, 0.05, 0.5)))
    at = (float(rng.uniform(0.4, room.width - 0.4)), float(rng.uniform(0.2, room.depth - 1.2)), 0.0)
    postures: tuple[str, ...] = POSTURES_ON_FLOOR
    if kind == "bed":
        at, postures = room.places["bed"], POSTURES_AT_REST
    elif kind == "litter_box":
        at, postures = room.places["litter_box"], POSTURES_IN_LITTER
    elif kind == "food_bowl":
        x, y, z = room.places["food_bowl"]
        at, postures = (x - 0.26 * np.cos(heading), y - 0.26 * np.sin(heading), z), ("eat",)
    elif kind == "sofa":
        sofa = next(t for t in room.things if t.kind == "sofa")
        at = (sofa.at[0] + float(rng.uniform(-0.5, 0.5)), sofa.at[1] - 0.12, sofa.at[2] + 0.54 * sofa.size[2])
        postures = POSTURES_AT_REST
    return Stance(str(rng.choice(postures)), float(rng.uniform(0, 1)), at, heading, manner)


def random_body(rng: Rng) -> Body:
    coat = varied(COATS[str(rng.choice(list(COATS)))], rng)
    return Body(coat, float(rng.uniform(0.7, 1.15)), float(rng.uniform(0.88, 1.25)))


def view_of(rng: Rng, room: Room, stance: Stance, size: int) -> View:
    """A camera on the wall, or a hand-held one near the first cat."""
    ratio = float(rng.choice((16 / 9, 4 / 3, 4 / 3, 1.0, 3 / 4)))
    width, height = (size, round(size / ratio)) if ratio >= 1 else (round(size * ratio), size)
    if rng.random() < 0.35:
        return mounted_camera(rng, room, width, height)
    at = np.add(stance.at, (0, 0, 0.12))
    bearing, away, rise = rng.uniform(-np.pi, 0), 0.6 + rng.gamma(1.6, 0.45), rng.uniform(0.02, 1.2)
    eye = np.add(at, (away * np.cos(bearing), away * np.sin(bearing), rise))
    eye = np.clip(eye, (0.1, -1.5, 0.12), (room.width - 0.1, room.depth - 0.2, 2.2))
    target = at + rng.normal(0, 0.12, 3) * away
    return View((float(eye[0]), float(eye[1]), float(eye[2])), (float(target[0]), float(target[1]), float(target[2])),
                float(rng.uniform(40, 68)), width, height, float(rng.normal(0, 5)))  # fmt: skip


def carton_between(rng: Rng, view: View, stance: Stance) -> Thing:
    part = rng.uniform(0.72, 0.85)
    x, y = np.array(view.eye[:2]) * (1 - part) + np.array(stance.at[:2]) * part + rng.normal(0, 0.12, 2)
    red, green, blue = rng.uniform(0.2, 0.85, 3)
    wrap = Texture("weave", (red, green, blue), (red * 0.9, green * 0.85, blue * 0.8), 0.5, int(rng.integers(99)))
    side = rng.uniform(0.12, 0.3, 3)
    return Thing("carton", (float(x), float(y), 0.0), (side[0], side[1], side[2]), wrap, float(rng.uniform(0, np.pi)))


def random_light(rng: Rng, view: View) -> Light:
    light = light_for(float(rng.choice((8, 10, 12, 14, 17, 20, 21, 2))), view, float(rng.choice((-1.0, 1.0))))
    if light.infrared:
        return light
    gain, warmth = rng.uniform(0.75, 1.35), rng.normal(0, 0.06)
    tint = np.array([1 + warmth, 1.0, 1 - warmth]) * gain
    key, ambient = np.multiply(light.key, tint) * rng.uniform(0.6, 1.25), np.multiply(light.ambient, tint)
    return replace(light, key=(key[0], key[1], key[2]), ambient=(ambient[0], ambient[1], ambient[2]))


def developed(rng: Rng, picture: NDArray[np.float32], light: Light) -> NDArray[np.uint8]:
    """Lens and sensor: a little blur, tone, noise."""
    if rng.random() < 0.5:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.4, 1.2))), np.float32)
    picture = np.power(picture, rng.uniform(0.85, 1.2)) * 255
    sigma = rng.uniform(3, 8) if light.infrared else rng.uniform(0.5, 5)
    channels = 1 if light.infrared else 3
    picture = picture + rng.normal(0, sigma, (*picture.shape[:2], channels)).astype(np.float32)
    return np.clip(picture, 0, 255).astype(np.uint8)


def _long_side(seen: Sighting, view: View) -> float:
    return max((seen.box[2] - seen.box[0]) * view.width, (seen.box[3] - seen.box[1]) * view.height)


def _yolo_line(seen: Sighting) -> str:
    x1, y1, x2, y2 = seen.box
    return f"0 {(x1 + x2) / 2:.6f} {(y1 + y2) / 2:.6f} {x2 - x1:.6f} {y2 - y1:.6f}\n"
