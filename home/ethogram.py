"""The ethogram that ships: the names of what a cat does and how it holds itself, in one order for every array and table."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from home.errors import WrongUse

__all__ = ["BEHAVIOURS", "NEEDS_ZONE", "OTHER", "POSTURES", "UNKNOWN", "known", "known_cat"]

BEHAVIOURS = ("sleeping", "eating", "playing", "grooming", "scratching", "hunting", "using_litter_box", "other")
"""Scratching is claws on a post or furniture, or a hind leg at the own body; `other` is whatever has no name here."""

OTHER = BEHAVIOURS.index("other")

NEEDS_ZONE = {"eating": "food_bowl", "using_litter_box": "litter_box"}
"""The kind of zone that a behaviour takes place in: where no camera shows one, it may happen out of sight."""

POSTURES = ("relaxed", "stressed", "in_pain", "alert", "playful")
UNKNOWN = "unknown"
"""The cat that was not recognised: one of ours that nobody could tell, or a stranger."""


def known(kind: str, name: str, names: Sequence[str]) -> str:
    """A name of the ethogram, as it is written there: `Using litter box` is `using_litter_box`.

    Raises:
        WrongUse: if it is none of them; says which there are, and which one is spelt most like it.
    """
    plain = "_".join(name.strip().casefold().replace("-", " ").replace("_", " ").split())
    if plain in names:
        return plain
    near = difflib.get_close_matches(plain, names, n=1)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    raise WrongUse(f"no {kind} {name!r}; there are: {', '.join(names)}{meant}")


def known_cat(name: str, cats: Mapping[str, str], nobody: bool = True) -> str:
    """The id of a cat, from its id or its name.

    Args:
        name: what was said.
        cats: names of the home's cats by id.
        nobody: it may also be `unknown`.

    Raises:
        WrongUse: if the home has no such cat; says which it has, and how to add one.
    """
    said = name.strip().casefold()
    found = [key for key, called in cats.items() if said in (key, called.strip().casefold())]
    if (nobody and said == UNKNOWN) or found:
        return found[0] if found else UNKNOWN
    there = ", ".join(f"{key} ({called})" for key, called in cats.items()) or "none yet"
    other = f", or say `{UNKNOWN}`" if nobody else ""
    raise WrongUse(f"home.yaml has no cat {name!r}; it has: {there}. Add one under `cats:`{other}")
