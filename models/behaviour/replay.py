"""A few of the moments that a network was trained with, kept beside it: what it must not forget while it learns a home.

A network that goes on learning from new examples alone forgets old ones (McCloskey and Cohen, "Catastrophic interference in
connectionist networks", 1989); old examples mixed in keep them (Robins, "Catastrophic forgetting, rehearsal and
pseudorehearsal", Connection Science 1995). Others of them were never learned from: they calibrate, and they are asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from home.arrays import write_arrays
from home.errors import ModelError

__all__ = ["FILE", "PARTS", "Part", "Replay", "read_replay", "write_replay"]

FILE = "replay.npz"
Part = Literal["learn", "calibrate", "ask"]
"""`calibrate` fits the temperature, which changes no network's first choice: what it chooses may be asked there too."""
PARTS: tuple[Part, ...] = ("learn", "calibrate", "ask")
_LARGEST = float(np.finfo(np.float16).max)


@dataclass(frozen=True)
class Replay:
    """N moments of drawn homes.

    Attributes:
        names: of the evidence `[M]`.
        values, known: evidence and mask `[N, M]`.
        truth: index of the behaviour in BEHAVIOURS `[N]`.
        weight: how much each counts `[N]`.
        part: index in PARTS `[N]`.
        group: moments of one number are of one episode `[N]`.
    """

    names: tuple[str, ...]
    values: NDArray[np.float32]
    known: NDArray[np.bool_]
    truth: NDArray[np.int64]
    weight: NDArray[np.float32]
    part: NDArray[np.int64]
    group: NDArray[np.int64]

    def of(self, *parts: Part) -> Replay:
        """Those of some parts."""
        own = np.isin(self.part, [PARTS.index(part) for part in parts])
        return Replay(
            self.names, self.values[own], self.known[own], self.truth[own], self.weight[own], self.part[own], self.group[own]
        )  # fmt: skip


def write_replay(path: Path, replay: Replay) -> None:
    """Write them small, values as float16. Same moments, same bytes."""
    values = np.clip(replay.values, -_LARGEST, _LARGEST).astype(np.float16)
    write_arrays(path, vars(replay) | {"names": np.array(replay.names), "values": values})


def read_replay(path: Path) -> Replay:
    """What `write_replay` wrote.

    Raises:
        ModelError: it is not there, or damaged.
    """
    try:
        with np.load(path) as kept:
            columns = {name: kept[name] for name in Replay.__annotations__}
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise ModelError(
            f"no moments of the model's own training in {str(path)!r} ({error}): without them nothing says what it forgets; "
            "`python -m tasks.behaviour_train` writes them beside behaviour.onnx"
        ) from error
    return Replay(
        tuple(columns.pop("names").tolist()), columns.pop("values").astype(np.float32),
        *(columns[name] for name in ("known", "truth", "weight", "part", "group")),
    )  # fmt: skip
