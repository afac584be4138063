"""`modes.json`: which file, input size and precision a model offers for each mode.

A folder of weights may hold several files of one detector. The table belongs to the file that people name:

    {"detector.onnx": {"fast": {"file": "detector-int8.onnx", "input_size": 320, "precision": "fp32"},
                       "accurate": {"file": "detector.onnx", "input_size": 448, "second_size": 320, "precision": "bf16"}}}

With a `second_size` every picture is looked at twice, and the boxes are fused (`models/detector/fusion.py`).
File and size are the same whatever runs them; `precision` is what OpenVINO computes in, ONNX Runtime takes no notice.
`python -m bench.models --write` writes the table from what it measured.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from home.errors import ModelError
from models.network import Precision

__all__ = ["MODES_FILE", "Mode", "Offer", "in_mode", "write_modes"]

Mode = Literal["fast", "accurate"]
MODES_FILE = "modes.json"


@dataclass(frozen=True)
class Offer:
    """What a model runs as in one mode.

    Attributes:
        file: the ONNX file.
        input_size: side in pixels that pictures are fitted into; None: what the file's description says.
        precision: that OpenVINO computes in.
        second_size: side of a second view; None: one view.
    """

    file: Path
    input_size: int | None = None
    precision: Precision = "fp32"
    second_size: int | None = None


def in_mode(onnx: Path, mode: Mode) -> Offer:
    """What a mode offers; the file as it is where no table speaks of it.

    Raises:
        ModelError: the table cannot be read, lacks the mode, or names a file that is not there.
    """
    table = onnx.with_name(MODES_FILE)
    entries = _read(table).get(onnx.name) if table.is_file() else None
    if entries is None:
        return Offer(onnx)
    try:
        entry = entries[mode]
        file, size = onnx.with_name(str(entry["file"])), int(entry["input_size"])
        precision, second = entry.get("precision", "fp32"), entry.get("second_size")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{str(table)!r}: {onnx.name} has no entry for mode {mode!r} that can be used; it must be "
            '{"file": NAME.onnx, "input_size": pixels, "precision": "fp32" or "bf16"}, and may have a "second_size"'
        ) from error
    sides = [size] if second is None else [size, second]
    right = all(isinstance(side, int) and side >= 32 and side % 32 == 0 for side in sides)
    if not file.is_file() or not right or precision not in get_args(Precision):
        raise ModelError(
            f"{str(table)!r}: mode {mode!r} of {onnx.name} names {file.name} at {' and '.join(map(str, sides))} pixels in {precision}; it must be a "
            f"file of that folder, multiples of 32, and {' or '.join(get_args(Precision))}"
        )
    return Offer(file, size, precision, second)


def write_modes(onnx: Path, offers: Mapping[Mode, Offer]) -> Path:
    """Write the table of a model; what it says of other files of the folder stays."""
    table = onnx.with_name(MODES_FILE)
    tree = _read(table) if table.is_file() else {}
    tree[onnx.name] = {
        mode: {"file": offer.file.name, "input_size": offer.input_size, "precision": offer.precision}
        | ({"second_size": offer.second_size} if offer.second_size else {})
        for mode, offer in offers.items()
    }
    whole = table.with_name(f".{table.name}.part")
    whole.write_text(json.dumps(tree, indent=2) + "\n", encoding="utf-8")
    whole.replace(table)
    return table


def _read(table: Path) -> dict[str, Any]:
    try:
        tree = json.loads(table.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{str(table)!r} is no JSON: {error}") from error
    if not isinstance(tree, dict):
        raise ModelError(f"{str(table)!r} holds {type(tree).__name__}; it must be an object of files and their modes")
    return tree
