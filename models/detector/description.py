"""`model.json`: what one has to know of an ONNX detector to run it, and of its making to trust it."""

from __future__ import annotations

import ast
import hashlib
import json
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from home.errors import ModelError
from models.detector.adapters import Output
from models.detector.coco import COCO_CLASSES

__all__ = ["ModelDescription", "describe", "described", "fingerprint_of", "read_description"]

Shapes = tuple[list[int], list[int]]
Told = TypeVar("Told", bound=BaseModel)

SHORT = 12
"""Hexadecimal digits of a checksum that a person is shown."""


class ModelDescription(BaseModel):
    """The `model.json` beside an ONNX file.

    Attributes:
        name: what tables and pages call this model.
        input_size: side in pixels of the square that pictures are fitted into, a multiple of 32.
        second_size: side of a second, smaller view, whose boxes are fused with those of the first; None: one view.
        classes: names in the order of the model's class numbers.
        output: how the output is read, see `models.detector.adapters`.
        colour: order of the input channels; `rgb` is the contract, `bgr` is YOLOX.
        levels: value of a full channel at the input, 1 or 255.
        mode: `fast` for all day on a small computer, `accurate` where time does not matter.
        default: the model that is used where nobody chose one.
        metric: figures of the held-out part, by name.
        fingerprint: SHA-256 of the ONNX file; empty where nobody pinned one.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    input_size: int = Field(ge=32, le=4096, multiple_of=32)
    second_size: int | None = Field(default=None, ge=32, le=4096, multiple_of=32)
    classes: list[str] = Field(min_length=1)
    output: Output
    colour: Literal["rgb", "bgr"] = "rgb"
    levels: Literal[1, 255] = 1
    mode: Literal["fast", "accurate"] = "fast"
    default: bool = False
    metric: dict[str, float] = {}
    fingerprint: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")

    def write(self, path: Path) -> None:
        """Write as `model.json`, keys in the order of this class."""
        path.write_text(json.dumps(self.model_dump(exclude_none=True), indent=2) + "\n", encoding="utf-8")

    def reading(self) -> str:
        """The fields that change what is read out of the model, as one line with a stable order."""
        names = {"input_size", "second_size", "classes", "output", "colour", "levels"}
        return json.dumps(self.model_dump(include=names, exclude_none=True), sort_keys=True)


def fingerprint_of(path: Path) -> str:
    """SHA-256 of a file, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_description(onnx: Path) -> ModelDescription | None:
    """The `model.json` beside a detector, or None where there is none that speaks of it.

    Raises:
        ModelError: the description is wrong, or the ONNX file is not the one it describes.
    """
    return described(onnx, ModelDescription, "a detector")


def described(onnx: Path, kind: type[Told], what: str) -> Told | None:
    """The `model.json` beside an ONNX file, or None where there is none that speaks of it.

    A folder may hold several models: `NAME.json` of `NAME.onnx` goes before `model.json`.

    Args:
        onnx: the file.
        kind: of description, with the `fingerprint` that the file must have.
        what: it describes, for messages.

    Raises:
        ModelError: the description is wrong, or the ONNX file is not the one it describes.
    """
    path = next((p for p in (onnx.with_suffix(".json"), onnx.with_name("model.json")) if p.is_file()), None)
    if path is None:
        return None
    try:
        description = kind.model_validate_json(path.read_bytes())
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors())
        raise ModelError(f"{str(path)!r} does not describe {what}: {wrong}") from error
    pinned: str = getattr(description, "fingerprint", "")
    if pinned and (found := fingerprint_of(onnx)) != pinned:
        raise ModelError(
            f"{str(onnx)!r} has the fingerprint {found[:SHORT]}…, {path.name} beside it says "
            f"{pinned[:SHORT]}…: the file was damaged or exchanged. Export it again, or correct {path.name}"
        )
    return description


def describe(onnx: Path, metadata: dict[str, str], shapes: Shapes) -> ModelDescription:
    """Describe an ONNX file that has no `model.json`: by what Ultralytics' exporter wrote into it, or as a YOLOX.

    Args:
        onnx: the file, for its name and for messages.
        metadata: the model's own key-value pairs.
        shapes: of its input and its output, -1 where open.

    Raises:
        ModelError: the file does not say what its classes and its input size are.
    """
    if not metadata and (side := _yolox_side(shapes)):
        return ModelDescription(
            name=onnx.stem, input_size=side, classes=list(COCO_CLASSES), output="yolox", colour="bgr", levels=255
        )
    try:
        names = ast.literal_eval(metadata["names"])
        size = ast.literal_eval(metadata["imgsz"])
        classes = [str(names[number]) for number in sorted(names)]
        end2end = shapes[1][-1] == 6 and (metadata.get("end2end") == "True" or len(classes) != 2)
        return ModelDescription(
            name=onnx.stem, input_size=max(size), classes=classes, output="end2end" if end2end else "raw"
        )
    except (KeyError, ValueError, SyntaxError, TypeError, AttributeError) as error:
        raise ModelError(
            f"nothing says how to read {str(onnx)!r}: put a model.json beside it (name, input_size, classes, output), "
            "or export it with Ultralytics, which writes names and imgsz into the file"
        ) from error


def _yolox_side(shapes: Shapes) -> int | None:
    """Side of the input of a YOLOX as its authors export it, which says nothing of itself: known by its shapes.

    A fixed square and, for each cell of the strides 8, 16 and 32, a box, an objectness and the 80 classes of COCO.
    """
    (*_, height, width), output = shapes
    cells = sum((height // stride) ** 2 for stride in (8, 16, 32))
    return height if height == width > 0 and output[1:] == [cells, 5 + len(COCO_CLASSES)] else None
