"""`modes.json`: which file and which input size a model offers for each mode.

A folder of weights may hold several files of one detector. The table belongs to the file that people name:

    {"detector.onnx": {"fast": {"file": "detector.onnx", "input_size": 416},
                       "accurate": {"file": "detector-accurate.onnx", "input_size": 640}}}
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from home.errors import ModelError

__all__ = ["MODES_FILE", "Mode", "in_mode"]

Mode = Literal["fast", "accurate"]
MODES_FILE = "modes.json"


def in_mode(onnx: Path, mode: Mode) -> tuple[Path, int | None]:
    """The file and input size of a mode; the file itself and None where no table speaks of it.

    Raises:
        ModelError: the table cannot be read, lacks the mode, or names a file that is not there.
    """
    table = onnx.with_name(MODES_FILE)
    entries = _read(table).get(onnx.name) if table.is_file() else None
    if entries is None:
        return onnx, None
    try:
        file, size = onnx.with_name(str(entries[mode]["file"])), int(entries[mode]["input_size"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{str(table)!r}: {onnx.name} has no entry for mode {mode!r} that can be used; it must be "
            '{"file": NAME.onnx, "input_size": pixels}'
        ) from error
    if not file.is_file() or size < 32 or size % 32:
        raise ModelError(
            f"{str(table)!r}: mode {mode!r} of {onnx.name} names {file.name} at {size} pixels; it must be a file of that "
            "folder and a multiple of 32"
        )
    return file, size


def _read(table: Path) -> dict[str, Any]:
    try:
        tree = json.loads(table.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{str(table)!r} is no JSON: {error}") from error
    if not isinstance(tree, dict):
        raise ModelError(f"{str(table)!r} holds {type(tree).__name__}; it must be an object of files and their modes")
    return tree
