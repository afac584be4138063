"""Event files as TensorBoard itself reads them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util.tensor_util import make_ndarray

Points = dict[int, np.ndarray]
"""What a tag holds, by step."""


def read_run(folder: Path) -> dict[str, Points]:
    """Every tag of a run, whole."""
    run = EventAccumulator(str(folder), size_guidance={"tensors": 0})
    run.Reload()
    return {
        tag: {event.step: make_ndarray(event.tensor_proto) for event in run.Tensors(tag)}
        for tag in run.Tags()["tensors"]
    }


def value(run: dict[str, Points], tag: str, step: int) -> float:
    """One point of a line."""
    return float(run[tag][step])
