"""The rooms, cameras and cats of a simulated home, all from a seed, and any moment of it as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

import numpy as np

from simulate.acting import Actor
from simulate.camera import Camera, Frame
from simulate.coat import COATS, varied
from simulate.flesh import Body
from simulate.furnish import furnished_room, mounted_camera
from simulate.lens import Lens
from simulate.light import STYLES
from simulate.room import Room, zones
from simulate.routine import Episode
from simulate.view import View

CAMERA_NAMES = ("living-room", "utility-room", "bedroom", "study")
CAT_NAMES = ("miso", "tofu", "pixel", "olive")
SEES = (("bed", "food_bowl", "scratching_post", "window"), ("litter_box", "bed")) * 2
SEES_ALONE = ("bed", "food_bowl", "litter_box", "scratching_post", "window")
PLAIN_COATS = ("grey_tabby", "ginger", "tuxedo", "black", "calico", "siamese", "white", "brown_tabby")
BENDS = {"soft": (0.03, 0.14), "flat": (0.16, 0.22)}  # from a good lens to a cheap wide one

Polygon = list[tuple[float, float]]


@dataclass(frozen=True)
class Scenery:
    """What a home looks like, without what happens in it.

    Attributes:
        seed: same seed, same home.
        cameras, cats: 1 to 4, one room each.
        size: width and height in pixels, even.
        zone: decides when it is day.
        people: whether they pass through the rooms.
        style: of drawing, one of STYLES; TESTS_ONLY is for tests and never for training.
    """

    seed: int
    cameras: int = 2
    cats: int = 1
    size: tuple[int, int] = (960, 540)
    zone: tzinfo = UTC
    people: bool = True
    style: str = "soft"

    def __post_init__(self) -> None:
        if not 1 <= self.cameras <= len(CAMERA_NAMES) or not 1 <= self.cats <= len(CAT_NAMES):
            raise ValueError(
                f"{self.cameras} cameras and {self.cats} cats: 1 to {len(CAMERA_NAMES)} of each can be simulated"
            )
        if self.style not in STYLES:
            raise ValueError(f"style {self.style!r}: {' or '.join(STYLES)} can be drawn")

    @property
    def names(self) -> tuple[str, ...]:
        """The cats."""
        return CAT_NAMES[: self.cats]

    def bodies(self) -> dict[str, Body]:
        """What each cat looks like."""
        return litter(self.names, self.seed)

    def camera(self, camera: str, diary: Sequence[Episode]) -> Camera:
        """A camera by its id, in front of which the cats live the diary."""
        number, room, view = self._room(camera)
        actors = {
            cat: (body, Actor([e for e in diary if e.cat == cat], camera, room, self.seed, k, body.size))
            for k, (cat, body) in enumerate(self.bodies().items())
        }
        return Camera(
            room, view, actors, self.seed * 16 + number, self.zone, self._bend(number), self.people, self.style
        )

    def zones(self, camera: str) -> dict[str, Polygon]:
        """The zones that a camera sees: name -> polygon of (x, y) in 0..1."""
        number, room, view = self._room(camera)
        return zones(room, view, Lens(view.width, view.height, self._bend(number)))

    def _room(self, camera: str) -> tuple[int, Room, View]:
        places = seen_places(self.cameras)
        if camera not in places:
            raise ValueError(f"camera {camera!r} is none of this home's: {', '.join(places)}")
        number = list(places).index(camera)
        return number, *furnished_view(self.seed, number, places[camera], self.size)

    def _bend(self, number: int) -> float:
        return float(np.random.default_rng((self.seed, number, 13)).uniform(*BENDS[self.style]))


def render_moments(
    diary: Sequence[Episode], camera: str, moments: Iterable[datetime], scenery: Scenery
) -> Iterator[Frame]:
    """Single frames of a diary, identical to those at the same moments of a whole rendering.

    Args:
        diary: of all cats.
        camera: its id.
        moments: with a zone, in any order; those of one day are cheapest together.
    """
    lens = scenery.camera(camera, diary)
    for moment in moments:
        yield lens.frame(moment.astimezone(UTC))


def seen_places(cameras: int) -> dict[str, tuple[str, ...]]:
    """The places that each of so many cameras sees, by camera id."""
    places = SEES if cameras > 1 else (SEES_ALONE,)
    return dict(zip(CAMERA_NAMES[:cameras], places, strict=False))


def litter(names: Sequence[str], seed: int) -> dict[str, Body]:
    """A body for each cat, no two in the same coat."""
    rng = np.random.default_rng((seed, 11))
    coats = rng.permutation(PLAIN_COATS)[: len(names)]
    return {
        name: Body(varied(COATS[str(coat)], rng), float(rng.uniform(0.95, 1.12)), float(rng.uniform(0.95, 1.15)))
        for name, coat in zip(names, coats, strict=True)
    }


def furnished_view(seed: int, number: int, places: Sequence[str], size: tuple[int, int]) -> tuple[Room, View]:
    """A room and a camera that sees all its places whole."""
    for attempt in range(200):
        rng = np.random.default_rng((seed, number, attempt))
        room = furnished_room(rng, places)
        view = mounted_camera(rng, room, *size)
        points = np.array([(x, y, z + 0.32 * (name == "window")) for name, (x, y, z) in room.places.items()])
        pixels, depth = view.project(points)
        margin = 0.09 * np.array(size)
        if (depth > 0).all() and (pixels > margin).all() and (pixels < np.array(size) - margin).all():
            return room, view
    raise RuntimeError(f"no camera in 200 attempts sees {places} at {size[0]}x{size[1]}, seed {seed}")
