"""Which of its own models a home works with: the behaviour network, and the forecasters of habits.

They lie in `data/models/behaviour` and `data/models/habits`, a folder each; `state.json` beside them says which are in place. A
home that has no behaviour network of its own reads with the one that params.yaml names.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from home.errors import ModelError, WrongUse
from home.folder import Home
from home.store import write_file

__all__ = [
    "Standing",
    "What",
    "behaviour_model",
    "champion_folder",
    "promote",
    "read_standing",
    "take_back",
    "write_standing",
]

NETWORK, STATE = "behaviour.onnx", "state.json"

What = Literal["behaviour", "habits"]
"""Of which models one is in place."""
_NONE_WAITS: dict[What, str] = {
    "behaviour": "no behaviour network waits to be put in place; `catml train behaviour` trains one",
    "habits": "no habit models wait to be put in place; `catml weekly` learns some",
}
_NONE_BEFORE: dict[What, str] = {
    "behaviour": "no network of this home's own is in place: there is none to take back",
    "habits": "no habit models were in place before: there are none to go back to",
}
_DAMAGED: dict[What, tuple[str, str]] = {
    "behaviour": ("network is", "the one that params.yaml names"),
    "habits": ("models are", "what `catml weekly` learns next"),
}


class Standing(BaseModel):
    """What stands for one `behave.model`, or for the habits; `state.json` has it by that name.

    Attributes:
        promoted: names of those that were put in place, the present one last; none: what params.yaml names is in place.
        waiting: name of the one that may be put in place; empty if none may.
        taken_back: names of those that people took back since one was last put in place.
    """

    model_config = ConfigDict(extra="forbid")

    promoted: list[str] = []
    waiting: str = ""
    taken_back: list[str] = []


def champion_folder(home: Home, what: What = "behaviour") -> Path:
    """Where the home's own models lie."""
    return home.root / "data" / "models" / what


def read_standing(home: Home, what: What = "behaviour") -> Standing:
    """Which models are in place; nothing was ever trained: none.

    Raises:
        ModelError: the file is damaged.
    """
    return _all(home, what).get(_name(home, what), Standing())


def write_standing(home: Home, standing: Standing, what: What = "behaviour") -> None:
    """Write it whole, or leave what was there."""
    tree = {name: each.model_dump() for name, each in _all(home, what).items()}
    tree[_name(home, what)] = standing.model_dump()
    write_file(champion_folder(home, what) / STATE, (json.dumps(tree, indent=1) + "\n").encode())


def _name(home: Home, what: What) -> str:
    return home.params.behave.model if what == "behaviour" else what


def _all(home: Home, what: What) -> dict[str, Standing]:
    file = champion_folder(home, what) / STATE
    try:
        return TypeAdapter(dict[str, Standing]).validate_json(file.read_bytes())
    except FileNotFoundError:
        return {}
    except (ValidationError, OSError) as error:
        which, then = _DAMAGED[what]
        raise ModelError(
            f"{str(file)!r} does not say which {which} in place ({type(error).__name__}); delete it, and {then} is"
        ) from error


def behaviour_model(home: Home) -> Path:
    """The ONNX file that the home reads behaviour with.

    Raises:
        ModelError: as `read_standing`.
    """
    promoted = read_standing(home).promoted
    return champion_folder(home) / promoted[-1] / NETWORK if promoted else home.file(home.params.behave.model)


def promote(home: Home, what: What = "behaviour") -> Standing:
    """Put the one that waits in place.

    Raises:
        WrongUse: none waits.
    """
    standing = read_standing(home, what)
    if not standing.waiting:
        raise WrongUse(_NONE_WAITS[what])
    taken_back = [name for name in standing.taken_back if name != standing.waiting]
    standing = Standing(promoted=[*standing.promoted, standing.waiting], taken_back=taken_back)
    write_standing(home, standing, what)
    return standing


def take_back(home: Home, what: What = "behaviour") -> Standing:
    """Put the one before the present one back in place; the present one waits.

    Raises:
        WrongUse: none was put in place; of habits, whose first has none before it, only one.
    """
    standing = read_standing(home, what)
    if len(standing.promoted) <= (what == "habits"):
        raise WrongUse(_NONE_BEFORE[what])
    *former, last = standing.promoted
    standing = Standing(promoted=former, waiting=last, taken_back=[*standing.taken_back, last])
    write_standing(home, standing, what)
    return standing
