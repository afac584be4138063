"""From trained weights to an ONNX file of the contract."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from home.errors import ModelError
from home.training_params import ExportParams
from models.detector.description import ModelDescription, fingerprint_of
from models.detector.library import load_yolo

__all__ = ["describe_export", "to_onnx"]

_PLACEHOLDERS = ("item", "0", "class0", "object")
"""What a network of one class is called where nobody named it."""

_TOLD = ("names", "imgsz", "stride", "end2end", "task", "license")
"""What an exported file says of itself. The exporter would add the date and the path of the training data."""


def to_onnx(
    weights: Path,
    folder: Path,
    *,
    image_size: int | None = None,
    head: Literal["raw", "end2end"] = "raw",
    opset: int = 17,
    classes: Sequence[str] | None = None,
) -> Path:
    """Export Ultralytics weights with free batch, height and width; the same weights give the same bytes.

    Args:
        weights: a `.pt` file; it is not changed.
        folder: where `NAME.onnx` is written.
        image_size: side in pixels that the file names as its own; by default what it was trained with.
        head: `raw` all candidates, to be merged by the caller; `end2end` the head that needs no merging (YOLO26).
        opset: ONNX operator set.
        classes: what the weights must tell apart, in order; None takes them as they are.

    Raises:
        ModelError: the weights are missing, empty, damaged, of other classes or without that head, or Ultralytics is
            not installed.
    """
    if not weights.is_file() or not weights.stat().st_size:
        found = "an empty file" if weights.is_file() else "no file"
        raise ModelError(f"{str(weights)!r}: found {found}; `python -m tasks.train` writes the weights")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as room:
        copy = Path(room) / weights.name
        shutil.copyfile(weights, copy)
        yolo = _loaded(weights, copy)
        _check_classes(weights, [str(name) for name in dict(yolo.names).values()], classes)
        if head == "end2end" and not hasattr(yolo.model.model[-1], "one2one_cv2"):
            raise ModelError(
                f"export.head is end2end, and {str(weights)!r} has no such head: train it with train.head end2end, or "
                "export raw"
            )
        side = image_size or _trained_size(yolo)
        try:
            # nms=False asks for the head that needs none, None for the plain one
            made = yolo.export(
                format="onnx", imgsz=side, dynamic=True, simplify=True, opset=opset, device="cpu",
                nms=False if head == "end2end" else None,
            )  # fmt: skip
        except Exception as error:  # whatever torch, onnx or the exporter raised
            raise ModelError(f"{str(weights)!r} could not be exported to ONNX: {error}") from error
        target = folder / f"{weights.stem}.onnx"
        _strip(Path(made), target)
    return target


def describe_export(
    onnx: Path, params: ExportParams, metric: dict[str, float] | None = None, *, classes: Sequence[str] = ("cat",)
) -> ModelDescription:
    """The `model.json` of a file that `to_onnx` made of weights trained here."""
    return ModelDescription(
        name=params.name,
        input_size=params.image_size,
        second_size=params.second_size,
        classes=list(classes),
        output=params.head,
        mode=params.mode,
        default=params.default,
        metric=metric or {},
        fingerprint=fingerprint_of(onnx),
    )


def _loaded(weights: Path, copy: Path) -> Any:
    """The network of a copy of the weights; a message names the file that the user knows."""
    try:
        yolo = load_yolo(str(copy))
        dict(yolo.names)
    except ModelError as error:
        raise ModelError(str(error).replace(str(copy), str(weights))) from error
    except Exception as error:  # a file that unpickles into something else
        raise ModelError(f"{str(weights)!r} holds no detector that Ultralytics can read: {error!r}") from error
    return yolo


def _check_classes(weights: Path, found: list[str], wanted: Sequence[str] | None) -> None:
    unnamed = len(found) == 1 and found[0] in _PLACEHOLDERS
    if wanted is not None and found != list(wanted) and not (unnamed and len(wanted) == 1):
        raise ModelError(
            f"{str(weights)!r} tells apart {', '.join(found)}; the list of pictures has {', '.join(wanted)}: train on "
            "that list, or prepare the list with the classes of these weights (prepare.classes)"
        )


def _trained_size(yolo: Any) -> int:
    size = yolo.overrides.get("imgsz", 640)
    return int(max(size) if isinstance(size, (list, tuple)) else size)


def _strip(made: Path, target: Path) -> None:
    """Keep of the metadata what tells how the file is read."""
    import onnx

    model = onnx.load(str(made))
    told = {entry.key: entry.value for entry in model.metadata_props if entry.key in _TOLD}
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, told)
    model.doc_string = model.graph.doc_string = ""
    onnx.save(model, str(target))
