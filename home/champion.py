"""Which behaviour network the home reads with: the one that params.yaml names, or one of its own that stands for it.

The home's own networks lie in `data/models/behaviour`, a folder each; `state.json` beside them says which are in place.
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from home.errors import ModelError, WrongUse
from home.folder import Home
from home.store import write_file

__all__ = ["Standing", "behaviour_model", "champion_folder", "promote", "read_standing", "take_back", "write_standing"]

NETWORK, STATE = "behaviour.onnx", "state.json"


class Standing(BaseModel):
    """What stands for one `behave.model`; `state.json` has it by that name.

    Attributes:
        promoted: names of those that were put in place, the present one last; none: what params.yaml names is in place.
        waiting: name of the one that may be put in place; empty if none may.
    """

    model_config = ConfigDict(extra="forbid")

    promoted: list[str] = []
    waiting: str = ""


def champion_folder(home: Home) -> Path:
    """Where the home's own networks lie."""
    return home.root / "data" / "models" / "behaviour"


def read_standing(home: Home) -> Standing:
    """Which networks stand for the one that params.yaml names; nothing was ever trained: none.

    Raises:
        ModelError: the file is damaged.
    """
    return _all(home).get(home.params.behave.model, Standing())


def write_standing(home: Home, standing: Standing) -> None:
    """Write it whole, or leave what was there."""
    tree = {name: each.model_dump() for name, each in _all(home).items()}
    tree[home.params.behave.model] = standing.model_dump()
    write_file(champion_folder(home) / STATE, (json.dumps(tree, indent=1) + "\n").encode())


def _all(home: Home) -> dict[str, Standing]:
    file = champion_folder(home) / STATE
    try:
        return TypeAdapter(dict[str, Standing]).validate_json(file.read_bytes())
    except FileNotFoundError:
        return {}
    except (ValidationError, OSError) as error:
        raise ModelError(
            f"{str(file)!r} does not say which network is in place ({type(error).__name__}); delete it, and the one that "
            "params.yaml names is"
        ) from error


def behaviour_model(home: Home) -> Path:
    """The ONNX file that the home reads behaviour with.

    Raises:
        ModelError: as `read_standing`.
    """
    promoted = read_standing(home).promoted
    return champion_folder(home) / promoted[-1] / NETWORK if promoted else home.file(home.params.behave.model)


def promote(home: Home) -> Standing:
    """Put the network that waits in place.

    Raises:
        WrongUse: none waits.
    """
    standing = read_standing(home)
    if not standing.waiting:
        raise WrongUse("no behaviour network waits to be put in place; `catml train behaviour` trains one")
    standing = standing.model_copy(update={"promoted": [*standing.promoted, standing.waiting], "waiting": ""})
    write_standing(home, standing)
    return standing


def take_back(home: Home) -> Standing:
    """Put the network before the present one back in place; the present one waits.

    Raises:
        WrongUse: none was put in place.
    """
    standing = read_standing(home)
    if not standing.promoted:
        raise WrongUse("no network of this home's own is in place: there is none to take back")
    *former, last = standing.promoted
    standing = standing.model_copy(update={"promoted": former, "waiting": last})
    write_standing(home, standing)
    return standing
