"""Which cat a log means: by the name it uses, by what the caller said, or by its weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from home.config import HomeConfig
from home.ethogram import UNKNOWN, known_cat

__all__ = ["Names"]


@dataclass(frozen=True)
class Names:
    """The cats of a home, as logs speak of them.

    Attributes:
        cats: names by id.
        said: ids by the name that a log uses, lower case.
        everyone: the cat that all rows are of, empty where they may be of several.
        weights: from and to in kg, by id.
    """

    cats: dict[str, str]
    said: dict[str, str] = field(default_factory=dict)
    everyone: str = ""
    weights: dict[str, tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def of_home(cls, config: HomeConfig, said: Sequence[str]) -> Names:
        """The cats of home.yaml, with what `--cat` says: `CAT` for all rows, or `NAME=CAT` for a name that a log uses.

        Raises:
            WrongUse: if the home has no such cat.
        """
        cats = {key: cat.name for key, cat in config.cats.items()}
        weights = {key: (cat.weight_kg[0], cat.weight_kg[1]) for key, cat in config.cats.items() if cat.weight_kg}
        pairs = [text.rpartition("=") for text in said]
        named = {name.strip().casefold(): known_cat(cat, cats) for name, equals, cat in pairs if equals}
        everyone = [known_cat(cat, cats) for _, equals, cat in pairs if not equals]
        return cls(cats, named, everyone[-1] if everyone else "", weights)

    def named(self, name: str) -> str:
        """The cat that a log calls so; nothing is `unknown`.

        Raises:
            WrongUse: if there is none of that name.
        """
        if self.everyone or not name.strip():
            return self.everyone or UNKNOWN
        return self.said.get(name.strip().casefold()) or known_cat(name, self.cats)

    def weighed(self, kg: float) -> str:
        """The one cat that weighs as much, else `unknown`."""
        found = [cat for cat, (low, high) in self.weights.items() if low <= kg <= high]
        return self.everyone or (found[0] if len(found) == 1 else UNKNOWN)
