"""Weights to train on from: the file that ships beside the exported one, and what its classes are to a new training."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from home.store import write_file
from models.detector.predict import DEFAULT_WEIGHTS

__all__ = ["START", "begin_classes", "write_start"]

START = DEFAULT_WEIGHTS.with_suffix(".pt")
"""What CatML ships to go on from; what is exported has its normalisation folded into its convolutions."""

_CLASS_LAYER = re.compile(r"model\.\d+\.(one2one_)?cv3\.\d\.2\.(weight|bias)")
"""The layers of a YOLO that have a row for each class."""


def write_start(weights: Path, target: Path) -> None:
    """Write trained weights as they ship: without the heads that answered a teacher. Same weights, same bytes.

    Args:
        weights: the `.pt` of a training.
        target: the `.pt` to write.
    """
    import torch

    trained = torch.load(weights, map_location="cpu", weights_only=False)
    trained.pop("answers", None)
    built = trained["model"].yaml
    if "yaml_file" in built:  # where an architecture lay is of no use elsewhere
        built["yaml_file"] = Path(built["yaml_file"]).name
    buffer = io.BytesIO()
    torch.save(trained, buffer)
    write_file(target, buffer.getvalue())


def begin_classes(network: Any, start: Any, names: Sequence[str]) -> None:
    """Let each class of a network begin as the class of that name, a new one as the mean of all.

    What nobody knows yet is nearer to an animal than to nothing. A network of one class begins as the one that is known.

    Args:
        network: an Ultralytics `DetectionModel` that is to learn `names`; it is changed.
        start: the one it goes on from, all whose other layers it has taken over.
        names: its classes, in order.
    """
    import torch

    known = [str(name) for name in dict(start.names).values()]
    own, rows = network.state_dict(), {}
    for name, value in start.state_dict().items():
        if _CLASS_LAYER.fullmatch(name) and name in own and own[name].shape[1:] == value.shape[1:]:
            new = [value[known.index(each)] if each in known else value.float().mean(0) for each in names]
            rows[name] = torch.stack([row.float() for row in new])
    network.load_state_dict(rows, strict=False)
