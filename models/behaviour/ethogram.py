"""The ethogram that ships: what a cat is said to do, in one order for every array that has a place per behaviour."""

from __future__ import annotations

__all__ = ["BEHAVIOURS", "NEEDS_ZONE", "OTHER"]

BEHAVIOURS = ("sleeping", "eating", "playing", "grooming", "scratching", "hunting", "using_litter_box", "other")
"""Scratching is claws on a post or furniture, or a hind leg at the own body; `other` is whatever has no name here."""

OTHER = BEHAVIOURS.index("other")

NEEDS_ZONE = {"eating": "food_bowl", "using_litter_box": "litter_box"}
"""The kind of zone that a behaviour takes place in: where no camera shows one, it may happen out of sight."""
