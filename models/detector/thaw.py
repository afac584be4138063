"""From an exported detector back to a network that can be trained on: the file that ships is also a start.

An exported file has its batch normalisation folded into the convolutions (Jacob et al., CVPR 2018, arXiv:1712.05877).
It is unfolded by looking at some pictures: each layer is normalised by what it says of them, and scaled back to it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from home.errors import ModelError
from home.store import write_file
from models.detector.description import read_description
from models.detector.letterbox import fit, place
from models.detector.library import quiet_ultralytics

__all__ = ["LOOKED", "folded_weights", "thawed"]

ARCHITECTURE = "yolo26n.yaml"
CLASS_LAYER = re.compile(r"model\.23\.cv3\.\d\.2\.(weight|bias)")
"""The layers of YOLO26 with a row for each class."""
LOOKED = 32  # pictures that the layers are measured on; more change little


def thawed(
    onnx: Path, pictures: Sequence[NDArray[np.uint8]], side: int, target: Path, *, classes: Sequence[str] = ("cat",)
) -> Path:
    """Write a `.pt` that says what the file says, to go on training from.

    Args:
        onnx: a detector of CatML in fp32: YOLO26n with the head `raw`.
        pictures: RGB `uint8 [H,W,3]`, of what will be trained on; the first 32 are used.
        side: of the pictures in training, pixels.
        target: the `.pt`. Same file and pictures, same bytes.
        classes: what will be learned, in order; one that the file does not know begins as all that it knows: an animal
            of another kind is nearer to a cat than to nothing.

    Raises:
        ModelError: the file is missing, damaged or of another kind, or Ultralytics is not installed.
    """
    folded, known = folded_weights(onnx)
    folded |= {name: _rows(value, known, classes) for name, value in folded.items() if CLASS_LAYER.fullmatch(name)}
    quiet_ultralytics()
    import torch
    from ultralytics.nn.tasks import DetectionModel

    network: Any = DetectionModel(ARCHITECTURE, nc=len(classes), verbose=False)
    network.names = dict(enumerate(classes))
    biases = _fill(network, folded, onnx)
    _unfold(network, biases, _batch(pictures[:LOOKED], side))
    network.args = {"imgsz": side, "task": "detect"}
    buffer = io.BytesIO()
    torch.save({"epoch": -1, "model": network.eval(), "ema": None, "optimizer": None, "train_args": {}}, buffer)
    write_file(target, buffer.getvalue())
    return target


def _rows(value: NDArray[np.float32], known: Sequence[str], classes: Sequence[str]) -> NDArray[np.float32]:
    """The rows of a last layer, one a class `[len(classes), …]`."""
    rows = [value[known.index(name)] if name in known else value.mean(axis=0) for name in classes]
    return np.stack(rows).astype(value.dtype)


def folded_weights(path: Path) -> tuple[dict[str, NDArray[np.float32]], list[str]]:
    """The weights of an exported detector by name, and its classes.

    Raises:
        ModelError: the file is missing or damaged, has no description, or `onnx` is not installed.
    """
    if not path.is_file():
        raise ModelError(
            f"no detector at {str(path)!r} to go on from; give an .onnx of CatML, a .pt or an architecture"
        )
    description = read_description(path)
    quiet_ultralytics()
    import onnx

    try:
        model = onnx.load(str(path))
        weights = {entry.name: onnx.numpy_helper.to_array(entry) for entry in model.graph.initializer}
    except Exception as error:  # whatever protobuf raised on bytes that are no model
        raise ModelError(f"{str(path)!r} is no ONNX file that can be read: {error}") from error
    if description is None:
        raise ModelError(f"nothing says what the classes of {str(path)!r} are: its model.json must lie beside it")
    return weights, description.classes


def _fill(network: Any, folded: dict[str, NDArray[np.float32]], path: Path) -> dict[str, Any]:
    """Copy the weights in, and give the biases of convolutions that are normalised."""
    import torch

    state, biases = network.state_dict(), {}
    for name, value in state.items():
        # The second head learns beside the first, and is not in the file: it begins as its twin.
        stored = name.replace("one2one_", "")
        if ".bn." in name:
            continue
        found = folded.get(stored)
        if found is None or found.shape != tuple(value.shape) or found.dtype != np.float32:
            is_ = "nothing" if found is None else f"{found.dtype} {list(found.shape)}"
            raise ModelError(
                f"{str(path)!r} cannot be gone on from: found {is_} for {stored}, expected float32 {list(value.shape)} of "
                "YOLO26n with the head raw in fp32; give its .pt, or train from an architecture (yolo26n.yaml)"
            )
        state[name] = torch.from_numpy(found.copy())
        if name.endswith(".conv.weight"):
            layer = name.removesuffix(".conv.weight")
            biases[layer] = torch.from_numpy(folded[f"{stored.removesuffix('weight')}bias"].copy())
    network.load_state_dict(state)
    return biases


def _unfold(network: Any, biases: dict[str, Any], batch: Any) -> None:
    """One pass over the pictures, in which each normalisation takes on what comes to it and gives that plus its bias."""
    import torch

    handles = []
    for layer, bias in biases.items():
        norm = network.get_submodule(f"{layer}.bn")

        def measure(module: Any, inputs: tuple[Any, ...], bias: Any = bias) -> None:
            variance, mean = torch.var_mean(inputs[0].double(), dim=(0, 2, 3), unbiased=False)
            module.running_mean.copy_(mean)
            module.running_var.copy_(variance)
            module.weight.copy_(torch.sqrt(variance + module.eps))
            module.bias.copy_(bias + mean)

        handles.append(norm.register_forward_pre_hook(measure))
    try:
        with torch.no_grad():
            network.train()(batch)  # in training both heads are run
    finally:
        for handle in handles:
            handle.remove()


def _batch(pictures: Sequence[NDArray[np.uint8]], side: int) -> Any:
    import torch

    batch = np.zeros((len(pictures), 3, side, side), np.float32)
    for picture, out in zip(pictures, batch, strict=True):
        place(picture, fit(picture.shape[0], picture.shape[1], side), out, levels=1.0, bgr=False)
    return torch.from_numpy(batch)
