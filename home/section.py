"""What a part of home.yaml or params.yaml is made of."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

__all__ = ["MayBeEmpty", "Misplaced", "Section"]


class Misplaced(ValueError):
    """A mistake in one of several values; `at` leads from where the validator sits to the wrong one."""

    def __init__(self, message: str, at: tuple[str | int, ...]) -> None:
        super().__init__(message)
        self.at = at


class Section(BaseModel):
    """A part of a configuration file: no unknown key, no guessing of types, nothing changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _empty_is_default(value: Any) -> Any:
    """A section whose lines are all commented out reads as nothing; it stands for its defaults."""
    return {} if value is None else value


MayBeEmpty = BeforeValidator(_empty_is_default)
