"""Where the cats of a simulated home can be: in front of a camera, at a zone of it or not, or out of sight."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from random import Random

__all__ = ["UNSEEN", "House", "Spot"]

UNSEEN = None
# A spot is a camera (None: out of every camera's sight) and one of its zones (None: anywhere else in its picture).
Spot = tuple[str | None, str | None]

# Furniture that does something, and how many cats it takes: no two cats on one bowl, in one box, on one bed, at one post.
NEEDED = {"meal": "food_bowl", "litter": "litter_box", "sleep": "bed", "scratch": "scratching_post"}

# Seconds, drawn evenly. A room of 4 m at a walking pace of 0.5 to 0.8 m/s; both our choice.
WALK_S = (5, 9)
AWAY_S = (8, 25)

Leg = tuple[int, str | None, str]  # seconds, camera, subtype


class House:
    """The spots of a home, and until when each is taken.

    Args:
        cameras: the zones each camera sees. A bowl, box, bed or post that no camera sees is somewhere out of sight.
    """

    def __init__(self, cameras: Mapping[str, Collection[str]]) -> None:
        self.cameras = list(cameras)
        self._spots: dict[str, list[Spot]] = {
            need: [(camera, zone) for camera, zones in cameras.items() if zone in zones] or [(UNSEEN, zone)]
            for need, zone in NEEDED.items()
        }
        self._taken: dict[Spot, int] = {}

    def free(self, need: str, now: int) -> list[Spot]:
        """The spots of a need that nobody has taken at a UTC second; ask in the order of time."""
        return [spot for spot in self._spots[need] if self.is_free(spot, now)]

    def is_free(self, spot: Spot, now: int) -> bool:
        """Whether nobody has taken a spot at a UTC second; ask in the order of time."""
        return self._taken.get(spot, now) <= now

    def take(self, spot: Spot, until: int) -> None:
        """Take a spot, the way to it included, until a UTC second."""
        self._taken[spot] = until

    def way(self, rng: Random, origin: str | None, goal: str | None) -> list[Leg]:
        """The way from one camera's room to another's: walking is seen, between two rooms the cat is out of sight."""
        if origin is UNSEEN and goal is UNSEEN:
            return []
        if origin == goal:
            return [(rng.randint(*WALK_S), origin, "walking")]
        legs: list[Leg] = [(rng.randint(*WALK_S), origin, "walking")] if origin is not UNSEEN else []
        legs.append((rng.randint(*AWAY_S), UNSEEN, "away"))
        return [*legs, (rng.randint(*WALK_S), goal, "walking")] if goal is not UNSEEN else legs
